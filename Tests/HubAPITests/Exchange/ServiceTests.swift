import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A look-up", .timeLimit(.minutes(5)))
struct ServiceTests {
    private static let service = "dan-cu/xac-thuc/1"
    private static let answer = ServiceReply(
        body: Array(#"{"error_code":"0","message":"Khớp"}"#.utf8),
        contentType: "application/json; charset=UTF-8"
    )

    private func ask(
        _ bench: HubBench, _ service: String = Self.service, _ body: [UInt8] = DossierText.citizen(),
        signer: String? = HubBench.oneStop, system: String = HubBench.oneStop
    ) async throws -> Reply {
        let token = try await bench.token(of: system)
        let headers = try bench.headers(of: body, token: token, signer: signer)
        return try await bench.exchange.post("/v1/services/\(service)", headers, body)
    }

    @Test("is answered with the reply as it came, signed by the hub, and both are in the journal")
    func answered() async throws {
        let provider = FakeProvider(.success(Self.answer))
        try await HubBench.run({ $0.provider = provider }) { bench in
            let reply = try await self.ask(bench)
            #expect(reply.status == 200)
            #expect(reply.body == Self.answer.body)
            #expect(reply.header("Content-Type") == Self.answer.contentType)
            #expect(reply.header("Lgsp-Error") == nil)
            #expect(reply.header("Lgsp-Message-Id").flatMap(MessageID.init) != nil)
            let signature = try #require(reply.header("Lgsp-Signature"))
            let key = bench.hubKey
            func verdict(_ payload: [UInt8]) -> SignatureVerdict {
                JWS.verifyDetached(signature, payload: payload) {
                    $0 == key.fingerprint.description ? key : nil
                }.verdict
            }
            #expect(verdict(reply.body) == .valid)
            #expect(verdict(reply.body + [0x20]) == .invalid)
            #expect(await bench.journal.totals().lookups == 1)
            #expect(await bench.refusals().isEmpty)
            #expect(
                provider.calls == [
                    .gateway(path: "/apiDanCu/1.0/xacThucThongTinCongDan", method: .post, query: [])
                ])
        }
    }

    @Test("may use what the catalogue lists, and the catalogue says which")
    func catalogue() async throws {
        try await HubBench.run { bench in
            for (system, isAllowed) in [(HubBench.oneStop, true), (HubBench.centre, false)] {
                let bearer = HubBench.bearer(try await bench.token(of: system))
                let reply = try await bench.exchange.get("/v1/services", [bearer])
                #expect(reply.status == 200)
                let services = try #require(try reply.json["services"]?.array)
                let names = services.compactMap { $0["service"]?.string }
                #expect(names == names.sorted() && names.count > 30)
                let citizen = try #require(services.first { $0["service"]?.string == "dan-cu/xac-thuc/1" })
                #expect(citizen["request"]?.string == "citizen/lookup/1")
                #expect(citizen["allowed"]?.bool == isAllowed)
                #expect(citizen["state"]?.string == "deprecated" && citizen["successor"]?.string == "dan-cu/xac-thuc/2")
                #expect(services.allSatisfy { $0["title"]?.string?.isEmpty == false })
                #expect(services.allSatisfy { $0["title_vi"]?.string?.isEmpty == false })
            }
        }
    }

    @Test("that is refused reaches no platform, and is in the journal once")
    func refused() async throws {
        let provider = FakeProvider(.success(Self.answer))
        try await HubBench.run({ $0.provider = provider }) { bench in
            let spoiled = DossierText.citizen(card: "12")
            let foreign = DossierText.citizen(agency: "000.00.11.H44")
            let centre = HubBench.centre
            let cases: [(Int, ErrorCode, Reply)] = [
                (404, .serviceUnknown, try await self.ask(bench, "dan-cu/khac/1")),
                (404, .serviceUnknown, try await self.ask(bench, "dan-cu/xac-thuc/9")),
                (404, .serviceUnknown, try await self.ask(bench, "%2e%2e/xac-thuc/1")),
                (403, .accessDenied, try await self.ask(bench, signer: centre, system: centre)),
                (403, .envelopeSignatureMissing, try await self.ask(bench, signer: nil)),
                (403, .envelopeSignerMismatch, try await self.ask(bench, signer: centre)),
                (422, .schemaPayloadInvalid, try await self.ask(bench, Self.service, spoiled)),
                (403, .accessAgencyNotOwn, try await self.ask(bench, Self.service, foreign)),
                (400, .jsonMalformed, try await self.ask(bench, Self.service, [])),
            ]
            for (status, code, reply) in cases { try reply.expectProblem(status, code) }
            let refusals = await bench.refusals()
            #expect(refusals.reversed().map(\.code) == cases.map(\.1))
            #expect(refusals.last?.type == "dan-cu/khac/1")
            #expect(refusals.last?.sender == HubBench.oneStop)
            #expect(refusals.last?.digest == SHA256.hash(DossierText.citizen()))
            #expect(provider.calls.isEmpty)
            #expect(await bench.journal.totals().lookups == 0)
        }
    }

    @Test(
        "whose platform does not answer as it should is told so, and recorded as look-up and as refusal",
        arguments: [(ErrorCode.serviceUnavailable, 503), (.serviceFailed, 502), (.deliveryRefused, 502)]
    )
    func away(code: ErrorCode, status: Int) async throws {
        let provider = FakeProvider(.failure(HubError(code, "It did not work.")))
        try await HubBench.run({ $0.provider = provider }) { bench in
            let reply = try await self.ask(bench)
            try reply.expectProblem(status, code)
            #expect(reply.header("Lgsp-Signature") == nil)
            #expect(await bench.journal.totals().lookups == 1)
            #expect(await bench.refusals().map(\.code) == [code])
        }
    }

    @Test("finds no platform where none is connected")
    func unconnected() async throws {
        try await HubBench.run { bench in
            try await self.ask(bench).expectProblem(503, .serviceUnavailable)
            #expect(await bench.refusals().map(\.code) == [.serviceUnavailable])
        }
    }

    @Test("is not answered when the pair cannot be recorded")
    func unrecorded() async throws {
        let provider = FakeProvider(.success(Self.answer))
        try await HubBench.run({ $0.provider = provider }) { bench in
            await bench.journal.fail(with: HubError(.journalUnavailable, "The disk is full."))
            let reply = try await self.ask(bench)
            try reply.expectProblem(503, .journalUnavailable)
            #expect(!reply.text.contains("Khớp"))
        }
    }

    @Test("that is too large, or has a header twice, is refused like a message")
    func sameChecks() async throws {
        try await HubBench.run({ $0.bodyLimit = 4096 }) { bench in
            try await self.ask(bench, Self.service, [UInt8](repeating: 0x20, count: 4097))
                .expectProblem(413, .intakeTooLarge)
            let body = DossierText.citizen()
            let headers = try bench.headers(of: body, token: try await bench.token())
            try await bench.exchange.post("/v1/services/\(Self.service)", headers + [headers[1]], body)
                .expectProblem(400, .apiHeaderRepeated)
            #expect(await bench.refusals().map(\.code) == [.apiHeaderRepeated, .intakeTooLarge])
        }
    }
}
