import HubModel

/// `when: { from: PATH }`, with `equals: TEXT` or `not: TEXT`: whether a step runs.
final class WhenCondition: Sendable {
    private enum Test: Sendable {
        /// There is something that is not blank.
        case present
        case equals(String)
        case differs(from: String)
    }

    private let source: SourceReading
    private let test: Test

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var test = Test.present
        let source = compiler.source(tree) { reader in
            let equals = reader.string("equals")
            let unwanted = reader.string("not")
            if let equals { test = .equals(equals) }
            if let unwanted { test = .differs(from: unwanted) }
            if equals != nil, unwanted != nil {
                reader.note("A condition has 'equals' or 'not', not both.", at: reader.place)
            }
        }
        guard let source else { return nil }
        self.source = source
        self.test = test
    }

    /// An absent value has the empty text.
    ///
    /// - Throws: `mapping.failed` only when too much was read already.
    func holds(in scope: MappingScope) throws(HubError) -> Bool {
        switch self.test {
        case .present:
            guard let first = try self.source.found(in: scope) else { return false }
            if !first.isBlank { return true }
            return try self.source.nodes(in: scope).contains { !$0.isBlank }
        case .equals(let expected):
            return try self.text(in: scope) == expected
        case .differs(let unwanted):
            return try self.text(in: scope) != unwanted
        }
    }

    private func text(in scope: MappingScope) throws(HubError) -> String {
        try self.source.found(in: scope)?.text ?? ""
    }
}
