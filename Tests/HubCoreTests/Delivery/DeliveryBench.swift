import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Logging
import ServiceLifecycle
import Synchronization

@testable import HubCore

/// A destination that does what a test says, and remembers what it was given.
final class FakeDestination: Destination {
    let id: DestinationID
    private let behaviour: @Sendable (Parcel) async -> DeliveryOutcome
    private let seen = Mutex<(parcels: [Parcel], running: [String: Int], most: Int, clash: Bool)>(([], [:], 0, false))

    init(_ name: String = "push:thu", behaviour: @escaping @Sendable (Parcel) async -> DeliveryOutcome) {
        self.id = DestinationID(unchecked: name)
        self.behaviour = behaviour
    }

    var parcels: [Parcel] { self.seen.withLock(\.parcels) }

    /// How many were under way at once.
    var most: Int { self.seen.withLock(\.most) }

    /// Whether two of one lane were under way at once.
    var clash: Bool { self.seen.withLock(\.clash) }

    func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        self.seen.withLock { seen in
            seen.parcels.append(parcel)
            seen.running[parcel.delivery.orderKey, default: 0] += 1
            seen.clash = seen.clash || seen.running[parcel.delivery.orderKey] != 1
            seen.most = max(seen.most, seen.running.values.reduce(0, +))
        }
        let outcome = await self.behaviour(parcel)
        self.seen.withLock { $0.running[parcel.delivery.orderKey, default: 0] -= 1 }
        return outcome
    }
}

/// Opens once; whoever waits before goes on then.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// A clock that counts how often anybody sleeps.
final class CountingClock: HubClock {
    private let inner = SteppingClock()
    private let count = Mutex(0)

    var slept: Int { self.count.withLock { $0 } }
    var now: Timestamp { self.inner.now }
    var uptime: Duration { self.inner.uptime }

    func sleep(for duration: Duration) async throws {
        self.count.withLock { $0 += 1 }
        try await self.inner.sleep(for: duration)
    }
}

/// A journal, destinations with their workers, and messages put in by number.
struct DeliveryBench {
    let journal: WatchedJournal
    let keys: KeyRing
    let clock: any HubClock
    var configuration = DeliveryConfiguration()
    var transform: ParcelMaker.Transform = { _, _, _ throws(HubError) in
        throw HubError(.mappingFailed, "There is no mapping in this test.")
    }

    private static let ring = Result {
        KeyRing(KeyRing.Keys(own: try SigningKey.generate(.p256), registry: try KeyRegistry([])))
    }

    /// - Parameter origin: The number of the journal's first record.
    init(clock: any HubClock = SteppingClock(), origin: Int64 = 0) throws {
        self.keys = try Self.ring.get()
        self.clock = clock
        self.journal = WatchedJournal(clock: clock, origin: origin)
    }

    func worker(for destination: FakeDestination, seed: UInt64 = 1, hold: DeliveryPosition? = nil) -> DeliveryWorker {
        DeliveryWorker(
            destination: destination, journal: self.journal,
            parcels: ParcelMaker(journal: self.journal, keys: self.keys, transform: self.transform),
            configuration: self.configuration,
            clock: self.clock, random: SeededRandom(seed: seed), metrics: HubMetrics(clock: self.clock), hold: hold
        )
    }

    func mailbox(_ system: String = "qlvb-thu", hold: DeliveryPosition? = nil) -> Mailbox {
        Mailbox(
            system: SystemID(system) ?? .national, journal: self.journal,
            parcels: ParcelMaker(journal: self.journal, keys: self.keys, transform: self.transform),
            configuration: self.configuration,
            clock: self.clock, metrics: HubMetrics(clock: self.clock), hold: hold
        )
    }

    /// Commits message `number` and tells whoever is in `outbox`.
    @discardableResult
    func accept(
        _ number: Int, lane: String? = nil, to destinations: [String] = ["push:thu"], mapping: String = "",
        at: Timestamp? = nil, outbox: Outbox? = nil
    ) async throws -> MessageID {
        let payload = JournalSamples.payload(number, count: 20)
        let sample = JournalSamples.message(
            number, payload: payload, orderKey: lane ?? "lane \(number)", destinations: destinations
        )
        let message = AcceptedMessage(
            id: sample.id, receivedAt: at ?? self.clock.now, sender: sample.sender, agency: sample.agency,
            type: sample.type, identity: sample.identity, digest: sample.digest, size: sample.size,
            contentType: sample.contentType, orderKey: sample.orderKey, priority: 0, correlation: "",
            signature: sample.signature, warnings: [],
            deliveries: destinations.map {
                PlannedDelivery(
                    destination: DestinationID(unchecked: $0), recipient: "H44.11", mapping: mapping,
                    type: .edocDocument
                )
            }
        )
        guard case .committed(_, let sequence) = try await self.journal.append(.accepted(message), payload: payload)
        else { return message.id }
        await outbox?.enqueue(message, sequence: sequence)
        return message.id
    }

    func phase(of number: Int, ordinal: Int = 0) async -> DeliveryState.Phase? {
        await self.journal.message(JournalSamples.id(number))?.deliveries[ordinal].phase
    }
}

/// Runs services until `body` ends, then shuts them down in order and waits for them.
func running(
    _ services: [any Service], _ body: (_ shutDown: @Sendable () async -> Void) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger))
    try await withThrowingTaskGroup { tasks in
        tasks.addTask { try await group.run() }
        do {
            try await body { await group.triggerGracefulShutdown() }
        } catch {
            tasks.cancelAll()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
