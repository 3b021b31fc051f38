import HubJSON
import HubModel
import HubSchema
import HubXML
import Testing

@Suite("A field path")
struct FieldPathTests {
    static let xml = "<r><a><b> một </b><b/><c><b>three</b></c></a><a><b>four\n</b></a></r>"
    static let json = """
        {"a": [{"b": "one"}, {"b": 2.50}, {"b": true}, {"b": null}, {"b": {}}], "": {"x/y": "s", "m~n": "t"}, "*": "star"}
        """

    @Test(
        "finds every element of its local names, without the white space around the text",
        arguments: [("a/b", ["một", "", "four"]), ("a/c/b", ["three"]), ("a/d", []), ("b", []), ("r/a", [])]
    )
    func elements(path: String, texts: [String]) throws {
        let document = Document.xml(try XMLDocument.parse(Array(Self.xml.utf8)))
        #expect(document.texts(at: try #require(FieldPath(path))) == texts)
    }

    @Test("does not care which prefix or namespace an element has")
    func prefixes() throws {
        let text = #"<x:r xmlns:x="urn:x"><x:a>1</x:a><a xmlns="urn:y">2</a></x:r>"#
        let document = Document.xml(try XMLDocument.parse(Array(text.utf8)))
        #expect(document.texts(at: try #require(FieldPath("a"))) == ["1", "2"])
    }

    @Test(
        "finds members, items and, with a star, all items",
        arguments: [
            ("/a/0/b", ["one"]), ("/a/*/b", ["one", "2.50", "true"]), ("/a/1/b", ["2.50"]), ("/a/01/b", []),
            ("/a/9/b", []), ("/a/-/b", []), ("//x~1y", ["s"]), ("//m~0n", ["t"]), ("/*", ["star"]),
            ("/b", []),
            ("/a", []), ("/a/0/b/c", []),
        ]
    )
    func members(path: String, texts: [String]) throws {
        let document = Document.json(try JSONDocument.parse(Array(Self.json.utf8)))
        #expect(document.texts(at: try #require(FieldPath(path))) == texts)
    }

    @Test("of one form finds nothing in a document of the other")
    func otherForm() throws {
        let xml = Document.xml(try XMLDocument.parse(Array(Self.xml.utf8)))
        let json = Document.json(try JSONDocument.parse(Array(Self.json.utf8)))
        #expect(xml.texts(at: try #require(FieldPath("/a"))) == [])
        #expect(!json.contains(try #require(FieldPath("a"))))
    }

    @Test("tells an empty value from an absent one")
    func presence() throws {
        let xml = Document.xml(try XMLDocument.parse(Array("<r><a/></r>".utf8)))
        #expect(xml.contains(try #require(FieldPath("a"))))
        #expect(!xml.contains(try #require(FieldPath("b"))))
        let json = Document.json(try JSONDocument.parse(Array(#"{"a": null}"#.utf8)))
        #expect(json.contains(try #require(FieldPath("/a"))))
    }

    @Test(
        "that cannot mean anything is refused",
        arguments: ["", "a//b", "a/", "a/*/b", "x:a", "a b", "a/@id", "/a~2", "/~"])
    func refused(text: String) {
        #expect(FieldPath(text) == nil)
    }
}
