import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import HubXML
import Testing

@testable import HubCore

@Suite("A document without the insides of its long values")
struct ShortenedTextTests {
    /// Documents of a few kilobytes are treated like large ones.
    private static func shorten(_ bytes: [UInt8], isXML: Bool, limit: Int = 1 << 20) throws(HubError) -> ShortenedText {
        try ShortenedText(MemoryPayload(bytes: bytes), isXML: isXML, limit: limit, shortenFrom: 400, kept: 40)
    }

    /// Base64 of so many bytes, broken into lines as mail programs do when `line` is not 0.
    private static func base64(_ count: Int, line: Int = 0, end: String = "\n", _ random: inout SeededRandom) -> String {
        let text = Base64.text((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        guard line > 0 else { return text }
        var lines: [Substring] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            lines.append(rest.prefix(line))
            rest = rest.dropFirst(line)
        }
        return lines.joined(separator: end)
    }

    private static func xml(_ random: inout SeededRandom) -> String {
        var text = "<?xml version=\"1.0\"?>\r\n<a xmlns=\"urn:mau\">"
        for _ in 0..<(1 + Int(random.next() % 6)) {
            let count = Int(random.next() % 3000)
            let end = ["\n", "\r\n", "\r", " \t\n"][Int(random.next() % 4)]
            let value = Self.base64(count, line: random.next() % 2 == 0 ? 0 : 20, end: end, &random)
            switch random.next() % 8 {
            case 0: text += "<!-- \(value) -->\r\n"
            case 1: text += "<b>\(value.dropFirst(Int(random.next() % 4)))</b>"
            case 2: text += "<b c=\"\(value)\">dữ liệu</b> "
            case 3: text += "<b><![CDATA[\(value)]]></b>\n\n"
            case 4: text += "<?p \(value)?>"
            case 5: text += "<b>é\(value)é</b>\r"
            default: text += "<b> \(value)\r\n</b>"
            }
        }
        return text + "</a>"
    }

    private static func canonical(_ document: XMLDocument) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try document.canonicalise(.exclusive) { bytes.append(contentsOf: $0) }
        return bytes
    }

    @Test("has the canonical form of the whole one", arguments: 0..<60)
    func canonical(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let whole = Array(Self.xml(&random).utf8)
        let short = try Self.shorten(whole, isXML: true)
        let document = try XMLDocument.parse(short.bytes, leavingOut: short.longValues)
        #expect(try Self.canonical(document) == Self.canonical(try XMLDocument.parse(whole)), "\(String(decoding: whole, as: UTF8.self))")
    }

    @Test("leaves most of it out")
    func shorter() throws {
        var random = SeededRandom(seed: 1)
        let value = Self.base64(300_000, line: 20, end: "\r\n", &random)
        let short = try Self.shorten(Array("<a><b>\(value)</b><b>\(value)</b></a>".utf8), isXML: true)
        #expect(short.cuts.count == 2 && short.bytes.count < 1000)
        let json = try Self.shorten(Array(#"{"a":"\#(Self.base64(300_000, &random))"}"#.utf8), isXML: false)
        #expect(json.cuts.count == 1 && json.bytes.count < 400)
    }

    @Test("is valid base64 exactly where the whole one is", arguments: 0..<60)
    func validity(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var value = Self.base64(1000 + Int(random.next() % 2000), &random)
        // Some are short of a character, have one too many, or padding where there is none.
        switch random.next() % 4 {
        case 0: value.removeFirst()
        case 1: value += "A"
        case 2: value += "="
        default: break
        }
        let short = try Self.shorten(Array(#"{"a":"\#(value)"}"#.utf8), isXML: false)
        let text = try #require(try JSONDocument.parse(short.bytes).value["a"]?.string)
        #expect(short.cuts.count == 1 && (Base64.bytes(text) == nil) == (Base64.bytes(value) == nil))
        #expect(text.hasPrefix(value.prefix(40)) && text.hasSuffix(value.suffix(38)))
    }

    @Test("has escapes of JSON whole or not at all", arguments: 0..<60)
    func escapes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var value = ""
        for character in Self.base64(1500, &random) {
            value += character == "/" ? #"\/"# : String(character)
            switch random.next() % 40 {
            case 0: value += #"\r\n"#
            case 1 where random.next() % 40 == 0: value += #"\u0041"#
            default: break
            }
        }
        let whole = Array(#"{"trước": 1, "a":"\#(value)", "sau": [true]}"#.utf8)
        let short = try Self.shorten(whole, isXML: false)
        let read = try JSONDocument.parse(short.bytes).value
        let original = try JSONDocument.parse(whole).value
        #expect(read["trước"] == original["trước"] && read["sau"] == original["sau"])
        func characters(_ value: JSONValue?) -> Int { (value?.string ?? "").count { !$0.isNewline } }
        #expect(characters(read["a"]) % 4 == characters(original["a"]) % 4)
    }

    @Test("knows where its places are in the whole one", arguments: 0..<40)
    func places(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let whole = Array(Self.xml(&random).utf8)
        let short = try Self.shorten(whole, isXML: true)
        func place(_ offset: Int, in bytes: [UInt8]) -> SourcePlace {
            let before = bytes[..<offset]
            let line = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            return SourcePlace(
                line: 1 + before.count { $0 == 0x0A }, column: 1 + before[line...].count { $0 & 0xC0 != 0x80 }
            )
        }
        let markerLength = LongValues.markerLength(prefix: Array(repeating: 0x41, count: 44))
        for _ in 0..<20 {
            // A byte outside of every marker, in both texts.
            let offset = Int(random.next() % UInt64(whole.count))
            guard whole[offset] & 0xC0 != 0x80, !short.cuts.contains(where: { $0.range.contains(offset) }) else { continue }
            let before = short.cuts.filter { $0.range.upperBound <= offset }
            let there = offset - before.reduce(0) { $0 + $1.range.count - markerLength }
            #expect(short.bytes[there] == whole[offset])
            #expect(short.original(place(there, in: short.bytes)) == place(offset, in: whole))
        }
    }

    @Test("is the same text each time where a message is identified by it")
    func stable() throws {
        var random = SeededRandom(seed: 3)
        let value = Self.base64(900, &random)
        func text(_ value: String) throws -> String {
            let short = try Self.shorten(Array(#"{"a":"\#(value)"}"#.utf8), isXML: false)
            let text = try #require(try JSONDocument.parse(short.bytes).value["a"]?.string)
            #expect(short.cuts.count == 1)
            return short.stable("số \(text)")
        }
        #expect(try text(value) == text(value))
        var characters = Array(value)
        characters[600] = characters[600] == "A" ? "B" : "A"
        let other = String(characters)
        #expect(try text(value) != text(other))
    }

    @Test("keeps what a pattern or a bound asks for")
    func bounds() throws {
        var random = SeededRandom(seed: 5)
        let value = Self.base64(3000, &random)
        func cuts(_ text: String, isXML: Bool) throws -> Int {
            let whole = isXML ? "<a>\(text)</a>" : #"{"a":"\#(text)"}"#
            return try Self.shorten(Array(whole.utf8), isXML: isXML).cuts.count
        }
        #expect(try cuts(value, isXML: true) == 1 && cuts(value + "\n  ", isXML: true) == 1)
        // White space around counts for nothing: what stays must be as long as the bound says without it.
        let spaces = String(repeating: " ", count: 200)
        #expect(try cuts(spaces + value + spaces, isXML: true) == 0)
        // What stands in the middle only, nobody would see.
        let middle = value.index(value.startIndex, offsetBy: 2000)
        for separator in [" ", "\n", "\t", "\r"] {
            #expect(try cuts(value[..<middle] + separator + value[middle...], isXML: true) == 0)
        }
        for escape in [#"\n"#, #"\r"#, #"\/"#] {
            #expect(try cuts(value[..<middle] + escape + value[middle...], isXML: false) == 0)
        }
        // A long number, or a digest in hexadecimal, is not base64.
        #expect(try cuts(String(repeating: "0123456789abcdefABCDEF", count: 100), isXML: false) == 0)
    }

    @Test("has equal markers for equal values, and others for others")
    func equal() throws {
        var random = SeededRandom(seed: 6)
        let (value, other) = (Self.base64(900, &random), Self.base64(900, &random))
        let short = try Self.shorten(Array(#"["\#(value)","\#(value)","\#(other)"]"#.utf8), isXML: false)
        let texts = try JSONDocument.parse(short.bytes).value.array ?? []
        #expect(short.cuts.count == 3 && texts[0] == texts[1] && texts[0] != texts[2])
    }

    @Test("is not made of UTF-16, where a byte is no character")
    func wideCharacters() throws {
        let text = "<a>\(String(repeating: "\u{4141}", count: 4000))</a>"
        var whole: [UInt8] = [0xFF, 0xFE]
        for unit in text.utf16 { whole += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        let short = try Self.shorten(whole, isXML: true)
        let error = #expect(throws: HubError.self) { try XMLDocument.parse(short.bytes, leavingOut: short.longValues) }
        #expect(error?.code == .intakeTooLarge)
    }

    @Test("takes no time to speak of where nothing can be cut")
    func uncut() throws {
        // Never a multiple of four behind a character that is not escaped.
        let value = String(repeating: #"G\/\/\/"#, count: 30_000)
        let whole = Array(#"{"a":"\#(String(repeating: value + #"","#, count: 1))b":1}"#.utf8)
        let start = ContinuousClock.now
        _ = try ShortenedText(MemoryPayload(bytes: whole), isXML: false)
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test("is refused when too much is left")
    func tooLarge() throws {
        let whole = Array("<a>\(String(repeating: "<b>chữ</b>", count: 1000))</a>".utf8)
        let error = #expect(throws: HubError.self) { try Self.shorten(whole, isXML: true, limit: 5000) }
        #expect(error?.code == .intakeTooLarge && error?.detail("left-bytes") == String(whole.count))
    }
}

@Suite("A large message", .timeLimit(.minutes(3)))
struct LargeIntakeTests {
    /// More than is held, nearly all of it one attachment.
    private static func document(_ number: Int, to: [String] = ["000.00.11.H44"]) -> [UInt8] {
        let value = Base64.text([UInt8](repeating: 7, count: 7 << 20))
        return Array(
            String(decoding: EdocText.document(to: to, number: number), as: UTF8.self)
                .replacing("JVBERi0xLjQK", with: value).utf8
        )
    }

    private static func large(_ submission: Submission) async throws -> Submission {
        let body = try submission.body.whole()
        #expect(body.count > Payload.longestWhole)
        return Submission(
            sender: submission.sender, body: .large(MemoryPayload(bytes: body)), contentType: submission.contentType,
            type: submission.type, signature: submission.signature
        )
    }

    @Test("is verified over all of its bytes, and delivered with them")
    func accepted() async throws {
        let bench = try IntakeBench()
        let submission = try await Self.large(bench.xml(Self.document(1)))
        let (message, _) = try await bench.accepted(submission)
        #expect(message.size == submission.body.count && message.digest == submission.digest)
        #expect(message.signature.verdict == "valid" && message.orderKey == "000.00.13.H44,2024/03/15,1/STTTT-VP")
        let mailbox = try #require(SystemID("qlvb-so-tc-h44").flatMap { bench.outbox.mailbox(of: $0) })
        let parcel = try #require(try await mailbox.fetch(limit: 1, wait: .zero).first)
        guard case .large(let large) = parcel.payload else {
            Issue.record("a large payload was held")
            return
        }
        #expect(large.digest == message.digest)
    }

    @Test("is refused when a bit in the middle of a value is another one")
    func changed() async throws {
        let bench = try IntakeBench()
        let submission = try bench.xml(Self.document(2))
        var body = try submission.body.whole()
        body[body.count / 2] ^= 2
        let forged = Submission(
            sender: submission.sender, body: .large(MemoryPayload(bytes: body)), contentType: submission.contentType
        )
        let error = await #expect(throws: HubError.self) { try await bench.intake.submit(forged) }
        #expect(error?.code == .envelopeSignatureInvalid)
    }

    @Test("that does not fit is told with the place in all of it")
    func place() async throws {
        let bench = try IntakeBench()
        let text = String(decoding: Self.document(3), as: UTF8.self)
            .replacing("</edXML:ContentTransferEncoded>", with: "</edXML:ContentTransferEncoded><Thừa/>")
        let submission = try await Self.large(bench.xml(Array(text.utf8)))
        let body = try bench.xml(Array(text.utf8)).body.whole()
        let error = await #expect(throws: HubError.self) { try await bench.intake.submit(submission) }
        #expect(error?.code == .schemaPayloadInvalid)
        let offset = try #require(String(decoding: body, as: UTF8.self).utf8.firstRange(of: Array("<Thừa/>".utf8)))
        let before = String(decoding: body, as: UTF8.self).utf8[..<offset.lowerBound]
        let line = 1 + before.count { $0 == 0x0A }
        let column = 1 + before.reversed().prefix { $0 != 0x0A }.count { $0 & 0xC0 != 0x80 }
        #expect(error?.violations.first.map { [$0.line, $0.column] } == [line, column])
        #expect(error?.detail("line") == String(line) && error?.detail("column") == String(column))
    }

    @Test("does not pass a bound of its schema by white space around a long value")
    func padded() async throws {
        let bench = try IntakeBench()
        let spaces = String(repeating: " ", count: 20_000)
        let text = String(decoding: Self.document(6), as: UTF8.self).replacing(
            "Về việc phối hợp cung cấp số liệu", with: spaces + String(repeating: "Subject", count: 20_000) + spaces)
        let submission = try await Self.large(bench.xml(Array(text.utf8)))
        let error = await #expect(throws: HubError.self) { try await bench.intake.submit(submission) }
        #expect(error?.code == .schemaPayloadInvalid && error?.violations.first?.path.contains("Subject") == true)
    }

    @Test("that a destination needs as a whole is refused, naming it")
    func whole() throws {
        let landscape = try Landscape.shared.get()
        let home = try #require(AgencyCode("H44"))
        let directory = try #require(landscape.directories["H44"])
        let router = Router(directory: directory, home: home, adapters: [], isConnected: true)
        func check(_ destination: DestinationID) throws(HubError) {
            try router.checkPieces(
                of: [PlannedDelivery(destination: destination, recipient: "", mapping: "", type: .dossierSync)], size: 9 << 20)
        }
        try check(.national("axis"))
        try check(DestinationID(unchecked: "mailbox:qlvb-so-tc-h44"))
        for name in ["national:dossier", "process:khai-sinh"] {
            let error = #expect(throws: HubError.self) { try check(DestinationID(unchecked: name)) }
            #expect(error?.code == .intakeTooLarge && error?.detail("destination") == name)
        }
    }

    @Test("is mapped as long as nothing is made of a long value")
    func mapped() async throws {
        let bench = try IntakeBench()
        let submission = try await Self.large(bench.xml(Self.document(5)))
        let (message, _) = try await bench.accepted(submission)
        let ordinal = try #require(message.deliveries.firstIndex { !$0.mapping.isEmpty })
        let delivery = PendingDelivery(message, ordinal: UInt16(ordinal), sequence: 1)
        func made(_ transform: @escaping @Sendable (XMLDocument) throws(HubError) -> String) async throws(HubError) -> [UInt8]? {
            try await ParcelMaker(journal: bench.journal, keys: bench.keys) { text, isXML, _ throws(HubError) in
                (Array(try transform(try XMLDocument.parse(text)).utf8), "text/plain", "")
            }.parcel(for: delivery).payload.inMemory
        }
        #expect(try await made { document in document.root.localName } == Array("edXML".utf8))
        let value: @Sendable (XMLDocument) -> String = { document in
            document.root.elements(named: "ContentTransferEncoded", in: document.root.namespace ?? "", limit: 1).first?.text ?? ""
        }
        #expect(try await made { document in String(value(document).prefix(10)) } == Array("BwcHBwcHBw".utf8))
        for transform: @Sendable (XMLDocument) -> String in [
            { document in value(document) }, { document in String(value(document).utf8.count) },
            { document in Base64.text(Array(value(document).utf8)) },
        ] {
            let error = await #expect(throws: HubError.self) { _ = try await made { document in transform(document) } }
            #expect(error?.code == .mappingFailed)
        }
    }
}
