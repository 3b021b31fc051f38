public import HubModel

/// The schemas of all message types that the hub knows, compiled at start and shared.
public final class SchemaCatalogue: Sendable {
    private let schemas: [MessageType: Schema]
    private let folders: [MessageType: String]

    init(schemas: [MessageType: Schema], folders: [MessageType: String]) {
        self.schemas = schemas
        self.folders = folders
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
}
