import HubDialects
import HubJSON
import HubMocks
import HubModel
import HubXML
import Testing

@Suite(.timeLimit(.minutes(1))) struct NationalServicesTests {
    static let query = "?\(DossierPath.destinationName)=\(DossierPath.nationalPortal)"
    static let headers = [(name: DossierPath.destinationName, value: DossierPath.nationalPortal)]

    static func signIn(_ bench: NationalBench, password: String = "mật khẩu") async throws -> String {
        let login = DossierLogin(username: "h44", password: password).encoded()
        let reply = try await bench.call("POST", bench.url + DossierPath.login + Self.query, [], login)
        return try DossierLoginReply.session(status: reply.status, body: reply.body)
    }

    static func ask(_ bench: NationalBench, _ packet: DossierPacket) async throws -> DossierReply {
        let reply = try await bench.call(
            "POST", bench.url + DossierPath.services, Self.headers, packet.encoded())
        return try DossierReply.parse(reply.body)
    }

    static func packet(_ service: DossierService, _ record: JSONValue) -> DossierPacket {
        DossierPacket(service, unit: "000.00.00.H44", data: [record])
    }

    static let dossier: JSONValue = ["MaHoSo": "000.00.14.H44-260305-0001", "TrangThaiHoSo": "2"]

    @Test func `a dossier is created once, then updated, and its steps are kept`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let session = try await Self.signIn(bench)
                let lookup = DossierPacket.lookup("000.00.14.H44-260305-0001", unit: "000.00.00.H44")
                    .prepared(session: session)
                #expect(try await !Self.ask(bench, lookup).isFound)
                let sync = Self.packet(.sync, Self.dossier)
                let early = try await Self.ask(bench, sync.prepared(session: session, isUpdating: true))
                #expect(early.errorCode == "6", "an update of what is not there")
                #expect(
                    try await Self.ask(bench, sync.prepared(session: session)).verdict == .accepted(id: nil))
                #expect(try await Self.ask(bench, sync.prepared(session: session)).verdict == .alreadyExists)
                let updated = try await Self.ask(bench, sync.prepared(session: session, isUpdating: true))
                #expect(updated.verdict == .accepted(id: nil))
                for state in ["4", "9", "10", "10"] {
                    let step = Self.packet(
                        .progress, ["MaHoSo": "000.00.14.H44-260305-0001", "TrangThai": .string(state)])
                    #expect(
                        try await Self.ask(bench, step.prepared(session: session)).verdict
                            == .accepted(id: nil))
                }
                let found = try await Self.ask(bench, lookup)
                #expect(
                    found.isFound && found.result[0]?["SoBuocXuLy"] == "3"
                        && found.result[0]?["SoLanCapNhat"] == "1")
                let kinds = try await bench.ledger().compactMap { $0["kind"]?.string }.filter {
                    $0.hasPrefix("dossier.")
                }
                #expect(
                    kinds == [
                        "dossier.looked_up", "dossier.refused", "dossier.created", "dossier.refused",
                        "dossier.updated",
                        "dossier.progressed", "dossier.progressed", "dossier.progressed",
                        "dossier.progress_repeated",
                        "dossier.looked_up",
                    ])
            }
            try await NationalBench.run(in: folder) { bench in
                let session = try await Self.signIn(bench)
                let again = try await Self.ask(
                    bench, Self.packet(.sync, Self.dossier).prepared(session: session))
                #expect(again.verdict == .alreadyExists, "a restart keeps the dossiers")
            }
        }
    }

    @Test func `the portal wants a session, an account and a destination`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let denied = await #expect(throws: HubError.self) {
                    try await Self.signIn(bench, password: "x")
                }
                #expect(denied?.code == .accessDenied)
                let sync = Self.packet(.sync, Self.dossier)
                #expect(try await Self.ask(bench, sync.prepared(session: "none")).verdict == .signInAgain)
                let session = try await Self.signIn(bench)
                let packet = sync.prepared(session: session)
                let astray = try await bench.call(
                    "POST", bench.url + DossierPath.services, [], packet.encoded())
                #expect(try DossierReply.parse(astray.body).errorCode == "2")
                let unread = try await bench.call(
                    "POST", bench.url + DossierPath.services, Self.headers, Array("{".utf8))
                #expect(try DossierReply.parse(unread.body).errorCode == "4")
                let unknown = Self.packet(.progress, Self.dossier).prepared(session: session)
                #expect(try await Self.ask(bench, unknown).errorCode == "6")
                #expect(try await Self.ask(bench, packet).verdict == .accepted(id: nil))
                _ = try await bench.order("/control/expire-tokens")
                #expect(try await Self.ask(bench, packet).verdict == .signInAgain)
            }
        }
    }

    @Test func `a packet of several dossiers is taken whole or not at all`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let session = try await Self.signIn(bench)
                func send(_ names: [String]) async throws -> ReplyVerdict {
                    let data = JSONValue.array(names.map { ["MaHoSo": .string($0)] })
                    let packet = DossierPacket(.sync, unit: "000.00.00.H44", data: data)
                    return try await Self.ask(bench, packet.prepared(session: session)).verdict
                }
                #expect(try await send(["A"]) == .accepted(id: nil))
                #expect(try await send(["B", "A"]) == .alreadyExists)
                #expect(try await send(["B"]) == .accepted(id: nil))
                guard case .refused = try await send(["C", "C"]) else {
                    Issue.record("A packet cannot hold a dossier twice.")
                    return
                }
            }
        }
    }

    static func token(_ bench: NationalBench, secret: String = "secret") async throws -> GatewayTokenReply {
        let request = GatewayTokenRequest(key: "key", secret: secret)
        let reply = try await bench.call(
            "POST", bench.url + GatewayPath.token, request.headers, GatewayTokenRequest.body
        )
        return try GatewayTokenReply.parse(status: reply.status, body: reply.body)
    }

    static func citizen(_ bench: NationalBench, _ number: String, _ token: String) async throws -> (
        Int, [UInt8]
    ) {
        let question = JSONValue.object(["HoVaTen": "TRẦN THỊ MẪU", "SoDinhDanh": .string(number)])
            .serialised()
        return try await bench.call(
            "POST", bench.url + GatewayPath.citizen, [GatewayCredential.bearer(token)], question
        )
    }

    @Test func `a number always gives the same citizen, and some numbers give none`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let token = try await Self.token(bench).accessToken
                let (status, body) = try await Self.citizen(bench, "001000000001", token)
                let answer = try #require(CitizenAnswer(try JSONDocument.parse(body).value))
                #expect(status == 200 && answer.isFound)
                let person = try XMLDocument.parse(Array(answer.message.utf8)).root.child("CongDan")
                #expect(person?.child("SoDinhDanh")?.text == "001000000001")
                #expect(person?.descendant("NgayThangNamSinh/NgayThangNam")?.text.utf8.count == 8)
                #expect(try await Self.citizen(bench, "001000000001", token).1 == body)
                #expect(try await Self.citizen(bench, "001000000002", token).1 != body)
                for number in ["001000000999", "12", "00100000000a"] {
                    let (_, body) = try await Self.citizen(bench, number, token)
                    #expect(CitizenAnswer(try JSONDocument.parse(body).value)?.isFound == false)
                }
                let ledger = try await bench.call("GET", bench.control + "/control/ledger").body
                #expect(
                    !String(decoding: ledger, as: UTF8.self).contains("001000000001"),
                    "a person's number is not kept")
            }
        }
    }

    @Test(arguments: [("2600000001", 1), ("2600000999", 0), ("x", 0)])
    func `an enterprise is found by its number`(number: String, status: Int) async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let token = try await Self.token(bench).accessToken
                let reply = try await bench.call(
                    "GET", bench.url + GatewayPath.enterprise + "?msdn=" + number,
                    [GatewayCredential.bearer(token)]
                )
                let value = try JSONDocument.parse(reply.body).value
                #expect(reply.status == 200 && value["Status"]?.int == status)
                #expect((value["MainInformation"]?["ENTERPRISE_GDT_CODE"]?.string == number) == (status == 1))
            }
        }
    }

    @Test func `the gateway wants a token that is still good`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let denied = await #expect(throws: HubError.self) { try await Self.token(bench, secret: "x") }
                #expect(denied?.code == .accessDenied)
                let bare = try await bench.call("GET", bench.url + GatewayPath.enterprise)
                #expect(bare.status == 401 && GatewayFault.parse(bare.body)?.code == "900902")
                let token = try await Self.token(bench).accessToken
                #expect(try await Self.citizen(bench, "001000000001", token).0 == 200)
                #expect(try await bench.order("/control/expire-tokens")["expired"] == 1)
                let (status, body) = try await Self.citizen(bench, "001000000001", token)
                #expect(GatewayReply.verdict(status: status, body: body) == .signInAgain)
                let fresh = try await Self.token(bench).accessToken
                #expect(try await Self.citizen(bench, "001000000001", fresh).0 == 200)
                let nothing = try await bench.call(
                    "GET", bench.url + "/apiX/1", [GatewayCredential.bearer(fresh)])
                #expect(nothing.status == 404)
            }
        }
    }

    @Test func `a session is no token and a token ends with its lifetime`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder, change: { $0.tokenLifetime = .zero }) { bench in
                let session = try await Self.signIn(bench)
                #expect(try await Self.citizen(bench, "001000000001", session).0 == 401)
                let token = try await Self.token(bench).accessToken
                #expect(try await Self.citizen(bench, "001000000001", token).0 == 401)
            }
        }
    }
}
