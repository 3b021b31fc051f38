public import HubModel

/// The schemas of all message types that the hub knows, compiled at start and shared.
public final class SchemaCatalogue: Sendable {
    private let schemas: [MessageType: Schema]
    private let folders: [MessageType: String]
    /// What `catalogue.yaml` says, in its order; empty where there is none.
    public let domains: [CatalogueDomain]
    private let entries: [MessageType: CatalogueEntry]

    init(schemas: [MessageType: Schema], folders: [MessageType: String], domains: [CatalogueDomain] = []) {
        self.schemas = schemas
        self.folders = folders
        self.domains = domains
        self.entries = Dictionary(
            domains.flatMap(\.entries).map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// In order of their names.
    public var types: [MessageType] { self.schemas.keys.sorted() }

    /// - Throws: `schema.unknown` for a type without a folder.
    public func schema(for type: MessageType) throws(HubError) -> Schema {
        guard let schema = self.schemas[type] else {
            throw HubError(
                .schemaUnknown, "There is no schema for this message type.",
                details: [ErrorDetail("type", type)]
            )
        }
        return schema
    }

    /// The folder a type was read from, with its `form.yaml` and `examples/`.
    public func folder(of type: MessageType) -> String? { self.folders[type] }

    /// What `catalogue.yaml` says of a type; `nil` where there is no such file.
    public func entry(of type: MessageType) -> CatalogueEntry? { self.entries[type] }

    /// The types whose schemas those of `types` refer to, and those that these refer to in turn; in order of their names.
    public func used(by types: [MessageType]) -> [MessageType] {
        var found: Set<MessageType> = []
        var open = types.flatMap { self.entries[$0]?.uses ?? [] }
        while let type = open.popLast() {
            if found.insert(type).inserted { open += self.entries[type]?.uses ?? [] }
        }
        return found.sorted()
    }

    /// The schema files of `types` and of those that they use, as they are written; none for a type without one that can be
    /// read.
    public func texts(of types: [MessageType]) -> [MessageType: [UInt8]] {
        var texts: [MessageType: [UInt8]] = [:]
        for type in Set(types + self.used(by: types)) {
            guard let folder = self.folders[type], let schema = self.schemas[type] else { continue }
            texts[type] = try? Folder.bytes(of: "\(folder)/\(schema.mediaType.schemaFile)")
        }
        return texts
    }

    /// Whether messages of this type come by themselves: a type without a `form.yaml` is only an answer, or only the form in
    /// which something is sent.
    public func hasForm(_ type: MessageType) -> Bool {
        self.folders[type].map { Folder.files(in: $0).contains(MessageForm.file) } ?? false
    }
}
