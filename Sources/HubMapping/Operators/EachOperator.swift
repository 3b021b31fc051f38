import HubJSON
import HubModel

/// `each: { from: PATH, when: …, steps: [ … ] }`: one object for every match; for a JSON array, for every item.
///
/// Inside, paths begin at the item; `of: document` begins at the source again.
struct EachOperator: MappingOperator {
    private let source: SourceReading
    private let condition: WhenCondition?
    private let steps: [MappingStep]

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var condition: WhenCondition??
        var steps: [MappingStep] = []
        let source = compiler.source(tree) { reader in
            condition = reader.tree("when").map { WhenCondition($0, compiler) }
            steps = reader.requiredTree("steps").map { compiler.steps($0) } ?? []
        }
        guard let source, !steps.isEmpty, condition.map({ $0 != nil }) ?? true else { return nil }
        self.source = source
        self.condition = condition ?? nil
        self.steps = steps
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        var objects: [JSONValue] = []
        for node in self.items(in: scope) {
            let inner = scope.entering(node)
            if let condition = self.condition, !condition.holds(in: inner) { continue }
            try scope.budget.take()
            var object = JSONObject()
            for step in self.steps { try step.run(in: inner, into: &object) }
            objects.append(.object(object))
        }
        return objects.isEmpty && self.source.isOptional ? nil : .array(objects)
    }

    private func items(in scope: MappingScope) -> [SourceNode] {
        self.source.nodes(in: scope).flatMap { node in
            if case .value(.array(let items)) = node { items.map(SourceNode.value) } else { [node] }
        }
    }
}
