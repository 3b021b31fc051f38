public import HubJSON
public import HubModel
public import HubXML

/// What a mapping reads.
public enum MappingSource: Sendable {
    case xml(XMLDocument)
    case json(JSONValue)
}

/// What a mapping makes.
public enum MappingResult: Sendable {
    /// An object.
    case json(JSONValue)
    /// A document in UTF-8, with an XML declaration.
    case xml([UInt8])

    /// The document as it is sent.
    public var bytes: [UInt8] {
        switch self {
        case .json(let value): value.serialised()
        case .xml(let bytes): bytes
        }
    }
}

/// The hash function that a mapping's operator `digest` uses: SHA-256 of these bytes.
public typealias MappingDigest = @Sendable (_ bytes: [UInt8]) throws(HubError) -> Digest

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
    /// What the deployment keeps for the service, for checksums.
    case secret
    /// The correlation of the call.
    case requestID = "request-id"
    /// The sending agency as the message writes it.
    case agency
}
