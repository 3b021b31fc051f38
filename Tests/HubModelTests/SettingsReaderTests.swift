import HubModel
import Testing

@Suite("A reader of settings")
struct SettingsReaderTests {
    private static func place(_ line: Int) -> SourcePlace { SourcePlace(line: line, column: 1) }

    /// A map with one key a line, beginning at line 1.
    private static func map(_ entries: [(String, SettingsTree)]) -> SettingsTree {
        .map(
            entries.enumerated().map { index, entry in
                SettingsEntry(key: entry.0, place: place(index + 1), value: entry.1)
            }, at: place(1)
        )
    }

    private static func reader(_ entries: KeyValuePairs<String, String>) -> SettingsReader {
        let values = entries.enumerated().map { index, entry in
            (entry.key, SettingsTree.scalar(entry.value, at: SourcePlace(line: index + 1, column: 10)))
        }
        return SettingsReader(map(values), file: "hub.yaml")
    }

    @Test("gives checked values and has nothing to say about a file that is well")
    func values() {
        let reader = Self.reader([
            "name": "lgsp", "count": "12", "on": "true", "off": "false", "wait": "250ms", "size": "64KB",
            "mode": "fast",
        ])
        #expect(reader.requiredString("name") == "lgsp")
        #expect(reader.integer("count", in: 1...12) == 12)
        #expect(reader.boolean("on") == true)
        #expect(reader.boolean("off") == false)
        #expect(reader.duration("wait") == .milliseconds(250))
        #expect(reader.byteCount("size") == 65_536)
        #expect(reader.choice("mode", ["fast", "slow"]) == "fast")
        #expect(reader.string("absent") == nil)
        reader.refuseOtherKeys()
        #expect(reader.faults.isEmpty)
    }

    @Test("notes an unknown key with its place, what is known and what was probably meant")
    func unknownKey() throws {
        let reader = Self.reader(["adress": "127.0.0.1", "port": "80"])
        _ = reader.string("address")
        _ = reader.integer("port", in: 1...65_535)
        reader.refuseOtherKeys()
        let fault = try #require(reader.faults.first)
        #expect(reader.faults.count == 1)
        #expect(fault.place == SourcePlace(line: 1, column: 1))
        #expect(fault.suggestion == "address")
        #expect(
            fault.description
                == "hub.yaml:1:1: The key 'adress' is not known here; known are: address, port. (did you mean 'address'?)"
        )
    }

    @Test("suggests nothing when nothing is near")
    func noSuggestion() {
        #expect(SettingsReader.nearest(to: "xyzzy", among: ["address", "port"]) == nil)
        #expect(SettingsReader.nearest(to: "prot", among: ["address", "port"]) == nil)
        #expect(SettingsReader.nearest(to: "addres", among: ["port", "address"]) == "address")
        #expect(SettingsReader.nearest(to: "prt", among: ["port"]) == "port")
        #expect(SettingsReader.nearest(to: "anything", among: []) == nil)
    }

    @Test("notes a value that cannot be read, and never falls back to a default")
    func unreadable() {
        let reader = Self.reader([
            "a": "12x", "b": "13", "c": "yes", "d": "5 s", "e": "12kb", "f": "slo",
        ])
        #expect(reader.integer("a", in: 1...100) == nil)
        #expect(reader.integer("b", in: 1...12) == nil)
        #expect(reader.boolean("c") == nil)
        #expect(reader.duration("d") == nil)
        #expect(reader.byteCount("e") == nil)
        #expect(reader.choice("f", ["fast", "slow"]) == nil)
        #expect(reader.faults.map(\.place.line) == [1, 2, 3, 4, 5, 6])
        #expect(reader.faults.last?.suggestion == "slow")
    }

    @Test(
        "reads durations with one unit",
        arguments: [
            ("0s", Duration.seconds(0)), ("1500ms", .milliseconds(1500)), ("5m", .seconds(300)),
            ("4h", .seconds(14_400)),
            ("30d", .seconds(2_592_000)),
        ])
    func durations(text: String, expected: Duration) {
        #expect(Self.reader(["key": text]).duration("key") == expected)
    }

    @Test(
        "reads no duration from anything else",
        arguments: [
            "", "5", "s", "-5s", "+5s", "1.5s", "5S", "5 s", "5sec", "9999999999999999999s", "1000000001d",
            "５s",
        ])
    func noDurations(text: String) {
        let reader = Self.reader(["key": text])
        #expect(reader.duration("key") == nil)
        #expect(reader.faults.count == 1)
    }

    @Test(
        "reads sizes in powers of 1024",
        arguments: [("512", 512), ("64KB", 65_536), ("5MB", 5_242_880), ("1GB", 1 << 30)])
    func sizes(text: String, expected: Int) {
        #expect(Self.reader(["key": text]).byteCount("key") == expected)
    }

    @Test(
        "reads no size from anything else",
        arguments: [
            "", "KB", "-1", "+1", "1.5MB", "5mb", "5 MB", "9999999999GB", "99999999999999999999", "1TB",
        ])
    func noSizes(text: String) {
        let reader = Self.reader(["key": text])
        #expect(reader.byteCount("key") == nil)
        #expect(reader.faults.count == 1)
    }

    @Test(
        "reads no whole number with a sign, a space or other digits",
        arguments: ["+5", " 5", "5 ", "0x5", "５", "5.0", ""])
    func noIntegers(text: String) {
        let reader = Self.reader(["key": text])
        #expect(reader.integer("key", in: 0...10) == nil)
        #expect(reader.faults.count == 1)
    }

    @Test("notes a key that is missing at the place of its map")
    func missing() {
        let reader = Self.reader(["other": "1"])
        #expect(reader.requiredString("name") == nil)
        #expect(reader.faults.map(\.message) == ["The key 'name' is missing."])
    }

    @Test("notes a list where a text is expected, and a text where a list or a map is")
    func shapes() {
        let tree = Self.map([
            ("text", .list([], at: Self.place(1))), ("list", .scalar("a", at: Self.place(2))),
            ("map", .scalar("b", at: Self.place(3))),
            (
                "items",
                .list([.scalar("c", at: Self.place(4)), .list([], at: Self.place(5))], at: Self.place(4))
            ),
        ])
        let reader = SettingsReader(tree, file: "f")
        #expect(reader.string("text") == nil)
        #expect(reader.list("list").isEmpty)
        #expect(reader.map("map")?.keys.isEmpty == true)
        #expect(reader.strings("items").map(\.text) == ["c"])
        #expect(reader.faults.map(\.place.line) == [1, 2, 3, 5])
    }

    @Test("gathers the faults of nested maps and of the top in one list, ordered by place")
    func nested() {
        let inner = SettingsTree.map(
            [SettingsEntry(key: "prot", place: Self.place(3), value: .scalar("1", at: Self.place(3)))],
            at: Self.place(2)
        )
        let reader = SettingsReader(
            Self.map([("x", .scalar("1", at: Self.place(1))), ("listen", inner)]), file: "f")
        let listen = reader.map("listen")
        _ = listen?.integer("ports", in: 1...2)
        listen?.refuseOtherKeys()
        reader.refuseOtherKeys()
        #expect(listen?.faults == reader.faults)
        let error = SettingsFaults(reader.faults).error(.configurationInvalid, "The file has faults.")
        #expect(error.details.map(\.key) == ["fault", "fault"])
        #expect(error.details.first?.value.hasPrefix("f:1:1: The key 'x'") == true)
    }

    @Test("notes a file whose top is not a map")
    func notAMap() {
        let reader = SettingsReader(.scalar("x", at: Self.place(1)), file: "f")
        #expect(reader.faults.map(\.message) == ["A map of keys is expected here."])
    }
}
