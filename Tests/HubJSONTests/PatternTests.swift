import HubModel
import Testing

@testable import HubJSON

@Suite("Regular expressions")
struct PatternTests {
    static let cases: [(pattern: String, fits: [String], not: [String])] = [
        ("", ["", "x"], []),
        ("b", ["abc", "b"], ["", "ac"]),
        ("^$", [""], ["a", "\n"]),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
        ("^(a|bc)*$", ["", "abc", "bcbca"], ["b", "ac b"]),
        ("^[0-9]{12}$", ["001000000001"], ["00100000001", "0010000000012", "００１０００００００１"]),
        ("^a{2,3}b{0}c{1,}$", ["aac", "aaacc"], ["ac", "aaaac", "aabc", "aa"]),
        ("^a??b*?c+?$", ["c", "abbcc"], ["ab", ""]),
        (#"^\d+\D$"#, ["12x"], ["12", "٣x"]),
        (#"^\w+\W$"#, ["a_1-"], ["é-", "aa"]),
        (#"^\s\S$"#, [" x", "\u{a0}x", "\u{feff}x"], ["  ", "xx"]),
        ("^.$", ["a", "ế", "😀"], ["", "\n", "\r", "\u{2028}", "ab"]),
        ("^[^a-c]$", ["d", "\n", "ế"], ["a", "c", ""]),
        ("^[a\\-z\\]^]$", ["a", "-", "z", "]", "^"], ["b", "\\"]),
        ("^[-a]|[b-]$", ["-", "a", "b"], ["c"]),
        (#"^[\d\s]+$"#, ["1 2"], ["a"]),
        (#"^[^\D]$"#, ["1"], ["a"]),
        (#"^\u0041\x42\u{1F600}\ud83d\ude00\t\cJ\0$"#, ["AB😀😀\t\n\u{0}"], ["AB😀😀\t\n0"]),
        (#"^\p{Lu}\p{Ll}+ \p{L}$"#, ["Trần T", "Đức ế"], ["trần T", "T T"]),
        (#"^\P{L}[\p{Nd}_]$"#, ["1٣", "-_"], ["a1", "1a"]),
        (#"\bcat\b"#, ["a cat.", "cat"], ["cats", "concat"]),
        (#"a\Bb"#, ["ab"], ["a b"]),
        ("^(?:a(?<n>b)?)+$", ["aba", "aab"], ["b", ""]),
        ("^[^a-zđ0-9]+$", ["TRẦN THỊ MẪU", "Đ"], ["TRầN1", "đ"]),
        ("(a*)*b", ["b", "aab"], ["aaa", ""]),
        ("(|a)+$", ["", "aa", "b"], []),
        ("a$b|c^d|[]", [], ["ab", "cd", "a"]),
        (#"^\$\^\.\*\+\?\(\)\[\]\{\}\|\/\\$"#, [#"$^.*+?()[]{}|/\"#], ["x"]),
        ("[\u{d7ff}-\u{e000}]", ["\u{d7ff}", "\u{e000}"], ["\u{d7fe}", "\u{e001}"]),
    ]

    @Test("match what ECMA-262 says, by the table and without it", arguments: cases.indices)
    func matches(index: Int) throws {
        let (source, fits, not) = Self.cases[index]
        let pattern = try Pattern(source)
        for text in fits + not {
            #expect(pattern.matches(text) == fits.contains(text), "\(source) on \(text.debugDescription)")
            #expect(
                pattern.matchesByRun(text) == fits.contains(text), "\(source) on \(text.debugDescription)")
        }
    }

    @Test(
        "that are wrong or cannot run in linear time are refused with the reason",
        arguments: [
            ("(", "a bracket is not closed or not opened", 1),
            ("a)", "a bracket is not closed or not opened", 1),
            ("[a", "a bracket is not closed or not opened", 2),
            ("*", "a quantifier has nothing to repeat", 0),
            ("a**", "a quantifier has nothing to repeat", 2), ("^*", "a quantifier has nothing to repeat", 1),
            ("a{2", "a quantifier is malformed", 3), ("a{3,2}", "a quantifier is malformed", 6),
            ("a{x}", "a quantifier is malformed", 2), (#"\y"#, "an escape is not known", 1),
            (#"\u12"#, "an escape is not known", 4), (#"\"#, "an escape is not known", 1),
            (#"\u{110000}"#, "an escape is not known", 10),
            ("[z-a]", "a range of a class is malformed or backwards", 4),
            (#"[\d-z]"#, "a range of a class is malformed or backwards", 5),
            ("(?=a)", "look-around is not supported", 3),
            ("(?<!a)", "look-around is not supported", 4),
            (#"(a)\1"#, "back-references are not supported", 5),
            ("(?i)a", "a group of this kind is not known", 2),
            (#"\p{Klingon}"#, "a Unicode property is not known", 11),
            ("a{6000}", "the expression is too large", 7),
            ("((a{100}){100}){100}", "the expression is too large", 0),
            (String(repeating: "(", count: 200), "groups are nested too deeply", 101),
        ])
    func refuses(source: String, reason: String, offset: Int) throws {
        let fault = try #require(throws: PatternFault.self) { try Pattern(source) }
        #expect(fault.reason.rawValue == reason)
        #expect(fault.offset == offset)
    }

    @Test("take time in proportion to the text, where backtracking would take for ever")
    func linear() throws {
        let text = String(repeating: "a", count: 20_000)
        for source in ["^(a+)+$", "^(a|a)*$", "(x+x+)+y", "^(a*)*b$", #"^(\p{L}+\p{L}*)+$"#] {
            let pattern = try Pattern(source)
            #expect(pattern.matches(text) == source.hasSuffix("+$") || source.contains("|"), "\(source)")
            #expect(!pattern.matches(text + "!"), "\(source)")
        }
    }

    @Test("answer the same by the table and without it, whatever the expression", arguments: UInt64(0)..<24)
    func agree(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let source = Self.expression(depth: 3, using: &random)
            guard let pattern = try? Pattern(source) else { continue }
            for _ in 0..<20 {
                let text = String(
                    String.UnicodeScalarView(
                        (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                            (["a", "b", "c", "ế", "\n"] as [UnicodeScalar]).randomElement(using: &random)
                                ?? "a"
                        })
                )
                #expect(
                    pattern.matches(text) == pattern.matchesByRun(text),
                    "\(source) on \(text.debugDescription)")
            }
        }
    }

    private static func expression(depth: Int, using random: inout SeededGenerator) -> String {
        let atoms = ["a", "b", "ế", ".", "[ab]", "[^a]", "^", "$", "[b-ế]", ""]
        if depth == 0 { return atoms.randomElement(using: &random) ?? "" }
        let inner = Self.expression(depth: depth - 1, using: &random)
        let other = Self.expression(depth: depth - 1, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "(\(inner))*"
        case 1: return "(\(inner))?\(other)"
        case 2: return "(?:\(inner)|\(other))"
        case 3: return "(\(inner)){1,3}"
        default: return inner + other
        }
    }
}
