import HubJSON
import HubModel

/// `context: id`: what the hub knows about the message beside its payload.
final class ContextOperator: MappingOperator {
    private let name: MappingContext

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let names = MappingContext.allCases.map(\.rawValue)
        guard case .scalar(let text, let place) = tree else {
            compiler.note("'context' takes one of: \(names.joined(separator: ", ")).", at: tree.place)
            return nil
        }
        guard let name = MappingContext(rawValue: text) else {
            compiler.note(
                "'\(text)' is not one of: \(names.joined(separator: ", ")).", at: place,
                suggestion: SettingsReader.nearest(to: text, among: names)
            )
            return nil
        }
        self.name = name
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let text = scope.run.context[self.name.rawValue] else {
            throw .mapping(
                .contextAbsent, "The hub does not know this about the message.",
                ErrorDetail("name", self.name.rawValue)
            )
        }
        return .string(text)
    }
}
