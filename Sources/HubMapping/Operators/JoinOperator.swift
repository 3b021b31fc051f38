import HubJSON
import HubModel

/// `join: { parts: [ … ], with: TEXT }`: texts in a row. Each part is one operator; what a part leaves out is skipped.
struct JoinOperator: MappingOperator {
    private let parts: [any MappingOperator]
    private let separator: String

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let reader = compiler.reader(of: tree)
        let items = reader.requiredTree("parts") == nil ? [] : reader.list("parts")
        let separator = reader.string("with") ?? ""
        reader.refuseOtherKeys()
        let parts = items.map { Self.part($0, compiler) }
        if items.isEmpty { reader.note("'join' needs at least one part.", at: reader.place) }
        guard !parts.isEmpty, parts.allSatisfy({ $0 != nil }) else { return nil }
        self.parts = parts.compactMap { $0 }
        self.separator = separator
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        var texts: [String] = []
        for part in self.parts {
            guard let value = try part.value(in: scope) else { continue }
            for item in value.array ?? [value] {
                guard let text = SourceNode.value(item).text else {
                    throw HubError(
                        .mappingFailed, "A part to be joined has no text.",
                        details: [ErrorDetail("reason", "not-text")]
                    )
                }
                texts.append(text)
            }
        }
        return texts.isEmpty ? nil : .string(texts.joined(separator: self.separator))
    }

    private static func part(_ tree: SettingsTree, _ compiler: MappingCompiler) -> (any MappingOperator)? {
        let reader = compiler.reader(of: tree)
        let kinds = OperatorKind.allCases.filter { $0 != .each && reader.tree($0.rawValue) != nil }
        reader.refuseOtherKeys()
        guard let kind = kinds.first, kinds.count == 1, let argument = reader.tree(kind.rawValue) else {
            reader.note("A part is exactly one operator, such as { copy: … }.", at: reader.place)
            return nil
        }
        return kind.made(from: argument, compiler)
    }
}
