import HubJSON
import HubModel

/// `first: { of: [ … ] }`: the value of the first operator that finds one that is not blank.
final class FirstOperator: MappingOperator {
    private let choices: [any MappingOperator]

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let reader = compiler.reader(of: tree)
        let choices = compiler.parts("of", of: reader, for: OperatorKind.first.rawValue)
        reader.refuseOtherKeys()
        guard let choices else { return nil }
        self.choices = choices
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        for choice in self.choices {
            if let value = try Self.found(by: choice, in: scope), !SourceNode.value(value).isBlank {
                return value
            }
        }
        return nil
    }

    /// What is absent is passed over.
    ///
    /// What a step inside an operator misses is a failure: that one has a line.
    private static func found(
        by choice: any MappingOperator, in scope: MappingScope
    ) throws(HubError) -> JSONValue? {
        do throws(HubError) {
            return try choice.value(in: scope)
        } catch {
            guard error.detail("reason") == MappingReason.absent.rawValue, error.detail("line") == nil else {
                throw error
            }
            return nil
        }
    }
}
