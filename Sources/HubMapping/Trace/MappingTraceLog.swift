import HubJSON
import HubModel

/// Takes down steps while they run.
final class MappingTraceLog {
    static let maxSteps = 10_000
    static let maxCharacters = 80
    /// What stands where the secret would.
    static let mask = "•••"

    private(set) var steps: [MappingTraceStep] = []
    private(set) var dropped = 0
    private var depth = 0
    private let secret: String?

    init(secret: String?) {
        self.secret = secret.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// - Returns: The number under which the end is reported; `nil` when the step is not listed.
    func begin(_ step: MappingStep) -> Int? {
        self.depth += 1
        guard self.steps.count < Self.maxSteps else {
            self.dropped += 1
            return nil
        }
        self.steps.append(self.entry(step, .entered, depth: self.depth - 1))
        return self.steps.count - 1
    }

    func end(_ entry: Int?, _ outcome: MappingStep.Outcome, _ step: MappingStep, _ fill: TargetFill) {
        self.depth -= 1
        guard let entry else { return }
        let shown: MappingTraceStep.Outcome =
            switch outcome {
            case .set: .set(self.shown(step, fill))
            case .entered: .entered
            case .skipped: .skipped
            case .leftOut: .leftOut
            }
        self.steps[entry] = self.entry(step, shown, depth: self.steps[entry].depth)
    }

    func end(_ entry: Int?, _ error: HubError) {
        self.depth -= 1
        guard let entry else { return }
        let begun = self.steps[entry]
        self.steps[entry] = MappingTraceStep(
            line: begun.line, depth: begun.depth, condition: begun.condition, target: begun.target,
            name: begun.name, outcome: .failed(reason: error.detail("reason") ?? error.code.rawValue)
        )
    }

    private func entry(
        _ step: MappingStep, _ outcome: MappingTraceStep.Outcome, depth: Int
    ) -> MappingTraceStep {
        var holds: Bool?
        if step.condition != nil {
            holds = if case .skipped = outcome { false } else { true }
        }
        return MappingTraceStep(
            line: step.place.line, depth: depth, condition: holds,
            target: step.target.isEmpty ? nil : step.target, name: step.name, outcome: outcome
        )
    }

    private func shown(_ step: MappingStep, _ fill: TargetFill) -> String {
        let place: Int
        switch step.action {
        case .set(let set, _), .each(let set, _): place = set
        case .group: return ""
        }
        let text: String
        switch fill.content(at: place) {
        case .nothing: text = ""
        case .value(let value): text = value.text
        case .elements(let elements): text = "\(elements.count) × <\(step.target)>"
        }
        return self.shortened(self.secret.map { text.replacing($0, with: Self.mask) } ?? text)
    }

    private func shortened(_ text: String) -> String {
        let beginning = text.prefix(Self.maxCharacters)
        guard beginning.endIndex < text.endIndex else { return text }
        return String(beginning.dropLast()) + "…"
    }
}
