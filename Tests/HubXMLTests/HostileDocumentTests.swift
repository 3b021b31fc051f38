import Foundation
import HubModel
import HubXML
import Testing

@Suite("A hostile document", .timeLimit(.minutes(2)))
struct HostileDocumentTests {
    static let doctypes = [
        "<!DOCTYPE a>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE a PUBLIC '-//X' 'http://127.0.0.1:9/x'>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x'> %p;]>",
        "<!DOCTYPE a [<!ENTITY a '&b;&b;&b;'><!ENTITY b '&c;&c;&c;'><!ENTITY c 'lol'>]>",
        "<!DOCTYPE a [<!ATTLIST a b CDATA 'default'>]>", "<!DOCTYPE a [ <!-- never ends", "<!DOCTYPE",
        "<!DOCTYPE 1>",
        "<!DOCTYPE a 'x'>", "<!DOCTYPE\u{A0}a>",
    ]

    @Test("with a DOCTYPE of any kind is refused, with its line", arguments: Self.doctypes)
    func doctype(_ doctype: String) throws {
        for head in ["", "<?xml version='1.0'?>", "<!-- c --><?p?>"] {
            let error = try #require(Fixture.refusal(head + "\n" + doctype + "<a>&x;</a>"))
            #expect(error.code == .xmlDoctypeForbidden, "\(error)")
            #expect(error.detail("line") == "2", "\(error)")
        }
    }

    @Test("hides no DOCTYPE in UTF-16", arguments: Self.doctypes, [true, false])
    func doctypeUTF16(_ doctype: String, bigEndian: Bool) throws {
        for mark in [true, false] {
            let text = "<?xml version='1.0'?>\n" + doctype + "<a/>"
            let error = try #require(Fixture.refusal(Fixture.utf16(text, bigEndian: bigEndian, mark: mark)))
            #expect(error.code == .xmlDoctypeForbidden)
            #expect(error.detail("line") == "2")
        }
    }

    @Test(
        "gets no DOCTYPE in where none can be",
        arguments: ["<a><!DOCTYPE a></a>", "<a/><!DOCTYPE a>", "<!doctype a><a/>"])
    func misplacedDoctype(text: String) {
        #expect(Fixture.refusal(text)?.code == .xmlMalformed)
    }

    @Test("has no entities but the five")
    func entities() throws {
        #expect(Fixture.refusal("<a>&nbsp;</a>")?.code == .xmlMalformed)
        #expect(Fixture.refusal("<a b='&x;'/>")?.code == .xmlMalformed)
        #expect(try Fixture.parse("<a>&lt;&gt;&amp;&quot;&apos;</a>").root.text == "<>&\"'")
    }

    @Test("includes nothing and follows no hint")
    func noFollowing() throws {
        let text = """
            <a xmlns:xi="http://www.w3.org/2001/XInclude"><?xml-stylesheet href="file:///etc/passwd"?>\
            <xi:include href="file:///etc/passwd" parse="text"/></a>
            """
        #expect(try Fixture.parse(text).root.text.isEmpty)
    }

    @Test("nested too deep is refused while it is read")
    func depth() throws {
        func nested(_ depth: Int, closed: Bool) -> String {
            String(repeating: "<a>", count: depth) + (closed ? String(repeating: "</a>", count: depth) : "")
        }
        #expect(Fixture.refusal(nested(64, closed: true)) == nil)
        #expect(Fixture.refusal(nested(65, closed: true))?.code == .xmlTooDeep)
        // Not closed, so only a parser that stops at the limit says so.
        let error = try #require(Fixture.refusal("<x>\n" + nested(2_000_000, closed: false)))
        #expect(error.code == .xmlTooDeep)
        #expect(error.detail("line") == "2")
        #expect(error.detail("allowed") == "64")
        var limits = XMLLimits()
        limits.maxDepth = 3
        #expect(Fixture.refusal(nested(3, closed: true), limits: limits) == nil)
        #expect(Fixture.refusal(nested(4, closed: true), limits: limits)?.code == .xmlTooDeep)
        limits.maxDepth = 100_000
        #expect(Fixture.refusal(nested(256, closed: true), limits: limits) == nil)
        #expect(Fixture.refusal(nested(257, closed: true), limits: limits)?.code == .xmlTooDeep)
    }

    @Test("larger than allowed is refused unread")
    func size() throws {
        var limits = XMLLimits()
        limits.maxBytes = 10
        #expect(Fixture.refusal("<a>123</a>", limits: limits) == nil)
        #expect(Fixture.refusal("<a>1234</a>", limits: limits)?.code == .intakeTooLarge)
    }

    @Test("with more attributes than allowed is refused at once", arguments: [300, 3_000, 400_000])
    func attributes(count: Int) throws {
        let attributes = (0..<count).map { " a\($0)='>'" }.joined()
        let error = try #require(Fixture.refusal("<x>\n<a\(attributes)/></x>"))
        #expect(error.code == .intakeTooLarge)
        #expect(error.detail("line") == "2")
    }

    @Test(
        "cannot hide attributes behind an earlier fault",
        arguments: ["<!-- -- -->", "<? x?>", "<b c=>", "&x;", "<1>"])
    func attributesAfterFault(fault: String) {
        let attributes = (0..<400_000).map { " a\($0)='\"'" }.joined()
        for text in ["<x>\(fault)<a\(attributes)/></x>", "<x>\(fault)\"<a\(attributes)/></x>"] {
            #expect([.xmlMalformed, .intakeTooLarge].contains(Fixture.refusal(text)?.code))
        }
    }

    @Test(
        "cannot hide attributes behind a comment that only seems to end",
        arguments: ["<!--><![CDATA[-->", "<!---><![CDATA[-->", "<!--><?-->"])
    func attributesAfterComment(comment: String) {
        let attributes = (0..<400_000).map { " a\($0)=''" }.joined()
        let error = Fixture.refusal("<x>\(comment)<a\(attributes)/></x>")
        #expect(error?.code == .intakeTooLarge)
        // Only what counts them before the parser meets them says how many are allowed.
        #expect(error?.detail("allowed") == "256")
    }

    @Test("is allowed as many attributes as the limit, in a large document too")
    func attributesAtLimit() throws {
        let attributes = (0..<256).map { " a\($0)='a=\"b\" c=\"d\"'" }.joined()
        let padding =
            "<!-- <a b='1' --><![CDATA[<a b='']]><?p '\"?>" + String(repeating: "x='y' ", count: 6_000)
        #expect(Fixture.refusal("<a\(attributes)>\(padding)</a>") == nil)
        #expect(Fixture.refusal("<a\(attributes) z=''>\(padding)</a>")?.code == .intakeTooLarge)
    }

    @Test("with too many namespaces in scope is refused")
    func namespaces() throws {
        func nested(_ perLevel: Int) -> String {
            var text = "x"
            for level in 0..<4 {
                let declarations = (0..<perLevel).map { " xmlns:p\(level)x\($0)='urn:\($0)'" }.joined()
                text = "<a\(declarations)>\(text)</a>"
            }
            return text
        }
        #expect(Fixture.refusal(nested(32)) == nil)
        #expect(Fixture.refusal(nested(33))?.code == .intakeTooLarge)
    }

    @Test("with more nodes than allowed is refused")
    func nodes() throws {
        var limits = XMLLimits()
        limits.maxNodes = 100
        #expect(Fixture.refusal("<a>" + String(repeating: "<b/>", count: 99) + "</a>", limits: limits) == nil)
        #expect(
            Fixture.refusal("<a>" + String(repeating: "<b/>", count: 100) + "</a>", limits: limits)?.code
                == .intakeTooLarge)
        #expect(
            Fixture.refusal("<a>" + String(repeating: "<?p?>", count: 100) + "</a>", limits: limits)?.code
                == .intakeTooLarge)
        #expect(
            Fixture.refusal("<a>" + String(repeating: "<b c=''/>", count: 50) + "</a>", limits: limits)?.code
                == .intakeTooLarge)
    }

    @Test("with more processing instructions than allowed is refused, wherever they stand")
    func instructions() throws {
        func text(_ count: Int) -> [String] {
            let instructions = String(repeating: "<?p?>", count: count - 1)
            let split = String(repeating: "QUJD<?p?>", count: count - 1)
            return ["<?p?>\n<a>\(instructions)</a>", "\n<a>\(split)</a><?p?>", "<?p?>\(instructions)\n<a/>"]
        }
        for text in text(64) { #expect(Fixture.refusal(text) == nil) }
        for text in text(65) { #expect(Fixture.refusal(text)?.code == .intakeTooLarge) }
        #expect(Fixture.refusal(text(65)[0])?.detail("line") == "2")
        var limits = XMLLimits()
        limits.maxInstructions = 100
        #expect(Fixture.refusal(text(100)[1], limits: limits) == nil)
    }

    @Test("with more different names than any vocabulary has is refused")
    func names() throws {
        let elements = (0..<200_000).map { "<a\($0)/>" }.joined()
        #expect(Fixture.refusal("<x>\(elements)</x>")?.code == .intakeTooLarge)
        let few = (0..<200_000).map { "<a\($0 % 1000)/>" }.joined()
        #expect(Fixture.refusal("<x>\(few)</x>") == nil)
    }

    @Test("may repeat an xml:id, which nobody here gives a meaning")
    func ids() {
        #expect(Fixture.refusal("<a xml:id='1'><b xml:id='x'/><b xml:id='x'/></a>") == nil)
    }

    @Test("whose one text is larger than ten megabytes is only large")
    func largeText() throws {
        let text = String(repeating: "QUJDREVGR0g=", count: 1_200_000)
        let document = try Fixture.parse("<a><b>\(text)</b></a>")
        #expect(document.root.child("b")?.text.utf8.count == text.utf8.count)
        var largestPiece = 0
        var bytes = 0
        try document.canonicalise(.exclusive) { piece in
            largestPiece = max(largestPiece, piece.count)
            bytes += piece.count
        }
        #expect(bytes == text.utf8.count + 14)
        #expect(largestPiece <= 64 << 10)
    }

    @Test("plays no trick with namespaces")
    func namespaceTricks() throws {
        #expect(Fixture.refusal("<a xmlns:xml='urn:x'/>")?.code == .xmlMalformed)
        #expect(Fixture.refusal("<a xmlns:xmlns='urn:x'/>")?.code == .xmlMalformed)
        #expect(Fixture.refusal("<a xmlns='http://www.w3.org/2000/xmlns/'/>")?.code == .xmlMalformed)
        #expect(Fixture.refusal("<xmlns:a/>")?.code == .xmlMalformed)
        #expect(Fixture.refusal("<a:b:c xmlns:a='urn:x'/>")?.code == .xmlMalformed)
        let root = try Fixture.parse("<p:a xmlns:p='urn:1'><p:a xmlns:p='urn:2'/><a/><p:a/></p:a>").root
        #expect(root.children.map(\.namespace) == ["urn:2", nil, "urn:1"])
    }

    @Test("gets no more than a little of itself into the reason it is refused for")
    func reasons() throws {
        let marks = String(repeating: "\u{301}", count: 10_000)
        for text in [
            "<a\(marks)></b>", "<a><b\(marks)></a>", "<a\(marks):b/>", "<a c\(marks)='' c\(marks)=''/>",
        ] {
            let error = try #require(Fixture.refusal(text))
            #expect(error.code == .xmlMalformed)
            #expect((error.detail("reason") ?? "").utf8.count <= 800)
        }
    }

    @Test("is refused the same way on many threads at once")
    func threads() async {
        await withTaskGroup(of: ErrorCode?.self) { group in
            for number in 0..<64 {
                group.addTask {
                    switch number % 3 {
                    case 0: Fixture.refusal(Fixture.edoc)?.code
                    case 1: Fixture.refusal("<!DOCTYPE a [<!ENTITY x 'y'>]><a/>")?.code
                    default: Fixture.refusal("<a><b></a>")?.code
                    }
                }
            }
            var counts: [ErrorCode?: Int] = [:]
            for await code in group { counts[code, default: 0] += 1 }
            #expect(counts == [nil: 22, .xmlDoctypeForbidden: 21, .xmlMalformed: 21])
        }
    }
}
