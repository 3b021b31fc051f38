import HubJSON
import HubModel

/// Makes one value of the target from the source.
///
/// Operators, and what they are made of, are objects: to run one copies nothing.
protocol MappingOperator: AnyObject, Sendable {
    /// `nil` when the target is to be left out.
    ///
    /// - Throws: `mapping.failed`.
    func value(in scope: MappingScope) throws(HubError) -> JSONValue?
}

/// The operators that a step may name.
///
/// What cannot be said with them is a reason for a new one, with its tests.
enum OperatorKind: String, CaseIterable {
    case copy, constant, context, date, count, lookup, join, each
    case text, split, decimal, first, base64, unbase64, xml, json, digest

    /// `nil` when a fault was noted.
    func made(from tree: SettingsTree, _ compiler: MappingCompiler) -> (any MappingOperator)? {
        switch self {
        case .copy: return CopyOperator(tree, compiler)
        case .constant: return ConstantOperator(tree, compiler)
        case .context: return ContextOperator(tree, compiler)
        case .date: return DateOperator(tree, compiler)
        case .decimal: return DecimalOperator(tree, compiler)
        case .count: return CountOperator(tree, compiler)
        case .lookup: return LookupOperator(tree, compiler)
        case .text: return TextOperator(tree, compiler)
        case .split: return SplitOperator(tree, compiler)
        case .join: return JoinOperator(tree, compiler)
        case .first: return FirstOperator(tree, compiler)
        case .base64: return Base64Operator(tree, compiler)
        case .unbase64: return Unbase64Operator(tree, compiler)
        case .json: return DocumentOperator(tree, compiler, isXML: false)
        case .xml: return DocumentOperator(tree, compiler, isXML: true)
        case .digest: return DigestOperator(tree, compiler)
        case .each:
            compiler.note(
                "'each' makes a list and stands in a step of its own, never in a part.", at: tree.place)
            return nil
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

    /// Why a text that is not of this form makes a mapping fail.
    var reason: MappingReason {
        switch self {
        case .text: .notText
        case .number: .notNumber
        case .boolean: .notBoolean
        }
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
