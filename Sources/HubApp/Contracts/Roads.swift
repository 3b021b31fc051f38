internal import AsyncHTTPClient
internal import HubAdapters
internal import HubCore
internal import HubModel
internal import HubTransports
internal import Synchronization

/// Makes the workers and mailboxes that contracts ask for, and keeps those that are as before.
final class Roads: Sendable {
    /// What is made of one system's way, with what it was made from.
    fileprivate struct Worker: Sendable {
        let description: String
        let worker: DeliveryWorker
    }

    /// Everything that a worker or a mailbox is made with.
    struct Parts: Sendable {
        let journal: any Journal
        let parcels: ParcelMaker
        let client: HTTPClient
        let clock: any HubClock
        let random: any RandomSource
        let metrics: HubMetrics
        /// By the names that adapters use.
        let transports: [String: any Transport]
        /// Destinations that are there whatever the adapters say: the national platform.
        let fixed: [any Destination]
        /// Makes the destination of the processes that a system declares.
        let process: @Sendable (SystemID) -> any Destination
        /// What requests to an endpoint carry, as the secrets are at the moment.
        let headers: @Sendable (String) -> [FixedHeader]
        /// Where operators hold deliveries back.
        let hold: @Sendable (DestinationID) -> DeliveryPosition?
    }

    private let parts: Parts
    private let known = Mutex(Change(workers: [:], mailboxes: [:]))

    init(_ parts: Parts) {
        self.parts = parts
    }

    /// What contracts ask for, before it is used.
    struct Change: Sendable {
        fileprivate let workers: [DestinationID: Worker]
        fileprivate let mailboxes: [SystemID: Mailbox]
    }

    /// Exchanges what the outbox brings messages to.
    func make(_ change: Change, in outbox: Outbox) {
        self.known.withLock { $0 = change }
        outbox.change(
            workers: change.workers.mapValues(\.worker),
            mailboxes: change.mailboxes.sorted { $0.key < $1.key }.map(\.value)
        )
    }

    /// - Throws: `configuration.invalid` for an endpoint without address or a transport that is not there.
    func prepare(_ catalogue: Catalogue, _ configuration: HubConfiguration) throws(HubError) -> Change {
        let before = self.known.withLock { ($0.workers, $0.mailboxes) }
        var workers: [DestinationID: Worker] = [:]
        var mailboxes: [SystemID: Mailbox] = [:]
        func add(_ destination: any Destination, _ description: String) {
            if let known = before.0[destination.id], known.description == description {
                workers[destination.id] = known
            } else {
                workers[destination.id] = Worker(description: description, worker: self.worker(to: destination, configuration))
            }
        }
        for destination in self.parts.fixed { add(destination, "national") }
        for adapter in catalogue.adapters.adapters {
            let roads = adapter.receives.map { ($0.message, $0.by) } + adapter.subscribes.map { ($0.target, $0.by) }
            if roads.contains(where: { $0.1 == .mailbox }) {
                mailboxes[adapter.system] = before.1[adapter.system] ?? self.mailbox(of: adapter.system, configuration)
            }
            if let (destination, description) = try self.push(to: adapter, roads, configuration) { add(destination, description) }
            if !adapter.orchestrates.isEmpty { add(self.parts.process(adapter.system), "process") }
        }
        return Change(workers: workers, mailboxes: mailboxes)
    }

    private func push(
        to adapter: Adapter, _ roads: [(MessageType, DeliveryRoad)], _ configuration: HubConfiguration
    ) throws(HubError) -> (any Destination, String)? {
        var urls: [MessageType: String] = [:]
        var endpoints: [MessageType: String] = [:]
        var transported: [String: [TransportRoad]] = [:]
        for (type, road) in roads {
            guard let endpoint = road.endpoint else { continue }
            guard let address = configuration.endpoints[endpoint] else {
                throw HubError(
                    .configurationInvalid, "An adapter names an endpoint that the configuration does not have.",
                    details: [ErrorDetail("adapter", adapter.system), ErrorDetail("endpoint", endpoint)]
                )
            }
            switch road {
            case .mailbox: continue
            case .http(_, let path):
                urls[type] = address + path
                endpoints[type] = endpoint
            case .transport(let name, _, let path):
                transported[name, default: []].append(TransportRoad(type: type, address: address, path: path))
            }
        }
        guard let (name, places) = transported.first else {
            guard !urls.isEmpty else { return nil }
            let (headers, names) = (self.parts.headers, endpoints)
            let push = HTTPPush(
                system: adapter.system, base: "", paths: urls, client: self.parts.client, timeout: configuration.pushTimeout,
                headers: { type in names[type].map(headers) ?? [] }
            )
            // With the names of the endpoints, since headers are found by them.
            return (push, "http \(urls.sorted { $0.key < $1.key }) \(names.sorted { $0.key < $1.key })")
        }
        guard transported.count == 1, urls.isEmpty else {
            throw HubError(
                .configurationInvalid, "A system is reached in one way besides its mailbox.",
                details: [ErrorDetail("adapter", adapter.system)]
            )
        }
        guard let transport = self.parts.transports[name] else {
            throw HubError(
                .configurationInvalid, "This hub has no transport of that name.",
                details: [
                    ErrorDetail("adapter", adapter.system), ErrorDetail("transport", name),
                    ErrorDetail("known", self.parts.transports.keys.sorted().joined(separator: ", ")),
                ]
            )
        }
        let sorted = places.sorted { $0.type < $1.type }
        return (try transport.destination(for: adapter.system, roads: sorted), "\(name) \(sorted)")
    }

    private func worker(to destination: any Destination, _ configuration: HubConfiguration) -> DeliveryWorker {
        DeliveryWorker(
            destination: destination, journal: self.parts.journal, parcels: self.parts.parcels,
            configuration: configuration.delivery, clock: self.parts.clock, random: self.parts.random,
            metrics: self.parts.metrics, hold: self.parts.hold(destination.id)
        )
    }

    private func mailbox(of system: SystemID, _ configuration: HubConfiguration) -> Mailbox {
        Mailbox(
            system: system, journal: self.parts.journal, parcels: self.parts.parcels,
            configuration: configuration.delivery, clock: self.parts.clock, metrics: self.parts.metrics,
            hold: self.parts.hold(.mailbox(system))
        )
    }
}
