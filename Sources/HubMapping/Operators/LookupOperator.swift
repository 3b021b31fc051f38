import HubJSON
import HubModel

/// `lookup: { from: PATH, table: NAME, reverse: true, otherwise: TEXT }`: the text that a table of the mapping has for
/// the value; in reverse, the text for which the table has the value.
final class LookupOperator: MappingOperator {
    private let source: SourceReading
    private let table: [String: String]
    private let otherwise: String?

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var table: [String: String]?
        var otherwise: String?
        let source = compiler.source(tree) { reader in
            if let name = reader.requiredString("table"), let place = reader.tree("table")?.place {
                table = compiler.table(name, at: place)
                if reader.boolean("reverse") ?? false, let read = table {
                    table = Self.reversed(read, name, at: reader.tree("reverse")?.place ?? place, compiler)
                }
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
            let text = try self.source.found(in: scope)?.text
            return .string(text.flatMap { self.table[$0] } ?? otherwise)
        }
        guard let text = try self.source.firstText(in: scope) else { return nil }
        guard let found = self.table[text] else {
            throw self.source.failure("The table has no entry for the value.", .notInTable)
        }
        return .string(found)
    }

    private static func reversed(
        _ table: [String: String], _ name: String, at place: SourcePlace, _ compiler: MappingCompiler
    ) -> [String: String]? {
        var reversed: [String: String] = [:]
        for (key, text) in table.sorted(by: { $0.key < $1.key }) {
            if let other = reversed[text] {
                compiler.note(
                    "The table '\(name)' has '\(text)' for '\(other)' and '\(key)'; it cannot be read in reverse.",
                    at: place
                )
                return nil
            }
            reversed[text] = key
        }
        return reversed
    }
}
