import HubModel

/// One value going through a compiled schema, either stopping at the first failure or collecting violations.
struct SchemaRun {
    /// Schemas inside schemas at one moment.
    ///
    /// Far above what real schemas need, far below what the stack holds.
    private static let depthLimit = 1_200
    /// Schemas applied in one run: a million values, ten schemas each.
    ///
    /// Two branches that both lead to the members of a member, and so on down, double the work with every level.
    static let workLimit = 10_000_000

    enum Step {
        case key(String)
        case index(Int)
    }

    let schema: JSONSchema
    private let tracksScope: Bool
    private let reportLimit: Int
    /// Whether violations are wanted now; off inside trials, such as the branches of `anyOf`.
    private(set) var isReporting: Bool
    private(set) var violations: [Violation] = []
    private var steps: [Step] = []
    /// The schema resources entered, outermost first; what `$dynamicRef` looks through.
    private var scope: [Int] = []
    private var depth = 0
    private var work = 0
    /// Whether one of the limits was reached: then no more is looked at, and the value does not fit.
    ///
    /// Branches that each go on to the limit would otherwise take time without end.
    private var isExhausted = false

    /// - Parameter reportLimit: 0 to answer yes or no only.
    init(_ schema: JSONSchema, reportLimit: Int) {
        self.schema = schema
        self.tracksScope = !schema.dynamicAnchors.isEmpty
        self.reportLimit = reportLimit
        self.isReporting = reportLimit > 0
    }

    mutating func accepts(_ value: JSONValue) -> Bool {
        var none: Evaluated?
        let fits = self.run(self.schema.root, on: value, &none)
        guard self.isExhausted else { return fits }
        // Whether or not a trial ran into the limit, which reports nothing, or a `not` turned its answer around.
        if self.violations.isEmpty {
            let message = self.isTooMuch ? ViolationText.tooMuch : ViolationText.tooDeep
            return self.refuse(self.schema.root, nil, message)
        }
        return false
    }

    /// Whether the work, rather than the depth, was more than is done.
    var isTooMuch: Bool { self.work > Self.workLimit }

    /// Reports what another run came to, without doing it again.
    mutating func reportTooMuch() {
        _ = self.refuse(self.schema.root, nil, ViolationText.tooMuch)
    }

    // MARK: What the keyword files use

    /// Applies a schema to a value.
    ///
    /// What it evaluates is added to `evaluated` if someone wants to know.
    mutating func run(_ number: Int, on value: JSONValue, _ evaluated: inout Evaluated?) -> Bool {
        let node = self.schema.direct[number]
        if self.schema.nodes[node].checks.isEmpty { return true }
        if self.isExhausted { return false }
        guard self.depth < Self.depthLimit else {
            self.isExhausted = true
            return self.refuse(node, nil, ViolationText.tooDeep)
        }
        self.work &+= 1
        guard self.work <= Self.workLimit else {
            self.isExhausted = true
            return self.refuse(node, nil, ViolationText.tooMuch)
        }
        self.depth += 1
        defer { self.depth -= 1 }
        let entersResource = self.tracksScope && self.scope.last != self.schema.nodes[node].resource
        if entersResource { self.scope.append(self.schema.nodes[node].resource) }
        defer { if entersResource { self.scope.removeLast() } }
        guard self.schema.nodes[node].looksAtEvaluation else {
            return self.runChecks(of: node, on: value, &evaluated)
        }
        var own: Evaluated? = Evaluated()
        let fits = self.runChecks(of: node, on: value, &own)
        if let own { evaluated?.merge(own) }
        return fits
    }

    private mutating func runChecks(
        of node: Int, on value: JSONValue, _ evaluated: inout Evaluated?
    ) -> Bool {
        var fits = true
        var checks = self.schema.nodes[node].checks
        if self.schema.nodes[node].typesAtOnce.allows(value) { checks = checks.dropFirst() }
        for position in checks {
            let check = self.schema.checks[position]
            // After a failure nothing is known about what the failed part would have evaluated.
            if !fits, check.looksAtEvaluation { continue }
            if self.run(check, of: node, on: value, &evaluated) { continue }
            fits = false
            guard self.isReporting, self.violations.count < self.reportLimit else { return false }
            // What else is wrong with a value of the wrong type is not worth saying.
            if case .type = check { return false }
        }
        return fits
    }

    /// Applies a schema to a member or an element.
    mutating func run(_ number: Int, on value: JSONValue, below step: @autoclosure () -> Step) -> Bool {
        var none: Evaluated?
        guard self.isReporting else { return self.run(number, on: value, &none) }
        self.steps.append(step())
        defer { self.steps.removeLast() }
        return self.run(number, on: value, &none)
    }

    /// Whether the value would fit, without reporting.
    mutating func tries(_ number: Int, on value: JSONValue, _ evaluated: inout Evaluated?) -> Bool {
        let wasReporting = self.isReporting
        self.isReporting = false
        defer { self.isReporting = wasReporting }
        guard evaluated != nil else { return self.run(number, on: value, &evaluated) }
        var own: Evaluated? = Evaluated()
        guard self.run(number, on: value, &own) else { return false }
        if let own { evaluated?.merge(own) }
        return true
    }

    /// The violations of one branch alone.
    mutating func violations(of number: Int, on value: JSONValue) -> [Violation] {
        let before = self.violations
        defer { self.violations = before }
        self.violations = []
        var none: Evaluated?
        _ = self.run(number, on: value, &none)
        return self.violations
    }

    mutating func report(_ more: [Violation]) {
        self.violations.append(contentsOf: more.prefix(max(0, self.reportLimit - self.violations.count)))
    }

    /// The node that a `$dynamicRef` means: of the outermost resource entered that has such an anchor.
    func dynamicTarget(_ name: String, fallback: Int) -> Int {
        guard let anchors = self.schema.dynamicAnchors[name] else { return fallback }
        for resource in self.scope {
            if let number = anchors[resource] { return number }
        }
        return fallback
    }

    /// Records why a value does not fit, if that is wanted.
    ///
    /// The answer is always `false`.
    mutating func refuse(
        _ node: Int, _ keyword: String?, _ message: @autoclosure () -> Bilingual,
        below step: Step? = nil
    ) -> Bool {
        guard self.isReporting, self.violations.count < self.reportLimit else { return false }
        let location = self.schema.nodes[node].location
        let violation = Violation(
            line: 0, column: 0, path: self.pointer(below: step),
            rule: keyword.map { location + "/" + $0 } ?? location, message: message()
        )
        // Two ways may lead to the same rule.
        if !self.violations.contains(where: { $0 == violation }) {
            self.violations.append(violation)
        }
        return false
    }

    var lastStep: Step? { self.steps.last }

    func pointer(below step: Step? = nil) -> String {
        var text = ""
        for step in self.steps + (step.map { [$0] } ?? []) {
            switch step {
            case .key(let key): text += "/" + JSONPointer.escaped(key)
            case .index(let index): text += "/\(index)"
            }
        }
        return text
    }
}
