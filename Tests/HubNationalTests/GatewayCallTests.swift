import HTTPTypes
import HubCore
import HubDialects
import HubJSON
import HubModel
import HubNational
import HubTesting
import Testing

/// Look-ups that the national platform answers.
@Suite(.timeLimit(.minutes(1))) struct GatewayCallTests {
    static let citizen = ServiceCall.gateway(path: GatewayPath.citizen, method: .post, query: [])
    static let enterprise = ServiceCall.gateway(
        path: GatewayPath.enterprise, method: .get,
        query: [QueryParameter(name: GatewayPath.enterpriseNumber, pointer: "/msdn")]
    )

    private static func services(_ bench: PlatformBench) -> NationalServices {
        NationalServices(
            bench.national, portal: DossierConnector(bench.national, client: bench.client),
            client: bench.client
        )
    }

    private static func question(_ card: String) throws -> JSONValue {
        try JSONDocument.parse(DossierText.citizen(card: card)).value
    }

    @Test func `a question about a citizen is answered, found or not`() async throws {
        try await PlatformBench.run { bench in
            let services = Self.services(bench)
            let found = try await services.call(Self.citizen, request: try Self.question("001000000001"))
            let answer = try #require(CitizenAnswer(try JSONDocument.parse(found.body).value))
            #expect(answer.isFound && answer.message.contains("001000000001"))
            #expect(found.contentType.hasPrefix("application/json"))
            let none = try await services.call(Self.citizen, request: try Self.question("001000000999"))
            #expect(CitizenAnswer(try JSONDocument.parse(none.body).value) == .notFound)
            #expect(try await bench.ledger("gateway.looked_up").count == 2)
        }
    }

    @Test func `a question in SOAP is posted as such, and answered in XML`() async throws {
        try await PlatformBench.run { bench in
            let question = """
                <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:q="http://dancuquocgia.bca"><soap:Body>\
                <q:XacThucThongTinCongDanRequest><q:HoVaTen>TRẦN THỊ MẪU</q:HoVaTen><q:SoDinhDanh>001000000001</q:SoDinhDanh>\
                <q:NgayThangNam>19900101</q:NgayThangNam></q:XacThucThongTinCongDanRequest></soap:Body></soap:Envelope>
                """
            let call = ServiceCall.soap(path: "/apiDanCu/1.0/soap/xacThuc", action: "XacThucThongTinCongDan")
            let reply = try await Self.services(bench).call(call, request: ServiceRequest.xml(Array(question.utf8)))
            #expect(reply.isXML)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("TonTai>"))
            let error = await #expect(throws: HubError.self) { try await Self.services(bench).call(call, request: JSONValue.null) }
            #expect(error?.code == .serviceFailed)
        }
    }

    @Test func `a question about an enterprise travels in the query`() async throws {
        try await PlatformBench.run { bench in
            let reply = try await Self.services(bench).call(Self.enterprise, request: ["msdn": "2600123456"])
            let main = try JSONDocument.parse(reply.body).value["MainInformation"]
            #expect(main?["ENTERPRISE_GDT_CODE"] == "2600123456")
        }
    }

    @Test func `a question about a dossier is answered by the portal`() async throws {
        try await PlatformBench.run { bench in
            let portal = DossierConnector(bench.national, client: bench.client)
            #expect(await portal.deliver(Parcels.dossier()).verdict == .delivered)
            let services = NationalServices(bench.national, portal: portal, client: bench.client)
            for (number, isFound) in [(1, true), (2, false)] {
                let reply = try await services.call(
                    .dossierPortal(service: "TraCuuHoSo"),
                    request: [
                        "service": "TraCuuHoSo", "madonvi": "000.00.00.H44",
                        "MaHoSo": .string(DossierText.code(number)),
                    ]
                )
                #expect(try DossierReply.parse(reply.body).isFound == isFound)
            }
            #expect(try await bench.ledger("credential.given").count == 1, "the portal's session serves both")
        }
    }

    @Test func `the body of a POST is the request as it stands`() async throws {
        let request = #"{"so":1.50,"tên":"Đỗ Văn Thử","lồng":{"a":[null,true]}}"#
        try await Self.withStandIn({ _ in .json(["ok": true]) }) { services, server in
            _ = try await services.call(
                Self.citizen, request: try JSONDocument.parse(Array(request.utf8)).value)
            let call = try #require(server.received.last)
            #expect(call.method == "POST" && call.path == GatewayPath.citizen)
            #expect(String(decoding: call.body, as: UTF8.self) == request)
            #expect(call.header("Content-Type") == ["application/json"])
            #expect(call.header("Authorization") == ["Bearer token-1"])
        }
    }

    @Test(
        arguments: [
            ("2600123456", "2600123456"), ("a b&c=d/e?f#g", "a%20b%26c%3Dd%2Fe%3Ff%23g"),
            ("100%+1", "100%25%2B1"),
            ("Đỗ", "%C4%90%E1%BB%97"), ("-._~", "-._~"), ("", ""), ("\r\nX: 1", "%0D%0AX%3A%201"),
        ]
    )
    func `what is asked for stays in its place in the query`(value: String, written: String) async throws {
        try await Self.withStandIn({ _ in .json(["ok": true]) }) { services, server in
            _ = try await services.call(Self.enterprise, request: ["msdn": .string(value)])
            let call = try #require(server.received.last)
            #expect(call.method == "GET" && call.body.isEmpty)
            #expect(call.target == GatewayPath.enterprise + "?msdn=" + written)
        }
    }

    @Test func `several parameters stand in the order of the adapter`() async throws {
        let call = ServiceCall.gateway(
            path: "/api/1.0/x", method: .get,
            query: [
                QueryParameter(name: "a", pointer: "/tìm/b"), QueryParameter(name: "c", pointer: "/không-có"),
                QueryParameter(name: "d", pointer: "/d"),
            ]
        )
        try await Self.withStandIn({ _ in .json(["ok": true]) }) { services, server in
            _ = try await services.call(call, request: ["d": "2", "tìm": ["b": "1"]])
            #expect(server.received.last?.target == "/api/1.0/x?a=1&c=&d=2")
        }
    }

    @Test(arguments: [("7", "7"), ("1.50", "1.50"), ("true", "true")])
    func `a value that is no text is asked for as it is written`(value: String, written: String) async throws
    {
        let request = try JSONDocument.parse(Array(#"{"msdn":\#(value)}"#.utf8)).value
        try await Self.withStandIn({ _ in .json(["ok": true]) }) { services, server in
            _ = try await services.call(Self.enterprise, request: request)
            #expect(server.received.last?.target == GatewayPath.enterprise + "?msdn=" + written)
        }
    }

    @Test func `an answer that is no JSON is passed on as it came`() async throws {
        let xml = "<?xml version=\"1.0\"?><KetQua>Đúng</KetQua>"
        try await Self.withStandIn({ _ in .plain(200, xml, headers: [.contentType: "text/xml"]) }) {
            services, _ in
            let reply = try await services.call(Self.citizen, request: [:])
            #expect(String(decoding: reply.body, as: UTF8.self) == xml && reply.contentType == "text/xml")
        }
    }
}
