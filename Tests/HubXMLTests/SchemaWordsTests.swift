import HubModel
import Testing

@testable import HubXML

/// What violations say that libxml2's own sentences do not.
@Suite("What is said about a violation")
struct SchemaWordsTests {
    private static let schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" xmlns:t="urn:t" elementFormDefault="qualified">
          <xs:element name="r"><xs:complexType><xs:sequence>
            <xs:element name="list" maxOccurs="9"><xs:complexType><xs:sequence>
              <xs:element name="a" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
                <xs:element name="id" type="xs:token" minOccurs="0"/></xs:sequence><xs:attribute name="n" type="xs:int"/></xs:complexType></xs:element>
              <xs:element name="b" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
                <xs:element name="id" type="xs:string"/></xs:sequence><xs:attribute name="to" type="xs:int"/></xs:complexType></xs:element>
            </xs:sequence></xs:complexType>
            <xs:key name="k"><xs:selector xpath="t:a"/><xs:field xpath="t:id"/></xs:key>
            <xs:unique name="u"><xs:selector xpath="t:a"/><xs:field xpath="@n"/></xs:unique>
            <xs:keyref name="kr" refer="t:k"><xs:selector xpath=".//t:b"/><xs:field xpath="t:id"/></xs:keyref>
            <xs:keyref name="ur" refer="t:u"><xs:selector xpath="t:b"/><xs:field xpath="@to"/></xs:keyref>
            </xs:element>
            <xs:element name="c" minOccurs="0" maxOccurs="unbounded" type="t:Code"/>
            <xs:element name="d" minOccurs="0" type="t:Long"/>
            <xs:element name="e" minOccurs="0" type="t:Either"/>
            <xs:element name="f" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
              <xs:pattern value="\(long)?"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="g" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
              <xs:pattern value="x+"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="h" minOccurs="0"><xs:simpleType><xs:annotation><xs:documentation>another</xs:documentation></xs:annotation>
              <xs:restriction base="xs:string"><xs:pattern value="x+"/></xs:restriction></xs:simpleType></xs:element>
          </xs:sequence></xs:complexType></xs:element>
          <xs:simpleType name="Code">
            <xs:annotation><xs:documentation xml:lang="vi">Ba  chữ số.</xs:documentation>
              <xs:documentation xml:lang="en">Three
                digits.</xs:documentation></xs:annotation>
            <xs:restriction base="xs:string"><xs:pattern value="[0-9]{3}"/></xs:restriction>
          </xs:simpleType>
          <xs:simpleType name="Long"><xs:restriction base="xs:string"><xs:pattern value="\(long)"/></xs:restriction></xs:simpleType>
          <xs:simpleType name="Either"><xs:restriction base="xs:string"><xs:pattern value="a"/><xs:pattern value="b"/></xs:restriction></xs:simpleType>
        </xs:schema>
        """
    /// Longer than what is shown of a pattern.
    private static let long = String(repeating: "[0-9]a", count: 40)

    let folder: TemporaryFolder
    let schema: XMLSchema

    init() throws {
        self.folder = try TemporaryFolder()
        self.schema = try XMLSchema(
            file: self.folder.write(Self.schema, to: "schema.xsd"), within: self.folder.path)
    }

    private func said(of content: String) throws -> [String] {
        let document = try Fixture.parse("<r xmlns='urn:t'>\(content)</r>")
        let usual = document.placed(self.schema.findings(in: document, limit: 20, nodesInOneGo: .max))
        let fed = document.placed(self.schema.findings(in: document, limit: 20, nodesInOneGo: 0))
        #expect(usual == fed)
        #expect(usual.allSatisfy { !$0.message.vi.isEmpty && $0.message.vi != $0.message.en })
        return usual.map { "\($0.line):\($0.column) \($0.path) \($0.message.en)" }
    }

    @Test("about a pattern is said in the schema's words, or with the whole pattern, or not with it")
    func patterns() throws {
        let list = "<list/>"
        #expect(
            try self.said(of: list + "<c>12</c>")
                == ["1:25 /r/c[1] Value “12” is not of the form: Three digits."])
        #expect(
            try self.said(of: list + "<d>12</d>") == [
                "1:25 /r/d[1] Value “12” does not match the pattern of type “Long”."
            ])
        #expect(
            try self.said(of: list + "<e>c</e>") == ["1:25 /r/e[1] Value “c” does not match the pattern a|b."]
        )
        #expect(
            try self.said(of: list + "<f>c</f>") == [
                "1:25 /r/f[1] Value “c” does not match the pattern of the schema."
            ])
        // Whose words they would be cannot be told.
        #expect(
            try self.said(of: list + "<g>c</g>") == ["1:25 /r/g[1] Value “c” does not match the pattern x+."])
        let document = try Fixture.parse("<r xmlns='urn:t'><list/><c>1</c></r>")
        #expect(
            self.schema.violations(in: document, limit: 1).first?.message.vi
                == "Giá trị “1” không đúng dạng: Ba chữ số.")
    }

    @Test("about a reference is what is missing, at the element that has the reference")
    func references() throws {
        #expect(
            try self.said(
                of:
                    "<list><a><id>1</id></a>\n<b><id>1</id></b><b><id>22</id></b>\n<b><id> 3\n3 </id></b></list>"
            ) == [
                "2:18 /r/list[1]/b[2] Element “b” refers to id “22”, and no “a” has this id.",
                "3:1 /r/list[1]/b[3] Element “b” refers to id “ …” (5 characters), and no “a” has this id.",
            ])
        // Two that are alike; the first list has what the second lacks.
        #expect(
            try self.said(
                of:
                    "<list><a><id>1</id></a><b><id>1</id></b></list>\n<list><b><id>1</id></b><b><id>1</id></b></list>"
            ) == [
                "2:7 /r/list[2]/b[1] Element “b” refers to id “1”, and no “a” has this id.",
                "2:24 /r/list[2]/b[2] Element “b” refers to id “1”, and no “a” has this id.",
            ])
        // A value that is written in another way than the library writes it.
        #expect(
            try self.said(of: "<list><a><id>1</id></a>\n<b to='+07'><id>1</id></b></list>") == [
                "2:1 /r/list[1]/b[1] Element “b” refers to to “7”, and no “a” has this n."
            ])
    }

    @Test("about a key is which one, at the element that has it")
    func keys() throws {
        #expect(
            try self.said(of: "<list><a><id>1</id></a>\n<a><id>1</id></a></list>")
                == ["2:1 /r/list[1]/a[2] Element “a” repeats id “1”, which may stand only once."])
        #expect(
            try self.said(of: "<list><a n='1'><id>1</id></a>\n<a n='1'><id>2</id></a></list>")
                == ["2:1 /r/list[1]/a[2] Element “a” repeats n “1”, which may stand only once."])
        #expect(
            try self.said(of: "<list><a/></list>") == ["1:24 /r/list[1]/a[1] Element “a” lacks its key: id."])
    }

    @Test("about keys quotes no more than four characters of a value")
    func quotes() throws {
        let secret = String(repeating: "] 'bí mật' ", count: 2_000)
        for content in [
            "<list><b><id>\(secret)</id></b></list>",
            "<list><a><id>\(secret)</id></a><a><id>\(secret)</id></a></list>",
        ] {
            let said = try self.said(of: content)
            #expect(
                said.count == 1 && said.allSatisfy { !$0.contains(secret.prefix(5)) && $0.utf8.count < 300 },
                "\(said)")
            #expect(said.first?.contains("/r/list[1]/") == true)
        }
    }

    @Test(
        "about an element where one of a namespace is expected names the namespace found and the one wanted",
        arguments: [
            ("urn:w", "", "is in namespace “urn:x”, it must be in namespace “urn:w”."),
            ("##local", "", "is in namespace “urn:x”, it must be in no namespace."),
            (
                "urn:w urn:v", "",
                "in namespace “urn:x” is not allowed here; expected is one of an element in namespace “urn:w”, an element in namespace “urn:v”."
            ),
            (
                "urn:w", "<xs:element name='a' minOccurs='0'/>",
                "in namespace “urn:x” is not allowed here; expected is one of “a”, an element in namespace “urn:w”."
            ),
        ]
    )
    func wildcards(_ namespace: String, _ before: String, _ said: String) throws {
        let schema = try self.wildcard(namespace, before)
        let document = try Fixture.parse("<r xmlns='urn:t'><b xmlns='urn:x'/></r>")
        #expect(schema.violations(in: document, limit: 9).map(\.message.en) == ["Element “b” " + said])
    }

    @Test("about an element where one of another namespace, or any, is expected says so")
    func otherWildcards() throws {
        let own = try Fixture.parse("<r xmlns='urn:t'><b/></r>")
        #expect(
            try self.wildcard("##other", "").violations(in: own, limit: 9).map(\.message.vi) == [
                "Phần tử “b” thuộc không gian tên “urn:t” không được ở vị trí này; cần phần tử không thuộc không gian tên “urn:t”."
            ])
        let empty = try Fixture.parse("<r xmlns='urn:t'/>")
        #expect(
            try self.wildcard("##any", "").violations(in: empty, limit: 9).map(\.message.en)
                == ["Element “r” lacks child elements; expected is any element."])
    }

    private func wildcard(_ namespace: String, _ before: String) throws -> XMLSchema {
        let text = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" elementFormDefault="qualified">
              <xs:element name="r"><xs:complexType><xs:sequence>\(before)
                <xs:any namespace="\(namespace)" processContents="skip"/></xs:sequence></xs:complexType></xs:element>
            </xs:schema>
            """
        return try XMLSchema(file: self.folder.write(text, to: "wildcard.xsd"), within: self.folder.path)
    }

    @Test("about many references takes one walk through the document", .timeLimit(.minutes(1)))
    func manyReferences() throws {
        let content = (0..<20_000).map { "<b><id>\($0)</id></b>\n" }.joined()
        let document = try Fixture.parse("<r xmlns='urn:t'><list>\n\(content)</list></r>")
        let violations = self.schema.violations(in: document, limit: 5_000)
        #expect(violations.count == 5_000)
        #expect(Set(violations.map(\.line)).count == 5_000 && violations.allSatisfy { $0.column == 1 })
    }
}
