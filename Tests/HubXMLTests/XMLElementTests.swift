import HubModel
import HubXML
import Testing

@Suite("An element")
struct XMLElementTests {
    let root: XMLElement

    init() throws {
        self.root = try Fixture.parse(Fixture.edoc).root
    }

    @Test("tells its name, namespace, prefix and line")
    func names() throws {
        let envelope = try #require(self.root.child("edXMLEnvelope"))
        #expect(self.root.localName == "edXML")
        #expect(self.root.prefix == nil)
        #expect(self.root.namespace == "urn:example:edxml")
        #expect(envelope.prefix == "e")
        #expect(envelope.namespace == "urn:example:edxml")
        #expect(envelope.line == 3)
        #expect(try Fixture.parse("<a/>").root.namespace == nil)
    }

    @Test("is found by the path of local names, on every branch")
    func paths() throws {
        let header = "edXMLEnvelope/edXMLHeader/MessageHeader"
        #expect(self.root.descendant(header + "/From/OrganId")?.text == "000.00.01.H03")
        #expect(
            self.root.descendants(header + "/To/OrganId").map(\.text) == ["000.00.11.H55", "000.00.12.H55"])
        // Only the second To has a Note.
        #expect(self.root.descendant(header + "/To/Note")?.path.hasSuffix("/To[2]/Note[1]") == true)
        #expect(self.root.descendant(header + "/Cc/OrganId") == nil)
        #expect(self.root.descendants("MessageHeader").isEmpty)
    }

    @Test(
        "has nothing at a path with an empty step",
        arguments: ["", "/", "edXMLEnvelope/", "/edXMLEnvelope", "a//b"])
    func emptySteps(path: String) {
        #expect(self.root.descendant(path) == nil)
    }

    @Test("has a path of its own with positions among equals")
    func path() throws {
        let second = try #require(self.root.descendants("edXMLEnvelope/edXMLHeader/MessageHeader/To").last)
        #expect(second.path == "/edXML/edXMLEnvelope[1]/edXMLHeader[1]/MessageHeader[1]/To[2]")
        #expect(self.root.path == "/edXML")
    }

    @Test(
        "does not take a longer or shorter name for its child's",
        arguments: ["edXMLEnvelop", "edXMLEnvelope2", ""])
    func exactNames(name: String) {
        #expect(self.root.child(name) == nil)
    }

    @Test("tells what is directly in it")
    func ownContent() throws {
        let root = try Fixture.parse("<a> \t\r\n<b>x</b><!-- c --><?p i?><c/><d> <![CDATA[]]>&#9;</d></a>")
            .root
        #expect(root.childCount == 3)
        #expect(!root.hasOwnText)
        #expect(root.children.map(\.hasOwnText) == [true, false, false])
        #expect(root.children.map(\.childCount) == [0, 0, 0])
        for text in ["x", "&#160;", "\u{2003}", "<![CDATA[<]]>", "<b/> <b/>."] {
            #expect(try Fixture.parse("<a>\(text)</a>").root.hasOwnText)
        }
    }

    @Test("counts its text in bytes")
    func textLength() throws {
        for content in ["", "x", "<b>đ</b>&amp;<c><d>y</d></c>\u{1F1FB}", "<![CDATA[a]]>\r\n"] {
            let root = try Fixture.parse("<a>\(content)</a>").root
            #expect(root.textLength == root.text.utf8.count)
        }
    }

    @Test("tells whether there are instructions in it, however deep")
    func instructions() throws {
        for (content, isFound) in [
            ("", false), ("<!-- c -->x<b/>", false), ("&lt;?p?&gt;<![CDATA[<?p?>]]>", false), ("<?p?>", true),
            ("x<b><c/><d>y<?p i?></d></b>", true),
        ] {
            let root = try Fixture.parse("<?q?><a><e>\(content)</e><?r?></a>").root
            #expect(root.child("e")?.hasInstructions == isFound)
        }
    }

    @Test("tells whether it has other attributes")
    func onlyAttributes() throws {
        func only(_ attributes: String, _ names: [String]) throws -> Bool {
            try Fixture.parse("<a xmlns:n='urn:n' \(attributes)/>").root.hasAttributes(only: names)
        }
        #expect(try only("", []))
        #expect(try only("b='1' c='2'", ["c", "b", "d"]))
        #expect(try !only("b='1' c='2'", ["b"]))
        #expect(try !only("b='1'", ["b2", "B"]))
        #expect(try !only("n:b='1'", ["b"]))
    }

    @Test("finds elements by their whole name at any depth, as many as are wanted")
    func named() throws {
        let root = try Fixture.parse(
            "<s xmlns='urn:s'><x><s i='1'/><t/></x><s xmlns=''/><p:s xmlns:p='urn:s' i='2'><p:s i='3'/></p:s></s>"
        ).root
        func found(_ limit: Int) -> [String?] {
            root.elements(named: "s", in: "urn:s", limit: limit).map { $0.attribute("i") }
        }
        #expect(found(10) == [nil, "1", "2", "3"])
        #expect(found(2) == [nil, "1"])
        #expect(found(0) == [])
        #expect(root.elements(named: "s", in: "urn:t", limit: 10).isEmpty)
    }

    @Test("knows its neighbours")
    func neighbours() throws {
        #expect(self.root.children.map(\.localName) == ["edXMLEnvelope", "AttachmentEncoded"])
        #expect(self.root.parent == nil)
        #expect(self.root.firstChild == self.root.child("edXMLEnvelope"))
        #expect(self.root.firstChild?.nextSibling == self.root.child("AttachmentEncoded"))
        #expect(self.root.firstChild?.nextSibling?.nextSibling == nil)
        #expect(self.root.firstChild?.parent == self.root)
        let header = try #require(self.root.descendant("edXMLEnvelope/edXMLHeader/MessageHeader"))
        #expect(header.children("To").count == 2)
    }

    @Test("is equal to itself only")
    func equality() throws {
        #expect(try Fixture.parse("<a/>").root != Fixture.parse("<a/>").root)
        #expect(self.root.child("edXMLEnvelope") == self.root.child("edXMLEnvelope"))
    }

    @Test("outlives the variable its document was held in")
    func keepsDocument() throws {
        func element() throws -> XMLElement? {
            try Fixture.parse("<a><b>text</b></a>").root.child("b")
        }
        #expect(try element()?.text == "text")
    }

    @Test(
        "gives its text in one piece, whatever it was written in",
        arguments: [
            ("<a>x</a>", "x"), ("<a/>", ""), ("<a>x<!-- c -->y</a>", "xy"), ("<a>x<?p q?>y</a>", "xy"),
            ("<a>x<![CDATA[<&]]>y</a>", "x<&y"), ("<a>&lt;&#x111;&#233;&amp;</a>", "<đé&"),
            ("<a><b>1</b> <c><d>2</d></c>3</a>", "1 23"), ("<a>\r\n\r</a>", "\n\n"), ("<a><b/><?p?></a>", ""),
        ]
    )
    func text(document: String, text: String) throws {
        #expect(try Fixture.parse(document).root.text == text)
    }

    @Test("gives attributes by name and namespace")
    func attributes() throws {
        let element = try Fixture.parse("<a b='1' xmlns:p='urn:p' p:b='2' c='&quot; &amp;&#10;x' d=''/>").root
        #expect(element.attribute("b") == "1")
        #expect(element.attribute("b", in: "urn:p") == "2")
        #expect(element.attribute("b", in: "urn:q") == nil)
        #expect(element.attribute("c") == "\" &\nx")
        #expect(element.attribute("d")?.isEmpty == true)
        #expect(element.attribute("xmlns") == nil)
        #expect(element.attribute("p") == nil)
        #expect(element.attributes.map(\.name) == ["b", "b", "c", "d"])
        #expect(element.attributes.map(\.namespace) == [nil, "urn:p", nil, nil])
        #expect(element.attributes.map(\.value) == ["1", "2", "\" &\nx", ""])
    }

    @Test("tells whether it is named so, in any or in one namespace")
    func isNamed() {
        #expect(self.root.isNamed("edXML"))
        #expect(self.root.isNamed("edXML", in: "urn:example:edxml"))
        #expect(!self.root.isNamed("edXML", in: "urn:other"))
        #expect(!self.root.isNamed("EdXML"))
    }

    @Test("hides comments and processing instructions")
    func invisible() throws {
        let root = try Fixture.parse("<?p?><!-- --><a><!-- x --><?y z?><b/></a><!-- --><?q?>").root
        #expect(root.children.map(\.localName) == ["b"])
        #expect(root.firstChild?.path == "/a/b[1]")
    }

    @Test("knows its line far down a long document")
    func longDocument() throws {
        let text = "<a>\n" + String(repeating: "<b/>\n", count: 140_000) + "<c\nd=''/></a>"
        let root = try Fixture.parse(text).root
        let children = root.children
        #expect(children[65_533].line == 65_535)
        #expect(children[65_534].line == 65_536)
        #expect(children[139_999].line == 140_001)
        #expect(root.child("c")?.line == 140_003)
    }
}

@Suite("Text for a document")
struct XMLTextTests {
    @Test(
        "comes back as it was, from content and from attributes",
        arguments: ["", "a", "<>&\"'", "]]>", "\t\n\r\r\n  x ", "Bắc Kạn 🇻🇳", "&amp;", "\u{85}\u{2028}\u{7F}"]
    )
    func roundTrip(text: String) throws {
        let escaped = XMLText.escaped(text)
        let root = try Fixture.parse("<a b=\"\(escaped)\" c='\(escaped)'>\(escaped)</a>").root
        #expect(Array(root.text.utf8) == Array(text.utf8))
        #expect(root.attribute("b").map { Array($0.utf8) } == Array(text.utf8))
        #expect(root.attribute("c").map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(
        "loses only characters that XML cannot hold",
        arguments: ["\u{0}", "\u{8}", "\u{1F}", "\u{FFFE}", "\u{FFFF}"])
    func impossible(text: String) throws {
        #expect(try Fixture.parse("<a>\(XMLText.escaped("x" + text))</a>").root.text == "x\u{FFFD}")
    }
}
