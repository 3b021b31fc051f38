import HubJSON
import HubModel

/// `unbase64: PATH`: the text that is written in base64.
final class Unbase64Operator: MappingOperator {
    private let source: SourceReading

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        guard let source = compiler.source(tree) else { return nil }
        self.source = source
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let text = try self.source.firstText(in: scope) else { return nil }
        guard let bytes = Base64Text.bytes(text), let inside = String(validating: bytes, as: UTF8.self) else {
            throw self.source.failure("The value is not a text in base64.", .notBase64)
        }
        return .string(inside)
    }
}
