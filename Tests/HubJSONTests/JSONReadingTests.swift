import HubJSON
import HubModel
import Testing

/// One text that is not JSON, and what the report about it must say.
struct BadText: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let code: ErrorCode
    let place: SourcePlace
    let pointer: String
    let expected: String?

    init(
        _ text: String, _ expected: String?, line: Int = 1, column: Int, pointer: String = "",
        code: ErrorCode = .jsonMalformed
    ) {
        self.init(Array(text.utf8), text, expected, line: line, column: column, pointer: pointer, code: code)
    }

    init(
        _ bytes: [UInt8], _ name: String, _ expected: String?, line: Int = 1, column: Int,
        pointer: String = "",
        code: ErrorCode = .jsonMalformed
    ) {
        self.testDescription = name
        self.bytes = bytes
        self.code = code
        self.place = SourcePlace(line: line, column: column)
        self.pointer = pointer
        self.expected = expected
    }
}

@Suite("Reading JSON")
struct JSONReadingTests {
    @Test("keeps every kind of value, the order of members and the text of numbers")
    func keeps() throws {
        let text =
            #" {"b": [true, false, null, -0.50e+2, 12345678901234567890], "a": {"": "ế\n\u00e9\ud83d\ude00/"}} "#
        let value = try JSONDocument.parse(Array(text.utf8)).value
        #expect(value.object?.keys == ["b", "a"])
        #expect(value["b"]?[3]?.number?.text == "-0.50e+2")
        #expect(value["b"]?[3]?.int == -50)
        #expect(value["b"]?[4]?.number?.text == "12345678901234567890")
        #expect(value["b"]?[4]?.int == nil)
        #expect(value.value(at: "/a/")?.string == "ế\né😀/")
        #expect(value.value(at: "/b/0")?.bool == true)
        #expect(value.value(at: "/b/2")?.isNull == true)
        #expect(value.value(at: "")?.object?.count == 2)
        for pointer in ["/b/5", "/b/00", "/b/-", "/c", "b", "/a/~2", "/a//x"] {
            #expect(value.value(at: pointer) == nil, "\(pointer)")
        }
    }

    static let bad: [BadText] = [
        BadText("", "a value", column: 1),
        BadText("  ", "a value", column: 3),
        BadText("{", "a key in quotation marks or '}'", column: 2),
        BadText("{\"a\"", "':'", column: 5, pointer: "/a"),
        BadText("{\"a\":1,}", "a key in quotation marks", column: 8),
        BadText("{\"a\":1 \"b\":2}", "',' or '}'", column: 8, pointer: "/a"),
        BadText("{a:1}", "a key in quotation marks or '}'", column: 2),
        BadText("[1,]", "a value", column: 4, pointer: "/1"),
        BadText("[1 2]", "',' or ']'", column: 4, pointer: "/0"),
        BadText("[1\n,\n 01]", "no digit after a leading 0", line: 3, column: 3, pointer: "/1"),
        BadText("[-]", "a digit", column: 3, pointer: "/0"),
        BadText("[1.]", "a digit", column: 4, pointer: "/0"),
        BadText("[1e+]", "a digit", column: 5, pointer: "/0"),
        BadText("[.5]", "a value", column: 2, pointer: "/0"),
        BadText("[+5]", "a value", column: 2, pointer: "/0"),
        BadText("NaN", "a value", column: 1),
        BadText("tru", "true, false or null", column: 1),
        BadText("nulll", "nothing after the value", column: 5),
        BadText("{} {}", "nothing after the value", column: 4),
        BadText("'a'", "a value", column: 1),
        BadText("// c\n1", "a value", column: 1),
        BadText("\"a", "a closing quotation mark", column: 3),
        BadText("\"a\u{1}\"", "control characters written as escapes", column: 3),
        BadText("[\"ế\n\"]", "control characters written as escapes", column: 4, pointer: "/0"),
        BadText(#""\x""#, #"one of the escapes \" \\ \/ \b \f \n \r \t \u"#, column: 3),
        BadText(#""\u12g4""#, "four hexadecimal digits", column: 6),
        BadText(
            #"{"k":"ab\ud800"}"#, "a surrogate escape together with its other half", column: 9, pointer: "/k"),
        BadText(#""\ud800\u0041""#, "a surrogate escape together with its other half", column: 2),
        BadText(#""\udc00\ud800""#, "a surrogate escape together with its other half", column: 2),
        BadText([0xef, 0xbb, 0xbf, 0x31], "byte order mark", "no byte order mark", column: 1),
        BadText([0x22, 0xc0, 0x80, 0x22], "an overlong NUL", "valid UTF-8", column: 2),
        BadText([0x22, 0x61, 0xe0, 0x80, 0xaf, 0x22], "an overlong slash", "valid UTF-8", column: 3),
        BadText([0x22, 0xed, 0xa0, 0x80, 0x22], "a surrogate in UTF-8", "valid UTF-8", column: 2),
        BadText([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], "beyond U+10FFFF", "valid UTF-8", column: 2),
        BadText([0x22, 0x61, 0xc3, 0x22], "a cut character", "valid UTF-8", column: 3),
        BadText([0x22, 0x5c, 0x6e, 0xff, 0x22], "a wrong byte after an escape", "valid UTF-8", column: 4),
        BadText([0xff], "a wrong byte instead of a value", "a value", column: 1),
        BadText("{\"a\":1,\"b\":2,\"a\":3}", nil, column: 14, pointer: "/a", code: .jsonDuplicateKey),
        BadText(
            "{\"x\":[{\"a/b\":1,\n\"a\\u002fb\":3}]}", nil, line: 2, column: 1, pointer: "/x/0/a~1b",
            code: .jsonDuplicateKey),
        BadText(#"{"\u0061":{"a":1,"\u0061":2}}"#, nil, column: 18, pointer: "/a/a", code: .jsonDuplicateKey),
    ]

    @Test("refuses what RFC 8259 does not allow, saying where and what was expected", arguments: Self.bad)
    func refuses(_ bad: BadText) throws {
        let error = try #require(throws: HubError.self) { try JSONDocument.parse(bad.bytes) }
        #expect(error.code == bad.code)
        #expect(error.detail("line") == String(bad.place.line))
        #expect(error.detail("column") == String(bad.place.column))
        #expect(error.detail("pointer") == bad.pointer)
        #expect(error.detail("expected") == bad.expected)
    }

    @Test("takes keys that differ only in how they are composed as two keys")
    func composition() throws {
        let value = try JSONDocument.parse(Array("{\"\u{e9}\":1,\"e\u{301}\":2}".utf8)).value
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(value != ["\u{e9}": 2, "e\u{301}": 1])
    }

    @Test("finds the places of values by pointer")
    func places() throws {
        let text = "{\"a\": [1,\n  {\"b/c\": \"ế\", \"d\": []}],\n \"\\u0065\": null}"
        let document = try JSONDocument.parse(Array(text.utf8))
        #expect(document.place(of: "") == SourcePlace(line: 1, column: 1))
        #expect(document.place(of: "/a") == SourcePlace(line: 1, column: 7))
        #expect(document.place(of: "/a/0") == SourcePlace(line: 1, column: 8))
        #expect(document.place(of: "/a/1") == SourcePlace(line: 2, column: 3))
        #expect(document.place(of: "/a/1/b~1c") == SourcePlace(line: 2, column: 11))
        #expect(document.place(of: "/a/1/d") == SourcePlace(line: 2, column: 21))
        #expect(document.place(of: "/e") == SourcePlace(line: 3, column: 12))
        #expect(document.place(of: "/f") == nil)
        #expect(document.places(of: ["/e", "/a/1/d", "/none"]).count == 2)
    }

    @Test("finds the place of every value there is, and of no other", arguments: UInt64(0)..<16)
    func everyPlace(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let value = JSONWritingTests.value(depth: 4, using: &random)
            let document = try JSONDocument.parse(value.serialised())
            var inside: [String: JSONValue] = [:]
            Self.collect(value, at: "", into: &inside)
            let absent = inside.keys.map { $0 + "/none" } + ["none", "/~", "/-"]
            let places = document.places(of: Array(inside.keys) + absent)
            #expect(places.count == inside.count)
            for (pointer, value) in inside {
                let place = try #require(places[pointer], "\(pointer)")
                #expect(document.place(of: pointer) == place)
                // Line ends are escaped, so all is on one line; columns count code points.
                let text = String(decoding: document.bytes, as: UTF8.self).unicodeScalars
                let rest = String(String.UnicodeScalarView(text.dropFirst(place.column - 1)))
                #expect(rest.utf8.starts(with: value.serialised()), "\(pointer)")
            }
        }
    }

    private static func collect(_ value: JSONValue, at pointer: String, into all: inout [String: JSONValue]) {
        all[pointer] = value
        for (index, element) in (value.array ?? []).enumerated() {
            self.collect(element, at: "\(pointer)/\(index)", into: &all)
        }
        for (key, member) in value.object?.members ?? [] {
            self.collect(member, at: pointer + "/" + JSONPointer.escaped(key), into: &all)
        }
    }
}
