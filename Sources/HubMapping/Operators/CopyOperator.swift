import HubJSON
import HubModel

/// `copy: PATH`, or `copy: { from: PATH, as: number, all: true, otherwise: TEXT }`: the value as it stands.
final class CopyOperator: MappingOperator {
    private let source: SourceReading
    /// `nil` leaves a JSON value as it is and makes a text of an element.
    private let form: TargetForm?
    /// Whether every match is wanted, as an array.
    private let takesAll: Bool
    /// Written when there is nothing, or only a blank.
    private let otherwise: String?

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var form: TargetForm?
        var takesAll = false
        var otherwise: String?
        let source = compiler.source(tree) { reader in
            form = TargetForm.read(reader)
            takesAll = reader.boolean("all") ?? false
            otherwise = reader.string("otherwise")
            if let text = otherwise, let form, form.value(of: text) == nil,
                let place = reader.tree("otherwise")?.place
            {
                reader.note("'\(text)' is not a \(form.rawValue).", at: place)
            }
            if takesAll, otherwise != nil {
                reader.note(
                    "'all' gives an empty list when there is nothing; 'otherwise' has no place.",
                    at: reader.place
                )
            }
        }
        guard let source else { return nil }
        self.source = source
        self.form = form
        self.takesAll = takesAll
        self.otherwise = otherwise
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        if self.takesAll {
            var values: [JSONValue] = []
            for node in try self.source.nodes(in: scope) where !node.isBlank {
                values.append(try self.formed(node))
            }
            return values.isEmpty && self.source.isOptional ? nil : .array(values)
        }
        if let otherwise = self.otherwise {
            guard let node = try self.source.found(in: scope), !node.isBlank else {
                return (self.form ?? .text).value(of: otherwise)
            }
            return try self.formed(node)
        }
        guard let node = try self.source.first(in: scope) else { return nil }
        return try self.formed(node)
    }

    private func formed(_ node: SourceNode) throws(HubError) -> JSONValue {
        guard let form = self.form else { return node.copied }
        guard let value = node.text.flatMap(form.value(of:)) else {
            throw self.source.failure("The value does not have the form that is asked for.", form.reason)
        }
        return value
    }
}
