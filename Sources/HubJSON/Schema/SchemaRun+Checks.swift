import HubModel

extension SchemaRun {
    /// Runs one check; what it records on failure is the only side effect.
    @inline(__always)
    mutating func run(
        _ check: SchemaCheck, of node: Int, on value: JSONValue, _ evaluated: inout Evaluated?
    ) -> Bool {
        switch check {
        case .members(let check): return self.run(check, of: node, on: value, &evaluated)
        case .items(let check): return self.run(check, on: value, &evaluated)
        case .reference(let schema): return self.run(schema, on: value, &evaluated)
        case .dynamicReference(let name, let fallback):
            return self.run(self.dynamicTarget(name, fallback: fallback), on: value, &evaluated)
        case .all(let schemas): return self.runAll(schemas, on: value, &evaluated)
        case .any(let schemas): return self.runAny(schemas, of: node, on: value, &evaluated)
        case .one(let schemas): return self.runOne(schemas, of: node, on: value, &evaluated)
        case .conditional(let condition, let then, let otherwise):
            let branch = self.tries(condition, on: value, &evaluated) ? then : otherwise
            return branch.map { self.run($0, on: value, &evaluated) } ?? true
        case .not(let schema):
            var none: Evaluated?
            guard self.tries(schema, on: value, &none) else { return true }
            return self.refuse(node, "not", ViolationText.mustNotFit(value))
        case .contains(let check): return self.run(check, of: node, on: value, &evaluated)
        case .propertyNames(let schema): return self.runNames(schema, on: value)
        case .dependentSchemas(let schemas):
            guard case .object(let object) = value else { return true }
            let applying = schemas.filter { object.position(of: $0.key) != nil }.map(\.schema)
            return self.runAll(applying, on: value, &evaluated)
        case .unevaluatedItems(let schema): return self.runUnevaluatedItems(schema, on: value, &evaluated)
        case .unevaluatedProperties(let schema):
            return self.runUnevaluatedMembers(schema, on: value, &evaluated)
        default: return self.assert(check, of: node, on: value)
        }
    }

    private mutating func runAll(_ schemas: [Int], on value: JSONValue, _ evaluated: inout Evaluated?) -> Bool
    {
        var fits = true
        for schema in schemas where !self.run(schema, on: value, &evaluated) {
            fits = false
            guard self.isReporting else { return false }
        }
        return fits
    }

    private mutating func runAny(
        _ schemas: [Int], of node: Int, on value: JSONValue, _ evaluated: inout Evaluated?
    ) -> Bool {
        var fits = false
        // Every branch that fits adds to what is evaluated, so all are tried when that is asked for.
        for schema in schemas where self.tries(schema, on: value, &evaluated) {
            fits = true
            if evaluated == nil { return true }
        }
        return fits || self.refuseBranches(schemas, of: node, "anyOf", on: value)
    }

    private mutating func runOne(
        _ schemas: [Int], of node: Int, on value: JSONValue, _ evaluated: inout Evaluated?
    ) -> Bool {
        var fitting: [Int] = []
        for (position, schema) in schemas.enumerated() where self.tries(schema, on: value, &evaluated) {
            fitting.append(position)
            if fitting.count > 1, !self.isReporting { return false }
        }
        if fitting.count == 1 { return true }
        if fitting.isEmpty { return self.refuseBranches(schemas, of: node, "oneOf", on: value) }
        return self.refuse(node, "oneOf", ViolationText.fitsSeveral(fitting.map { $0 + 1 }))
    }

    /// Says that no branch fits, and why the nearest one does not.
    ///
    /// Nearest is the branch whose faults lie deepest in the value, and among those the one with the fewest: whoever
    /// wrote the value most probably meant that one.
    private mutating func refuseBranches(
        _ schemas: [Int], of node: Int, _ keyword: String, on value: JSONValue
    ) -> Bool {
        guard self.isReporting else { return false }
        let here = self.pointer()
        var nearest: (branch: Int, faultsHere: Int, faults: [Violation])?
        for (branch, schema) in schemas.enumerated() {
            let faults = self.violations(of: schema, on: value)
            let faultsHere = faults.count { $0.path == here }
            if let best = nearest, (best.faultsHere, best.faults.count) <= (faultsHere, faults.count) {
                continue
            }
            nearest = (branch, faultsHere, faults)
        }
        let types = schemas.compactMap { self.onlyType(of: $0) }
        if types.count == schemas.count, !types.contains(where: { $0.allows(value) }) {
            let all = types.reduce(into: JSONTypes()) { $0.formUnion($1) }
            return self.refuse(node, keyword, ViolationText.type(all, value))
        }
        _ = self.refuse(
            node, keyword,
            ViolationText.fitsNone(of: schemas.count, nearest: nearest.map { $0.branch + 1 } ?? 0)
        )
        self.report(nearest?.faults ?? [])
        return false
    }

    /// The types that a branch demands, seen through references.
    private func onlyType(of schema: Int) -> JSONTypes? {
        var number = schema
        for _ in 0..<8 {
            let checks = self.schema.checks[self.schema.nodes[number].checks]
            if case .reference(let next)? = checks.first {
                number = next
                continue
            }
            for check in checks {
                if case .type(let types) = check { return types }
            }
            return nil
        }
        return nil
    }
}
