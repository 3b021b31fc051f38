public import HubCore
public import HubModel
public import HubTransports

/// Puts messages into a Maildir as mails: `by: { transport: maildrop, endpoint: NAME, path: /inbox }`.
///
/// The address of the endpoint is a folder, the path of the adapter a Maildir below it. Any program that reads mail
/// can then work through the deliveries: each is one file in `new/`, which the reader moves to `cur/`.
public struct MaildirTransport: Transport {
    public let name = "maildrop"
    private let domain: String

    /// - Parameter domain: What stands behind the `@` of addresses and message ids.
    public init(domain: String = "lgsp.invalid") {
        self.domain = domain
    }

    public func destination(for system: SystemID, roads: [TransportRoad]) throws(HubError) -> any Destination {
        var maildirs: [MessageType: String] = [:]
        for road in roads {
            // Adapters are written by one person and addresses by another: a path must not leave what it was given.
            guard road.address.hasPrefix("/"), road.path.hasPrefix("/"),
                !(road.address + road.path).split(separator: "/").contains("..")
            else {
                throw HubError(
                    .configurationInvalid,
                    "The address of a Maildir is an absolute path, and the path of the adapter stays inside.",
                    details: [
                        ErrorDetail("system", system), ErrorDetail("address", road.address), ErrorDetail("path", road.path),
                    ]
                )
            }
            maildirs[road.type] = road.address + road.path
        }
        return MaildirDrop(system: system, maildirs: maildirs, domain: self.domain)
    }
}
