import Foundation
import HubModel
import HubXML
import Testing

@Suite("A schema")
struct XMLSchemaTests {
    static let schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" xmlns="urn:t" elementFormDefault="qualified">
          <xs:element name="r"><xs:complexType><xs:sequence>
            <xs:element name="a" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
              <xs:pattern value="[0-9]{3}"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="b" minOccurs="0" maxOccurs="unbounded" type="xs:int"/>
            <xs:element name="c" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
              <xs:enumeration value="x"/><xs:enumeration value="y"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="d" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
              <xs:minLength value="2"/><xs:maxLength value="4"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="e" minOccurs="0"><xs:simpleType><xs:restriction base="xs:decimal">
              <xs:minInclusive value="2"/><xs:maxExclusive value="4"/><xs:totalDigits value="3"/><xs:fractionDigits value="2"/>
              </xs:restriction></xs:simpleType></xs:element>
            <xs:element name="f" minOccurs="0"><xs:complexType><xs:sequence>
              <xs:element name="g"/><xs:choice><xs:element name="h"/><xs:element name="i"/></xs:choice></xs:sequence>
              <xs:attribute name="q" use="required" type="xs:date"/><xs:attribute name="z" fixed="1"/></xs:complexType></xs:element>
            <xs:element name="l" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
              <xs:length value="2"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="u" minOccurs="0"><xs:simpleType><xs:union memberTypes="xs:int xs:date"/></xs:simpleType></xs:element>
            <xs:element name="m" minOccurs="0"><xs:complexType/></xs:element>
            <xs:element name="n" minOccurs="0" nillable="true" type="xs:int"/>
            <xs:element name="o" minOccurs="0" fixed="A" type="xs:string"/>
            <xs:element name="p" minOccurs="0" type="Abstract"/>
            <xs:element name="q" minOccurs="0"><xs:complexType><xs:sequence>
              <xs:any namespace="##other" processContents="strict"/></xs:sequence></xs:complexType></xs:element>
            <xs:element name="k" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
              <xs:attribute name="id" type="xs:ID"/><xs:attribute name="key"/></xs:complexType></xs:element>
            <xs:element name="end"/>
          </xs:sequence></xs:complexType>
          <xs:unique name="once"><xs:selector xpath="k"/><xs:field xpath="@key"/></xs:unique></xs:element>
          <xs:complexType name="Abstract" abstract="true"/>
        </xs:schema>
        """

    let folder: TemporaryFolder
    let schema: XMLSchema

    init() throws {
        self.folder = try TemporaryFolder()
        self.schema = try XMLSchema(
            file: self.folder.write(Self.schema, to: "schema.xsd"), within: self.folder.path)
    }

    private func violations(_ content: String, limit: Int = 10) throws -> [Violation] {
        let head = "<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\n"
        return self.schema.violations(in: try Fixture.parse(head + content + "</r>"), limit: limit)
    }

    @Test(
        "accepts what fits",
        arguments: [
            "<end/>", "<a>123</a><b>1</b><b>2</b><c>y</c><d>abc</d><e>2.25</e><end/>",
            "<b>1<!-- c -->2</b><end/>",
            "<f q='2024-02-29' z='1'><g/><i/></f><u>2024-01-01</u><m/><o>A</o><end>any</end>",
            "<c><![CDATA[x]]></c><end/>",
            "<n xsi:nil='true'/><k id='i1' key='1'/><k id='i2' key='2'/><end/>",
        ]
    )
    func fits(content: String) throws {
        #expect(try self.violations(content).isEmpty)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let content: String
        let path: String
        let rule: String
        let en: String
        let vi: String
        let line: Int
        let column: Int

        var testDescription: String { self.content }

        init(
            _ content: String, _ path: String, _ rule: String, _ en: String, _ vi: String, line: Int = 2,
            column: Int = 1
        ) {
            self.content = content
            self.path = path
            self.rule = rule
            self.en = en
            self.vi = vi
            self.line = line
            self.column = column
        }
    }

    static let cases: [Case] = [
        Case(
            "<a>12</a><end/>", "/r/a[1]", "cvc-pattern-valid",
            "Value “12” does not match the pattern [0-9]{3}.", "Giá trị “12” không khớp mẫu [0-9]{3}."),
        Case(
            "<b>1</b>\n<b>zz</b><end/>", "/r/b[2]", "cvc-datatype-valid.1",
            "Value “zz” is not of type xs:int.", "Giá trị “zz” không đúng kiểu xs:int.", line: 3),
        Case(
            "<b/><end/>", "/r/b[1]", "cvc-datatype-valid.1", "Value “” is not of type xs:int.",
            "Giá trị “” không đúng kiểu xs:int."),
        Case(
            "<c>z</c><end/>", "/r/c[1]", "cvc-enumeration-valid",
            "Value “z” is not one of those allowed: 'x', 'y'.",
            "Giá trị “z” không nằm trong danh sách cho phép: 'x', 'y'."),
        Case(
            "<d>1</d><end/>", "/r/d[1]", "cvc-minLength-valid", "The length is 1, it must be at least 2.",
            "Độ dài là 1, ít nhất phải là 2."),
        Case(
            "<d>ềềềềề</d><end/>", "/r/d[1]", "cvc-maxLength-valid", "The length is 5, it may be at most 4.",
            "Độ dài là 5, nhiều nhất là 4."),
        Case(
            "<e>1</e><end/>", "/r/e[1]", "cvc-minInclusive-valid", "Value “1” is less than 2.",
            "Giá trị “1” nhỏ hơn 2."),
        Case(
            "<e>9</e><end/>", "/r/e[1]", "cvc-maxExclusive-valid", "Value “9” must be less than 4.",
            "Giá trị “9” phải nhỏ hơn 4."),
        Case(
            "<f><g/><h/></f><end/>", "/r/f[1]", "cvc-complex-type.4", "Element “f” lacks attribute “q”.",
            "Phần tử “f” thiếu thuộc tính “q”."),
        Case(
            "<f q='x'><g/><h/></f><end/>", "/r/f[1]/@q", "cvc-datatype-valid.1",
            "Value “x” is not of type xs:date.", "Giá trị “x” không đúng kiểu xs:date.", column: 4),
        Case(
            "<f q='2024-01-01' z='2'><g/><h/></f><end/>", "/r/f[1]/@z", "cvc-au", "Value “2” must be “1”.",
            "Giá trị “2” phải là “1”.", column: 19),
        Case(
            "<f q='2024-01-01' y='2'><g/><h/></f><end/>", "/r/f[1]/@y", "cvc-complex-type.3.2.2",
            "Element “f” may not have attribute “y”.", "Phần tử “f” không được có thuộc tính “y”.", column: 19
        ),
        Case(
            "<f q='2024-01-01'/><end/>", "/r/f[1]", "cvc-complex-type.2.4",
            "Element “f” lacks child elements; expected is “g”.",
            "Phần tử “f” còn thiếu phần tử con; cần “g”."),
        Case(
            "<f q='2024-01-01'><g/><j/></f><end/>", "/r/f[1]/j[1]", "cvc-complex-type.2.4",
            "Element “j” is not allowed here; expected is one of “h”, “i”.",
            "Phần tử “j” không được ở vị trí này; cần một trong: “h”, “i”.", column: 23),
        Case(
            "<f q='2024-01-01'><g xmlns='urn:x'/></f><end/>", "/r/f[1]/g[1]", "cvc-complex-type.2.4",
            "Element “g” is in namespace “urn:x”, it must be in namespace “urn:t”.",
            "Phần tử “g” thuộc không gian tên “urn:x”, phải thuộc không gian tên “urn:t”.", column: 19),
        Case(
            "<end/><end/>", "/r/end[2]", "cvc-complex-type.2.4", "Element “end” is not allowed here.",
            "Phần tử “end” không được ở vị trí này.", column: 7),
        Case(
            "<l>1</l><end/>", "/r/l[1]", "cvc-length-valid", "The length is 1, it must be 2.",
            "Độ dài là 1, phải là 2."),
        Case(
            "<u>zz</u><end/>", "/r/u[1]", "cvc-datatype-valid.1", "Value “zz” is not of the declared type.",
            "Giá trị “zz” không đúng kiểu đã khai báo."),
        Case(
            "<m>x</m><end/>", "/r/m[1]", "cvc-complex-type.2.1", "Element “m” must be empty.",
            "Phần tử “m” phải rỗng."),
        Case(
            "<end/>x", "/r", "cvc-complex-type.2.3", "Element “r” may hold elements only, not text.",
            "Phần tử “r” chỉ được chứa phần tử con, không được chứa văn bản.", line: 1),
        Case(
            "<n xsi:nil='true'>1</n><end/>", "/r/n[1]", "cvc-elt.3.2.1",
            "Element “n” has xsi:nil, so it must be empty.", "Phần tử “n” có xsi:nil nên phải rỗng."),
        Case("<o>B</o><end/>", "/r/o[1]", "cvc-au", "Value “B” must be “A”.", "Giá trị “B” phải là “A”."),
        Case(
            "<p/><end/>", "/r/p[1]", "cvc-type.2",
            "The type of element “p” is abstract; xsi:type must name a concrete one.",
            "Kiểu của phần tử “p” là trừu tượng; cần ghi kiểu cụ thể trong xsi:type."),
        Case(
            "<q><z xmlns='urn:z'/></q><end/>", "/r/q[1]/z[1]", "cvc-elt.1",
            "The schema does not declare element “z”.", "Lược đồ không khai báo phần tử “z”.", column: 4),
        Case(
            "<q><a/></q><end/>", "/r/q[1]/a[1]", "cvc-complex-type.2.4",
            "Element “a” in namespace “urn:t” is not allowed here; expected is an element not in namespace “urn:t”.",
            "Phần tử “a” thuộc không gian tên “urn:t” không được ở vị trí này; cần phần tử không thuộc không gian tên “urn:t”.",
            column: 4),
        Case(
            "<k id='i'/><k id='i'/><end/>", "/r/k[2]/@id", "cvc-datatype-valid.1",
            "Value “i” is not of type xs:ID.", "Giá trị “i” không đúng kiểu xs:ID.", column: 15),
    ]

    @Test("names what does not fit, by rule and place, in both languages", arguments: Self.cases)
    func doesNotFit(_ document: Case) throws {
        let violation = try #require(self.violations(document.content).first)
        #expect(violation.path == document.path)
        #expect(violation.rule == document.rule)
        #expect(violation.message.en == document.en)
        #expect(violation.message.vi == document.vi)
        #expect(violation.line == document.line)
        #expect(violation.column == document.column)
    }

    @Test("has rules for keys, simple content and digits too")
    func otherRules() throws {
        #expect(
            try self.violations("<e>2.123</e><end/>").map(\.rule)
                == ["cvc-fractionDigits-valid"].withTotalDigits)
        #expect(try self.violations("<b xsi:nil='true'/><end/>").first?.rule == "cvc-elt.3.1")
        #expect(try self.violations("<b><x/></b><end/>").first?.rule == "cvc-type.3.1.2")
    }

    @Test("knows no other root")
    func root() throws {
        for (text, vi, en) in [
            (
                "<r/>", "Phần tử “r” thuộc không gian tên rỗng, phải thuộc không gian tên “urn:t”.",
                "Element “r” is in no namespace, it must be in namespace “urn:t”."
            ),
            (
                "<r xmlns='urn:x'/>",
                "Phần tử “r” thuộc không gian tên “urn:x”, phải thuộc không gian tên “urn:t”.",
                "Element “r” is in namespace “urn:x”, it must be in namespace “urn:t”."
            ),
            (
                "<x xmlns='urn:t'/>",
                "Lược đồ không có phần tử gốc “x” trong không gian tên “urn:t”; cần “r” trong không gian tên “urn:t”.",
                "The schema has no root element “x” in namespace “urn:t”; expected is “r” in namespace “urn:t”."
            ),
            (
                "<x/>",
                "Lược đồ không có phần tử gốc “x” trong không gian tên rỗng; cần “r” trong không gian tên “urn:t”.",
                "The schema has no root element “x” in no namespace; expected is “r” in namespace “urn:t”."
            ),
        ] {
            let violation = try #require(self.schema.violations(in: try Fixture.parse(text), limit: 1).first)
            #expect(violation.rule == "cvc-elt.1")
            #expect(violation.path == "/" + text.dropFirst().prefix(1))
            #expect(violation.message == Bilingual(vi: vi, en: en))
        }
    }

    @Test("quotes no more than twenty characters of a value")
    func quotes() throws {
        let secret = String(repeating: "bí mật ", count: 40)
        for content in [
            "<a>\(secret)</a><end/>", "<b>\(secret)</b><end/>", "<c>\(secret)</c><end/>",
            "<o>\(secret)</o><end/>",
            "<f q='\(secret)'><g/><h/></f><end/>", "<b xsi:type='\(secret)'>1</b><end/>",
            "<u>\(secret)</u><end/>",
            "<b>type '\(secret)' type '\(secret)</b><end/>", "<k id=\"': \(secret)\"/><end/>",
        ] {
            let violations = try self.violations(content)
            #expect(!violations.isEmpty, "\(content)")
            for violation in violations {
                let said = violation.message.vi + violation.message.en + violation.rule + violation.path
                #expect(!said.contains(secret.prefix(21)), "\(said)")
            }
        }
    }

    @Test("repeats next to nothing of the document, however it is made up")
    func repeats() throws {
        // One character to the eye, many to the wire.
        let marks = "a" + String(repeating: "\u{301}", count: 10_000)
        let long = String(repeating: "mật", count: 5_000)
        for content in [
            "<a>\(marks)</a><end/>", "<c>\(marks)</c><end/>", "<f q='\(marks)'><g/><h/></f><end/>",
            "<f q='2024-01-01' y\(marks)=''><g/><h/></f><end/>", "<a\(marks)/><end/>",
            "<f q='2024-01-01'><g xmlns='urn:\(String(repeating: "a", count: 10_000))'/></f><end/>",
            // What reads like the library's own words.
            "<u>type '\(long)</u><end/>", "<b>\(long) type 'x'</b><end/>",
        ] {
            let violations = try self.violations(content)
            #expect(!violations.isEmpty, "\(content.prefix(40))")
            for violation in violations {
                #expect(violation.path.utf8.count <= 515)
                #expect(violation.message.vi.utf8.count <= 800 && violation.message.en.utf8.count <= 800)
            }
        }
    }

    @Test("cuts a path that the document's names make long")
    func longPath() throws {
        let name = "đ" + String(repeating: "ố", count: 60)
        let schema = try XMLSchema(
            file: self.folder.write(
                """
                <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="\(name)"><xs:complexType>
                <xs:sequence><xs:element ref="\(name)" minOccurs="0"/></xs:sequence>
                <xs:attribute name="n" type="xs:int"/></xs:complexType></xs:element></xs:schema>
                """, to: "long.xsd"), within: self.folder.path)
        let text =
            String(repeating: "<\(name)>", count: 9) + "<\(name) n='x'/>"
            + String(repeating: "</\(name)>", count: 9)
        let violation = try #require(schema.violations(in: try Fixture.parse(text), limit: 1).first)
        #expect(violation.path.hasPrefix("/\(name)/\(name)[1]/đố"))
        #expect((510...515).contains(violation.path.utf8.count))
        #expect(violation.path.hasSuffix("ố…"))
    }

    @Test("reports no more than asked for")
    func limit() throws {
        let many = String(repeating: "<b>x</b>", count: 5_000) + "<end/>"
        #expect(try self.violations(many, limit: 7).count == 7)
        #expect(try self.violations(many, limit: 0).isEmpty)
        #expect(try self.violations(many, limit: 7).last?.path == "/r/b[7]")
    }

    @Test("gives lines of long documents")
    func longDocument() throws {
        let content = String(repeating: "<b>1</b>\n", count: 70_000) + "<b>x</b><end/>"
        #expect(try self.violations(content).map(\.line) == [70_002])
    }

    @Test("ignores where a document says its schema is")
    func hints() throws {
        try self.folder.write(Self.schema, to: "other.xsd")
        let hint = "xsi:schemaLocation='urn:z file://\(self.folder.path)/other.xsd' xmlns='urn:z'"
        #expect(try self.violations("<q><z \(hint)/></q><end/>").first?.rule == "cvc-elt.1")
    }

    @Test("is used by many threads at once, on one document too")
    func threads() async throws {
        let shared = try Fixture.parse("<r xmlns='urn:t'><k id='a'/><k id='b'/><b>x</b></r>")
        let expected = self.schema.violations(in: shared, limit: 5)
        let schema = self.schema
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    if number.isMultiple(of: 2) { return schema.violations(in: shared, limit: 5) == expected }
                    let own = try? Fixture.parse("<r xmlns='urn:t'><b>\(number)</b><end/></r>")
                    return own.map { schema.violations(in: $0, limit: 5).isEmpty } ?? false
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}

extension [String] {
    /// 2.123 has four digits, and three of them behind the point.
    fileprivate var withTotalDigits: [String] { ["cvc-totalDigits-valid"] + self }
}
