/// A synchronous service that a system answers through the hub.
public struct ProvidedService: Hashable, Sendable {
    /// Domain, name and version, such as `dan-cu/xac-thuc/1`.
    public let service: String
    public let title: Bilingual
    /// The type of the request, against which a call is validated before it leaves the hub.
    public let request: MessageType
    public let call: ServiceCall
    /// Whether requests must come encrypted for the hub; replies go back encrypted for the caller.
    public let isConfidential: Bool

    public init(service: String, title: Bilingual, request: MessageType, call: ServiceCall, isConfidential: Bool = false) {
        self.isConfidential = isConfidential
        self.service = service
        self.title = title
        self.request = request
        self.call = call
    }
}

/// What the hub calls to have a service answered.
public enum ServiceCall: Hashable, Sendable {
    /// A request to the national gateway (DOMAIN 4).
    case gateway(path: String, method: Method, query: [QueryParameter])
    /// A service of the dossier portal by its name in the packets, such as `TraCuuHoSo` (DOMAIN 3.1).
    case dossierPortal(service: String)

    /// What the gateway's services are called with. A `GET` has no body, its request travels in the query.
    public enum Method: String, CaseIterable, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
    }
}

/// One parameter of a query, with its value taken from the request.
public struct QueryParameter: Hashable, Sendable {
    public let name: String
    /// A JSON Pointer (RFC 6901) into the request.
    public let pointer: String

    public init(name: String, pointer: String) {
        self.name = name
        self.pointer = pointer
    }
}
