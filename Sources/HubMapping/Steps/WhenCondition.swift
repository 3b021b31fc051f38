import HubModel

/// `when: { from: PATH }`, with `equals: TEXT` or `not: TEXT`: whether a step runs.
struct WhenCondition: Sendable {
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
    func holds(in scope: MappingScope) -> Bool {
        let nodes = self.source.nodes(in: scope)
        let text = nodes.first?.text ?? ""
        return switch self.test {
        case .present: nodes.contains { !$0.isBlank }
        case .equals(let expected): text == expected
        case .differs(let unwanted): text != unwanted
        }
    }
}
