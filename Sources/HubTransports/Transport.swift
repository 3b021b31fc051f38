public import HubCore
public import HubModel

/// A way of bringing messages to systems that is not built in: what adapters mean by `by: { transport: NAME, … }`.
///
/// Transports are code, so they are compiled into a hub: `Hub(configuration, transports: […])`. A transport only makes
/// destinations; what a destination promises is what `DestinationConformance` of HubTesting asks.
public protocol Transport: Sendable {
    /// As adapters name it: lower-case letters, digits, hyphens and dots.
    var name: String { get }

    /// - Parameters:
    ///   - system: The system that messages go to; the destination's id is `.push(system)`.
    ///   - roads: Where each type of message goes; at least one.
    /// - Throws: `configuration.invalid` for an address that the transport cannot use.
    func destination(for system: SystemID, roads: [TransportRoad]) throws(HubError) -> any Destination
}

/// Where one type of message goes.
public struct TransportRoad: Sendable, Hashable {
    public let type: MessageType
    /// What the deployment says about the endpoint that the adapter names, such as a folder or a URL.
    public let address: String
    /// What the adapter says.
    public let path: String

    public init(type: MessageType, address: String, path: String) {
        self.type = type
        self.address = address
        self.path = path
    }
}
