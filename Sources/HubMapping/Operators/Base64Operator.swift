import HubJSON
import HubModel

/// `base64: PATH`, or `base64: { of: { any operator } }`: the UTF-8 of a text, or of a JSON value, in base64.
final class Base64Operator: MappingOperator {
    private enum Input: Sendable {
        case reading(SourceReading)
        case made(any MappingOperator)
    }

    private let input: Input

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        // In a map with `from`, `of` says where the path begins; alone it holds an operator.
        if case .map(let entries, _) = tree, !entries.contains(where: { $0.key == "from" }) {
            let reader = compiler.reader(of: tree)
            let made = reader.requiredTree("of").flatMap { compiler.part($0) }
            reader.refuseOtherKeys()
            guard let made else { return nil }
            self.input = .made(made)
        } else {
            guard let reading = compiler.source(tree) else { return nil }
            self.input = .reading(reading)
        }
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        switch self.input {
        case .reading(let source):
            guard let text = try source.firstText(in: scope) else { return nil }
            return .string(Base64.text(Array(text.utf8)))
        case .made(let inner):
            guard let value = try inner.value(in: scope) else { return nil }
            let bytes = SourceNode.text(of: value).map { Array($0.utf8) } ?? value.serialised()
            return .string(Base64.text(bytes))
        }
    }
}
