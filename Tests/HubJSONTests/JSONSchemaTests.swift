import HubModel
import Testing

@testable import HubJSON

@Suite("A JSON Schema")
struct JSONSchemaTests {
    static func value(_ text: String) throws -> JSONValue { try JSONDocument.parse(Array(text.utf8)).value }

    /// One faulty document and the only violation it has.
    struct Fault: CustomTestStringConvertible, Sendable {
        let schema: String
        let document: String
        let path: String
        let rule: String
        let vi: String
        let en: String

        var testDescription: String { self.document + " against " + self.schema }

        init(_ schema: String, _ document: String, _ path: String, _ rule: String, vi: String, en: String) {
            (self.schema, self.document, self.path, self.rule) = (schema, document, path, rule)
            (self.vi, self.en) = (vi, en)
        }
    }

    static let faults: [Fault] = [
        Fault(
            #"{"type":["string","null"]}"#, "12", "", "#/type", vi: "Cần chuỗi hoặc null, nhưng gặp số 12.",
            en: "Expected a string or null, found the number 12."
        ),
        Fault(
            #"{"type":"string","enum":["a"]}"#, "[1]", "", "#/type",
            vi: "Cần chuỗi, nhưng gặp mảng 1 phần tử.",
            en: "Expected a string, found an array of 1 element."
        ),
        Fault(
            #"{"enum":["a",1]}"#, #""b""#, "", "#/enum", vi: #"Cần một trong "a", 1, nhưng gặp chuỗi "b"."#,
            en: #"Expected one of "a", 1, found the string "b"."#
        ),
        Fault(
            #"{"const":{"a":1}}"#, #"{"a":2}"#, "", "#/const",
            vi: #"Cần {"a":1}, nhưng gặp đối tượng 1 trường."#,
            en: #"Expected {"a":1}, found an object with 1 member."#
        ),
        Fault(
            #"{"items":{"maxLength":3}}"#, #"["abc","Nguyễn Thị Mẫu tên rất dài"]"#, "/1",
            "#/items/maxLength",
            vi: "Cần nhiều nhất 3 ký tự, nhưng gặp 26.", en: "Expected at most 3 characters, found 26."
        ),
        Fault(
            #"{"properties":{"a/b":{"pattern":"^x$"}}}"#, #"{"a/b":"Nguyễn Thị Mẫu tên rất dài"}"#, "/a~1b",
            "#/properties/a~1b/pattern",
            vi: #"Cần văn bản theo mẫu ^x$, nhưng gặp chuỗi "Nguy…" (26 ký tự)."#,
            en: #"Expected text like ^x$, found the string "Nguy…" (26 characters)."#
        ),
        Fault(
            #"{"required":["MaHoSo"]}"#, "{}", "", "#/required", vi: "Thiếu trường «MaHoSo».",
            en: "The member “MaHoSo” is missing."
        ),
        Fault(
            #"{"additionalProperties":false,"properties":{"a":true}}"#, #"{"a":1,"b":2}"#, "/b",
            "#/additionalProperties", vi: "Không được có trường «b» ở đây.",
            en: "The member “b” is not allowed here."
        ),
        Fault(
            #"{"prefixItems":[true],"items":false}"#, "[1,2]", "/1", "#/items",
            vi: "Không được có phần tử thứ 2 ở đây.",
            en: "Element 2 is not allowed here."
        ),
        Fault(
            #"{"minimum":1.50}"#, "1.4", "", "#/minimum", vi: "Cần số ít nhất là 1.50, nhưng gặp số 1.4.",
            en: "Expected a number at least 1.50, found the number 1.4."
        ),
        Fault(
            #"{"multipleOf":0.01}"#, "0.075", "", "#/multipleOf",
            vi: "Cần bội số của 0.01, nhưng gặp số 0… (5 ký tự).",
            en: "Expected a multiple of 0.01, found the number 0… (5 characters)."
        ),
        Fault(
            #"{"uniqueItems":true}"#, "[1,2,1.0]", "/2", "#/uniqueItems",
            vi: "Các phần tử phải khác nhau, nhưng phần tử thứ 3 trùng với phần tử thứ 1.",
            en: "Elements must differ, but element 3 repeats element 1."
        ),
        Fault(
            ##"{"anyOf":[{"type":"string"},{"$ref":"#/$defs/n"}],"$defs":{"n":{"type":"null"}}}"##, "true",
            "", "#/anyOf",
            vi: "Cần chuỗi hoặc null, nhưng gặp true.", en: "Expected a string or null, found true."
        ),
        Fault(
            #"{"oneOf":[{"type":"integer"},{"minimum":5}]}"#, "7", "", "#/oneOf",
            vi: "Phải khớp đúng một dạng, nhưng khớp các dạng 1, 2.",
            en: "Must fit exactly one form, but fits forms 1, 2."
        ),
        Fault(
            #"{"not":{"type":"string"}}"#, #""a""#, "", "#/not",
            vi: #"Không được mang dạng này, nhưng gặp chuỗi "a"."#,
            en: #"Must not have this form, but found the string "a"."#
        ),
        Fault(
            #"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, "", "#/dependentRequired",
            vi: "Thiếu trường «b», bắt buộc khi có «a».", en: "The member “b” is missing; “a” demands it."
        ),
        Fault(
            #"{"contains":{"const":1},"minContains":2}"#, "[1,2]", "", "#/minContains",
            vi: "Cần ít nhất 2 phần tử phù hợp, nhưng gặp 1.",
            en: "Expected at least 2 matching elements, found 1."
        ),
        Fault(
            #"{"if":{"required":["a"]},"then":{"required":["b"]},"else":false}"#, #"{"a":1}"#, "",
            "#/then/required",
            vi: "Thiếu trường «b».", en: "The member “b” is missing."
        ),
        Fault(
            #"{"propertyNames":{"maxLength":1}}"#, #"{"ab":1}"#, "/ab", "#/propertyNames/maxLength",
            vi: "Cần nhiều nhất 1 ký tự, nhưng gặp 2.", en: "Expected at most 1 character, found 2."
        ),
        Fault(
            #"{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}"#, #"{"a":1,"b":1}"#, "/b",
            "#/unevaluatedProperties", vi: "Không được có trường «b» ở đây.",
            en: "The member “b” is not allowed here."
        ),
        Fault(
            #"{"format":"date"}"#, #""2025-02-29""#, "", "#/format",
            vi: #"Cần văn bản dạng date, nhưng gặp chuỗi "202…" (10 ký tự)."#,
            en: #"Expected text of the format date, found the string "202…" (10 characters)."#
        ),
    ]

    @Test("says where, by which rule and why a document does not fit", arguments: Self.faults)
    func says(_ fault: Fault) throws {
        let schema = try JSONSchema.compile(try Self.value(fault.schema), assertsFormat: true)
        let document = try JSONDocument.parse(Array(fault.document.utf8))
        #expect(!schema.isValid(document.value))
        let violations = schema.violations(in: document)
        #expect(violations.count == 1)
        let violation = try #require(violations.first)
        #expect(violation.path == fault.path)
        #expect(violation.rule == fault.rule)
        #expect(violation.message == Bilingual(vi: fault.vi, en: fault.en))
        #expect(violation.line == 1)
        #expect(violation.column >= 1)
    }

    @Test("reports everything at once, in the order of the document, up to the limit")
    func everything() throws {
        let schema = try JSONSchema.compile(
            try Self.value(
                #"{"required":["z"],"properties":{"b":{"type":"integer"},"a":{"items":{"minimum":10}}}}"#)
        )
        let document = try JSONDocument.parse(Array("{\n \"a\": [1,\n  20, 3],\n \"b\": \"x\"\n}".utf8))
        let violations = schema.violations(in: document)
        #expect(violations.map(\.path) == ["", "/a/0", "/a/2", "/b"])
        #expect(violations.map(\.line) == [1, 2, 3, 4])
        #expect(violations.map(\.column) == [1, 8, 7, 7])
        #expect(schema.violations(in: document, limit: 2).count == 2)
        #expect(schema.violations(in: document.value).allSatisfy { $0.line == 0 })
    }

    @Test("cuts a path that the names of the document make long, and finds the place all the same")
    func longPath() throws {
        let schema = try JSONSchema.compile(
            try Self.value(##"{"additionalProperties":{"$ref":"#"},"type":["object","string"]}"##))
        // Two bytes a letter, so that one of the two lengths would be cut within a letter.
        for prefix in ["", "x"] {
            let name = prefix + String(repeating: "đ", count: 200)
            let text = "{\"\(name)\":{\"\(name)\":\n{\"a\":1}}}"
            let violation = try #require(
                schema.violations(in: try JSONDocument.parse(Array(text.utf8))).first)
            #expect(violation.line == 2)
            #expect(violation.column == 6)
            #expect(violation.path.hasPrefix("/\(name)/\(prefix)đđ"))
            #expect((511...515).contains(violation.path.utf8.count))
            #expect(violation.path.hasSuffix("đ…"))
            #expect(schema.violations(in: try Self.value(text)).map(\.path) == [violation.path])
        }
    }

    @Test("tells why the nearest form does not fit when none does")
    func nearest() throws {
        let schema = try JSONSchema.compile(
            try Self.value(
                #"""
                {"oneOf":[{"properties":{"kind":{"const":"card"}, "digits":{"pattern":"^[0-9]{12}$"}},"required":["kind"]},
                {"type":"array"}, {"required":["a","b","c"]}]}
                """#
            )
        )
        let document = try JSONDocument.parse(Array(#"{"kind":"card","digits":"1"}"#.utf8))
        let violations = schema.violations(in: document)
        #expect(violations.map(\.rule) == ["#/oneOf", "#/oneOf/0/properties/digits/pattern"])
        #expect(violations.first?.message.en == "Fits none of the 3 allowed forms; the nearest is form 1.")
    }

    @Test(
        "that is wrong is refused with the place of the keyword",
        arguments: [
            ("12", "#"), (#"{"type":"strin"}"#, "#/type"), (#"{"minLength":-1}"#, "#/minLength"),
            (#"{"maxItems":1.5}"#, "#/maxItems"), (#"{"properties":[]}"#, "#/properties"),
            (#"{"properties":{"a":{"pattern":"("}}}"#, "#/properties/a/pattern"),
            (#"{"items":[true]}"#, "#/items"),
            (#"{"required":"a"}"#, "#/required"), (#"{"multipleOf":0}"#, "#/multipleOf"),
            (##"{"allOf":{}}"##, "#/allOf"), (##"{"not":{"$ref":"#/$defs/x"}}"##, "#/not/$ref"),
            (##"{"$ref":"https://example.vn/elsewhere"}"##, "#/$ref"), (##"{"$ref":"#nowhere"}"##, "#/$ref"),
            (##"{"$ref":"#"}"##, "#"), (##"{"anyOf":[{"$ref":"#"}]}"##, "#"),
            (##"{"$schema":"https://example.vn/own"}"##, "#"),
            (#"{"patternProperties":{"(?=a)":true}}"#, "#/patternProperties/(?=a)"),
            (#"{"enum":1}"#, "#/enum"),
            (##"{"$defs":{"a":{"minimum":"1"}},"$ref":"#/$defs/a"}"##, "#/$defs/a/minimum"),
        ])
    func refuses(schema: String, location: String) throws {
        let error = try #require(throws: HubError.self) { try JSONSchema.compile(try Self.value(schema)) }
        #expect(error.code == .schemaInvalid)
        #expect(error.details.contains { $0.key == "location" && $0.value == location }, "\(error)")
    }

    @Test("may refer to the documents it was given, and to nothing else")
    func documents() throws {
        let schema = try Self.value(
            #"{"$id":"https://example.vn/a/main","items":{"$ref":"parts#/$defs/code"}}"#)
        let parts = try Self.value(#"{"$defs":{"code":{"maxLength":2}}}"#)
        #expect(throws: HubError.self) { try JSONSchema.compile(schema) }
        let compiled = try JSONSchema.compile(schema, documents: ["https://example.vn/a/parts": parts])
        let violation = try #require(compiled.violations(in: ["abc"]).first)
        #expect(violation.rule == "https://example.vn/a/parts#/$defs/code/maxLength")
    }

    @Test(
        "is described by the built-in meta-schemas, which describe themselves",
        arguments: JSONSchemaDraft.allCases)
    func metaSchemas(draft: JSONSchemaDraft) throws {
        #expect(MetaSchemas.documents.count == MetaSchemas.texts.count)
        let meta = try JSONSchema.compile(["$ref": .string(draft.rawValue)])
        for (uri, document) in MetaSchemas.documents {
            #expect(meta.violations(in: document).isEmpty, "\(uri)")
        }
        #expect(!meta.isValid(["type": "strin"]))
        #expect(!meta.isValid(["properties": ["a": ["minLength": -1]]]))
    }

    @Test("that leads a value round in circles at run time ends with a violation")
    func endless() throws {
        let schema = try JSONSchema.compile(["$dynamicAnchor": "again", "$dynamicRef": "#again"])
        let violations = schema.violations(in: [1])
        #expect(violations.map(\.message) == [ViolationText.tooDeep])
    }

    @Test(
        "that leads a value round in circles on many ways ends with a violation, too",
        arguments: ["allOf", "anyOf", "oneOf"])
    func endless(keyword: String) throws {
        let branches = ##"[{"$dynamicRef":"#again"},{"$dynamicRef":"#again"}]"##
        let text = #"{"$dynamicAnchor":"again","\#(keyword)":\#(branches)}"#
        let schema = try JSONSchema.compile(try Self.value(text))
        #expect(!schema.isValid([1]))
        #expect(!schema.violations(in: [1]).isEmpty)
    }

    @Test("does not take what leads in circles for the opposite of something that fits")
    func endlessOpposite() throws {
        let text = ##"{"not":{"$dynamicAnchor":"again","allOf":[{"$dynamicRef":"#again"}]}}"##
        let schema = try JSONSchema.compile(try Self.value(text))
        #expect(!schema.isValid([1]))
        #expect(schema.violations(in: [1]).map(\.message) == [ViolationText.tooDeep])
    }

    @Test("goes as deep as a document may go")
    func deep() throws {
        let schema = try JSONSchema.compile(
            try Self.value(##"{"type":"array","items":{"$ref":"#/$defs/n"},"$defs":{"n":{"$ref":"#"}}}"##))
        let text = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
        let document = try JSONDocument.parse(Array(text.utf8), limits: JSONLimits(maxDepth: 512))
        #expect(schema.violations(in: document).isEmpty)
    }

    @Test("gives the same answer quickly and in full, whatever the document", arguments: UInt64(0)..<16)
    func agree(seed: UInt64) throws {
        let schema = try JSONSchema.compile(
            try Self.value(
                #"""
                {"anyOf":[{"type":"array","uniqueItems":true,"items":{"$ref":"#"},"maxItems":4},{"type":"string","maxLength":12},
                {"type":"number","minimum":0},{"type":"object","patternProperties":{"^[a-z]":{"$ref":"#"}},
                "propertyNames":{"minLength":1},"unevaluatedProperties":{"type":["null","boolean"]}},{"enum":[null,true]}]}
                """#
            )
        )
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let value = JSONWritingTests.value(depth: 3, using: &random)
            let document = try JSONDocument.parse(value.serialised(pretty: true))
            let violations = schema.violations(in: document, limit: 5)
            #expect(violations.isEmpty == schema.isValid(value))
            #expect(violations.count <= 5)
            for violation in violations {
                #expect(value.value(at: violation.path) != nil, "\(violation.path)")
                #expect(violation.line >= 1)
            }
        }
    }

    @Test(
        "asserts formats only when asked",
        arguments: [
            ("date-time", "2024-02-29T23:59:60Z", "2024-02-30T00:00:00Z"),
            ("time", "08:30:00+07:00", "08:30:00"),
            ("email", "mau@example.vn", "mau@@example.vn"), ("ipv4", "10.0.0.1", "10.0.0.256"),
            ("ipv6", "::1", "1::2::3"),
            ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"),
            ("uri", "https://example.vn/a?b#c", "//example.vn"),
            ("hostname", "mot-cua.example.vn", "-a.vn"), ("json-pointer", "/a/~0", "a"),
            ("regex", "a+", "a("),
            ("duration", "P1DT2H", "P1H"), ("relative-json-pointer", "0/a", "/a"),
            ("uri-reference", "a/b", "a b"),
        ])
    func formats(name: String, good: String, bad: String) throws {
        let schema: JSONValue = ["format": .string(name)]
        let asserting = try JSONSchema.compile(schema, assertsFormat: true)
        #expect(asserting.isValid(.string(good)))
        #expect(!asserting.isValid(.string(bad)))
        #expect(try JSONSchema.compile(schema).isValid(.string(bad)))
    }
}
