import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A document on the axis that is not fit", .timeLimit(.minutes(5)))
struct AxisDocumentRefusalTests {
    /// What is sent, and what is to be answered.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let axisCode: String
        let code: ErrorCode
        let make: @Sendable (HubBench) throws -> [UInt8]

        init(
            _ name: String, _ axisCode: String, _ code: ErrorCode,
            make: @escaping @Sendable (HubBench) throws -> [UInt8]
        ) {
            self.testDescription = name
            self.axisCode = axisCode
            self.code = code
            self.make = make
        }
    }

    static let cases: [Case] = [
        Case("is not XML", "10", .xmlMalformed) { _ in Array("abc".utf8) },
        Case("has a DOCTYPE", "10", .xmlDoctypeForbidden) { _ in Array("<!DOCTYPE a><a/>".utf8) },
        Case("is nested too deeply", "10", .xmlTooDeep) { _ in
            Array(String(repeating: "<a>", count: 200).utf8)
        },
        Case("is not signed", "22", .envelopeSignatureMissing) { _ in EdocText.document() },
        Case("is signed by another", "19", .envelopeSignerMismatch) {
            try $0.signed(EdocText.document(), by: HubBench.finance)
        },
        Case("is signed by nobody known", "22", .envelopeKeyUnknown) {
            try $0.signed(EdocText.document(), by: Province.stranger)
        },
        Case("is of another agency", "19", .accessAgencyNotOwn) {
            try $0.signed(EdocText.document(from: "000.00.11.H44"))
        },
        Case("is of another kind than its headers say", "22", .schemaPayloadInvalid) {
            try $0.signed(EdocText.status(from: "000.00.13.H44", to: "000.00.11.H44"))
        },
        Case("is for nobody known", "18", .routeReceiverUnknown) {
            try $0.signed(EdocText.document(to: ["000.00.98.H44"]))
        },
        Case("is for an agency without a system", "18", .routeMissing) {
            try $0.signed(EdocText.document(to: ["000.00.12.H44"]))
        },
        Case("is for an agency that was closed", "23", .routeReceiverClosed) {
            try $0.signed(EdocText.document(to: ["000.00.19.H44"]))
        },
    ]

    @Test(
        "is answered with the code of the axis and that of the hub, and recorded once with its digest",
        arguments: cases)
    func refused(item: Case) async throws {
        try await HubBench.run { bench in
            let body = try item.make(bench)
            let answer = try await AxisCaller(bench).send(body)
            #expect(answer.reply.errorCode == item.axisCode, "\(answer.http.text)")
            #expect(answer.code == item.code.rawValue)
            #expect(answer.reply.problem?["code"]?.string == item.code.rawValue)
            let refusals = await bench.refusals()
            #expect(refusals.map(\.code) == [item.code])
            #expect(refusals.first?.sender == HubBench.documents)
            #expect(refusals.first?.type == "edoc/document/1")
            #expect(refusals.first?.digest == SHA256.hash(body))
            #expect(await bench.journal.totals().messages == 0)
        }
    }

    @Test("has the identity of another and other content")
    func conflict() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let first = try await caller.send(try bench.signed(EdocText.document()))
            let other = try await caller.send(try bench.signed(EdocText.document(subject: "Khác")))
            #expect(other.reply.errorCode == "22")
            #expect(other.code == "intake.identity_conflict")
            #expect(other.reply.problem?["first"]?.string == first.reply.docID)
        }
    }

    @Test("is not the one whose hash was signed, or has none, which is recorded once with what came")
    func hash() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let body = try bench.signed(EdocText.document())
            let other = try bench.signed(EdocText.document(number: 2))
            let wrong = try await caller.call(
                AxisPath.sendEdoc, try caller.headers(body: other) { $0.messageType = .edoc }, body
            )
            let none = try await caller.call(
                AxisPath.sendEdoc, try caller.headers { $0.messageType = .edoc }, body)
            for answer in [wrong, none] {
                #expect(answer.reply.errorCode == "10")
                #expect(answer.code == "envelope.hash_mismatch")
            }
            let refusals = await bench.refusals()
            #expect(refusals.map(\.code) == [.envelopeHashMismatch, .envelopeHashMismatch])
            #expect(refusals.allSatisfy { $0.sender == HubBench.documents })
            #expect(refusals.allSatisfy { $0.size == body.count })
            #expect(await bench.journal.totals().messages == 0)
        }
    }

    @Test("and whose hash is another's is recorded with the digest of what came, for it was read to its end")
    func digestOfMismatch() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let body = try bench.signed(EdocText.document())
            _ = try await caller.call(AxisPath.sendEdoc, try caller.headers(), body)
            #expect(await bench.refusals().map(\.digest) == [SHA256.hash(body)])
        }
    }

    @Test("is larger than is allowed")
    func tooLarge() async throws {
        try await HubBench.run({ $0.bodyLimit = 1000 }) { bench in
            let caller = AxisCaller(bench)
            let body = try bench.signed(EdocText.document())
            let announced = try await caller.send(body)
            let headers = try caller.headers(body: body) { $0.messageType = .edoc }
            let reply = try await bench.exchange.postUnannounced(AxisPath.sendEdoc, headers, [body])
            let unannounced = AxisCaller.Answer(http: reply, reply: try AxisReply.parse(reply.body))
            for answer in [announced, unannounced] {
                #expect(answer.reply.errorCode == "10")
                #expect(answer.code == "intake.too_large")
                #expect(answer.reply.problem?["allowed-bytes"]?.string == "1000")
            }
            let refusals = await bench.refusals()
            #expect(refusals.map(\.code) == [.intakeTooLarge, .intakeTooLarge])
            #expect(refusals.map(\.size) == [0, body.count])
        }
    }

    @Test("and one that is fit hear of a journal that cannot be written")
    func unwritable() async throws {
        try await HubBench.run { bench in
            let body = try bench.signed(EdocText.document())
            await bench.journal.fail(with: HubError(.journalUnavailable, "The disk is full."))
            let answer = try await AxisCaller(bench).send(body)
            #expect(answer.reply.errorCode == "20")
            #expect(answer.code == "journal.unavailable")
            await bench.journal.fail(with: nil)
            #expect(try await AxisCaller(bench).send(body).reply.isOK)
        }
    }

    @Test("comes from a system that has no mailbox, which can send and not receive")
    func noMailbox() async throws {
        let own = try #require(
            try Province.shared.get().adapters.first { $0.system.description == HubBench.documents })
        let adapter = Adapter(
            system: own.system, title: own.title, kind: own.kind, agencies: own.agencies, speaks: .axis,
            sends: own.sends
        )
        try await HubBench.run({ $0.adapters = [adapter] }) { bench in
            let caller = AxisCaller(bench)
            #expect(try await caller.send(try bench.signed(EdocText.document())).reply.isOK)
            let answer = try await caller.call(AxisPath.getReceivedEdocList, try caller.headers())
            #expect(answer.reply.errorCode == "19")
            #expect(answer.code == "access.denied")
        }
    }
}
