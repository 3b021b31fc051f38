import HubJSON
import HubModel

/// `join: { parts: [ … ], with: TEXT }`: texts in a row.
///
/// Each part is one operator; what a part leaves out is skipped.
final class JoinOperator: MappingOperator {
    private let parts: TextParts

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let reader = compiler.reader(of: tree)
        let parts = TextParts(reader, compiler, for: .join)
        reader.refuseOtherKeys()
        guard let parts else { return nil }
        self.parts = parts
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        try self.parts.text(in: scope).map(JSONValue.string)
    }
}

/// `parts: [ … ], with: TEXT`: the texts that operators make, with a text between them.
struct TextParts: Sendable {
    private let parts: [any MappingOperator]
    private let separator: String

    /// `nil` when a fault was noted.
    init?(_ reader: SettingsReader, _ compiler: MappingCompiler, for kind: OperatorKind) {
        let parts = compiler.parts("parts", of: reader, for: kind.rawValue)
        self.separator = reader.string("with") ?? ""
        guard let parts else { return nil }
        self.parts = parts
    }

    /// `nil` when all parts are left out.
    func text(in scope: MappingScope) throws(HubError) -> String? {
        var joined = ""
        var isEmpty = true
        func append(_ value: JSONValue) throws(HubError) {
            guard let text = SourceNode.text(of: value) else {
                throw .mapping(.notText, "A part to be joined has no text.")
            }
            // The parts of a list may repeat a long text many times.
            try scope.run.budget.take(bytes: text.utf8.count)
            if !isEmpty { joined += self.separator }
            joined += text
            isEmpty = false
        }
        for part in self.parts {
            guard let value = try part.value(in: scope) else { continue }
            if case .array(let items) = value {
                for item in items { try append(item) }
            } else {
                try append(value)
            }
        }
        return isEmpty ? nil : joined
    }
}
