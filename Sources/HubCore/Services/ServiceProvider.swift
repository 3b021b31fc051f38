public import HubJSON
public import HubModel

/// Calls one provider of synchronous services.
public protocol ServiceProvider: Sendable {
    /// Tries once, with whatever signing in that needs.
    ///
    /// - Throws: `service.unavailable` (no answer), `service.failed` (an answer that is not one), `delivery.refused`
    ///   (the provider says no).
    func call(_ call: ServiceCall, request: ServiceRequest) async throws(HubError) -> ServiceReply
}

/// What a provider is sent.
public enum ServiceRequest: Sendable {
    case json(JSONValue)
    case xml([UInt8])
}

/// What a provider answered.
public struct ServiceReply: Sendable {
    public let body: [UInt8]
    public let contentType: String

    public init(body: [UInt8], contentType: String) {
        self.body = body
        self.contentType = contentType
    }

    /// Whether it calls itself XML.
    public var isXML: Bool {
        let type = self.contentType.prefix { $0 != ";" }.lowercased()
        return type.hasSuffix("/xml") || type.hasSuffix("+xml")
    }
}
