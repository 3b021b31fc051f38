public import HubJSON
public import HubModel
public import HubXML

/// A mapping from a document to a JSON object, compiled from a file and run any number of times, from any thread.
///
/// A closed set of operators and no scripting: what a mapping can do is what docs/mapping.md lists.
public struct Mapping: Sendable {
    /// The version of the file format that `compile(_:file:)` reads.
    public static let format = "mapping-1"
    /// How many values a result may have.
    static let maxValues = 100_000

    public let file: String
    public let source: MessageType
    public let target: MessageType
    let steps: [MappingStep]
    /// Whether the paths of the mapping are for XML; `nil` when it has none.
    public let readsXML: Bool?

    init(file: String, source: MessageType, target: MessageType, steps: [MappingStep], readsXML: Bool?) {
        self.file = file
        self.source = source
        self.target = target
        self.steps = steps
        self.readsXML = readsXML
    }

    /// Reads a mapping.
    ///
    /// - Parameter file: The name under which faults are reported.
    /// - Returns: All faults of the file at once, if there is one.
    public static func compile(_ tree: SettingsTree, file: String) -> Result<Mapping, SettingsFaults> {
        let compiler = MappingCompiler(tree, file: file)
        guard let mapping = compiler.mapping() else { return .failure(SettingsFaults(compiler.faults)) }
        return .success(mapping)
    }

    /// Runs the mapping.
    ///
    /// - Parameter context: What the operator `context` gives, by the names in `MappingContext`.
    /// - Returns: An object. It is not checked against the schema of `target`; the caller does that.
    /// - Throws: `mapping.failed` with `file`, `line`, `reason` and `path`, never with a value of the document.
    public func apply(to source: MappingSource, context: [String: String] = [:]) throws(HubError) -> JSONValue
    {
        let node: SourceNode =
            switch source {
            case .xml(let document): .element(document.root)
            case .json(let value): .value(value)
            }
        let scope = MappingScope(
            document: node, item: node, context: context, budget: MappingScope.Budget(Self.maxValues)
        )
        var target = JSONObject()
        do throws(HubError) {
            for step in self.steps { try step.run(in: scope, into: &target) }
        } catch {
            throw error.adding(ErrorDetail("file", self.file))
        }
        return .object(target)
    }
}

/// What a mapping reads.
public enum MappingSource: Sendable {
    case xml(XMLDocument)
    case json(JSONValue)
}

/// The names of the values that the caller of a mapping provides beside the document.
public enum MappingContext: String, CaseIterable, Sendable {
    /// The hub's id of the message.
    case id
    case type
    /// The moment of acceptance, RFC 3339.
    case time
    /// The code of the sending agency, as the directory writes it.
    case sender
    /// The SHA-256 of the payload, in hexadecimal.
    case digest
}
