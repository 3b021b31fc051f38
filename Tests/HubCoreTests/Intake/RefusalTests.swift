import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

/// A message that must be refused: how it is made, with which code, and where in the input.
struct RefusalCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: ErrorCode
    /// `line` and `path` that the refusal must name; absent when it concerns no place.
    var line: String?
    var path: String?
    let make: @Sendable (IntakeBench) throws -> Submission

    init(
        _ name: String, _ code: ErrorCode, line: String? = nil, path: String? = nil,
        make: @escaping @Sendable (IntakeBench) throws -> Submission
    ) {
        self.testDescription = name
        self.code = code
        self.line = line
        self.path = path
        self.make = make
    }
}

@Suite("A message that is not fit")
struct RefusalTests {
    private static func spoiled(_ bytes: [UInt8], _ text: String, _ other: String) throws -> [UInt8] {
        let before = String(decoding: bytes, as: UTF8.self)
        let after = before.replacing(text, with: other, maxReplacements: 1)
        guard after != before else { throw Landscape.Missing() }
        return Array(after.utf8)
    }

    private static let prefix = "/edXML/edXMLEnvelope[1]/edXMLHeader[1]/MessageHeader[1]"

    static let content: [RefusalCase] = [
        RefusalCase(
            "breaks its XSD", .schemaPayloadInvalid, line: "15", path: prefix + "/PromulgationInfo[1]/PromulgationDate[1]"
        ) { try $0.xml(spoiled(EdocText.document(), "Date>2024/03/15<", "Date>15/03/2024<")) },
        RefusalCase("lacks an element", .schemaPayloadInvalid, line: "23") {
            try $0.xml(spoiled(EdocText.document(), "<edXML:Subject>Về việc phối hợp cung cấp số liệu</edXML:Subject>", ""))
        },
        RefusalCase("breaks its JSON Schema", .schemaPayloadInvalid, line: "14", path: "/data/0/LoaiDoiTuong") {
            try $0.json(spoiled(DossierText.sync(), #""LoaiDoiTuong": "1""#, #""LoaiDoiTuong": 1"#))
        },
        RefusalCase("has a DOCTYPE", .xmlDoctypeForbidden, line: "2") {
            try $0.xml(spoiled(EdocText.document(), "?>\n", "?>\n<!DOCTYPE edXML [<!ENTITY a 'b'>]>\n"), signer: nil)
        },
        RefusalCase("has a duplicate key", .jsonDuplicateKey, line: "3") {
            try $0.json(spoiled(DossierText.sync(), #""service""#, #""madonvi": "H44.14", "service""#))
        },
        RefusalCase("is cut off", .xmlMalformed) {
            try $0.xml(Array(EdocText.document().prefix(900)), signer: nil)
        },
        RefusalCase("is cut off JSON", .jsonMalformed, line: "6") {
            try $0.json(Array(DossierText.sync().prefix(100)))
        },
        RefusalCase("is empty", .xmlMalformed) { try $0.xml([], signer: nil) },
        RefusalCase("is nested too deeply", .xmlTooDeep) {
            try $0.xml(Array((String(repeating: "<a>", count: 200) + String(repeating: "</a>", count: 200)).utf8), signer: nil)
        },
        RefusalCase("is JSON nested too deeply", .jsonTooDeep) {
            try $0.json(Array((String(repeating: "[", count: 200) + String(repeating: "]", count: 200)).utf8))
        },
        RefusalCase("is of no known type", .intakeTypeUnknown) { try $0.json(Array(#"{"a": 1}"#.utf8)) },
        RefusalCase("is called something unknown", .intakeTypeUnknown) {
            try $0.json(DossierText.sync(), type: "dossier/sync/99")
        },
        RefusalCase("is called something that is no name", .intakeTypeUnknown) {
            try $0.json(DossierText.sync(), type: "../../etc/passwd")
        },
        RefusalCase("is called something that it is not", .schemaPayloadInvalid) {
            try $0.json(DossierText.sync(), type: "dossier/progress/1")
        },
        RefusalCase("is of an unsupported media type", .apiMediaTypeUnsupported) { bench in
            Submission(
                sender: try bench.landscape.adapter("mot-cua-h44"), body: DossierText.sync(), contentType: "text/plain"
            )
        },
    ]

    static let signatures: [RefusalCase] = [
        RefusalCase("was altered after it was signed", .envelopeSignatureInvalid) { bench in
            let body = try bench.xml(EdocText.document()).body.whole()
            return try bench.xml(spoiled(body, "cung cấp số liệu", "hủy số liệu"), signer: nil)
        },
        RefusalCase("was altered beside its signature", .envelopeSignatureInvalid) { bench in
            let submission = try bench.json(DossierText.sync(1))
            return Submission(
                sender: submission.sender, body: DossierText.sync(2), contentType: "application/json",
                signature: submission.signature
            )
        },
        RefusalCase("is XML with a signature beside it", .envelopeSignatureMalformed) { bench in
            let body = try bench.xml(EdocText.document()).body.whole()
            return Submission(
                sender: try bench.landscape.adapter("qlvb-so-tttt-h44"), body: body, contentType: "application/xml",
                signature: try JWS.signDetached(body, with: bench.landscape.key("qlvb-so-tttt-h44"))
            )
        },
        RefusalCase("is signed by another system", .envelopeSignerMismatch) {
            try $0.xml(EdocText.document(), signer: "qlvb-so-tc-h44")
        },
        RefusalCase("is signed by another system beside it", .envelopeSignerMismatch) {
            try $0.json(DossierText.sync(), signer: "qlvb-so-tc-h44")
        },
        RefusalCase("is signed with a key that nobody registered", .envelopeKeyUnknown) {
            try $0.xml(EdocText.document(), signer: "stranger")
        },
        RefusalCase("is signed beside it with a key that nobody registered", .envelopeKeyUnknown) {
            try $0.json(DossierText.sync(), signer: "stranger")
        },
        RefusalCase("is not signed", .envelopeSignatureMissing) { try $0.xml(EdocText.document(), signer: nil) },
        RefusalCase("has no signature beside it", .envelopeSignatureMissing) {
            try $0.json(DossierText.sync(), signer: nil)
        },
        RefusalCase("has something beside it that is no signature", .envelopeSignatureMalformed) { bench in
            let sender = try bench.landscape.adapter("mot-cua-h44")
            return Submission(
                sender: sender, body: DossierText.sync(), contentType: "application/json", signature: "abc"
            )
        },
        RefusalCase("chooses an algorithm that is not allowed", .envelopeAlgorithmRefused) { bench in
            let kid = try bench.landscape.key("mot-cua-h44").publicKey.fingerprint
            let header = Base64.urlText(Array(#"{"alg":"none","kid":"\#(kid)","b64":false,"crit":["b64"]}"#.utf8))
            let sender = try bench.landscape.adapter("mot-cua-h44")
            return Submission(
                sender: sender, body: DossierText.sync(), contentType: "application/json", signature: header + "..AAAA"
            )
        },
    ]

    static let rights: [RefusalCase] = [
        RefusalCase("is of a type its sender may not send", .accessDenied) {
            try $0.xml(EdocText.document(), as: "mot-cua-h44", signer: "mot-cua-h44")
        },
        RefusalCase("comes from an agency of another system", .accessAgencyNotOwn) {
            try $0.xml(EdocText.document(from: "000.00.11.H44"))
        },
        RefusalCase("comes from an agency that nobody knows", .accessAgencyNotOwn) {
            try $0.xml(EdocText.document(from: "000.00.98.H44"))
        },
        RefusalCase("comes from an agency of another province", .accessAgencyNotOwn) {
            try $0.xml(EdocText.document(from: "000.00.13.H55"))
        },
        RefusalCase("is for a receiver that nobody knows", .routeReceiverUnknown) {
            try $0.xml(EdocText.document(to: ["000.00.11.H55", "000.00.98.H44"]))
        },
        RefusalCase("is for a platform that nobody knows", .routeReceiverUnknown) {
            try $0.xml(EdocText.document(to: ["000.00.11.Z99"]))
        },
        RefusalCase("is for a receiver that was closed without successor", .routeReceiverClosed) {
            try $0.xml(EdocText.document(to: ["000.00.11.H55", "000.00.19.H44"]))
        },
        RefusalCase("is for an agency without a system", .routeMissing) {
            try $0.xml(EdocText.document(to: ["000.00.12.H44"]))
        },
        RefusalCase("has none of the fields that would tell it from others", .intakeIdentityMissing) { bench in
            let own = try bench.landscape.adapter("qlvb-so-tttt-h44")
            let adapter = Adapter(
                system: own.system, title: own.title, kind: own.kind, agencies: own.agencies, speaks: .axis,
                sends: [SendRule(message: .edocDocument, identity: ["KhongCo"], receivers: .all)]
            )
            return Submission(
                sender: adapter, body: try bench.xml(EdocText.document()).body, contentType: "application/xml"
            )
        },
    ]

    @Test("is refused with its code and place, recorded, and leaves nothing behind", arguments: content + signatures + rights)
    func refused(item: RefusalCase) async throws {
        let bench = try IntakeBench()
        let submission = try item.make(bench)
        let error = try await Self.refusal(of: submission, by: bench)
        #expect(error.code == item.code, "\(error)")
        if let line = item.line { #expect(error.detail("line") == line) }
        if let path = item.path { #expect(error.detail("path") == path) }
        #expect((error.code == .schemaPayloadInvalid) == !error.violations.isEmpty)
        let totals = await bench.journal.totals()
        #expect(totals.messages == 0)
        #expect(totals.pending == 0)
        let refusals = await bench.journal.refusals(before: nil, limit: 9).map(\.refusal)
        let refusal = try #require(refusals.first)
        #expect(refusals.count == 1)
        #expect(refusal.code == item.code)
        #expect(refusal.sender == submission.sender.system.description)
        #expect(refusal.digest == submission.digest)
        #expect(refusal.size == submission.body.count)
        if let line = item.line { #expect(refusal.place.hasPrefix(line + ":")) }
        if let path = item.path { #expect(refusal.place.hasSuffix(path)) }
    }

    @Test("is refused when its identity was used with other content, naming the first")
    func conflict() async throws {
        let bench = try IntakeBench()
        let (first, _) = try await bench.accepted(try bench.xml(EdocText.document()))
        let error = try await Self.refusal(of: try bench.xml(EdocText.document(subject: "Khác")), by: bench)
        #expect(error.code == .intakeIdentityConflict)
        #expect(error.detail("first") == first.id.description)
        #expect(await bench.journal.totals().refusals == [.intakeIdentityConflict: 1])
        #expect(await bench.journal.totals().messages == 1)
    }

    @Test("is refused when it is for outside and no platform is connected")
    func unconnected() async throws {
        let bench = try IntakeBench(isConnected: false)
        #expect(try await Self.refusal(of: try bench.xml(EdocText.document()), by: bench).code == .routeMissing)
        #expect(try await Self.refusal(of: try bench.json(DossierText.sync()), by: bench).code == .routeMissing)
        _ = try await bench.accepted(try bench.xml(EdocText.document(to: ["000.00.11.H44"], number: 2)))
    }

    @Test(
        "and one that is fit are told when nothing can be written, and nothing is accepted",
        arguments: [ErrorCode.journalUnavailable, .journalOverloaded, .journalClosed]
    )
    func unwritable(code: ErrorCode) async throws {
        let bench = try IntakeBench()
        await bench.journal.fail(with: HubError(code, "Nothing can be written."))
        let submission = try bench.xml(EdocText.document(to: ["000.00.11.H44"]))
        #expect(try await Self.refusal(of: submission, by: bench).code == code)
        let unfit = try bench.xml(EdocText.document(), signer: nil)
        #expect(try await Self.refusal(of: unfit, by: bench).code == .envelopeSignatureMissing)
        await bench.journal.fail(with: nil)
        #expect(await bench.journal.totals().messages == 0)
        let mailbox = try #require(SystemID("qlvb-so-tc-h44").flatMap { bench.outbox.mailbox(of: $0) })
        #expect(try await mailbox.fetch(limit: 1, wait: .zero).isEmpty)
        // The same message is new when the journal is well again.
        _ = try await bench.accepted(submission)
    }

    static func refusal(
        of submission: Submission, by bench: IntakeBench, _ location: SourceLocation = #_sourceLocation
    ) async throws -> HubError {
        do throws(HubError) {
            let result = try await bench.intake.submit(submission)
            Issue.record("accepted: \(result)", sourceLocation: location)
            throw HubError(.internalFault, "It was accepted.")
        } catch {
            return error
        }
    }
}
