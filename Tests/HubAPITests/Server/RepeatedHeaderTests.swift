import HubCore
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A header that stands twice", .timeLimit(.minutes(5)))
struct RepeatedHeaderTests {
    static let names = [
        "Authorization", "Content-Type", "Lgsp-Service", "Lgsp-Recipient", "Lgsp-Message-Id",
        "Lgsp-Correlation-Id", "Lgsp-Signature",
    ]

    private static let values = [
        "Content-Type": "application/json", "Lgsp-Service": "dossier/sync/1", "Lgsp-Recipient": "H55.11",
        "Lgsp-Message-Id": "ma-1", "Lgsp-Correlation-Id": "vu-1",
    ]

    @Test("is refused with its name, and recorded once, whether the values differ or not", arguments: names)
    func message(name: String) async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let good = try bench.headers(of: body, token: try await bench.token())
            let value = Self.values[name] ?? good.first { $0.name == name }?.value ?? ""
            for other in [value, value + "x"] {
                let before = await bench.refusals().count
                let headers = good.filter { $0.name != name } + [(name, value), (name.lowercased(), other)]
                let problem = try await bench.exchange.post("/v1/messages", headers, body)
                    .expectProblem(400, .apiHeaderRepeated)
                #expect(problem["header"]?.string == name.lowercased())
                let refusals = await bench.refusals()
                #expect(refusals.count == before + 1)
                #expect(refusals.first?.code == .apiHeaderRepeated)
                #expect(refusals.first?.sender == (name == "Authorization" ? "" : HubBench.oneStop))
            }
            #expect(await bench.journal.totals().messages == 0)
        }
    }

    @Test("is refused also where something else is asked than to take a message")
    func elsewhere() async throws {
        try await HubBench.run { bench in
            let bearer = HubBench.bearer(try await bench.token())
            let basic = HubBench.basic(HubBench.oneStop)
            try await bench.exchange.get("/v1/services", [bearer, bearer]).expectProblem(
                400, .apiHeaderRepeated)
            try await bench.exchange.get("/v1/mailbox", [bearer, bearer]).expectProblem(
                400, .apiHeaderRepeated)
            let grant = Array("grant_type=client_credentials".utf8)
            try await bench.exchange.post("/oauth2/token", [basic, basic], grant).expectProblem(
                400, .apiHeaderRepeated)
            let admin = HubBench.bearer(HubBench.adminToken)
            try await bench.admin.get("/admin/v1/totals", [admin, admin]).expectProblem(
                400, .apiHeaderRepeated)
        }
    }

    @Test("and names the host is refused, for two readers may follow one each")
    func host() async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send("GET /livez HTTP/1.1\r\nHost: hub\r\nHost: elsewhere\r\n\r\n")
            #expect(try await connection.answer()?.status == 400)
        }
    }

    @Test("and says how long the body is, is refused, so that no two readers see two requests")
    func length() async throws {
        try await HubBench.run { bench in
            for fields in [
                "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nTransfer-Encoding: chunked",
            ] {
                let connection = try RawConnection(port: bench.exchange.port)
                try await connection.send("POST /v1/messages HTTP/1.1\r\nHost: hub\r\n\(fields)\r\n\r\n{}")
                let reply = try #require(try await connection.answer())
                #expect((400...499).contains(reply.status), "\(fields)")
                // What follows could be the rest of one request or the beginning of another.
                #expect(try await connection.rest().isEmpty)
            }
        }
    }
}
