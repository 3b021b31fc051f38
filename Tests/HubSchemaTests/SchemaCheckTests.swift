import HubModel
import HubSchema
import Testing

@Suite("The check of a folder of schemas")
struct SchemaCheckTests {
    @Test("finds nothing wrong with our own, and looks at every example")
    func repository() {
        let check = SchemaCheck.run(folder: Repository.schemas)
        #expect(check.faults.map(\.description) == [])
        #expect(check.summary.types == messageTypes.count)
        func count(_ prefix: String) -> Int {
            messageTypes.map { type in
                Repository.names(in: "\(Repository.schemas)/\(type)/examples").count { $0.hasPrefix(prefix) }
            }.reduce(0, +)
        }
        let summary = check.summary
        #expect(
            [summary.valid, summary.warned, summary.invalid, summary.tolerated]
                == ["valid-", "warned-", "invalid-", "tolerated-"].map(count))
        #expect(summary.examples > 100)
    }

    private func faults(_ files: [(file: String, text: String)]) throws -> [String] {
        let folder = try TemporaryFolder()
        for (file, text) in files { try folder.write(text, to: "a/b/1/" + file) }
        return SchemaCheck.run(folder: folder.path).faults.map {
            String($0.description.dropFirst(folder.path.count + 1)).replacing("a/b/1/", with: "")
        }
    }

    private static let good: [(file: String, text: String)] = [
        ("schema.json", #"{"type": "object", "properties": {"a": {"type": "integer"}}}"#),
        ("examples/valid-1.json", #"{"a": 1}"#), ("examples/valid-2.json", "{}"),
        ("examples/invalid-1.json", #"{"a": ""}"#), ("examples/invalid-2.json", "{\n"),
        ("examples/invalid-3.json", "[]"),
        ("examples/invalid-4.json", "1"),
        (
            "examples/expected.yaml",
            """
            format: expected-1
            invalid-1.json: { line: 1, path: /a, rule: '#/properties/a/type' }
            invalid-2.json: { line: 2, code: json.malformed }
            invalid-3.json: { line: 1, rule: '#/type' }
            invalid-4.json: { line: 1, rule: '#/type' }

            """
        ),
    ]

    @Test("takes a folder in which all is as it says, form or not")
    func sound() throws {
        #expect(try self.faults(Self.good) == [])
    }

    @Test(
        "says of each example that is not what it says it is, where and why",
        arguments: [
            (
                "examples/valid-1.json", #"{"a": true}"#,
                "examples/valid-1.json:1:7: Expected a whole number, found true."
            ),
            ("examples/invalid-1.json", #"{"a": 5}"#, "examples/invalid-1.json:1:1: It fits the schema."),
            (
                "examples/invalid-1.json", #"{"a": 5"#,
                "examples/expected.yaml:2:17: invalid-1.json: 'code' is json.malformed, expected is nothing."
            ),
            (
                "examples/invalid-2.json", "[]",
                "examples/expected.yaml:3:17: invalid-2.json: 'code' is nothing, expected is json.malformed."
            ),
            (
                "examples/invalid-3.json", "\n[]",
                "examples/expected.yaml:4:17: invalid-3.json: 'line' is 2, expected is 1."
            ),
            (
                "examples/invalid-9.json", "[]",
                "examples/invalid-9.json:1:1: expected.yaml does not say what is expected of it."
            ),
            (
                "examples/other.json", "[]",
                "examples/other.json:1:1: The name of an example begins with one of"
            ),
            (
                "examples/expected.yaml", "format: expected-1\ninvalid-l.json: {}",
                "examples/expected.yaml:2:17: There is no example 'invalid-l.json'. (did you mean 'invalid-1.json'?)"
            ),
            (
                "examples/expected.yaml", "format: expected-1\ninvalid-1.json: { rull: x }",
                "examples/expected.yaml:2:19: The key 'rull' is not known here"
            ),
            ("form.yaml", "format: form-1", "form.yaml:1:1: The key 'title' is missing."),
            ("repairs.yaml", "format: repairs-1", "repairs.yaml:1:1: The key 'namespace' is missing."),
            ("checks.yaml", "format: checks-1", "checks.yaml:1:1: The key 'below' is missing."),
        ]
    )
    func faulty(_ file: String, _ text: String, _ fault: String) throws {
        let files = Self.good.filter { $0.file != file } + [(file, text)]
        let faults = try self.faults(files)
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }

    @Test("finds checks that ask for what no message has, with their place")
    func deadChecks() throws {
        func faults(_ schema: String) throws -> [String] {
            let checks = "format: checks-1\nbelow: /\nchecks: [{ code: check.code_unknown, path: /count, codes: [x], sure: D }]"
            return try self.faults(Self.good.dropFirst() + [("schema.json", schema), ("checks.yaml", checks)])
        }
        let closed = #"{"type": "object", "properties": {"a": {"type": "integer"}, "counts": true}, "additionalProperties": false}"#
        #expect(
            try faults(closed) == [
                "checks.yaml:3:44: No a/b/1 has 'count', so '/count' is never there. (did you mean 'counts'?)"
            ])
        #expect(try faults(closed.replacing("counts", with: "count")) == [])
        #expect(try faults(closed.replacing(#", "additionalProperties": false"#, with: "")) == [])
    }

    @Test("asks for two examples that fit, and one that does not of a type without a form")
    func few() throws {
        let faults = try self.faults(Array(Self.good.prefix(2)))
        #expect(faults.contains("examples:1:1: At least 2 examples 'valid-…' are needed."))
        #expect(faults.contains("examples:1:1: At least 1 examples 'invalid-…' are needed."))
    }

    @Test("goes on with the other types when one cannot be used")
    func others() throws {
        let folder = try TemporaryFolder()
        for (file, text) in Self.good { try folder.write(text, to: "a/b/1/" + file) }
        try folder.write("{", to: "a/c/1/schema.json")
        let check = SchemaCheck.run(folder: folder.path)
        #expect([check.summary.types, check.summary.valid, check.summary.invalid] == [1, 2, 4])
        #expect(check.faults.map(\.file) == [folder.path + "/a/c/1/schema.json"])
    }

    @Test("says so when the folder is not there")
    func missing() {
        #expect(SchemaCheck.run(folder: "/nowhere").faults.count == 1)
    }

    @Test("tells all faults of one JSON Schema at once, in the order of the file")
    func allOfOne() throws {
        let schema = """
            {"type": "object",
             "properties": {
               "a": {"type": "strng", "minLength": -1, "pattern": "["},
               "b": {"$ref": "#/$defs/nobody"},
               "c": 5,
               "d": {"patternProperties": {"(": true, "^x$": {"enum": 1}, ")": true}, "items": {"required": "x"}}},
             "allOf": {}}
            """
        let faults = try self.faults([("schema.json", schema)])
        let expected = [
            "schema.json:3:18: A keyword of the schema has a value that it cannot have. Expected: names of JSON types.",
            "schema.json:3:40: A keyword of the schema has a value that it cannot have. Expected: a whole number that is not negative.",
            "schema.json:3:55: A regular expression of the schema cannot be used. Offset: ",
            "schema.json:4:18: There is no '#/$defs/nobody' in this file.",
            "schema.json:5:9: A schema must be an object, true or false.",
            "schema.json:6:37: A regular expression of the schema cannot be used. Offset: ",
            "schema.json:6:59: A keyword of the schema has a value that it cannot have. Expected: an array.",
            "schema.json:6:68: A regular expression of the schema cannot be used. Offset: ",
            "schema.json:6:97: A keyword of the schema has a value that it cannot have. Expected: an array of strings.",
            "schema.json:7:11: A keyword of the schema has a value that it cannot have. Expected: an array of schemas.",
        ]
        #expect(faults.count == expected.count, "\(faults)")
        for (fault, start) in zip(faults, expected) { #expect(fault.hasPrefix(start), "\(fault)") }
    }

    @Test("tells all faults of one XSD at once")
    func allOfOneXSD() throws {
        let schema = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
            <xs:element name="a" type="Nobody"/>
            <xs:element name="b" type="xs:strng"/>
            </xs:schema>
            """
        let faults = try self.faults([("schema.xsd", schema)])
        #expect(faults.map { $0.prefix(14) } == ["schema.xsd:2:1", "schema.xsd:3:1"], "\(faults)")
        let unsafe = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
            <xs:import namespace="urn:o" schemaLocation="http://127.0.0.1:9/o.xsd"/>
            <xs:simpleType name="C"><xs:restriction base="xs:string"><xs:pattern value="(a*)*b"/></xs:restriction></xs:simpleType>
            <xs:simpleType name="D"><xs:restriction base="xs:string"><xs:pattern value="(b*)*b"/></xs:restriction></xs:simpleType>
            </xs:schema>
            """
        #expect(
            try self.faults([("schema.xsd", unsafe)]).map { $0.prefix(13) }
                == ["schema.xsd:2:", "schema.xsd:3:", "schema.xsd:4:"])
    }

    @Test("says once, and without a place, that a schema uses another that has faults")
    func usedFaults() throws {
        let folder = try TemporaryFolder()
        let line = "status: draft, schema: draft2020-12, format-assertion: false"
        try folder.write(
            """
            format: catalogue-1
            domains:
              a:
                title: { vi: A, en: A }
                owner: { vi: B, en: B }
                types:
                  b/1: { \(line), uses: [a/c/1] }
                  c/1: { \(line) }

            """, to: "catalogue.yaml")
        try folder.write(##"{"$ref": "urn:lgsp-hub:schema:a:c:1"}"##, to: "a/b/1/schema.json")
        try folder.write(##"{"type": "strng", "minLength": -1}"##, to: "a/c/1/schema.json")
        let faults = SchemaCheck.run(folder: folder.path).faults.map {
            String($0.description.dropFirst(folder.path.count + 1))
        }
        #expect(
            faults.filter { $0.contains("schema.json") }.map { $0.prefix(54) } == [
                "a/b/1/schema.json:1:1: The schema uses a/c/1, whose sc",
                "a/c/1/schema.json:1:10: A keyword of the schema has a ",
                "a/c/1/schema.json:1:32: A keyword of the schema has a ",
            ], "\(faults)")
    }

    @Test(
        "refuses two forms that recognise the same payloads, and names both",
        arguments: [
            ("{ path: /yeuCau, equals: tinh }", "{ path: /yeuCau, equals: tinh }", "/yeuCau = tinh"),
            ("[{ path: /a }, { path: /b, not: x }]", "{ path: /b, not: x }", "/b ≠ x"),
            ("{ path: /yeuCau, equals: tinh }", "{ path: /yeuCau, equals: xa }", nil),
            ("[{ path: /a }, { path: /a }]", "{ path: /b }", nil),
        ] as [(String, String, String?)]
    )
    func sameForms(_ one: String, _ other: String, _ condition: String?) throws {
        let folder = try TemporaryFolder()
        for (type, recognise) in [("b", one), ("c", other)] {
            try folder.write("{}", to: "a/\(type)/1/schema.json")
            try folder.write(
                """
                format: form-1
                title: { vi: A, en: A }
                media-type: application/json
                recognise: \(recognise)
                sender: /madonvi

                """, to: "a/\(type)/1/form.yaml")
        }
        let (first, second) = (folder.path + "/a/b/1/form.yaml", folder.path + "/a/c/1/form.yaml")
        let faults = try SchemaCatalogue.load(folder: folder.path).forms().faults.map(\.description)
        let expected = condition.map {
            "\(second):4:12: It recognises the same payloads as \(first), by \($0); a payload would be the one or the other."
        }
        #expect(faults == [expected].compactMap(\.self))
        #expect(
            SchemaCheck.run(folder: folder.path).faults.map(\.description).contains { $0 == expected }
                == (expected != nil))
    }
}
