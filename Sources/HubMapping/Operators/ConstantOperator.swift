import HubJSON
import HubModel

/// `constant: TEXT`, or `constant: { is: TEXT, as: number }`: always the same value.
final class ConstantOperator: MappingOperator {
    private let constant: JSONValue

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        if case .scalar(let text, _) = tree {
            self.constant = .string(text)
            return
        }
        let reader = compiler.reader(of: tree)
        let text = reader.requiredString("is")
        let form = TargetForm.read(reader) ?? .text
        reader.refuseOtherKeys()
        guard let text, let place = reader.tree("is")?.place else { return nil }
        guard let value = form.value(of: text) else {
            reader.note("'\(text)' is not a \(form.rawValue).", at: place)
            return nil
        }
        self.constant = value
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? { self.constant }
}
