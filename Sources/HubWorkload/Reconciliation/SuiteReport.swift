public import HubJSON
public import HubModel

/// What a suite did and how it ended: the steps, and the ledgers laid side by side.
public struct SuiteReport: Sendable {
    /// One step of the suite.
    public struct Step: Sendable, Hashable {
        public var title: Bilingual
        /// Empty when everything was as expected; else one sentence for each thing that was not.
        public var faults: [String]
        public var took: Duration

        public init(title: Bilingual, faults: [String], took: Duration) {
            self.title = title
            self.faults = faults
            self.took = took
        }

        public var passed: Bool { self.faults.isEmpty }
    }

    public var suite: String
    public var title: Bilingual
    public var steps: [Step]
    public var reconciliation: Reconciliation
    /// Lines of ledgers that could not be read, and ledgers that could not be had.
    public var ledgerFaults: [String]
    public var lookupsAsked: Int
    public var lookupsAnswered: Int
    public var wall: Duration

    public init(
        suite: String, title: Bilingual, steps: [Step], ledgers: Ledgers, ledgerFaults: [String],
        wall: Duration
    ) {
        self.suite = suite
        self.title = title
        self.steps = steps
        self.reconciliation = Reconciliation(ledgers)
        self.ledgerFaults = ledgerFaults
        self.lookupsAsked = ledgers.lookupsAsked
        self.lookupsAnswered = ledgers.lookupsAnswered
        self.wall = wall
    }

    /// Every step was as expected, every ledger could be read, and together they are sound.
    public var passed: Bool {
        self.steps.allSatisfy(\.passed) && self.ledgerFaults.isEmpty && self.reconciliation.isSound
    }

    /// The report as one object, with the names that scripts rely on.
    public var json: JSONValue {
        let result = self.reconciliation
        let refused = result.refused.sorted { $0.key < $1.key }.map {
            (key: $0.key, value: Self.number($0.value))
        }
        let figures: [(key: String, value: JSONValue)] = [
            ("suite", .string(self.suite)), ("passed", .bool(self.passed)),
            ("submitted", Self.number(result.submitted)), ("accepted", Self.number(result.accepted)),
            ("refused", .object(JSONObject(refused))), ("delivered", Self.number(result.delivered)),
            ("pending", Self.number(result.pending.count)),
            ("dead_lettered", Self.number(result.deadLettered.count)),
            ("lost", Self.number(result.lost.count)), ("duplicated", Self.number(result.duplicated.count)),
            ("out_of_order", Self.number(result.outOfOrder.count)),
            ("repeated", Self.number(result.repeated)),
            ("unanswered", Self.number(result.unanswered)), ("lookups", Self.number(self.lookupsAsked)),
            ("lookups_answered", Self.number(self.lookupsAnswered)),
            ("wall_seconds", Self.number(self.wall / .seconds(1), places: 3)),
            (
                "p50_ms",
                result.transit(at: 0.5).map { Self.number($0 / .milliseconds(1), places: 1) } ?? .null
            ),
            (
                "p99_ms",
                result.transit(at: 0.99).map { Self.number($0 / .milliseconds(1), places: 1) } ?? .null
            ),
        ]
        let lists: [(key: String, value: JSONValue)] = [
            ("pending_messages", Self.texts(result.pending)),
            ("dead_letters", Self.texts(result.deadLettered)),
            ("lost_messages", Self.texts(result.lost)), ("duplicates", Self.texts(result.duplicated)),
            ("order_faults", Self.texts(result.outOfOrder)),
            ("disagreements", Self.texts(result.disagreements)),
            ("ledger_faults", Self.texts(self.ledgerFaults)), ("steps", .array(self.steps.map(Self.json))),
        ]
        return .object(JSONObject(figures + lists))
    }

    private static func json(_ step: Step) -> JSONValue {
        .object([
            "title": .object(["vi": .string(step.title.vi), "en": .string(step.title.en)]),
            "passed": .bool(step.passed),
            "took_ms": Self.number(step.took / .milliseconds(1), places: 1),
            "faults": Self.texts(step.faults),
        ])
    }

    private static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    private static func number(_ value: Int) -> JSONValue { .init(integerLiteral: value) }

    private static func number(_ value: Double, places: Int) -> JSONValue {
        JSONNumber(text: Decimals.text(value, places: places)).map { .number($0) } ?? .null
    }
}

/// Numbers with a fixed count of decimals.
enum Decimals {
    static func text(_ value: Double, places: Int) -> String {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = (value * Double(scale)).rounded()
        guard scaled.magnitude < 1e15 else { return "0" }
        let whole = Int(scaled)
        guard places > 0 else { return String(whole) }
        let fraction = String(whole.magnitude % UInt(scale))
        let sign = whole < 0 ? "-" : ""
        return sign + String(whole.magnitude / UInt(scale)) + "."
            + String(repeating: "0", count: places - fraction.utf8.count) + fraction
    }
}
