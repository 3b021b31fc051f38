public import HubJSON
public import HubModel
import HubXML

/// A mapping from a document to another, compiled from a file and run any number of times, from any thread.
///
/// A closed set of operators and no scripting: what a mapping can do is what docs/mapping.md lists.
public struct Mapping: Sendable {
    /// The version of the file format that `compile(_:file:)` reads.
    public static let format = "mapping-1"

    /// Its name in errors and faults.
    public let file: String
    public let source: MessageType
    public let target: MessageType
    let body: TargetBody
    /// Whether the paths of the mapping are for XML; `nil` when it has none.
    public let readsXML: Bool?
    /// The file as it was read, for the inverse.
    let tree: SettingsTree
    /// What it reads of its source.
    package let reads: [MappingRead]

    /// Whether the mapping makes an XML document; otherwise it makes a JSON object.
    public var writesXML: Bool { self.body.syntax.isXML }

    /// The same under another name, for errors: where it was read from may be no place that whoever reads them knows.
    package func named(_ name: String) -> Mapping {
        Mapping(
            file: name, source: self.source, target: self.target, body: self.body, readsXML: self.readsXML, tree: self.tree,
            reads: self.reads
        )
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
    /// - Parameters:
    ///   - context: What the operator `context` gives, by the names in `MappingContext`.
    ///   - digest: The hash function of the operator `digest`; without it that operator fails.
    /// - Returns: An object or a document. It is not checked against the schema of `target`; the caller does that.
    /// - Throws: `mapping.failed` with `file`, `line`, `reason` and mostly `path` and `target`, never with a value of the
    ///   document.
    public func run(
        on source: MappingSource, context: [String: String] = [:], digest: MappingDigest? = nil
    ) throws(HubError) -> MappingResult {
        try self.run(on: source, MappingRun(context: context, digest: digest, trace: nil))
    }

    /// Runs a mapping that makes JSON.
    ///
    /// - Throws: As `run(on:context:digest:)`; also when the mapping makes XML, with the reason `wrong-target`.
    public func apply(
        to source: MappingSource, context: [String: String] = [:], digest: MappingDigest? = nil
    ) throws(HubError) -> JSONValue {
        guard case .json(let value) = try self.run(on: source, context: context, digest: digest) else {
            throw .mapping(
                .wrongTarget, "The mapping makes an XML document where JSON is wanted.",
                ErrorDetail("file", self.file), ErrorDetail("line", 1)
            )
        }
        return value
    }

    func run(on source: MappingSource, _ run: MappingRun) throws(HubError) -> MappingResult {
        let node: SourceNode =
            switch source {
            case .xml(let document): .element(document.root)
            case .json(let value): .value(value)
            }
        do throws(HubError) {
            return try self.body.result(in: MappingScope(document: node, item: node, run: run))
        } catch {
            throw error.adding(ErrorDetail("file", self.file))
        }
    }
}
