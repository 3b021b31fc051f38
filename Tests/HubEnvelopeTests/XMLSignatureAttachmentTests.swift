import HubEnvelope
import HubModel
import HubXML
import Testing

@Suite("XML signatures over attachments")
struct XMLSignatureAttachmentTests {
    static let files: [(cid: String, bytes: [UInt8])] = [
        ("1", Array("%PDF-1.4 công văn".utf8)), ("phu-luc_2.x@so.gov.vn", []), ("3", [0, 1, 2, 0xFF]),
    ]
    static let byName = Dictionary(uniqueKeysWithValues: Self.files.map { ($0.cid, $0.bytes) })

    static func signed(_ kind: KeyKind = .p256, count: Int = 3) throws -> String {
        TestDocument.text(
            try XMLSignature.sign(
                TestDocument.plain, with: TestKeys.key(kind), attachments: Array(Self.files.prefix(count))))
    }

    static func verify(
        _ text: String, _ kind: KeyKind = .p256, names: [String]? = nil,
        attachments bytes: [String: [UInt8]] = Self.byName
    ) throws -> SignatureReport {
        XMLSignature.verify(
            try XMLDocument.parse(Array(text.utf8)), with: [try TestKeys.key(kind).publicKey], covering: names
        ) { bytes[$0] }
    }

    @Test("A signature covers the document and what was named", arguments: KeyKind.allCases)
    func roundTrip(kind: KeyKind) throws {
        let signed = try Self.signed(kind)
        for names in [nil, Self.files.map(\.cid), Self.files.map(\.cid).reversed()] {
            let report = try Self.verify(signed, kind, names: names)
            #expect(report.verdict == .valid && report.attachments == Self.files.map(\.cid))
            #expect(report.key == (try TestKeys.key(kind).publicKey.fingerprint) && !report.isLegacy)
        }
        let changed = try Self.verify(signed.replacing("H44.13", with: "H44.14"), kind)
        #expect(changed.verdict == .invalid && changed.code == .envelopeSignatureInvalid)
    }

    @Test("A change of any attachment shows, and so does one that is not there", arguments: 0..<3)
    func changes(index: Int) throws {
        let signed = try Self.signed()
        let name = Self.files[index].cid
        for other in [Self.files[index].bytes + [0], nil] {
            var bytes = Self.byName
            bytes[name] = other
            let report = try Self.verify(signed, attachments: bytes)
            #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
            #expect(report.attachments.isEmpty && report.key == nil)
        }
    }

    @Test("Two attachments cannot change places")
    func swapped() throws {
        var bytes = Self.byName
        (bytes["1"], bytes["3"]) = (bytes["3"], bytes["1"])
        #expect(try Self.verify(Self.signed(), attachments: bytes).code == .envelopeSignatureInvalid)
    }

    @Test(
        "Where the caller says which attachments there are, none is missing, none too many and none twice",
        arguments: [
            [], ["1"], ["1", "3"], ["1", "phu-luc_2.x@so.gov.vn", "3", "4"],
            ["1", "phu-luc_2.x@so.gov.vn", "3", "3"], ["1", "phu-luc_2.x@so.gov.vn", "cid:3"],
            ["1", "PHU-LUC_2.x@so.gov.vn", "3"],
        ])
    func names(names: [String]) throws {
        var bytes = Self.byName
        bytes["4"] = [4]
        let report = try Self.verify(Self.signed(), names: names, attachments: bytes)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
    }

    @Test("A signature over the document alone does not cover what the caller says there is")
    func documentOnly() throws {
        let signed = try Self.signed(count: 0)
        #expect(try Self.verify(signed).attachments.isEmpty)
        #expect(try Self.verify(signed).verdict == .valid)
        #expect(try Self.verify(signed, names: []).verdict == .valid)
        let report = try Self.verify(signed, names: ["1"])
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
    }

    @Test("Without the attachments at hand there is no telling, and the reason says so")
    func notAtHand() throws {
        let key = try TestKeys.key(.p256)
        let signed = Array(try Self.signed().utf8)
        let report = try XMLSignatureTests.verify(signed, key.publicKey)
        #expect(report.verdict == .notVerifiable && report.code == .envelopeSignatureMalformed)
        #expect(report.reason.en.contains("attachments") && report.key == nil && report.attachments.isEmpty)
        // What can be told is told.
        let changed = TestDocument.text(signed).replacing("H44.13", with: "H44.14")
        #expect(try XMLSignatureTests.verify(Array(changed.utf8), key.publicKey).verdict == .invalid)
        let forged = TestDocument.text(signed).replacing("cid:3", with: "cid:4")
        #expect(
            try XMLSignatureTests.verify(Array(forged.utf8), key.publicKey).code == .envelopeSignatureInvalid)
        #expect(
            try XMLSignatureTests.verify(signed, TestKeys.key(.p384).publicKey).code == .envelopeKeyUnknown)
    }

    @Test("As many attachments as are allowed can be signed, and no more")
    func limit() throws {
        let key = try TestKeys.key(.p256)
        let files = (0...64).map { (cid: "\($0)", bytes: [UInt8($0)]) }
        let signed = try XMLSignature.sign(
            TestDocument.plain, with: key, attachments: Array(files.dropLast()))
        let bytes = Dictionary(uniqueKeysWithValues: files.map { ($0.cid, $0.bytes) })
        #expect(try Self.verify(TestDocument.text(signed), attachments: bytes).attachments.count == 64)
        let error = #expect(throws: HubError.self) {
            try XMLSignature.sign(TestDocument.plain, with: key, attachments: files)
        }
        #expect(error?.code == .envelopeSignatureMalformed)
        let last = try #require(
            TestDocument.text(signed).firstMatch(of: #/<Reference URI="cid:63">.*?<\/Reference>/#)?.output)
        let more = TestDocument.text(signed).replacing(last, with: last + last.replacing("63", with: "64"))
        let report = try Self.verify(try HandMadeSignature.resigned(more, with: key), attachments: bytes)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureMalformed)
        #expect(report.reason.en.contains("too many"))
    }

    @Test(
        "A name that could be written in several ways cannot be signed",
        arguments: [
            "", "cid:1", "a b", "%31", "a/b", "a\"b", "a&b", "tệp", "a\u{301}", "\u{301}a", "a#b", "<a>",
            String(repeating: "a", count: 129),
        ])
    func unusableNames(name: String) throws {
        let key = try TestKeys.key(.p256)
        let error = #expect(throws: HubError.self) {
            try XMLSignature.sign(TestDocument.plain, with: key, attachments: [(name, [])])
        }
        #expect(error?.code == .envelopeSignatureMalformed)
        // And not accepted either, although the registered key signed it.
        let uri = XMLText.escaped(name).replacing("\"", with: "&quot;")
        let text = try Self.signed(count: 1).replacing("\"cid:1\"", with: "\"cid:\(uri)\"")
        let report = try Self.verify(
            try HandMadeSignature.resigned(text, with: key), attachments: [name: Self.files[0].bytes])
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureMalformed, "\(report)")
    }

    @Test("A name occurs once")
    func duplicates() throws {
        let key = try TestKeys.key(.p256)
        let error = #expect(throws: HubError.self) {
            try XMLSignature.sign(TestDocument.plain, with: key, attachments: [("1", []), ("1", [])])
        }
        #expect(error?.code == .envelopeSignatureMalformed)
    }
}
