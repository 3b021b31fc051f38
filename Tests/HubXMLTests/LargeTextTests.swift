import HubModel
import Testing

@testable import HubXML

/// Documents that are read and written in ways of their own, because they are too large to be copied.
@Suite("A document of many megabytes", .timeLimit(.minutes(1)))
struct LargeTextTests {
    private func inPieces(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(HubError) -> XMLDocument {
        try ParserRun.parse(try XMLSource(bytes, limits: limits), limits: limits, piecesFrom: 0)
    }

    private func canonical(
        _ document: XMLDocument, _ method: Canonicalisation, _ longText: Int?, of subtree: XMLElement? = nil,
        excluding excluded: XMLElement? = nil
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try document.canonicalise(
            method, of: subtree, excluding: excluded, inclusivePrefixes: [], longTextsFrom: longText
        ) { bytes.append(contentsOf: $0) }
        return bytes
    }

    @Test("is read in pieces as it would be in one", arguments: UInt64(0)..<24)
    func sameReading(seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        var limits = XMLLimits()
        limits.maxInstructions = 1000
        // The pieces are of some kilobytes; every kind of character and markup falls on the end of one.
        for filler in [
            "", "a", "đ", "\u{1F1FB}", "&amp;", "\r\n", "<!-- đ -->", "<![CDATA[<&]]>", "<?p đ?>", "]]",
        ] {
            let count = 60 + Int(seed)
            let text = random.text(
                mark: (0..<count).map { _ in "<b c='\(filler.utf8.count)đ'>x</b>\(filler)" }.joined())
            let padded =
                "<!--" + String(repeating: "-x", count: 1950 + Int(seed)) + "-->" + text.dropFirst(21)
            for text in [text, padded] {
                let whole = try Fixture.parse(text, limits: limits)
                let pieces = try self.inPieces(Array(text.utf8), limits: limits)
                #expect(try pieces.canonical(.inclusive) == whole.canonical(.inclusive))
                #expect(pieces.nodes == whole.nodes)
                #expect(pieces.root.children.map(\.line) == whole.root.children.map(\.line))
            }
        }
    }

    @Test("is refused in pieces as it would be in one, at the same place")
    func sameRefusals() throws {
        let text = String(repeating: "<b c='đ'>&lt;đ\r\n</b>\n", count: 400)
        let ends = [
            "</a>", "", "</b>", "</a", "<a></a>x", "&x;</a>", "<p:b/></a>", "<b c='1' c='2'/></a>",
            "</a><c/>",
            "<?xml?></a>", "<b c='<'/></a>", "]]></a>", "&#0;</a>", "<!-- -- --></a>", "\u{1}</a>",
            "<!DOCTYPE a></a>", String(repeating: "<d>", count: 80) + "</a>",
            String(repeating: "<?p?>", count: 65) + "</a>",
        ]
        for end in ends {
            for start in ["<a>", "<!DOCTYPE a [<!ENTITY e '1'>]><a>", "<a xmlns:q='urn:q'>"] {
                let bytes = Array((start + text + end).utf8)
                let whole = Fixture.refusal(bytes)
                var pieces: HubError?
                do throws(HubError) { _ = try self.inPieces(bytes) } catch { pieces = error }
                #expect(pieces?.code == whole?.code, "\(end)")
                #expect(pieces?.details == whole?.details, "\(end)")
            }
        }
    }

    @Test("has the canonical form that it would have if its texts were short", arguments: UInt64(0)..<24)
    func sameForm(seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        let mark = "<m>a&amp;&lt;b&gt;]]&#13;đ\r\n<?p q?>&amp;<b/>&#13;&#13;<![CDATA[<]]>x\"'&#9;</m>"
        let document = try Fixture.parse(random.text(mark: mark))
        let element = try #require(document.root.elements(named: "m", in: "urn:0", limit: 1).first)
        let excluded = try #require(document.root.firstChild)
        for method in [Canonicalisation.exclusive, .inclusive] {
            for longText in [1, 2, 3, 5, 8] {
                #expect(
                    try self.canonical(document, method, longText) == self.canonical(document, method, nil))
                #expect(
                    try self.canonical(document, method, longText, of: element)
                        == self.canonical(document, method, nil, of: element))
                #expect(
                    try self.canonical(document, method, longText, excluding: excluded)
                        == self.canonical(document, method, nil, excluding: excluded))
            }
        }
    }

    @Test("is not copied to be written")
    func fewCopies() throws {
        let text = String(repeating: "0123456789abcdef\n", count: 64 << 10)
        let document = try Fixture.parse("<a>\(text)&amp;\(text)</a>")
        var breaks = 0
        var end: UnsafeRawPointer?
        try document.canonicalise(.exclusive) { piece in
            #expect(piece.count <= CanonicalRun.longText)
            if piece.baseAddress != end { breaks += 1 }
            end = piece.baseAddress.map { $0 + piece.count }
        }
        // The start tag, the text in front of the reference, the reference, the text behind it, the end tag, and nothing.
        #expect(breaks <= 6)
    }
}
