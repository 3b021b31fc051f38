import HubJSON
import HubModel

/// One step of a mapping: it sets a place of the target with one operator, or groups steps under a condition.
struct MappingStep: Sendable {
    enum Action: Sendable {
        case set([String], any MappingOperator)
        case group([MappingStep])
    }

    let place: SourcePlace
    let condition: WhenCondition?
    let action: Action

    init(place: SourcePlace, condition: WhenCondition?, action: Action) {
        self.place = place
        self.condition = condition
        self.action = action
    }

    /// `nil` when a fault was noted.
    init?(_ reader: SettingsReader, _ compiler: MappingCompiler) {
        let condition = reader.tree("when").map { WhenCondition($0, compiler) }
        let target = reader.parsed("set", expected: "a pointer such as /period/day", SourcePath.pointer)
        let group = reader.tree("steps")
        let operators = OperatorKind.allCases.filter { reader.tree($0.rawValue) != nil }
        reader.refuseOtherKeys()
        let action: Action?
        if let group {
            if reader.tree("set") != nil || !operators.isEmpty {
                reader.note("A step has 'steps', or 'set' and an operator, not both.", at: reader.place)
            }
            if condition == nil { reader.note("A group of steps needs 'when'.", at: reader.place) }
            action = .group(compiler.steps(group))
        } else {
            if reader.requiredTree("set") == nil || operators.count != 1 {
                let names = OperatorKind.allCases.map(\.rawValue).joined(separator: ", ")
                if operators.count != 1 {
                    reader.note("A step needs exactly one of: \(names).", at: reader.place)
                }
            }
            let made = operators.first.flatMap { kind in
                reader.tree(kind.rawValue).flatMap { kind.made(from: $0, compiler) }
            }
            action = target.flatMap { target in made.map { .set(target, $0) } }
        }
        // A condition that was written and could not be read is a fault, never no condition.
        guard let action, condition.map({ $0 != nil }) ?? true else { return nil }
        self.init(place: reader.place, condition: condition ?? nil, action: action)
    }

    /// - Throws: `mapping.failed`, with the line of the step.
    func run(in scope: MappingScope, into target: inout JSONObject) throws(HubError) {
        if let condition = self.condition, !condition.holds(in: scope) { return }
        switch self.action {
        case .group(let steps):
            for step in steps { try step.run(in: scope, into: &target) }
        case .set(let path, let mappingOperator):
            let value: JSONValue?
            do throws(HubError) {
                value = try mappingOperator.value(in: scope)
                try scope.budget.take()
            } catch {
                throw error.detail("line") == nil ? error.adding(ErrorDetail("line", self.place.line)) : error
            }
            guard let value else { return }
            guard Self.set(value, at: path[...], in: &target) else {
                throw HubError(
                    .mappingFailed, "The target already has a value here that is not an object.",
                    details: [
                        ErrorDetail("reason", "target-taken"), ErrorDetail("line", self.place.line),
                        ErrorDetail("target", "/" + path.joined(separator: "/")),
                    ]
                )
            }
        }
    }

    private static func set(_ value: JSONValue, at path: ArraySlice<String>, in object: inout JSONObject)
        -> Bool
    {
        guard let key = path.first else { return false }
        if path.count == 1 {
            object[key] = value
            return true
        }
        var inner: JSONObject
        switch object[key] {
        case nil: inner = JSONObject()
        case .object(let existing)?: inner = existing
        default: return false
        }
        guard Self.set(value, at: path.dropFirst(), in: &inner) else { return false }
        object[key] = .object(inner)
        return true
    }
}
