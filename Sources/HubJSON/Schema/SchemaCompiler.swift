import HubModel

/// Turns schema documents into an arena of nodes.
///
/// Works through a list instead of descending, so neither deep nor circular schemas matter.
struct SchemaCompiler {
    var registry: SchemaRegistry
    let assertsFormat: Bool
    private var nodes: [SchemaNode?] = []
    private var checks: [SchemaCheck] = []
    private var numbers: [SchemaPlace: Int] = [:]
    private var pending: [(target: SchemaTarget, number: Int)] = []
    /// What is wrong, in the order in which it was met.
    private(set) var faults: [HubError] = []
    /// Names of `$dynamicRef`s whose nodes must exist for every resource that has such an anchor.
    private var dynamicNames: Set<String> = []

    init(registry: SchemaRegistry, assertsFormat: Bool) {
        self.registry = registry
        self.assertsFormat = assertsFormat
    }

    /// What a run needs besides the nodes.
    struct Program: Sendable {
        let nodes: [SchemaNode]
        /// Of all nodes, those of one node together.
        let checks: [SchemaCheck]
        let root: Int
        /// By name, then by resource.
        let dynamicAnchors: [String: [Int: Int]]
    }

    /// Faults beyond are not looked for.
    static let mostFaults = 100

    /// - Returns: `nil` if there are faults.
    mutating func compile(_ root: SchemaTarget) -> Program? {
        let first = self.number(of: root)
        var dynamicAnchors: [String: [Int: Int]] = [:]
        repeat {
            while let (target, number) = self.pending.popLast() {
                self.nodes[number] = self.node(target)
            }
            // Compiling may have brought in further resources; go round until nothing is new.
            for name in self.dynamicNames {
                for (resource, content) in self.registry.resources.enumerated() {
                    guard let place = content.dynamicAnchors[name] else { continue }
                    dynamicAnchors[name, default: [:]][resource] =
                        self.number(of: SchemaTarget(place: place, resource: resource))
                }
            }
        } while !self.pending.isEmpty
        let nodes = self.nodes.compactMap(\.self)
        do throws(HubError) {
            try self.refuseEndlessReferences(nodes)
        } catch {
            self.note(error)
        }
        guard self.faults.isEmpty else { return nil }
        return Program(nodes: nodes, checks: self.checks, root: first, dynamicAnchors: dynamicAnchors)
    }

    // MARK: What the keyword files use

    /// The number of the schema at a place below `parent`, which is compiled later.
    mutating func number(of place: SchemaPlace, in parent: Int) -> Int {
        self.number(of: SchemaTarget(place: place, resource: self.registry.resource(at: place) ?? parent))
    }

    mutating func reference(_ value: JSONValue, at scope: SchemaScope, keyword: String) throws(HubError)
        -> SchemaTarget
    {
        guard let text = value.string else { throw self.fault(scope, keyword, "a string") }
        do throws(HubError) {
            return try self.registry.resolve(text, from: scope.resource)
        } catch {
            throw error.adding(ErrorDetail("location", self.location(of: scope.place.appending(keyword))))
        }
    }

    mutating func number(of target: SchemaTarget) -> Int {
        if let known = self.numbers[target.place] { return known }
        let number = self.nodes.count
        self.nodes.append(nil)
        self.numbers[target.place] = number
        self.pending.append((target, number))
        return number
    }

    mutating func noteDynamic(_ name: String) { self.dynamicNames.insert(name) }

    func fault(_ scope: SchemaScope, _ keyword: String, _ expected: String) -> HubError {
        self.fault(scope.place.appending(keyword), expected)
    }

    func fault(_ place: SchemaPlace, _ expected: String) -> HubError {
        HubError(
            .schemaInvalid, "A keyword of the schema has a value that it cannot have.",
            details: [
                ErrorDetail("location", self.location(of: place)), ErrorDetail("expected", expected),
            ]
        )
    }

    func location(of place: SchemaPlace) -> String {
        // The first document is the one that was asked for.
        (place.document == 0 ? "" : self.registry.documents[place.document].uri) + "#" + place.pointer
    }

    // MARK: One schema

    /// A keyword that cannot be used is noted and left out, so that those beside it are looked at, too.
    private mutating func node(_ target: SchemaTarget) -> SchemaNode {
        let dialect = self.registry.resources[target.resource].dialect
        let location = self.location(of: target.place)
        var checks: [SchemaCheck] = []
        switch self.registry.value(at: target.place) {
        case .bool(let fits):
            checks = fits ? [] : [.never]
        case .object(let object):
            var scope = SchemaScope(
                object: object, place: target.place, resource: target.resource, dialect: dialect)
            if dialect.draft == .draft7, let reference = object["$ref"] {
                scope.object = ["$ref": reference]
            }
            var isDone = false
            while !isDone {
                do throws(HubError) {
                    checks = try self.checks(scope)
                    isDone = true
                } catch {
                    self.note(error)
                    isDone = self.faults.count >= Self.mostFaults || !scope.leaveOut(error, below: location)
                }
            }
        default:
            self.note(
                HubError(
                    .schemaInvalid, "A schema must be an object, true or false.",
                    details: [ErrorDetail("location", location)]
                ))
        }
        return self.node(checks, location: location, resource: target.resource)
    }

    private mutating func checks(_ scope: SchemaScope) throws(HubError) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        try self.addReferences(scope, to: &checks)
        if scope.dialect.vocabularies.contains(.validation) { try self.addAssertions(scope, to: &checks) }
        try self.addFormat(scope, to: &checks)
        try self.addMembers(scope, to: &checks)
        if scope.dialect.vocabularies.contains(.applicator) {
            try self.addItems(scope, to: &checks)
            try self.addCombinations(scope, to: &checks)
        }
        if scope.dialect.draft == .draft2020, scope.dialect.vocabularies.contains(.unevaluated) {
            try self.addUnevaluated(scope, to: &checks)
        }
        return checks
    }

    private mutating func note(_ fault: HubError) {
        if self.faults.count < Self.mostFaults { self.faults.append(fault) }
    }

    private mutating func node(_ checks: [SchemaCheck], location: String, resource: Int) -> SchemaNode {
        let start = self.checks.count
        self.checks += checks
        var typesAtOnce: JSONTypes = []
        if case .type(let types)? = checks.first { typesAtOnce = types }
        return SchemaNode(
            location: location, resource: resource, checks: start..<self.checks.count,
            typesAtOnce: typesAtOnce,
            looksAtEvaluation: checks.contains { $0.looksAtEvaluation }
        )
    }

    /// How many schemas are applied to one value when all references are written out.
    ///
    /// Ten references to ten references to … are few lines, and take all day.
    static let mostInPlace = 10_000

    /// A schema that leads back to itself without going deeper into the value would never end, and one that leads to others
    /// in too many ways might as well.
    private func refuseEndlessReferences(_ nodes: [SchemaNode]) throws(HubError) {
        enum Mark { case unseen, open, done }
        var marks = [Mark](repeating: .unseen, count: nodes.count)
        var sizes = [Int](repeating: 1, count: nodes.count)
        let next = nodes.map { self.checks[$0.checks].flatMap(\.schemasInPlace) }
        for start in nodes.indices where marks[start] == .unseen {
            var stack: [(node: Int, edge: Int)] = [(start, 0)]
            marks[start] = .open
            while let (node, edge) = stack.last {
                guard edge < next[node].count else {
                    marks[node] = .done
                    stack.removeLast()
                    // Each of the others is below the limit, and they are no more than the file has characters.
                    sizes[node] = next[node].reduce(1) { $0 + sizes[$1] }
                    guard sizes[node] <= Self.mostInPlace else {
                        throw HubError(
                            .schemaInvalid,
                            "A schema applies too many others to one value, once all references are written out.",
                            details: [
                                ErrorDetail("location", nodes[node].location),
                                ErrorDetail("limit", Self.mostInPlace),
                            ]
                        )
                    }
                    continue
                }
                stack[stack.count - 1].edge += 1
                let target = next[node][edge]
                if marks[target] == .open {
                    throw HubError(
                        .schemaInvalid, "A schema refers to itself without an end.",
                        details: [ErrorDetail("location", nodes[target].location)]
                    )
                }
                if marks[target] == .unseen {
                    marks[target] = .open
                    stack.append((target, 0))
                }
            }
        }
    }
}

/// The schema object being compiled and where it belongs.
struct SchemaScope {
    var object: JSONObject
    let place: SchemaPlace
    let resource: Int
    let dialect: SchemaDialect

    var isDraft7: Bool { self.dialect.draft == .draft7 }

    /// Takes out what a fault is about: a keyword, or one of the members of its value.
    ///
    /// - Parameter location: Of this schema.
    /// - Returns: Whether there was something to take out.
    mutating func leaveOut(_ fault: HubError, below location: String) -> Bool {
        guard let place = fault.detail("location"), place.hasPrefix(location + "/"),
            let tokens = JSONPointer.tokens(of: String(place.dropFirst(location.count))),
            let keyword = tokens.first, let value = self.object[keyword]
        else { return false }
        if tokens.count > 1, var members = value.object, members[tokens[1]] != nil {
            members[tokens[1]] = nil
            self.object[keyword] = .object(members)
        } else {
            self.object[keyword] = nil
        }
        return true
    }
}
