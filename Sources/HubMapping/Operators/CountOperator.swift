import HubJSON
import HubModel

/// `count: PATH`: how many there are; for a JSON array its items.
///
/// Nothing counts as 0.
final class CountOperator: MappingOperator {
    private let source: SourceReading

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        guard let source = compiler.source(tree) else { return nil }
        self.source = source
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        let nodes = try self.source.nodes(in: scope)
        if nodes.isEmpty, self.source.isOptional { return nil }
        let count = nodes.reduce(0) { count, node in
            if case .value(.array(let items)) = node { count + items.count } else { count + 1 }
        }
        return .number(JSONNumber(count))
    }
}
