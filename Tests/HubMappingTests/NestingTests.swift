import HubJSON
import HubMapping
import HubModel
import Testing

@Suite("A mapping nested in itself")
struct NestingTests {
    private static let place = SourcePlace(line: 7, column: 3)

    private static func map(_ entries: [(String, SettingsTree)]) -> SettingsTree {
        .map(entries.map { SettingsEntry(key: $0.0, place: self.place, value: $0.1) }, at: self.place)
    }

    private static func text(_ text: String) -> SettingsTree { .scalar(text, at: self.place) }

    /// Kinds of steps that hold others.
    enum Kind: String, CaseIterable {
        case group, each, json, base64, join
    }

    private static func wrapped(_ step: SettingsTree, _ kind: Kind, _ inner: SettingsTree) -> (
        step: SettingsTree, part: SettingsTree
    ) {
        let steps = SettingsTree.list([step], at: self.place)
        switch kind {
        case .group:
            return (self.map([("when", self.map([("from", self.text("/a"))])), ("steps", steps)]), inner)
        case .each:
            return (
                self.map([
                    ("set", self.text("/a")),
                    ("each", self.map([("from", self.text("/a")), ("steps", steps)])),
                ]), inner
            )
        case .json:
            return (self.map([("set", self.text("/a")), ("json", self.map([("steps", steps)]))]), inner)
        case .base64:
            let part = self.map([("base64", self.map([("of", inner)]))])
            return (self.map([("set", self.text("/a")), ("base64", self.map([("of", inner)]))]), part)
        case .join:
            let part = self.map([("join", self.map([("parts", .list([inner], at: self.place))]))])
            return (
                self.map([
                    ("set", self.text("/a")), ("join", self.map([("parts", .list([inner], at: self.place))])),
                ]), part
            )
        }
    }

    private static func tree(_ kind: Kind, depth: Int) -> SettingsTree {
        var step = self.map([("set", self.text("/a")), ("constant", self.text("x"))])
        var part = self.map([("constant", self.text("x"))])
        for _ in 0..<depth { (step, part) = self.wrapped(step, kind, part) }
        return self.map([
            ("format", self.text("mapping-1")), ("source", self.text("edoc/document/1")),
            ("target", self.text("indicator/event/1")), ("steps", .list([step], at: self.place)),
        ])
    }

    @Test("of very many steps is compiled in time", .timeLimit(.minutes(1)))
    func many() throws {
        let steps = (0..<8000).map {
            "  - { set: /a/b\($0 % 90)/c\($0), copy: { from: /d/e\($0), optional: true } }\n"
        }.joined()
        let mapping = try compiled("steps:\n" + steps)
        let inverse = try mapping.inverse().get()
        let back = try inverse.apply(to: .json(["a": ["b0": ["c0": 1]]]))
        #expect(back == ["d": ["e0": 1]])
    }

    @Test("is compiled up to a bound and refused with one fault beyond it", arguments: Kind.allCases)
    func bound(_ kind: Kind) {
        if case .failure(let faults) = Mapping.compile(Self.tree(kind, depth: 10), file: "f") {
            Issue.record("\(faults)")
        }
        guard case .failure(let faults) = Mapping.compile(Self.tree(kind, depth: 200), file: "f") else {
            Issue.record("compiled")
            return
        }
        #expect(faults.faults.map(\.message) == ["Steps and parts are nested deeper than 16 here."])
        #expect(faults.faults.first?.place == Self.place)
    }
}
