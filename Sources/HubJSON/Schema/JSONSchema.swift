public import HubModel

/// A JSON Schema (draft 2020-12 or draft 7), compiled once and run from any number of threads.
///
/// References lead only into the documents that were given and into the meta-schemas of both drafts; nothing is
/// fetched. Regular expressions run in linear time. `format` only annotates unless asked otherwise.
public final class JSONSchema: Sendable {
    let nodes: [SchemaNode]
    /// The checks of all nodes.
    let checks: [SchemaCheck]
    /// For each node the one that is run for it: a schema that only refers to another is not worth a step of its own.
    let direct: [Int]
    let root: Int
    let dynamicAnchors: [String: [Int: Int]]
    /// The largest length that any schema here sets for a text; 0 when none does.
    package let longestBound: Int

    private init(_ program: SchemaCompiler.Program) {
        self.nodes = program.nodes
        self.checks = program.checks
        self.direct = program.nodes.indices.map { Self.end(of: $0, in: program) }
        self.root = program.root
        self.dynamicAnchors = program.dynamicAnchors
        self.longestBound = program.checks.reduce(0) { longest, check in
            switch check {
            case .count(.maxLength, let limit), .count(.minLength, let limit): max(longest, limit)
            default: longest
            }
        }
    }

    /// Where references that are all there is to a schema lead, within one resource.
    ///
    /// They lead in no circle, as the compiler has seen to.
    private static func end(of number: Int, in program: SchemaCompiler.Program) -> Int {
        var number = number
        while case let checks = program.nodes[number].checks, checks.count == 1,
            case .reference(let next) = program.checks[checks.lowerBound],
            program.nodes[next].resource == program.nodes[number].resource
        {
            number = next
        }
        return number
    }

    /// Compiles a schema and everything that it refers to.
    ///
    /// - Parameters:
    ///   - schema: The schema; a `$schema` in it decides the draft.
    ///   - baseURI: Where relative references start, unless the schema has an `$id`.
    ///   - documents: Further schema documents by their absolute URI.
    ///   - draft: For documents that do not say.
    ///   - assertsFormat: Whether a value that does not have its `format` is a violation.
    /// - Throws: `schema.invalid` with the `location` of the keyword and what was `expected`, for a keyword with an
    ///   impossible value, a reference that leads nowhere or in a circle, an unknown dialect, a regular expression that
    ///   is wrong, too large, or uses what linear time does not allow (look-around, back-references).
    public static func compile(
        _ schema: JSONValue, baseURI: String = "", documents: [String: JSONValue] = [:],
        draft: JSONSchemaDraft = .draft2020, assertsFormat: Bool = false
    ) throws(HubError) -> JSONSchema {
        let (compiled, faults) = Self.compiled(
            schema, baseURI: baseURI, documents: documents, draft: draft, assertsFormat: assertsFormat)
        guard let compiled else {
            throw faults.first ?? HubError(.internalFault, "A schema was not compiled, and nobody knows why.")
        }
        return compiled
    }

    /// As `compile`, with all that is wrong instead of the first: each as it would be thrown, in no certain order, and no
    /// more than a hundred.
    ///
    /// A schema in an unknown dialect is not looked into.
    ///
    /// - Returns: The schema if there is no fault, and the faults if there are some.
    package static func compiled(
        _ schema: JSONValue, baseURI: String = "", documents: [String: JSONValue] = [:],
        draft: JSONSchemaDraft = .draft2020, assertsFormat: Bool = false
    ) -> (schema: JSONSchema?, faults: [HubError]) {
        do throws(HubError) {
            var registry = SchemaRegistry(documents: documents, defaultDraft: draft)
            let root = try registry.add(schema, uri: baseURI)
            var compiler = SchemaCompiler(registry: registry, assertsFormat: assertsFormat)
            let program = compiler.compile(root)
            return (program.map { JSONSchema($0) }, compiler.faults)
        } catch {
            return (nil, [error])
        }
    }

    /// Whether the value fits; stops at the first thing that does not.
    public func isValid(_ value: JSONValue) -> Bool {
        var run = SchemaRun(self, reportLimit: 0)
        return run.accepts(value)
    }

    /// What does not fit, in the order of the document, with lines and columns.
    ///
    /// - Parameter limit: Further violations are not looked for.
    /// - Returns: Empty exactly when the document fits.
    public func violations(in document: JSONDocument, limit: Int = 100) -> [Violation] {
        let found = self.found(in: document.value, limit: limit)
        guard !found.isEmpty else { return [] }
        let places = document.places(inOrderOf: found.map(\.path))
        let placed = zip(found, places).map { violation, place in violation.reported(at: place) }
        let inOrder = placed.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset) < (
                right.element.line, right.element.column, right.offset
            )
        }
        return inOrder.map(\.element)
    }

    /// The same for a value that was not read from a text: in the order of the schema, lines and columns 0.
    public func violations(in value: JSONValue, limit: Int = 100) -> [Violation] {
        self.found(in: value, limit: limit).map { $0.reported(at: nil) }
    }

    /// With the whole paths, whatever their length.
    private func found(in value: JSONValue, limit: Int) -> [Violation] {
        var first = SchemaRun(self, reportLimit: 0)
        if first.accepts(value) { return [] }
        var run = SchemaRun(self, reportLimit: max(1, limit))
        // What was too much once is not begun again.
        if first.isTooMuch { run.reportTooMuch() } else { _ = run.accepts(value) }
        return run.violations
    }
}

extension Violation {
    /// A path in bytes; the names in it are the sender's and may be long.
    private static let longestPath = 512

    /// This violation with its place, and with no more of its path than a report should hold.
    fileprivate func reported(at place: SourcePlace?) -> Violation {
        Violation(
            line: place?.line ?? 0, column: place?.column ?? 0,
            path: JSONPointer.shortened(self.path, to: Self.longestPath), rule: self.rule,
            message: self.message
        )
    }
}
