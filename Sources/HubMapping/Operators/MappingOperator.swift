import HubJSON
import HubModel

/// Makes one value of the target from the source.
protocol MappingOperator: Sendable {
    /// `nil` when the target is to be left out.
    ///
    /// - Throws: `mapping.failed`.
    func value(in scope: MappingScope) throws(HubError) -> JSONValue?
}

/// The operators that a step may name. What cannot be said with them is a reason for a new one, with its tests.
enum OperatorKind: String, CaseIterable {
    case copy, constant, context, date, count, lookup, join, each

    /// `nil` when a fault was noted.
    func made(from tree: SettingsTree, _ compiler: MappingCompiler) -> (any MappingOperator)? {
        switch self {
        case .copy: CopyOperator(tree, compiler)
        case .constant: ConstantOperator(tree, compiler)
        case .context: ContextOperator(tree, compiler)
        case .date: DateOperator(tree, compiler)
        case .count: CountOperator(tree, compiler)
        case .lookup: LookupOperator(tree, compiler)
        case .join: JoinOperator(tree, compiler)
        case .each: EachOperator(tree, compiler)
        }
    }
}

/// What a text becomes in the target.
enum TargetForm: String, CaseIterable, Sendable {
    case text, number, boolean

    /// The value of `as`, or `nil` when the key is absent or its value was refused.
    static func read(_ reader: SettingsReader) -> TargetForm? {
        reader.choice("as", self.allCases.map(\.rawValue)).flatMap(TargetForm.init(rawValue:))
    }

    /// `nil` when the text is not of this form.
    func value(of text: String) -> JSONValue? {
        switch self {
        case .text: .string(text)
        case .number: JSONNumber(text: text).map(JSONValue.number)
        case .boolean:
            switch text {
            case "true", "True", "1": .bool(true)
            case "false", "False", "0": .bool(false)
            default: nil
            }
        }
    }
}
