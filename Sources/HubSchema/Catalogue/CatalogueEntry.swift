public import HubJSON
public import HubModel

/// What `catalogue.yaml` says of one message type.
public struct CatalogueEntry: Sendable {
    /// Whether a type may still change.
    public enum Status: String, CaseIterable, Sendable {
        /// It is not edited any more: what would refuse a payload that fitted yesterday is a new version.
        case published
        case draft
    }

    /// The schemas that a type can have, by the name that stands in the file.
    enum Form: String, CaseIterable, Sendable {
        case xsd
        case draft2020 = "draft2020-12"
        case draft7 = "draft7"
    }

    public let type: MessageType
    public let status: Status
    let form: Form
    /// Whether a text that does not have the `format` its JSON Schema gives it is a violation.
    public let assertsFormat: Bool
    /// The types whose schemas its own schema refers to.
    public let uses: [MessageType]
    /// Where its line stands.
    let place: SourcePlace

    /// The draft of a JSON Schema; `nil` for an XSD.
    public var draft: JSONSchemaDraft? {
        switch self.form {
        case .xsd: nil
        case .draft2020: .draft2020
        case .draft7: .draft7
        }
    }
}

/// The types of one domain and whose they are.
public struct CatalogueDomain: Sendable {
    public let name: String
    public let title: Bilingual
    /// Who decides what its messages look like.
    public let owner: Bilingual
    /// In the order of the file.
    public let entries: [CatalogueEntry]
}

extension MessageType {
    private static let urnPrefix = "urn:lgsp-hub:schema:"

    /// What schemas call this type when they refer to it, such as `urn:lgsp-hub:schema:edoc:document:1`.
    public var schemaURN: String { Self.urnPrefix + self.description.replacing("/", with: ":") }

    /// The type that a reference to a schema of the catalogue names, whatever part of it is meant.
    init?(schemaURN text: String) {
        guard text.hasPrefix(Self.urnPrefix) else { return nil }
        let name = text.dropFirst(Self.urnPrefix.count).prefix { $0 != "#" }
        self.init(String(name).replacing(":", with: "/"))
    }
}
