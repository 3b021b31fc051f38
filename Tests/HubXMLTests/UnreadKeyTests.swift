import HubModel
import Testing

@testable import HubXML

@Suite("A value that is part of a key and does not fit its type")
struct UnreadKeyTests {
    private static let schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:simpleType name="C"><xs:restriction base="xs:string"><xs:pattern value="[0-9]+"/></xs:restriction></xs:simpleType>
          <xs:element name="r"><xs:complexType><xs:sequence>
            <xs:element name="a" minOccurs="0" maxOccurs="9"><xs:complexType><xs:sequence>
              <xs:element name="id" type="C" minOccurs="0"/></xs:sequence><xs:attribute name="n" type="xs:int"/></xs:complexType></xs:element>
            <xs:element name="b" minOccurs="0" maxOccurs="9"><xs:complexType><xs:sequence>
              <xs:element name="id" type="C" minOccurs="0"/></xs:sequence><xs:attribute name="to" type="xs:int"/></xs:complexType></xs:element>
          </xs:sequence></xs:complexType>
          <xs:key name="k"><xs:selector xpath="a"/><xs:field xpath="id"/></xs:key>
          <xs:unique name="u"><xs:selector xpath="a"/><xs:field xpath="@n"/></xs:unique>
          <xs:unique name="again"><xs:selector xpath="a"/><xs:field xpath="@n"/></xs:unique>
          <xs:keyref name="kr" refer="k"><xs:selector xpath="b"/><xs:field xpath="id"/></xs:keyref>
          <xs:keyref name="ur" refer="u"><xs:selector xpath="b"/><xs:field xpath="@to"/></xs:keyref>
          </xs:element>
        </xs:schema>
        """

    struct Case: CustomTestStringConvertible, Sendable {
        let content: String
        /// Path and rule of each violation.
        let found: [String]

        var testDescription: String { self.content }

        init(_ content: String, _ found: String...) {
            (self.content, self.found) = (content, found)
        }
    }

    private static let identity = "cvc-identity-constraint"
    private static let pattern = "cvc-pattern-valid"
    private static let type = "cvc-datatype-valid.1"

    @Test(
        "is one violation, and hides no other",
        arguments: [
            Case("<a><id>x</id></a>", "/r/a[1]/id[1] \(pattern)"),
            Case("<a n='x'><id>1</id></a>", "/r/a[1]/@n \(type)"),
            Case(
                "<a><id>x</id></a><a><id>x</id></a>", "/r/a[1]/id[1] \(pattern)", "/r/a[2]/id[1] \(pattern)"),
            Case("<a><id>1</id></a><b><id>x</id></b>", "/r/b[1]/id[1] \(pattern)"),
            Case("<a n='1'><id>1</id></a><b to='x'/>", "/r/b[1]/@to \(type)"),
            // What lacks its key lacks it, whatever else is wrong.
            Case("<a><id>x</id></a><a/>", "/r/a[1]/id[1] \(pattern)", "/r/a[2] \(identity)"),
            // A reference to another value, and a value that stands twice.
            Case("<a><id>x</id></a><b><id>2</id></b>", "/r/a[1]/id[1] \(pattern)", "/r/b[1] \(identity)"),
            Case(
                "<a><id>x</id></a><a><id>1</id></a><a><id>1</id></a>", "/r/a[1]/id[1] \(pattern)",
                "/r/a[3] \(identity)"),
        ]
    )
    func one(_ example: Case) throws {
        let folder = try TemporaryFolder()
        let schema = try XMLSchema(file: folder.write(Self.schema, to: "schema.xsd"), within: folder.path)
        let document = try Fixture.parse("<r>\(example.content)</r>")
        for nodes in [Int.max, 0] {
            let found = document.placed(schema.findings(in: document, limit: 20, nodesInOneGo: nodes))
            #expect(found.map { "\($0.path) \($0.rule)" } == example.found)
        }
        for limit in 1...2 {
            #expect(schema.violations(in: document, limit: limit).count == min(limit, example.found.count))
        }
    }
}
