import HubJSON
import HubModel
import Testing

/// A generator whose numbers depend on the seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

@Suite("Hostile JSON", .timeLimit(.minutes(1)))
struct HostileJSONTests {
    static let dossier = Array(
        #"""
        {"service": "DongBoHoSoMC", "data": [{"MaHoSo": "000.00.14.H44-240315-0001", "SoLuong": -1.50e+3,
         "ChuHoSo": "Trần Thị Mẫu", "GhiChu": "d\u00f2ng 1\nd\u00f2ng 2 \ud83d\ude00", "TaiLieu": [], "x": [true, false, null]}]}
        """#.utf8
    )

    @Test(
        "nested a hundred thousand deep is refused at the limit, not by the stack",
        arguments: ["[", "{\"a\":", "[{\"\":"])
    func deep(opening: String) throws {
        let bytes = Array(String(repeating: opening, count: 100_000).utf8)
        let error = try #require(throws: HubError.self) { try JSONDocument.parse(bytes) }
        #expect(error.code == .jsonTooDeep)
        #expect(error.detail("limit") == "64")
        let greatest = try #require(throws: HubError.self) {
            try JSONDocument.parse(bytes, limits: JSONLimits(maxDepth: 1_000_000))
        }
        #expect(greatest.code == .jsonTooDeep)
        #expect(greatest.detail("limit") == String(JSONLimits.greatestDepth))
        #expect((greatest.detail("pointer") ?? "").count <= 257)
    }

    @Test("may be as deep as the limit and no deeper")
    func limit() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSONDocument.parse(nested(64))
        #expect(throws: HubError.self) { try JSONDocument.parse(nested(65)) }
        let deepest = try JSONDocument.parse(nested(512), limits: JSONLimits(maxDepth: 512))
        #expect(deepest.value.serialised() == nested(512))
        #expect(deepest.value == deepest.value)
        #expect(deepest.place(of: String(repeating: "/0", count: 511))?.column == 512)
    }

    @Test("larger than allowed is refused unread")
    func size() throws {
        let error = try #require(throws: HubError.self) {
            try JSONDocument.parse(Array("[1,2,3]".utf8), limits: JSONLimits(maxBytes: 6))
        }
        #expect(error.code == .jsonMalformed)
        #expect(error.detail("limit") == "6")
    }

    @Test("of more values than allowed is refused where the first one too many stands")
    func values() throws {
        let limits = JSONLimits(maxValues: 6)
        func parse(_ text: String) throws -> JSONValue {
            try JSONDocument.parse(Array(text.utf8), limits: limits).value
        }
        for text in ["[1,2,3,4,5]", #"{"a":[null,{}],"b":"","c":true}"#, "[[[[[[]]]]]]"] {
            _ = try parse(text)
        }
        for (text, column, pointer) in [
            ("[1,2,3,4,5,6]", "12", "/5"), (#"{"a":[null,{}],"b":"","c":[0]}"#, "28", "/c/0"),
            ("[[[[[[[]]]]]]]", "7", "/0/0/0/0/0/0"), (#"[{"a":0},{"a":0},{"a":0}]"#, "23", "/2/a"),
        ] {
            let error = try #require(throws: HubError.self) { try parse(text) }
            #expect(error.code == .intakeTooLarge)
            #expect(error.detail("line") == "1")
            #expect(error.detail("column") == column)
            #expect(error.detail("pointer") == pointer)
            #expect(error.detail("limit") == "6")
        }
        let many = Array(("[" + String(repeating: "0,", count: 999_999) + "0]").utf8)
        let error = try #require(throws: HubError.self) { try JSONDocument.parse(many) }
        #expect(error.code == .intakeTooLarge)
        #expect(error.detail("pointer") == "/999999")
    }

    @Test("with a longer name than any member has is refused where that stands")
    func longName() throws {
        func text(_ count: Int, _ character: String = "k") -> [UInt8] {
            Array("{\"a\":\n{\"\(String(repeating: character, count: count))\":1}}".utf8)
        }
        for bytes in [text(1024), text(512, "é"), text(1024, "\\u006b"), text(256, "\\ud83d\\ude00")] {
            _ = try JSONDocument.parse(bytes)
        }
        for bytes in [
            text(1025), text(513, "é"), text(1025, "\\u006b"), text(257, "\\ud83d\\ude00"), text(1 << 20),
        ] {
            let error = try #require(throws: HubError.self) { try JSONDocument.parse(bytes) }
            #expect(error.code == .jsonMalformed)
            #expect(error.detail("line") == "2")
            #expect(error.detail("column") == "2")
            #expect(error.detail("pointer") == "/a")
            #expect(error.detail("limit") == "1024")
        }
        let short = JSONLimits(maxNameBytes: 2)
        _ = try JSONDocument.parse(Array(#"{"ab":1}"#.utf8), limits: short)
        #expect(throws: HubError.self) { try JSONDocument.parse(Array(#"{"abc":1}"#.utf8), limits: short) }
    }

    @Test("with long names around many values is gone through once to find a place in it")
    func longPath() throws {
        let depth = 60
        var text = ""
        for level in 0..<depth { text += "{\"\(String(repeating: "n", count: 1000))\(level)\":" }
        text +=
            "[" + String(repeating: "0,", count: 300_000) + "0]" + String(repeating: "}", count: depth - 1)
        text += ",\n\"z\":1}"
        let document = try JSONDocument.parse(Array(text.utf8))
        #expect(document.place(of: "/z") == SourcePlace(line: 2, column: 5))
        let names = (0..<depth).map { "/" + String(repeating: "n", count: 1000) + String($0) }.joined()
        let places = document.places(of: ["/z", "/none", names + "/300000", names + "/300001"])
        #expect(places.count == 2)
        #expect(places[names + "/300000"]?.line == 1)
    }

    @Test("cut anywhere is refused, and says so at the cut or before")
    func truncated() throws {
        _ = try JSONDocument.parse(Self.dossier)
        for length in 0..<Self.dossier.count {
            let error = try #require(throws: HubError.self) {
                try JSONDocument.parse(Array(Self.dossier[..<length]))
            }
            #expect(error.code == .jsonMalformed, "cut at \(length)")
            #expect(error.detail("line") == (length <= 97 ? "1" : "2"), "cut at \(length)")
        }
    }

    @Test("with flipped bits is refused or means what it writes back", arguments: UInt64(0)..<16)
    func flipped(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = Self.dossier
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
            guard let value = try? JSONDocument.parse(bytes).value else { continue }
            #expect(try JSONDocument.parse(value.serialised()).value == value)
        }
    }

    @Test("of random bytes and random tokens never gets further than a refusal", arguments: UInt64(0)..<16)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let tokens = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "1", "-", "e", ".", "true", "\u{e9}",
            " ", "\n",
        ]
        for _ in 0..<300 {
            let noise = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? JSONDocument.parse(noise)
            let text = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                tokens.randomElement(using: &random) ?? ""
            }
            if let value = try? JSONDocument.parse(Array(text.joined().utf8)).value {
                #expect((try? JSONDocument.parse(value.serialised()).value) == value)
            }
        }
    }

    @Test("with a hundred thousand keys is read, and a repeated key among them found")
    func manyKeys() throws {
        var text = "{" + (0..<100_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let value = try JSONDocument.parse(Array((text + "}").utf8)).value
        #expect(value["key99999"] == 99_999)
        #expect(value.object?.count == 100_000)
        text += ",\"key5\":0}"
        let error = try #require(throws: HubError.self) { try JSONDocument.parse(Array(text.utf8)) }
        #expect(error.code == .jsonDuplicateKey)
    }

    @Test("with huge numbers costs no more than their text")
    func hugeNumbers() throws {
        let digits = "1" + String(repeating: "0", count: 200_000)
        let text =
            "[1e999999999, -1E-999999999, 1e99999999999999999999999, \(digits), \(digits).5, 0e999999999, -0]"
        let value = try JSONDocument.parse(Array(text.utf8)).value
        #expect(value[0]?.int == nil)
        #expect(value[0]?.double == nil)
        #expect(value[1]?.double == 0)
        #expect(value[3] == .number(try #require(JSONNumber(text: "1e200000"))))
        #expect(value[3] != value[4])
        #expect(value[5] == 0)
        #expect(value[6] == 0)
        let schema = try JSONSchema.compile(
            [
                "items": [
                    "multipleOf": .number(JSONNumber(3)),
                    "maximum": .number(try #require(JSONNumber(text: "1e400"))), "type": "integer",
                ]
            ]
        )
        #expect(!schema.isValid(value))
        #expect(schema.violations(in: value).allSatisfy { $0.message.en.count < 120 })
        #expect(schema.isValid([0]))
        let exact = try JSONSchema.compile(["multipleOf": .number(try #require(JSONNumber(text: "0.01")))])
        #expect(exact.isValid(.number(try #require(JSONNumber(text: "1e999999999")))))
        #expect(exact.isValid(.number(try #require(JSONNumber(text: "1234567890123456789012345.67")))))
        #expect(!exact.isValid(.number(try #require(JSONNumber(text: "1234567890123456789012345.678")))))
    }

    @Test(
        "keeps numbers apart and together by value",
        arguments: [
            ("1", "1.0", true), ("100", "1e2", true), ("-0", "0.000", true), ("0.10", "1e-1", true),
            ("10", "1", false),
            ("123456789012345678901234567890", "123456789012345678901234567891", false),
            ("1e5", "1e50", false),
            ("1.5", "15e-1", true), ("-1", "1", false), ("0.001", "0.0010", true),
            ("12.340", "1.234e1", true),
        ])
    func numbers(left: String, right: String, areEqual: Bool) throws {
        let left = try #require(JSONNumber(text: left))
        let right = try #require(JSONNumber(text: right))
        #expect((left == right) == areEqual)
        if areEqual { #expect(left.hashValue == right.hashValue) }
    }

    @Test(
        "has no number that RFC 8259 does not know",
        arguments: ["", "-", "01", "1.", ".1", "1e", "1e+", "+1", "0x1", "NaN", "1 ", "--1"])
    func noNumber(text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test(
        "gives whole numbers exactly or not at all",
        arguments: [
            ("9223372036854775807", Int.max), ("9223372036854775808", nil), ("-9223372036854775808", Int.min),
            ("-9223372036854775809", nil), ("1.50e1", 15), ("1.5", nil), ("9.223372036854775807e18", Int.max),
            ("-0.0", 0),
            ("1e19", nil),
        ])
    func whole(text: String, value: Int?) throws {
        #expect(try #require(JSONNumber(text: text)).int == value)
    }
}
