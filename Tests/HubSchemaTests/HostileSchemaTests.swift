import HubJSON
import HubModel
import HubSchema
import HubXML
import Testing

/// A schema that somebody wrote badly, or with bad intent.
struct BadSchema: CustomTestStringConvertible, Sendable {
    let name: String
    let file: String
    let text: String
    /// Line and column, and how the sentence begins or what it says.
    let fault: String
    /// What to do about it, where that is not plain from what is wrong.
    var advice = ""

    var testDescription: String { self.name }

    private static let head = #"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"# + "\n"

    private static func xsd(_ name: String, _ body: String, _ fault: String, _ advice: String = "")
        -> BadSchema
    {
        BadSchema(
            name: name, file: "schema.xsd", text: Self.head + body + "\n</xs:schema>\n", fault: fault,
            advice: advice)
    }

    private static func json(_ name: String, _ text: String, _ fault: String, _ advice: String = "")
        -> BadSchema
    {
        BadSchema(name: name, file: "schema.json", text: text, fault: fault, advice: advice)
    }

    /// An element of a type with this content.
    private static func element(_ content: String) -> String {
        "<xs:element name='a'>\n<xs:complexType>\(content)</xs:complexType></xs:element>"
    }

    private static let optionals = (0..<400).map { "<xs:element name='e\($0)' minOccurs='0'/>" }.joined()

    private static let groups = (1..<9).map { level in
        let reference = "<xs:group ref='g\(level - 1)'/>"
        return
            "<xs:group name='g\(level)'><xs:sequence>\(String(repeating: reference, count: 10))</xs:sequence></xs:group>\n"
    }.joined()

    private static func chain(_ count: Int) -> String {
        "<xs:group name='g0'><xs:sequence><xs:element name='e'/></xs:sequence></xs:group>\n"
            + (1..<count).map {
                "<xs:group name='g\($0)'><xs:sequence><xs:group ref='g\($0 - 1)'/></xs:sequence></xs:group>"
            }.joined()
            + element("<xs:group ref='g\(count - 1)'/>")
    }

    static let references: [BadSchema] = [
        json(
            "a circle of $ref",
            "{\"$ref\": \"#/$defs/a\",\n \"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"},\n\"b\": {\"$ref\": \"#/$defs/a\"}}}",
            "2:17: A schema refers to itself without an end."),
        json(
            "a $ref to a part that is not there",
            "{\n\"$ref\": \"#/$defs/persom\", \"$defs\": {\"person\": {}}}",
            "2:9: There is no '#/$defs/persom' in this file. (did you mean '#/$defs/person'?)"),
        json(
            "a $ref to a host", "{\n\"$ref\": \"https://example.vn/x.json\"}",
            "2:9: 'https://example.vn/x.json' is not fetched", "'uses'"),
        json(
            "a $ref to a file", "{\n\"$ref\": \"../../../../etc/passwd\"}",
            "2:9: '../../../../etc/passwd' is not fetched", "'uses'"),
        json(
            "a $dynamicRef to nothing", "{\n\"$dynamicRef\": \"#x\"}", "2:16: There is no '#x' in this file."),
        json(
            "a $schema of a host", "{\n\"$schema\": \"https://example.vn/dialect\"}",
            "1:1: The schema is written in a dialect that is not known."),
        xsd(
            "an import from a host",
            "<xs:import namespace='urn:o' schemaLocation='http://127.0.0.1:9/o.xsd'/>",
            "2:1: 'http://127.0.0.1:9/o.xsd' is not fetched", "into the catalogue"),
        xsd(
            "an include from a file elsewhere", "\n<xs:include schemaLocation='../../../../../etc/passwd'/>",
            "3:1: '../../../../../etc/passwd' is not there."),
        xsd(
            "an include of a file: address", "<xs:include schemaLocation='file:///etc/passwd'/>",
            "2:1: 'file:///etc/passwd' is not fetched", "into the catalogue"),
        xsd(
            "an include of what is not there", "<xs:include schemaLocation='parts.xsd'/>",
            "2:1: 'parts.xsd' is not there."),
        xsd(
            "an import of a type that it does not use",
            "<xs:import namespace='urn:o' schemaLocation='urn:lgsp-hub:schema:a:o:1'/>",
            "2:1: 'urn:lgsp-hub:schema:a:o:1' is not among the types", "'uses'"),
        xsd(
            "a redefinition", "<xs:redefine schemaLocation='schema.xsd'/>", "2:1: 'redefine' is not taken",
            "copy what it changes"),
        xsd(
            "a type that is not there",
            element("<xs:sequence>\n<xs:element name='b' type='Missing'/></xs:sequence>"),
            "4:1: element decl. 'b'", "Missing"),
        xsd(
            "a group that holds itself",
            "<xs:group name='g'><xs:sequence>\n<xs:group ref='g'/></xs:sequence></xs:group>"
                + element("<xs:group ref='g'/>"), "2:1: 'g' refers to itself"),
        xsd(
            "groups in a circle",
            "<xs:group name='g'><xs:sequence><xs:group ref='h'/></xs:sequence></xs:group>\n<xs:group name='h'><xs:sequence><xs:group ref='g'/></xs:sequence></xs:group>"
                + element("<xs:group ref='g'/>"), "2:1: 'g' refers to itself"),
        xsd(
            "a type that extends itself",
            "<xs:complexType name='T'><xs:complexContent><xs:extension base='T'/></xs:complexContent></xs:complexType>",
            "2:1: 'T' refers to itself"),
    ]

    static let repetitions: [BadSchema] = [
        xsd(
            "a million times one element",
            element("<xs:sequence>\n<xs:element name='b' maxOccurs='1000000'/></xs:sequence>"),
            "4:1: 'maxOccurs' is more than 100000", "'unbounded'"),
        xsd(
            "a number of forty digits",
            element(
                "<xs:sequence>\n<xs:element name='b' minOccurs='\(String(repeating: "9", count: 40))'/></xs:sequence>"
            ), "4:1: 'minOccurs' is more than 100000"),
        xsd(
            "a thousand times a thousand times",
            element(
                "<xs:sequence maxOccurs='1000'>\n<xs:element name='b' minOccurs='0' maxOccurs='1000'/></xs:sequence>"
            ), "4:1: A number of repetitions stands inside another repetition", "leave one of the two out"),
        xsd(
            "a number in what is repeated without end",
            element("<xs:choice maxOccurs='unbounded'>\n<xs:element name='b' maxOccurs='7'/></xs:choice>"),
            "4:1: A number of repetitions"),
        xsd(
            "a number around what is repeated without end, two levels down",
            element(
                "<xs:sequence maxOccurs='7'><xs:choice>\n<xs:element name='b' maxOccurs='unbounded'/></xs:choice></xs:sequence>"
            ), "4:1: A number of repetitions"),
        xsd(
            "a number inside a group inside a number",
            "<xs:group name='g'><xs:sequence>\n<xs:element name='b' maxOccurs='7'/></xs:sequence></xs:group>"
                + element("<xs:sequence maxOccurs='7'><xs:group ref='g'/></xs:sequence>"),
            "3:1: A number of repetitions"),
        xsd(
            "400 optional elements in one", element("<xs:sequence>\(optionals)</xs:sequence>"),
            "3:1: The content of this type has more than 200 elements", "divide it"),
        xsd(
            "ten groups of ten of ten, eight levels deep",
            "<xs:group name='g0'><xs:sequence><xs:element name='e'/></xs:sequence></xs:group>\n" + groups
                + element("<xs:group ref='g8'/>"), "12:1: The content of this type has more than 200 elements"
        ),
        xsd(
            "the same, repeated in a group that nobody uses",
            "<xs:group name='g0'><xs:sequence><xs:element name='e'/></xs:sequence></xs:group>\n" + groups
                + "<xs:group name='x'><xs:sequence maxOccurs='9'>\n<xs:group ref='g8'/></xs:sequence></xs:group>",
            "12:1: This group has more than 200 elements"),
        xsd("300 references one behind the other", chain(300), "3:1: There are more than 200 references"),
        xsd(
            "ten attribute groups of ten of ten",
            "<xs:attributeGroup name='g0'><xs:attribute name='a'/></xs:attributeGroup>\n"
                + (1..<9).map { level in
                    "<xs:attributeGroup name='g\(level)'>\(String(repeating: "<xs:attributeGroup ref='g\(level - 1)'/>", count: 10))</xs:attributeGroup>\n"
                }.joined(), "5:1: This has more than 200 members"),
        xsd(
            "ten unions of ten of ten",
            "<xs:simpleType name='u0'><xs:restriction base='xs:string'/></xs:simpleType>\n"
                + (1..<9).map { level in
                    "<xs:simpleType name='u\(level)'><xs:union memberTypes='\(String(repeating: "u\(level - 1) ", count: 10))'/></xs:simpleType>\n"
                }.joined(), "5:1: This has more than 200 members"),
        json(
            "ten allOf of ten of ten",
            "{\"$ref\": \"#/$defs/d0\",\n\"$defs\": {"
                + (0..<8).map { level in
                    "\"d\(level)\": {\"allOf\": ["
                        + Array(repeating: "{\"$ref\": \"#/$defs/d\(level + 1)\"}", count: 10).joined(
                            separator: ",") + "]},\n"
                }.joined() + "\"d8\": {\"type\": \"object\"}}}",
            ": A schema applies too many others to one value"),
        json(
            "a number that no count can be", "{\n\"minItems\": 1e400}",
            "2:13: A keyword of the schema has a value that it cannot have."),
        json("an array of 2000 nested arrays", String(repeating: "[", count: 2000), "1:65: "),
    ]

    static let patterns: [BadSchema] = [
        xsd(
            "a pattern that goes back",
            element(
                "<xs:sequence>\n<xs:element name='b'><xs:simpleType><xs:restriction base='xs:string'>\n<xs:pattern value='(a+)+b'/></xs:restriction></xs:simpleType></xs:element></xs:sequence>"
            ), "5:1: ", "(a+)+b"),
        xsd(
            "a pattern a million characters long once written out",
            "<xs:simpleType name='t'><xs:restriction base='xs:string'>\n<xs:pattern value='((a{1,1000}){1,1000}){1,1000}'/></xs:restriction></xs:simpleType>",
            "3:1: the expression is too large"),
        json(
            "the same in JSON", "{\n\"pattern\": \"(a{1,1000}){1,1000}\"}",
            "2:12: A regular expression of the schema cannot be used.", "too large"),
        json(
            "a pattern that looks back", "{\n\"pattern\": \"(a)\\\\1\"}",
            "2:12: A regular expression of the schema cannot be used.", "back-references"),
        json(
            "a pattern that looks ahead", "{\n\"pattern\": \"^(?!a)\"}",
            "2:12: A regular expression of the schema cannot be used.", "look-around"),
        json(
            "a pattern without end", "{\n\"pattern\": \"(a\"}",
            "2:12: A regular expression of the schema cannot be used.", "bracket"),
    ]

    static let entities: [BadSchema] = [
        BadSchema(
            name: "an entity", file: "schema.xsd",
            text: "<!DOCTYPE x [<!ENTITY a 'a'>]>\n" + head + "</xs:schema>",
            fault: "1:1: The document has a DOCTYPE"),
        BadSchema(
            name: "a billion laughs", file: "schema.xsd",
            text: "<!DOCTYPE x [<!ENTITY a0 'ha'>"
                + (1..<20).map { "<!ENTITY a\($0) '&a\($0 - 1);&a\($0 - 1);'>" }.joined() + "]>\n" + head
                + "&a19;</xs:schema>",
            fault: "1:1: The document has a DOCTYPE"),
        BadSchema(
            name: "an entity from a file", file: "schema.xsd",
            text: "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>", fault: "1:1: The document has a DOCTYPE"),
        xsd("an entity that nobody declared", "&other;", "2:"),
        xsd(
            "elements nested 100 deep",
            String(repeating: "<xs:annotation>", count: 100)
                + String(repeating: "</xs:annotation>", count: 100),
            "2:1: The elements of the document are nested deeper"),
        BadSchema(name: "no schema at all", file: "schema.xsd", text: "<a/>", fault: "1:1: "),
        BadSchema(name: "nothing", file: "schema.xsd", text: "", fault: "1:1: "),
    ]
}

@Suite("Bad schemas")
struct HostileSchemaTests {
    private func check(_ bad: BadSchema) throws {
        let folder = try TemporaryFolder()
        try folder.write(bad.text, to: "a/b/1/\(bad.file)")
        let clock = ContinuousClock()
        let begin = clock.now
        let faults = SchemaCheck.run(folder: folder.path).faults.map(\.description)
        #expect(clock.now - begin < .seconds(10))
        let wanted = "\(folder.path)/a/b/1/\(bad.file):\(bad.fault.hasPrefix(":") ? "" : bad.fault)"
        let found = faults.first { $0.hasPrefix(wanted) && $0.contains(bad.fault) && $0.contains(bad.advice) }
        #expect(found != nil, "\(faults)")
        let error = try #require(throws: HubError.self) { try SchemaCatalogue.load(folder: folder.path) }
        #expect(error.code == .schemaInvalid)
        #expect(error.detail("file") == "\(folder.path)/a/b/1/\(bad.file)")
        #expect(error.detail("reason")?.isEmpty == false)
    }

    @Test(
        "with loops, missing and remote references say where, and what to do", arguments: BadSchema.references
    )
    func references(_ bad: BadSchema) throws { try self.check(bad) }

    @Test("with huge and nested repetitions are refused at once", arguments: BadSchema.repetitions)
    func repetitions(_ bad: BadSchema) throws { try self.check(bad) }

    @Test("with pathological expressions are refused with the expression", arguments: BadSchema.patterns)
    func patterns(_ bad: BadSchema) throws { try self.check(bad) }

    @Test("with entities, or no schemas, are refused", arguments: BadSchema.entities)
    func entities(_ bad: BadSchema) throws { try self.check(bad) }

    @Test("take no longer than a moment, though they double the work with every level of the document")
    func doubling() throws {
        let text =
            ##"{"allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}], "required": ["b"]}"##
        let schema = try JSONSchema.compile(try JSONDocument.parse(Array(text.utf8)).value)
        let deep = String(repeating: #"{"b": 1, "a": "#, count: 60) + "1" + String(repeating: "}", count: 60)
        let document = try JSONDocument.parse(Array(deep.utf8))
        let clock = ContinuousClock()
        let begin = clock.now
        let violations = schema.violations(in: document, limit: 5)
        #expect(clock.now - begin < .seconds(100))
        #expect(violations.contains { $0.message.en.contains("asks too much") && !$0.message.vi.isEmpty })
        let flat = try JSONDocument.parse(Array(#"{"b": 1, "a": {"b": 1}}"#.utf8))
        #expect(schema.violations(in: flat, limit: 5) == [])
    }

    @Test("are not those that only look like it")
    func sound() throws {
        let folder = try TemporaryFolder()
        let optionals = (0..<150).map { "<xs:element name='e\($0)' minOccurs='0'/>" }.joined()
        try folder.write(
            """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
            <xs:group name="g"><xs:sequence><xs:element name="x" maxOccurs="unbounded"/></xs:sequence></xs:group>
            <xs:element name="a"><xs:complexType><xs:sequence>\(optionals)<xs:group ref="g"/>
            <xs:element name="b" maxOccurs="99999"><xs:complexType><xs:sequence maxOccurs="unbounded">
            <xs:element name="c"><xs:complexType><xs:sequence><xs:element name="d" maxOccurs="3"/></xs:sequence></xs:complexType></xs:element>
            </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
            </xs:schema>
            """, to: "a/b/1/schema.xsd")
        try folder.write(
            ##"{"$defs": {"tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}}}}, "$ref": "#/$defs/tree", "maxItems": 1000000}"##,
            to: "a/c/1/schema.json")
        #expect(try SchemaCatalogue.load(folder: folder.path).types.count == 2)
    }
}
