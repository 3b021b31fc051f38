import HubModel
import Testing

@testable import HubXML

/// Documents that are validated in a way of their own, because their size makes the usual one a danger.
@Suite("A schema over a large document", .timeLimit(.minutes(1)))
struct LargeDocumentTests {
    let folder: TemporaryFolder
    let schema: XMLSchema

    init() throws {
        self.folder = try TemporaryFolder()
        self.schema = try XMLSchema(
            file: self.folder.write(XMLSchemaTests.schema, to: "schema.xsd"), within: self.folder.path)
    }

    private func document(_ content: String) throws -> XMLDocument {
        try Fixture.parse(
            "<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\n" + content + "</r>")
    }

    @Test("finds the same as over a small one", arguments: XMLSchemaTests.cases)
    func sameFindings(_ document: XMLSchemaTests.Case) throws {
        let parsed = try self.document(document.content)
        for limit in [1, 2, 100] {
            let usual = self.schema.findings(in: parsed, limit: limit, nodesInOneGo: .max)
            #expect(self.schema.findings(in: parsed, limit: limit, nodesInOneGo: 0) == usual)
        }
    }

    @Test("finds the same one after the other in documents of random make", arguments: UInt64(0)..<12)
    func randomFindings(seed: UInt64) throws {
        let pieces = [
            "<a>123</a>", "<a>12</a>", "<b>1</b>", "<b>x</b>", "<b/>", "<c>x</c>", "<c>z</c>", "<d>1</d>",
            "<e>3.14159</e>",
            "<f q='2024-01-01'><g/><h/></f>", "<f q='x' y=''><g>t</g><j/></f>", "<f><h/></f>", "<m>x</m>",
            "<m><end/></m>", "<m><?p?></m>",
            "<m/>", "text", " ",
            "<o>B</o>", "<n xsi:nil='true'>1</n>", "<n/>", "<p/>", "<q><a/></q>", "<q><z xmlns='urn:z'/></q>",
            "<k key='&amp;'/>",
            "<end/>", "<end>any</end>", "<b><b>1</b></b>", "<x:b xmlns:x='urn:t'>1</x:b>",
            "<b xmlns=''>1</b>", "<?p?>",
            "<b xsi:type='xs:date'>1</b>",
            "<b xsi:type='s:date' xmlns:s='http://www.w3.org/2001/XMLSchema'>1</b>",
        ]
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let content = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            let parsed = try self.document(content.joined())
            let usual = self.schema.findings(in: parsed, limit: 100, nodesInOneGo: .max)
            for limit in 0...usual.count {
                let found = self.schema.findings(in: parsed, limit: limit, nodesInOneGo: 0)
                #expect(found == Array(usual.prefix(limit)), "\(content.joined())")
            }
        }
    }

    @Test("reads values, prefixes and declarations the same way")
    func sameReading() throws {
        let fitting = [
            "<b xmlns:s='http://www.w3.org/2001/XMLSchema' xsi:type='s:int'>1</b><end/>",
            "<x:b xmlns:x='urn:t'>1</x:b><x:end xmlns:x='urn:t'/>",
            "<k key='a&amp;b'/><k key='a&amp;#38;b'/><k key=''/><end/>",
            "<end>some <!-- --> text <![CDATA[<and>]]> more</end>", "<n xsi:nil='true'/><end/>",
        ]
        for content in fitting {
            let parsed = try self.document(content)
            #expect(self.schema.findings(in: parsed, limit: 1, nodesInOneGo: .max) == [])
            #expect(self.schema.findings(in: parsed, limit: 1, nodesInOneGo: 0) == [])
        }
    }

    @Test("compares keys the same way")
    func sameKeys() throws {
        let schema = try XMLSchema(
            file: self.folder.write(
                """
                <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType><xs:sequence>
                <xs:element name="k" maxOccurs="unbounded"><xs:complexType><xs:attribute name="key"/>
                <xs:attribute name="to"/></xs:complexType></xs:element></xs:sequence></xs:complexType>
                <xs:key name="once"><xs:selector xpath="k"/><xs:field xpath="@key"/></xs:key>
                <xs:keyref name="there" refer="once"><xs:selector xpath="k"/><xs:field xpath="@to"/></xs:keyref>
                </xs:element></xs:schema>
                """, to: "keys.xsd"), within: self.folder.path)
        for (content, paths) in [
            ("<k key='1' to='2'/><k key='2' to='1'/>", []), ("<k key='a&amp;b'/><k key='a&amp;#38;b'/>", []),
            ("<k key='a&amp;b'/><k key='a&#38;b'/>", ["/r/k[2]"]), ("<k key='1'/><k/>", ["/r/k[2]"]),
            ("<k key='1' to='2'/>", ["/r/k[1]"]),
        ] {
            let parsed = try Fixture.parse("<r>\(content)</r>")
            let usual = schema.findings(in: parsed, limit: 1, nodesInOneGo: .max)
            let found = schema.findings(in: parsed, limit: 1, nodesInOneGo: 0)
            #expect(parsed.placed(found).map(\.path) == paths)
            #expect(found == usual)
            #expect(found.allSatisfy { $0.rule == "cvc-identity-constraint" })
        }
    }

    @Test("that is wrong everywhere ends when all that is reported has been found")
    func wrongEverywhere() throws {
        let parsed = try self.document(String(repeating: "<b>x</b>", count: 200_000) + "<end/>")
        let violations = self.schema.violations(in: parsed, limit: 100)
        #expect(violations.count == 100)
        #expect(violations.last?.path == "/r/b[100]")
        #expect(violations.allSatisfy { $0.line == 2 && $0.rule == "cvc-datatype-valid.1" })
    }

    @Test("that is wrong in few places is told all of them, wherever they are")
    func wrongAtTheEnd() throws {
        let parsed = try self.document(String(repeating: "<b>1</b>", count: 50_000) + "<b>x</b><b>y</b>")
        #expect(
            self.schema.violations(in: parsed, limit: 100).map(\.path)
                == ["/r", "/r/b[50001]", "/r/b[50002]"])
    }
}
