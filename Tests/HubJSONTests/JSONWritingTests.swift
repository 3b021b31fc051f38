import HubJSON
import HubModel
import Testing

@Suite("Writing JSON")
struct JSONWritingTests {
    @Test("escapes what it must and nothing else, and leaves numbers as they were")
    func escapes() throws {
        let value: JSONValue = [
            "a\"b": "\\ / \u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f} ế 😀",
            "n": .number(try #require(JSONNumber(text: "1.50E+2"))),
        ]
        let text = #"{"a\"b":"\\ / \u0001\b\t\n\f\r\u001f\#u{7f} ế 😀","n":1.50E+2}"#
        #expect(value.text == text)
        #expect(try JSONDocument.parse(Array(text.utf8)).value == value)
    }

    @Test("sorts keys by code points at every level when asked")
    func sorts() {
        let value: JSONValue = ["b": ["z": 1, "é": 2, "a": 3], "a": [], "B": nil, "": true]
        #expect(
            String(decoding: value.serialised(sortedKeys: true), as: UTF8.self)
                == #"{"":true,"B":null,"a":[],"b":{"a":3,"z":1,"é":2}}"#)
    }

    @Test("puts members on lines of their own when asked")
    func pretty() {
        let value: JSONValue = ["a": [1, []], "b": [:]]
        #expect(
            String(decoding: value.serialised(pretty: true), as: UTF8.self)
                == "{\n  \"a\": [\n    1,\n    []\n  ],\n  \"b\": {}\n}")
    }

    @Test("writes what reads back as the same value", arguments: UInt64(0)..<16)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let value = Self.value(depth: 5, using: &random)
            for (sorted, pretty) in [(false, false), (true, false), (false, true), (true, true)] {
                let bytes = value.serialised(sortedKeys: sorted, pretty: pretty)
                let again = try JSONDocument.parse(bytes).value
                #expect(again == value)
                #expect(again.hashValue == value.hashValue)
                #expect(again.serialised(sortedKeys: sorted, pretty: pretty) == bytes)
            }
        }
    }

    static func value(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 8), using: &random) {
        case 0: return nil
        case 1: return .bool(.random(using: &random))
        case 2: return .number(JSONNumber(Int.random(in: -1_000_000...1_000_000, using: &random)))
        case 3:
            return JSONNumber(Double.random(in: -1e20...1e20, using: &random)).map(JSONValue.number) ?? nil
        case 4: return .string(Self.text(using: &random))
        case 5, 6:
            return .array(
                (0..<Int.random(in: 0..<6, using: &random)).map { _ in
                    Self.value(depth: depth - 1, using: &random)
                })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<(depth > 2 ? 8 : 40), using: &random) {
                object[Self.text(using: &random)] = Self.value(
                    depth: depth - 2 < 0 ? 0 : depth - 2, using: &random)
            }
            return .object(object)
        }
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let scalars: [UnicodeScalar] = [
            "a", "B", "7", " ", "\"", "\\", "/", "\n", "\u{0}", "\u{1f}", "é", "\u{301}", "ế", "😀",
            "\u{ffff}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0..<24, using: &random) {
            text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "x")
        }
        return text
    }

    @Test("lets members be set, replaced and removed, also in large objects")
    func members() {
        var object = JSONObject()
        for number in 0..<100 { object["k\(number)"] = .number(JSONNumber(number)) }
        object["k5"] = "five"
        object["k0"] = nil
        object["k99"] = nil
        object["none"] = nil
        #expect(object.count == 98)
        #expect(object["k5"] == "five")
        #expect(object.keys.first == "k1")
        #expect(object["k98"] == 98)
        #expect(object["k99"] == nil)
    }
}
