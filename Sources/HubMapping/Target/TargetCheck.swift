import HubModel

/// Finds steps that would write over each other.
struct TargetCheck {
    private let layout: TargetLayout
    private let compiler: MappingCompiler
    /// Where each place that is always set was set first.
    private var certain: [Int: SourcePlace] = [:]
    /// Where the first value below each place, attributes of it apart, is always set.
    private var inside: [Int: SourcePlace] = [:]

    init(_ layout: TargetLayout, _ compiler: MappingCompiler) {
        self.layout = layout
        self.compiler = compiler
    }

    mutating func visit(_ steps: [MappingStep], isCertain: Bool = true) {
        for step in steps {
            let isCertain = isCertain && step.condition == nil
            switch step.action {
            case .set(let place, _):
                self.visit(place, step, isCertain: isCertain)
            case .each(let place, let each):
                self.checkAttributes(of: each, at: place, step)
                self.visit(place, step, isCertain: isCertain)
            case .group(let within, let steps):
                self.visit(steps, isCertain: isCertain && within?.source.isOptional != true)
            }
        }
    }

    private mutating func visit(_ place: Int, _ step: MappingStep, isCertain: Bool) {
        if let earlier = self.above(place) {
            self.compiler.note("'\(step.target)' was set on line \(earlier.line) already.", at: step.place)
        } else if let earlier = self.inside[place] {
            self.compiler.note(
                "Something below '\(step.target)' was set on line \(earlier.line) already.", at: step.place)
        }
        if isCertain { self.note(place, step.place) }
    }

    /// The step that always sets this place, or a value of which this place would be a part.
    private func above(_ place: Int) -> SourcePlace? {
        if let same = self.certain[place] { return same }
        var place = place
        while place != TargetLayout.itself {
            let isAttribute = self.layout.places[place].isAttribute
            place = self.layout.places[place].parent
            // An element has both text and attributes.
            if !isAttribute, let earlier = self.certain[place] { return earlier }
        }
        return nil
    }

    private mutating func note(_ place: Int, _ step: SourcePlace) {
        guard self.certain[place] == nil else { return }
        self.certain[place] = step
        var place = place
        while place != TargetLayout.itself, !self.layout.places[place].isAttribute {
            place = self.layout.places[place].parent
            if self.inside[place] == nil { self.inside[place] = step }
        }
    }

    /// Attributes of the elements of a list are set inside `each` or beside it, not in both places.
    private func checkAttributes(of each: EachOperator, at place: Int, _ step: MappingStep) {
        for name in each.body.layout.attributes(in: TargetLayout.itself)
        where self.layout.known(name, isAttribute: true, in: place) != nil {
            self.compiler.note(
                "The attribute '\(name)' of '\(step.target)' is set inside 'each' and beside it.",
                at: step.place)
        }
    }
}
