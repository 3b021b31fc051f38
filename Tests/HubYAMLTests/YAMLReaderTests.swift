import HubModel
import HubYAML
import Testing

@Suite("The settings reader")
struct YAMLReaderTests {
    private func read(_ text: String) throws -> SettingsTree {
        try YAMLReader.read(Array(text.utf8), file: "test.yaml").get()
    }

    @Test("keeps scalars as text, whatever YAML would take them for")
    func scalars() throws {
        let tree = try self.read(
            """
            plain: no
            number: 1.10
            empty:
            single: 'it''s'
            double: "tab\\tand: colon"
            literal: |
              one
              two
            folded: >-
              one
              two

            """
        )
        let reader = SettingsReader(tree, file: "test.yaml")
        #expect(reader.string("plain") == "no")
        #expect(reader.string("number") == "1.10")
        #expect(reader.string("empty") == "")
        #expect(reader.string("single") == "it's")
        #expect(reader.string("double") == "tab\tand: colon")
        #expect(reader.string("literal") == "one\ntwo\n")
        #expect(reader.string("folded") == "one two")
        #expect(reader.faults.isEmpty)
    }

    @Test("knows the place of every key and value, counting characters and not bytes")
    func places() throws {
        let tree = try self.read("# ghi chú\ntiêu đề: { vi: Sở, en: Dept }\nlist:\n  - một\n  - [a, b]\n")
        guard case .map(let entries, let top) = tree else { throw Unexpected() }
        #expect(top == SourcePlace(line: 2, column: 1))
        #expect(entries[0].key == "tiêu đề")
        #expect(entries[0].place == SourcePlace(line: 2, column: 1))
        #expect(entries[0].value.place == SourcePlace(line: 2, column: 10))
        guard case .map(let title, _) = entries[0].value, case .list(let items, _) = entries[1].value else {
            throw Unexpected()
        }
        #expect(title[1].place == SourcePlace(line: 2, column: 20))
        #expect(items.map(\.place) == [SourcePlace(line: 4, column: 5), SourcePlace(line: 5, column: 5)])
    }

    @Test("accepts a document marker, comments and Windows line ends")
    func tolerated() throws {
        let tree = try self.read("---\r\n# comment\r\na: 1 # more\r\nb: [x]\r\n")
        let reader = SettingsReader(tree, file: "test.yaml")
        #expect(reader.string("a") == "1")
        #expect(reader.strings("b").map(\.text) == ["x"])
    }

    @Test("takes an empty text in quotes for a key")
    func emptyKey() throws {
        let reader = SettingsReader(try self.read("{ \"\": a, '1': b }"), file: "test.yaml")
        #expect(reader.keys == ["", "1"])
        #expect(reader.string("") == "a")
    }

    /// A text that is refused, and the first fault in the form that editors jump to.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        let fault: String

        init(_ description: String, _ text: String, _ fault: String) {
            self.testDescription = description
            self.text = text
            self.fault = fault
        }
    }

    static let refusals = [
        Refusal("nothing", "", "test.yaml:1:1: The file is empty."),
        Refusal("only a comment", "# x\n", "test.yaml:2:1: The file is empty."),
        Refusal("an anchor", "a: &x 1\n", "test.yaml:1:4: An anchor (&) is not allowed"),
        Refusal("an anchor on a map", "a: &x { b: 1 }\n", "test.yaml:1:4: An anchor (&) is not allowed"),
        Refusal("an alias to nothing", "a: *x\n", "test.yaml:1:4: An alias (*) is not allowed"),
        Refusal("a tag", "a: !!str 1\n", "test.yaml:1:4: A tag (!) is not allowed"),
        Refusal("a tag on a quoted text", "a: !!str \"1\"\n", "test.yaml:1:4: A tag (!) is not allowed"),
        Refusal("a bare tag", "a: ! 1\n", "test.yaml:1:4: A tag (!) is not allowed"),
        Refusal("a tag on a list", "a: !x [1]\n", "test.yaml:1:4: A tag (!) is not allowed"),
        Refusal("a directive", "%YAML 1.1\n---\na: 1\n", "test.yaml:1:1: A directive (%) is not allowed."),
        Refusal(
            "a tag directive", "%TAG !e! tag:example.org:\n---\na: 1\n",
            "test.yaml:1:1: A directive (%) is not allowed."
        ),
        Refusal("two documents", "a: 1\n---\nb: 2\n", "test.yaml:2:1: A second document begins here"),
        Refusal("a merge key", "a: 1\n<<: { b: 1 }\n", "test.yaml:2:1: A merge key (<<) is not allowed"),
        Refusal("a list as a key", "[a, b]: 1\n", "test.yaml:1:1: A key must be a single text."),
        Refusal("a map as a key", "? { a: 1 }\n: 2\n", "test.yaml:1:3: A key must be a single text."),
        Refusal("no key", "?\n: 1\n", "test.yaml:1:2: A key is missing before the colon."),
        Refusal(
            "a key twice", "a: 1\nb: 2\na: 3\n",
            "test.yaml:3:1: The key 'a' stands here again; it was given on line 1."
        ),
        Refusal(
            "a key twice, quoted once", "{ a: 1, \"a\": 2 }\n",
            "test.yaml:1:9: The key 'a' stands here again; it was given on line 1."
        ),
        Refusal(
            "a tab for indentation", "a:\n\tb: 1\n",
            "test.yaml:2:1: A tab character is not allowed; use spaces."),
        Refusal(
            "a tab after a text", "á: 1\t# x\n", "test.yaml:1:5: A tab character is not allowed; use spaces."),
        Refusal("a colon in a plain text", "a: b: c\n", "test.yaml:1:5: A colon cannot stand here"),
        Refusal("bad indentation", "a:\n  - 1\n - 2\n", "test.yaml:3:2: The indentation does not fit"),
        Refusal("an open quote", "a: 'b\n", "test.yaml:2:1: The file ends inside a quoted text."),
        Refusal(
            "a control character", "a: 1\nbé: \u{7}\n", "test.yaml:2:5: A control character is not allowed."),
        Refusal("a byte order mark", "\u{FEFF}a: 1\n", "test.yaml:1:1: A byte order mark stands first"),
    ]

    @Test("refuses with file, line and column", arguments: Self.refusals)
    func refused(_ refusal: Refusal) throws {
        let faults = try #require(throws: SettingsFaults.self) { try self.read(refusal.text) }
        #expect(faults.faults.count == 1, "\(faults)")
        #expect(faults.faults.first?.description.hasPrefix(refusal.fault) == true, "\(faults)")
    }

    @Test("names all faults of a file at once, in the order of the file")
    func allAtOnce() throws {
        let text = """
            a: &x 1
            b: *x
            c: !t { d: 1, d: 2 }
            a: 3
            [k]: 4
            """
        let faults = try #require(throws: SettingsFaults.self) { try self.read(text) }
        #expect(faults.faults.map(\.place.line) == [1, 2, 3, 3, 4, 5])
    }

    @Test("says where a text stops being UTF-8")
    func notUTF8() throws {
        let bytes = Array("a: Sở\nb: ".utf8) + [0xC3, 0x28, 0x0A]
        let faults = try #require(throws: SettingsFaults.self) { try YAMLReader.read(bytes, file: "f").get() }
        #expect(faults.description == "f:2:4: The text is not UTF-8 from here on.")
    }

    @Test("refuses nesting beyond the limit, block or flow, however deep", arguments: [33, 900])
    func tooDeep(levels: Int) throws {
        let faults = try #require(throws: SettingsFaults.self) {
            try self.read(String(repeating: "[", count: levels))
        }
        #expect(faults.description == "test.yaml:1:33: Lists and maps are nested deeper than 32 here.")
    }

    @Test("refuses nesting beyond what the scanner looks ahead to")
    func muchTooDeep() throws {
        let faults = try #require(throws: SettingsFaults.self) {
            try self.read(String(repeating: "[", count: 200_000))
        }
        #expect(faults.description == "test.yaml:1:1: Lists and maps are nested deeper than 32.")
    }

    @Test("accepts nesting at the limit")
    func deepEnough() throws {
        _ = try self.read(String(repeating: "[", count: 32) + String(repeating: "]", count: 32))
    }

    @Test("does not grow slow with long lists, maps or many faults")
    func long() throws {
        let list = String(repeating: "- a\n", count: 200_000)
        guard case .list(let items, _) = try self.read(list) else { throw Unexpected() }
        #expect(items.count == 200_000)
        let anchors = String(repeating: "- &a b\n", count: 100_000)
        let faults = try #require(throws: SettingsFaults.self) { try self.read(anchors) }
        #expect(faults.faults.count == 100)
    }

    @Test("refuses a file above a mebibyte")
    func tooLarge() throws {
        let text = "a: " + String(repeating: "x", count: YAMLReader.maxBytes)
        let faults = try #require(throws: SettingsFaults.self) { try self.read(text) }
        #expect(faults.description == "test.yaml:1:1: The file is larger than 1048576 bytes.")
    }

    /// Every byte of a valid file replaced or removed: the reader must answer, never crash.
    @Test("answers whatever a damaged file holds", arguments: UInt8(0)..<8)
    func damaged(seed: UInt8) {
        let good = Array("a: { b: 'x', c: [1, \"2\\u00e9\"] }\nd:\n  - |\n    e\n  - >-\n    f\n".utf8)
        for index in good.indices {
            var bytes = good
            bytes[index] = bytes[index] &* 31 &+ seed &* 37 &+ 1
            _ = YAMLReader.read(bytes, file: "f")
            _ = YAMLReader.read(Array(good[..<index]), file: "f")
        }
    }
}

struct Unexpected: Error {}
