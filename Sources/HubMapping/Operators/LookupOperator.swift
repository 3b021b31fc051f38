import HubJSON
import HubModel

/// `lookup: { from: PATH, table: NAME, otherwise: TEXT }`: the text that a table of the mapping has for the value.
struct LookupOperator: MappingOperator {
    private let source: SourceReading
    private let table: [String: String]
    private let otherwise: String?

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var table: [String: String]?
        var otherwise: String?
        let source = compiler.source(tree) { reader in
            if let name = reader.requiredString("table"), let place = reader.tree("table")?.place {
                table = compiler.table(name, at: place)
            }
            otherwise = reader.string("otherwise")
        }
        guard let source, let table else { return nil }
        self.source = source
        self.table = table
        self.otherwise = otherwise
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        if let otherwise = self.otherwise {
            let text = self.source.nodes(in: scope).first?.text
            return .string(text.flatMap { self.table[$0] } ?? otherwise)
        }
        guard let text = try self.source.firstText(in: scope) else { return nil }
        guard let found = self.table[text] else {
            throw self.source.failure("The table has no entry for the value.", reason: "not-in-table")
        }
        return .string(found)
    }
}
