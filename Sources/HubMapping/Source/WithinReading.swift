import HubJSON
import HubModel
import HubXML

/// `within: { from: PATH, form: xml }`: the document that is written in a text of the source.
struct WithinReading: Sendable {
    enum Form: String, CaseIterable, Sendable {
        case xml, json
        case base64XML = "base64-xml"
        case base64JSON = "base64-json"

        var isXML: Bool { self == .xml || self == .base64XML }
        var isBase64: Bool { self == .base64XML || self == .base64JSON }
    }

    let source: SourceReading
    let form: Form

    /// `nil` when a fault was noted.
    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var form: Form?
        let source = compiler.source(tree) { reader in
            if reader.requiredTree("form") != nil {
                form = reader.choice("form", Form.allCases.map(\.rawValue)).flatMap(Form.init(rawValue:))
            }
        }
        guard let source, let form else { return nil }
        self.source = source
        self.form = form
    }

    /// The scope in which paths read the inner document; `nil` when there is none and that is allowed.
    ///
    /// - Throws: `mapping.failed` with `not-base64`, `not-xml`, `not-json` or `too-large`, and the parser's code as `code`.
    func entered(from scope: MappingScope) throws(HubError) -> MappingScope? {
        guard let text = try self.source.firstText(in: scope) else { return nil }
        let bytes: [UInt8]
        if self.form.isBase64 {
            guard let decoded = Base64Text.bytes(text) else {
                throw self.source.failure("The value is not base64.", .notBase64)
            }
            bytes = decoded
        } else {
            bytes = Array(text.utf8)
        }
        do throws(HubError) {
            return scope.reading(try self.parsed(bytes, scope.run.budget))
        } catch {
            throw self.failure(error)
        }
    }

    private func parsed(_ bytes: [UInt8], _ budget: MappingBudget) throws(HubError) -> SourceNode {
        try budget.take(bytes: bytes.count)
        if self.form.isXML {
            var limits = XMLLimits()
            limits.maxNodes = min(limits.maxNodes, budget.innerValues)
            let document = try XMLDocument.parse(bytes, limits: limits)
            try budget.takeInner(document.nodes)
            return .element(document.root)
        }
        var limits = JSONLimits()
        limits.maxValues = min(limits.maxValues, budget.innerValues)
        let value = try JSONDocument.parse(bytes, limits: limits).value
        try budget.takeInner(Self.count(of: value))
        return .value(value)
    }

    /// The parser's own details stay behind: some of them are pieces of the text.
    private func failure(_ error: HubError) -> HubError {
        let code = ErrorDetail("code", error.code.rawValue)
        let path = ErrorDetail("path", self.source.path.description)
        switch error.code {
        case .mappingFailed:
            return error.adding(path)
        case .intakeTooLarge:
            return .mapping(.tooLarge, "The document in the value is too large.", path, code)
        default:
            return self.form.isXML
                ? .mapping(.notXML, "The value is not an XML document that is read.", path, code)
                : .mapping(.notJSON, "The value is not a JSON text that is read.", path, code)
        }
    }

    private static func count(of value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .number, .string: 1
        case .array(let items): items.reduce(1) { $0 + Self.count(of: $1) }
        case .object(let object): object.members.reduce(1) { $0 + Self.count(of: $1.value) }
        }
    }
}
