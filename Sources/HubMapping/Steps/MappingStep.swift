import HubJSON
import HubModel

/// One step of a mapping: it sets a place of the target with one operator, or groups steps.
final class MappingStep: Sendable {
    enum Action: Sendable {
        case set(Int, any MappingOperator)
        /// A list of objects or elements.
        case each(Int, EachOperator)
        /// Steps under a condition, or over a document inside a text.
        case group(WithinReading?, [MappingStep])
    }

    /// What became of a step.
    enum Outcome {
        case set, entered
        /// The condition did not hold.
        case skipped
        /// There was nothing, and that is allowed.
        case leftOut
    }

    let place: SourcePlace
    let condition: WhenCondition?
    let action: Action
    /// What is set, as the file writes it; empty for a group.
    let target: String
    /// The name of the operator; `steps` for a group.
    let name: String

    /// `nil` when a fault was noted.
    init?(_ reader: SettingsReader, _ compiler: MappingCompiler, into builder: TargetLayoutBuilder) {
        let condition = reader.tree("when").map { WhenCondition($0, compiler) }
        let within = reader.tree("within")
        let target = reader.string("set")
        let tokens = target.flatMap { target in
            reader.tree("set").flatMap { builder.syntax.tokens(target, at: $0.place, compiler) }
        }
        let group = reader.tree("steps")
        let kinds = OperatorKind.allCases.filter { reader.tree($0.rawValue) != nil }
        reader.refuseOtherKeys()
        let action: Action?
        if let group {
            if reader.tree("set") != nil || !kinds.isEmpty {
                reader.note("A step has 'steps', or 'set' and an operator, not both.", at: reader.place)
            }
            if condition == nil, within == nil {
                reader.note("A group of steps needs 'when' or 'within'.", at: reader.place)
            }
            action = Self.group(group, within, compiler, into: builder)
        } else {
            if within != nil {
                reader.note(
                    "'within' stands at a group of steps; the key 'steps' is missing.", at: reader.place)
            }
            if reader.requiredTree("set") == nil || kinds.count != 1 {
                let names = OperatorKind.allCases.map(\.rawValue).joined(separator: ", ")
                if kinds.count != 1 {
                    reader.note("A step needs exactly one of: \(names).", at: reader.place)
                }
            }
            let place = tokens.map { builder.layout.place(at: $0, isXML: builder.syntax.isXML) }
            action = kinds.first.flatMap { kind in
                reader.tree(kind.rawValue).flatMap { Self.setting(place, kind, $0, compiler, builder.syntax) }
            }
        }
        // A condition that was written and could not be read is a fault, never no condition.
        guard let action, condition.map({ $0 != nil }) ?? true else { return nil }
        self.place = reader.place
        self.condition = condition ?? nil
        self.action = action
        self.target = group == nil ? target ?? "" : ""
        self.name = group == nil ? kinds.first?.rawValue ?? "" : "steps"
    }

    private static func group(
        _ steps: SettingsTree, _ within: SettingsTree?, _ compiler: MappingCompiler,
        into builder: TargetLayoutBuilder
    ) -> Action? {
        guard let within else { return .group(nil, compiler.steps(steps, into: builder)) }
        let reading = WithinReading(within, compiler)
        let inner = compiler.inside(isXML: reading?.form.isXML, line: within.place.line) {
            compiler.steps(steps, into: builder)
        }
        return reading.map { .group($0, inner) }
    }

    /// Reads the operator even when its place could not be read, so that all faults are shown.
    private static func setting(
        _ place: Int?, _ kind: OperatorKind, _ tree: SettingsTree, _ compiler: MappingCompiler,
        _ syntax: TargetSyntax
    ) -> Action? {
        if kind == .each {
            let each = EachOperator(tree, compiler, making: syntax)
            return place.flatMap { place in each.map { .each(place, $0) } }
        }
        let made = kind.made(from: tree, compiler)
        return place.flatMap { place in made.map { .set(place, $0) } }
    }
}

// MARK: Running

extension MappingStep {
    /// - Throws: `mapping.failed`, with the line and the target of the step.
    func run(in scope: MappingScope, into fill: inout TargetFill) throws(HubError) {
        guard let trace = scope.run.trace else {
            do throws(HubError) {
                _ = try self.perform(in: scope, into: &fill)
            } catch {
                guard let failures = scope.run.failures, failures.take(error) else { throw error }
                // So that whoever looks at what is made sees that something was to be there.
                if case .set(let place, _) = self.action { try? fill.set(.null, at: place) } else { failures.hasGaps = true }
            }
            return
        }
        let entry = trace.begin(self)
        do throws(HubError) {
            trace.end(entry, try self.perform(in: scope, into: &fill), self, fill)
        } catch {
            trace.end(entry, error)
            throw error
        }
    }

    private func perform(in scope: MappingScope, into fill: inout TargetFill) throws(HubError) -> Outcome {
        do throws(HubError) {
            if let condition = self.condition, try !condition.holds(in: scope) { return .skipped }
            switch self.action {
            case .set(let place, let mappingOperator):
                guard let value = try mappingOperator.value(in: scope) else { return .leftOut }
                try scope.run.budget.take(value)
                try fill.set(value, at: place)
                return .set
            case .each(let place, let each):
                try scope.run.budget.take()
                return try each.set(place, in: scope, into: &fill) ? .set : .leftOut
            case .group(let within, let steps):
                var inner = scope
                if let within {
                    guard let entered = try within.entered(from: scope) else { return .leftOut }
                    inner = entered
                }
                for step in steps { try step.run(in: inner, into: &fill) }
                return .entered
            }
        } catch {
            // The innermost step is the one to look at.
            if error.detail("line") != nil { throw error }
            let located = error.adding(ErrorDetail("line", self.place.line))
            throw self.target.isEmpty ? located : located.adding(ErrorDetail("target", self.target))
        }
    }
}
