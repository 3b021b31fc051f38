import HubModel
import Testing

@testable import HubXML

/// Where violations point to in the text that came.
@Suite("The place of what does not fit a schema", .timeLimit(.minutes(1)))
struct FindingPlaceTests {
    private static let schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" xmlns="urn:t" elementFormDefault="qualified">
          <xs:element name="r"><xs:complexType><xs:sequence>
            <xs:element name="b" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent>
              <xs:extension base="xs:int"><xs:attribute name="n" type="xs:int"/>
              <xs:anyAttribute namespace="##other" processContents="lax"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
          </xs:sequence></xs:complexType></xs:element>
        </xs:schema>
        """

    let folder: TemporaryFolder
    let schema: XMLSchema

    init() throws {
        self.folder = try TemporaryFolder()
        self.schema = try XMLSchema(
            file: self.folder.write(Self.schema, to: "schema.xsd"), within: self.folder.path)
    }

    private func places(_ bytes: [UInt8], limit: Int = 10) throws -> [String] {
        self.schema.violations(in: try XMLDocument.parse(bytes), limit: limit).map {
            "\($0.line):\($0.column) \($0.path)"
        }
    }

    private static let documents: [(text: String, places: [String])] = [
        ("<r xmlns='urn:t'><b>1</b><b>x</b></r>", ["1:26 /r/b[2]"]),
        ("<r xmlns='urn:t'>\n  <b>x</b>\n</r>", ["2:3 /r/b[1]"]),
        // Where the tag begins, not where it ends.
        ("<r xmlns='urn:t'>\n <b\n  n='1'\n >x</b></r>", ["2:2 /r/b[1]"]),
        ("<r xmlns='urn:t'>\r\n\r\n\t<b>x</b>\r\n</r>", ["3:2 /r/b[1]"]),
        ("<?xml version='1.0'?>\n<r xmlns='urn:t'><!-- <b>\n- ><b> --><b>x</b></r>", ["3:11 /r/b[1]"]),
        ("<r xmlns='urn:t'><b><![CDATA[<b>\n<!--]]></b>\n<b>x</b></r>", ["1:18 /r/b[1]", "3:1 /r/b[2]"]),
        ("<?p <r>?><r xmlns='urn:t'><?q <b> ?><b>x</b></r>", ["1:37 /r/b[1]"]),
        // Code points are counted, as everywhere.
        ("<r xmlns='urn:t'><!-- Việt Nam 🇻🇳 --><b>x</b></r>", ["1:38 /r/b[1]"]),
        ("<r xmlns='urn:t'><b>&#10;&lt;b&gt;x</b>\n<b>y</b></r>", ["1:18 /r/b[1]", "2:1 /r/b[2]"]),
        ("<x xmlns='urn:t'/>", ["1:1 /x"]),
        ("\n\n <x/>", ["3:2 /x"]),
        // Attributes have places of their own.
        ("<r xmlns='urn:t'><b n='x'>1</b></r>", ["1:21 /r/b[1]/@n"]),
        (
            "<r xmlns='urn:t'>\n<b xmlns:n='urn:n'\n  n:n = \"a > 'b' =\"\n  n\n=\n'x' >1</b></r>",
            ["4:3 /r/b[1]/@n"]
        ),
        (
            "<r xmlns='urn:t'><b m='1' n='x'>y</b></r>",
            ["1:18 /r/b[1]", "1:21 /r/b[1]/@m", "1:27 /r/b[1]/@n"]
        ),
        ("<r xmlns='urn:t' a='1'/>", ["1:18 /r/@a"]),
        ("<t:r xmlns:t='urn:t'><t:b\tn='x'>1</t:b></t:r>", ["1:27 /r/b[1]/@n"]),
    ]

    @Test("is where its start tag or its attribute begins, counted in code points", arguments: Self.documents)
    func places(text: String, places: [String]) throws {
        #expect(try self.places(Array(text.utf8)) == places)
        let long = try XMLDocument.parse(Array(text.utf8))
        let fed = self.schema.findings(in: long, limit: 10, nodesInOneGo: 0)
        #expect(long.placed(fed).map { "\($0.line):\($0.column) \($0.path)" } == places)
    }

    @Test("does not depend on how the text is encoded")
    func encodings() throws {
        let body = "<r xmlns='urn:t'><!-- é -->\n<b>1</b><!-- ü --> <b>x</b></r>"
        let place = ["2:20 /r/b[2]"]
        #expect(try self.places([0xEF, 0xBB, 0xBF] + Array(body.utf8)) == place)
        for isBig in [true, false] {
            #expect(try self.places(Fixture.utf16(body, bigEndian: isBig)) == place)
        }
        let latin = "<?xml version='1.0' encoding='ISO-8859-1'?>" + body
        #expect(try self.places(latin.unicodeScalars.map { UInt8($0.value) }) == place)
        #expect(try self.places([0xEF, 0xBB, 0xBF] + Array("<x/>".utf8)) == ["1:1 /x"])
    }

    @Test("is right on lines that the parser no longer counts")
    func farLines() throws {
        let filling = String(repeating: "\n", count: 70_000)
        let text = "<r xmlns='urn:t'>\(filling)<b\n\n>x</b>\(filling) <b n='y'>1</b></r>"
        #expect(try self.places(Array(text.utf8)) == ["70001:1 /r/b[1]", "140003:5 /r/b[2]/@n"])
    }

    @Test("is found in one walk through a document that is wrong everywhere")
    func wrongEverywhere() throws {
        let text = "<r xmlns='urn:t'>\n" + String(repeating: "<b>x</b>\n", count: 200_000) + "</r>"
        let violations = self.schema.violations(in: try Fixture.parse(text), limit: 10_000)
        #expect(violations.count == 10_000)
        #expect(violations.last.map { [$0.line, $0.column] } == [10_001, 1])
    }

    @Test("has no column in a document that does not keep its text")
    func withoutText() throws {
        let text = Array("<r xmlns='urn:t'>\n<b>x</b></r>".utf8)
        let document = try XMLDocument.parse(text, keepingText: false)
        let violation = try #require(self.schema.violations(in: document, limit: 1).first)
        #expect([violation.line, violation.column] == [2, 0])
    }

    @Test("is a start tag of the right name, whatever the document is like", arguments: UInt64(0)..<40)
    func randomDocuments(seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        let text = random.text(mark: "<!--<n>--><a:n n='>' a:n=\"'\"/>")
        let document = try Fixture.parse(text)
        var findings: [XMLFinding] = []
        func add(_ element: XMLElement) {
            let message = Bilingual(
                vi: "", en: element.prefix.map { "<\($0):" + element.localName } ?? "<" + element.localName)
            findings.append(XMLFinding(element: element, rule: "tag", message: message))
            for (name, namespace, _) in element.attributes {
                findings.append(
                    XMLFinding(
                        element: element, attribute: XMLAttributeName(local: name, namespace: namespace),
                        rule: namespace == nil ? name : ":" + name, message: Bilingual(vi: "", en: "")))
            }
            element.children.forEach(add)
        }
        add(document.root)
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let violations = document.placed(findings.shuffled())
        #expect(violations.count == findings.count)
        var last = (line: 0, column: 0)
        for violation in violations {
            let rest = String(
                String.UnicodeScalarView(lines[violation.line - 1].dropFirst(violation.column - 1)))
            if violation.rule == "tag" {
                #expect(rest.hasPrefix(violation.message.en), "\(rest)")
            } else {
                let name = rest.prefix { $0 != "=" && $0 != " " }
                #expect(
                    violation.rule.hasPrefix(":") ? name.hasSuffix(violation.rule) : name == violation.rule,
                    "\(rest)")
            }
            #expect(last < (violation.line, violation.column))
            last = (violation.line, violation.column)
        }
    }
}
