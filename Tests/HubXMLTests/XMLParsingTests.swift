import HubModel
import HubXML
import Testing

@Suite("A document that is not XML")
struct MalformedDocumentTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let line: String
        let column: String

        var testDescription: String { String(self.text.prefix(40)) }

        init(_ text: String, _ line: Int, _ column: Int) {
            self.text = text
            self.line = String(line)
            self.column = String(column)
        }
    }

    @Test(
        "is refused with the place where it ceases to be",
        arguments: [
            Case("", 1, 1), Case("hello", 1, 1), Case("{}", 1, 1), Case(" ", 1, 2), Case("<a>", 1, 4),
            Case("<a>\n<b>\n</a>", 3, 5), Case("<a/><b/>", 1, 5), Case("<a/>x", 1, 5), Case("<a b=c/>", 1, 6),
            Case("<a b='1' b='2'/>", 1, 15), Case("<a>ồ&x;</a>", 1, 8), Case("<a>\n\n  &#0;</a>", 3, 7),
            Case("<p:a/>", 1, 5), Case("<a p:b='1'/>", 1, 11), Case("<a xmlns:p=''/>", 1, 14),
            Case("<a xmlns:p='u:u' xmlns:q='u:u' p:b='' q:b=''/>", 1, 45),
            Case("<a><!-- -- --></a>", 1, 9), Case("<a>]]></a>", 1, 4), Case("<a>\u{1}</a>", 1, 4),
            Case("<?xml version='1.0'?>", 1, 22), Case(" <?xml version='1.0'?><a/>", 1, 7),
        ]
    )
    func place(_ document: Case) throws {
        let error = try #require(Fixture.refusal(document.text))
        #expect(error.code == .xmlMalformed)
        #expect(error.detail("line") == document.line, "\(error)")
        #expect(error.detail("column") == document.column, "\(error)")
        #expect(error.detail("reason")?.isEmpty == false)
    }

    @Test("is not quoted at length")
    func quotes() throws {
        let secret = String(repeating: "secret", count: 50)
        for text in [
            "<a></\(secret)>", "<a \(secret)/>", "<a>&\(secret);</a>", "<a xmlns:b='\(secret) x' b=/>",
        ] {
            let error = try #require(Fixture.refusal(text))
            let said = error.details.map(\.value).joined()
            #expect(!said.contains(secret.prefix(60)), "\(error)")
        }
    }

    @Test("is refused wherever it was cut off, and never crashes")
    func truncated() {
        let bytes = Array(Fixture.edoc.utf8)
        for count in 0..<bytes.count {
            #expect(Fixture.refusal(Array(bytes.prefix(count)))?.code == .xmlMalformed, "cut at \(count)")
        }
    }

    @Test(
        "is refused for bytes behind its end",
        arguments: [[0], [0, 0x41], [0x3C], [0xFF], Array("\0<a/>".utf8)])
    func trailing(bytes: [UInt8]) {
        #expect(Fixture.refusal(Array("<a/>\n".utf8) + bytes)?.code == .xmlMalformed)
    }

    @Test("or may be, with bits flipped, does no harm", arguments: UInt64(0)..<24)
    func flipped(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let original = Array(Fixture.edoc.utf8)
        for _ in 0..<200 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = bytes.indices.randomElement(using: &random) ?? 0
                bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            do throws(HubError) {
                let document = try XMLDocument.parse(bytes)
                let canonical = try? document.canonical()
                // What has a canonical form is the same document after a second reading.
                if let canonical {
                    #expect(try Fixture.parse(canonical).canonical() == canonical, "seed \(seed)")
                }
                #expect(document.root.text.utf8.count <= bytes.count)
            } catch {
                #expect([.xmlMalformed, .xmlDoctypeForbidden].contains(error.code))
            }
        }
    }

    @Test("or is, from random pieces of markup, does no harm", arguments: UInt64(0)..<24)
    func pieces(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "<a>", "</a>", "<b ", "c='1'", ">", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?p", "?>", "&lt;",
            "&", "<",
            "\"", "'", "=", "xmlns:p='urn:p'", "p:", "<!DOCTYPE a", "[", "<!ENTITY e 'x'>", "]>", "&e;",
            "%e;", "\0", "é",
        ]
        for _ in 0..<400 {
            let count = Int.random(in: 1...20, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let error = Fixture.refusal("<a>" + text) ?? Fixture.refusal(text)
            #expect(error == nil || [.xmlMalformed, .xmlDoctypeForbidden].contains(error?.code))
        }
    }
}

@Suite("The encoding of a document")
struct XMLEncodingTests {
    static let text = "<a>Bắc Kạn 🇻🇳</a>"

    @Test("is UTF-8, marked or declared or neither")
    func utf8() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        for head in [
            "", "<?xml version='1.0' encoding='utf-8'?>", "<?xml version=\"1.0\" encoding = \"UTF-8\" ?>",
        ] {
            let bytes = Array((head + Self.text).utf8)
            #expect(try XMLDocument.parse(bytes).root.text == "Bắc Kạn 🇻🇳")
            #expect(try XMLDocument.parse(mark + bytes).root.text == "Bắc Kạn 🇻🇳")
        }
    }

    @Test(
        "is UTF-16 in either order", arguments: [true, false],
        ["", "<?xml version='1.0' encoding='UTF-16'?>"])
    func utf16(bigEndian: Bool, head: String) throws {
        for mark in [true, false] {
            let bytes = Fixture.utf16(head + Self.text, bigEndian: bigEndian, mark: mark)
            #expect(try XMLDocument.parse(bytes).root.text == "Bắc Kạn 🇻🇳")
        }
    }

    @Test("is ISO-8859-1 or US-ASCII where declared")
    func latin1() throws {
        let head = Array("<?xml version='1.0' encoding='ISO-8859-1'?><a>".utf8)
        #expect(try XMLDocument.parse(head + [0xE9] + Array("</a>".utf8)).root.text == "é")
        #expect(try Fixture.parse("<?xml version='1.0' encoding='us-ascii'?><a>e</a>").root.text == "e")
        let ascii = Array("<?xml version='1.0' encoding='us-ascii'?><a>".utf8)
        #expect(Fixture.refusal(ascii + [0xE9] + Array("</a>".utf8))?.code == .xmlMalformed)
    }

    @Test(
        "is refused where another is declared",
        arguments: ["UTF-7", "UTF-16", "UTF-32", "windows-1258", "EBCDIC-CP-US", "ISO-2022-JP", "x", ""]
    )
    func unsupported(name: String) {
        let refusal = Fixture.refusal("<?xml version='1.0' encoding='\(name)'?><a/>")
        #expect(refusal?.code == .xmlMalformed)
        #expect(refusal?.detail("line") == "1")
    }

    @Test("is refused where the declaration does not end within reach, whatever it may say further on")
    func longDeclaration() throws {
        let spaces = String(repeating: " ", count: 1_100)
        for head in [
            "<?xml version='1.0'\(spaces)encoding='ISO-8859-1'?>",
            "<?xml\(spaces)version='1.0' encoding='x'?>",
            "<?xml version='1.0'\(spaces)?>", "<?xml version='1.0' encoding='\(spaces)utf-8'?>",
            "<?xml version='1.0' encoding=\(spaces)'ISO-8859-1'?>",
            "<?xml version='1.0' encoding='utf-8'\(spaces)?>",
            "<?xml version='?>\(spaces)' encoding='ISO-8859-1'?>", "<?xml version='1.0' a\(spaces)='b'?>",
        ] {
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            for bytes in [
                Array((head + "<a>é</a>").utf8), mark + Array((head + "<a>é</a>").utf8),
                Fixture.utf16(head + "<a>é</a>", bigEndian: true),
            ] {
                let error = try #require(Fixture.refusal(bytes))
                #expect(error.code == .xmlMalformed)
                #expect(error.detail("line") == "1")
            }
        }
        let near = String(repeating: "\n", count: 950)
        for head in [
            "<?xml version='1.0'\(near)encoding='ISO-8859-1'?>",
            "<?xml version='1.0' encoding='latin1'\(near)?>",
        ] {
            #expect(
                try XMLDocument.parse(Array("\(head)<a>".utf8) + [0xE9] + Array("</a>".utf8)).root.text == "é"
            )
        }
    }

    @Test("is refused where the declaration contradicts the bytes")
    func contradiction() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let latin1 = "<?xml version='1.0' encoding='ISO-8859-1'?><a/>"
        #expect(Fixture.refusal(mark + Array(latin1.utf8))?.code == .xmlMalformed)
        #expect(Fixture.refusal(Fixture.utf16(latin1, bigEndian: true))?.code == .xmlMalformed)
        let bigEndian = "<?xml version='1.0' encoding='UTF-16BE'?><a/>"
        #expect(Fixture.refusal(Fixture.utf16(bigEndian, bigEndian: false))?.code == .xmlMalformed)
    }

    @Test(
        "is refused where bytes are no text",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82], [0x00],
        ]
    )
    func invalid(bytes: [UInt8]) throws {
        for padding in 0..<9 {
            let before = Array("<a>\n".utf8) + [UInt8](repeating: 0x78, count: padding)
            for after in [Array("</a>".utf8), Array("xxxxxxxxxxxx</a>".utf8)] {
                let error = try #require(Fixture.refusal(before + bytes + after))
                #expect(error.code == .xmlMalformed)
                #expect(error.detail("line") == "2")
                #expect(error.detail("column") == String(padding + 1))
            }
        }
    }

    @Test("is refused where UTF-16 is broken")
    func brokenUTF16() {
        let good = Fixture.utf16("<a>x</a>", bigEndian: true)
        #expect(Fixture.refusal(good + [0])?.code == .xmlMalformed)
        #expect(Fixture.refusal(good + [0, 0])?.code == .xmlMalformed)
        let lone =
            Fixture.utf16("<a>", bigEndian: true) + [0xD8, 0x00]
            + Fixture.utf16("</a>", bigEndian: true, mark: false)
        #expect(Fixture.refusal(lone)?.detail("column") == "4")
        #expect(Fixture.refusal([0xFF, 0xFE, 0, 0, 0x3C, 0, 0, 0])?.code == .xmlMalformed)
    }

    @Test("keeps every scalar of Unicode that XML allows")
    func scalars() throws {
        let allowed = (UInt32(0x20)...0x10FFFF).lazy.filter {
            ![0xFFFE, 0xFFFF, 0x26, 0x3C, 0x3E].contains($0)
        }
        var text = String.UnicodeScalarView()
        for value in allowed where value % 7 == 0 || value < 0x3000 || value > 0x10FF00 {
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        }
        #expect(Array(try Fixture.parse("<a>\(String(text))</a>").root.text.unicodeScalars) == Array(text))
    }
}
