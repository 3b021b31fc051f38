import HubCore
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("The contract of a service", .timeLimit(.minutes(5)))
struct ServiceContractTests {
    private static let service = "dan-cu/xac-thuc/1"
    private static let answer = ServiceReply(body: Array(#"{"error_code":"0","message":"Khớp"}"#.utf8), contentType: "application/json")

    /// The adapter of the repository that provides the service, with other terms for it.
    private static func provider(_ terms: ServiceTerms) throws -> Adapter {
        let province = try Province.shared.get()
        let adapter = try #require(province.adapters.first { $0.provides.contains { $0.service == Self.service } })
        return Adapter(
            system: adapter.system, title: adapter.title, kind: adapter.kind, agencies: [], speaks: adapter.speaks,
            provides: adapter.provides.map { service in
                service.service != Self.service
                    ? service
                    : ProvidedService(
                        service: service.service, title: service.title, request: service.request, reply: service.reply,
                        call: service.call, terms: terms)
            }
        )
    }

    private static func run(_ terms: ServiceTerms, _ body: (HubBench) async throws -> Void) async throws {
        let adapter = try Self.provider(terms)
        try await HubBench.run({
            $0.provider = FakeProvider(.success(Self.answer))
            $0.adapters = [adapter]
        }, body)
    }

    private static func call(_ bench: HubBench) async throws -> Reply {
        let body = DossierText.citizen()
        let headers = try bench.headers(of: body, token: try await bench.token(of: HubBench.oneStop), signer: HubBench.oneStop)
        return try await bench.exchange.post("/v1/services/\(Self.service)", headers, body)
    }

    private static func get(_ bench: HubBench, _ path: String, as system: String = HubBench.oneStop) async throws -> Reply {
        try await bench.exchange.get(path, [HubBench.bearer(try await bench.token(of: system))])
    }

    @Test("says owner, state, limits and the schemas")
    func contract() async throws {
        let terms = ServiceTerms(
            owner: AgencyCode("G01"), environment: .sandbox, source: .seen, limits: CallLimits(rate: 7, burst: 9, perDay: 100))
        try await Self.run(terms) { bench in
            let json = try await Self.get(bench, "/v1/services/\(Self.service)").json
            #expect(json["owner"] == "G01" && json["state"] == "published" && json["environment"] == "sandbox")
            #expect(json["limits"]?["rate"]?.int == 7 && json["limits"]?["per_day"]?.int == 100)
            #expect(json["allowed"] == true && json["approval"] == "none" && json["version"] == "1")
            #expect(json["schemas"]?["citizen/lookup/1"]?["required"]?.array?.isEmpty == false)
            try await Self.get(bench, "/v1/services/dan-cu/khong-co/1").expectProblem(404, .serviceUnknown)
            try await Self.get(bench, "/v1/services/\(Self.service)?format=wsdl").expectProblem(400, .apiRequestMalformed)
        }
    }

    @Test("is OpenAPI 3.1 when asked for, with the schema of the request in it")
    func openAPI() async throws {
        try await Self.run(ServiceTerms()) { bench in
            let json = try await Self.get(bench, "/v1/services/\(Self.service)?format=openapi").json
            #expect(json["openapi"] == "3.1.0")
            let operation = json["paths"]?["/v1/services/\(Self.service)"]?["post"]
            let content = operation?["requestBody"]?["content"]?["application/json"]
            #expect(content?["schema"]?["$ref"] == "#/components/schemas/citizen.lookup.1")
            let schema = json["components"]?["schemas"]?["citizen.lookup.1"]
            #expect(schema?["$id"] == nil && schema?["required"]?.array?.isEmpty == false)
            #expect(schema?["properties"]?["madonvi"]?["$ref"] == "#/components/schemas/citizen.lookup.1.agency")
            #expect(operation?["responses"]?["429"] != nil && operation?["deprecated"] == nil)
            let server = try #require(json["servers"]?.array?.first?["url"]?.string)
            #expect(server.hasPrefix("http://127.0.0.1:"))
            #expect(
                json["components"]?["securitySchemes"]?["oauth2"]?["flows"]?["clientCredentials"]?["tokenUrl"]?.string
                    == server + "/oauth2/token")
        }
    }

    @Test("that ends says until when and what comes after, and is over on the day after that")
    func ends() async throws {
        let day = try #require(CivilDate(year: 2027, month: 6, day: 30))
        try await Self.run(ServiceTerms(state: .deprecated, until: day, successor: "dan-cu/xac-thuc/2")) { bench in
            let reply = try await Self.call(bench)
            #expect(reply.status == 200)
            #expect(reply.header("Sunset") == "Wed, 30 Jun 2027 16:59:59 GMT")
            #expect(reply.header("Link") == "</v1/services/dan-cu/xac-thuc/2>; rel=\"successor-version\"")
            let json = try await Self.get(bench, "/v1/services/\(Self.service)?format=openapi").json
            #expect(json["paths"]?["/v1/services/\(Self.service)"]?["post"]?["deprecated"] == true)
        }
        let past = try #require(CivilDate(year: 2001, month: 1, day: 1))
        try await Self.run(ServiceTerms(state: .deprecated, until: past, successor: "dan-cu/xac-thuc/2")) { bench in
            let reply = try await Self.call(bench)
            try reply.expectProblem(410, .serviceRetired)
            #expect(try reply.json["successor"] == "dan-cu/xac-thuc/2")
        }
    }

    @Test("that is a draft is not called, and seen only by those who are to use it")
    func draft() async throws {
        try await Self.run(ServiceTerms(state: .draft)) { bench in
            try await Self.call(bench).expectProblem(404, .serviceUnknown)
            #expect(try await Self.get(bench, "/v1/services/\(Self.service)").status == 200)
            try await Self.get(bench, "/v1/services/\(Self.service)", as: HubBench.centre).expectProblem(404, .serviceUnknown)
        }
    }

    @Test("bounds how fast and how often a day it is called, and says when again")
    func limits() async throws {
        try await Self.run(ServiceTerms(limits: CallLimits(rate: 1, burst: 2))) { bench in
            for _ in 0..<2 { #expect(try await Self.call(bench).status == 200) }
            let reply = try await Self.call(bench)
            try reply.expectProblem(429, .accessRateLimited)
            #expect(reply.header("Retry-After") == "1")
            bench.clock.advance(by: .seconds(1))
            #expect(try await Self.call(bench).status == 200)
        }
        try await Self.run(ServiceTerms(limits: CallLimits(rate: 100, perDay: 1))) { bench in
            #expect(try await Self.call(bench).status == 200)
            let reply = try await Self.call(bench)
            try reply.expectProblem(429, .accessQuotaExceeded)
            let wait = try #require(reply.header("Retry-After").flatMap(Int.init))
            #expect(wait > 0 && wait <= 86_400)
        }
    }
}
