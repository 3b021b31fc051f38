import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A message that is not fit", .timeLimit(.minutes(5)))
struct RefusalTests {
    private func post(_ content: BadMessage.Content, _ bench: HubBench) async throws -> Reply {
        var headers = content.more
        headers.append(HubBench.bearer(try await bench.token(of: content.sender)))
        if let contentType = content.contentType { headers.append(("Content-Type", contentType)) }
        if let signer = content.signer {
            let signature = try JWS.signDetached(content.body, with: bench.province.key(of: signer))
            headers.append(("Lgsp-Signature", signature))
        }
        return try await bench.exchange.post("/v1/messages", headers, content.body)
    }

    @Test(
        "is refused with its status, code and place, is in the journal once as that, and leaves nothing else",
        arguments: BadMessage.form + BadMessage.trust
    )
    func refused(message: BadMessage) async throws {
        try await HubBench.run { bench in
            let content = try message.make(bench.province)
            let reply = try await self.post(content, bench)
            let problem = try reply.expectProblem(message.status, message.code)
            let line = message.place?.line(in: content.body)
            #expect((line == nil) == (message.place == nil))
            if let line { #expect(problem["line"]?.int == line) }
            if let path = message.path { #expect(problem["path"]?.string == path) }
            if message.code == .schemaPayloadInvalid {
                let violation = try #require(problem["violations"]?.array?.first)
                #expect(violation["line"]?.int == line)
                #expect((violation["column"]?.int ?? 0) > 0)
                #expect(violation["path"]?.string == message.path)
                #expect(violation["rule"]?.string?.isEmpty == false)
                #expect(violation["message"]?["vi"]?.string?.isEmpty == false)
                #expect(violation["message"]?["en"]?.string?.isEmpty == false)
            } else {
                #expect(problem["violations"] == nil)
            }
            let refusals = await bench.refusals()
            let refusal = try #require(refusals.first)
            #expect(refusals.count == 1)
            #expect(refusal.code == message.code)
            #expect(refusal.sender == content.sender)
            #expect(refusal.digest == SHA256.hash(content.body))
            #expect(refusal.size == content.body.count)
            if let line { #expect(refusal.place.hasPrefix("\(line):")) }
            if let path = message.path { #expect(refusal.place.hasSuffix(path)) }
            let totals = await bench.journal.totals()
            #expect(totals.messages == 0)
            #expect(totals.pending == 0)
        }
    }

    @Test("lists each violation with its own place")
    func violations() async throws {
        try await HubBench.run { bench in
            let text = String(decoding: DossierText.sync(), as: UTF8.self)
                .replacing(#""LoaiDoiTuong": "1""#, with: #""LoaiDoiTuong": 1"#)
                .replacing(#""HinhThuc": "0""#, with: #""HinhThuc": []"#)
            let problem = try await bench.submit(Array(text.utf8)).expectProblem(422, .schemaPayloadInvalid)
            let places = problem["violations"]?.array?.map {
                "\($0["line"]?.int ?? 0) \($0["path"]?.string ?? "")"
            }
            #expect(places == ["14 /data/0/LoaiDoiTuong", "19 /data/0/HinhThuc"])
        }
    }

    @Test("is told which receiver is meant")
    func receiver() async throws {
        try await HubBench.run { bench in
            let body = try bench.signed(EdocText.document(to: ["000.00.11.H44", "000.00.98.H44"]))
            let reply = try await self.post(
                .init(body: body, sender: HubBench.documents, contentType: "application/xml"), bench
            )
            #expect(
                try reply.expectProblem(422, .routeReceiverUnknown)["receiver"]?.string == "000.00.98.H44")
        }
    }

    @Test("does not find its words again in the answer, which anybody may log")
    func silence() async throws {
        try await HubBench.run { bench in
            let text = String(decoding: DossierText.sync(), as: UTF8.self)
                .replacing(#""TrangThaiHoSo": "2""#, with: #""TrangThaiHoSo": 2"#)
            let reply = try await bench.submit(Array(text.utf8))
            for word in ["Trần Thị Mẫu", "Mẫu, tỉnh Phú Thọ", DossierText.code(1)] {
                #expect(!reply.text.contains(word))
            }
        }
    }

    @Test("without the fields that would tell it from others cannot be told from others")
    func identityMissing() async throws {
        let own = try #require(
            try Province.shared.get().adapters.first { $0.system.description == HubBench.documents })
        let adapter = Adapter(
            system: own.system, title: own.title, kind: own.kind, agencies: own.agencies, speaks: .axis,
            sends: [SendRule(message: .edocDocument, identity: ["KhongCo"], receivers: .all)]
        )
        try await HubBench.run({ $0.adapters = [adapter] }) { bench in
            let reply = try await self.post(
                .init(
                    body: try bench.signed(EdocText.document()), sender: HubBench.documents,
                    contentType: "application/xml"
                ), bench
            )
            #expect(try reply.expectProblem(422, .intakeIdentityMissing)["fields"]?.string == "KhongCo")
            #expect(await bench.refusals().map(\.code) == [.intakeIdentityMissing])
        }
    }

    @Test("has no road when it is for outside and no platform is connected")
    func unconnected() async throws {
        try await HubBench.run({ $0.isConnected = false }) { bench in
            try await bench.submit(DossierText.sync()).expectProblem(422, .routeMissing)
            #expect(await bench.refusals().map(\.code) == [.routeMissing])
        }
    }

    @Test(
        "and one that is fit hear of a journal that cannot be written, and that later it may be otherwise",
        arguments: [ErrorCode.journalUnavailable, .journalOverloaded, .journalClosed])
    func unwritable(code: ErrorCode) async throws {
        try await HubBench.run { bench in
            let token = try await bench.token()
            await bench.journal.fail(with: HubError(code, "Nothing can be written."))
            let reply = try await bench.submit(DossierText.sync(), token: token)
            try reply.expectProblem(503, code)
            try await self.post(.init(body: Array("{".utf8)), bench).expectProblem(400, .jsonMalformed)
            await bench.journal.fail(with: nil)
            #expect(await bench.refusals().isEmpty)
            #expect(try await bench.submit(DossierText.sync(), token: token).status == 202)
        }
    }

    @Test("is recorded without a sender when nobody knows who sent it")
    func unknownSender() async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let headers = try bench.headers(of: body, token: "abc") + [("Lgsp-Service", "dossier/sync/1")]
            try await bench.exchange.post("/v1/messages", headers, body).expectProblem(
                401, .accessUnauthenticated)
            let refusals = await bench.refusals()
            #expect(refusals.map(\.code) == [.accessUnauthenticated])
            #expect(refusals.first?.sender == "")
            #expect(refusals.first?.type == "dossier/sync/1")
            #expect(refusals.first?.digest == .zero)
            #expect(refusals.first?.size == body.count)
        }
    }
}
