import HubJSON
import HubModel

/// Steps that make one object or one element, with the places they set.
final class TargetBody: Sendable {
    let syntax: TargetSyntax
    let layout: TargetLayout
    let steps: [MappingStep]

    init(syntax: TargetSyntax, layout: TargetLayout, steps: [MappingStep]) {
        self.syntax = syntax
        self.layout = layout
        self.steps = steps
    }

    var blank: TargetFill { TargetFill(self.layout, isXML: self.syntax.isXML) }

    /// - Throws: `mapping.failed`.
    func run(in scope: MappingScope, into fill: inout TargetFill) throws(HubError) {
        for step in self.steps { try step.run(in: scope, into: &fill) }
    }

    /// The finished object or document.
    ///
    /// - Parameter declared: Whether XML begins with a declaration. Inside another text it would say nothing true.
    func result(in scope: MappingScope, declared: Bool = true) throws(HubError) -> MappingResult {
        var fill = self.blank
        try self.run(in: scope, into: &fill)
        switch self.syntax {
        case .json:
            return .json(.object(fill.object))
        case .xml(let root):
            var writer = XMLWriter()
            if declared { writer.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") }
            fill.write(root, to: &writer)
            return .xml(writer.bytes)
        }
    }
}

/// The places of a body while it is compiled.
final class TargetLayoutBuilder {
    let syntax: TargetSyntax
    var layout = TargetLayout()

    init(_ syntax: TargetSyntax) {
        self.syntax = syntax
    }
}
