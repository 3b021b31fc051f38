import HubCore
import HubModel
import HubTesting
import Synchronization

/// A journal in memory that tells a test what is appended, and fails where the test wants it to.
final class WatchedJournal: Journal {
    private struct Faults {
        var reads: [HubError] = []
        var payloads: [MessageID: HubError] = [:]
    }

    let inner: InMemoryJournal
    /// Every outcome that was recorded, in order.
    let outcomes: AsyncStream<DeliveryEvent>
    private let told: AsyncStream<DeliveryEvent>.Continuation
    private let faults = Mutex(Faults())

    init(clock: any HubClock = SteppingClock(), origin: Int64 = 0) {
        self.inner = InMemoryJournal(clock: clock, origin: origin)
        (self.outcomes, self.told) = AsyncStream.makeStream(of: DeliveryEvent.self)
    }

    /// The next `count` outcomes that are recorded.
    func next(_ count: Int) async -> [DeliveryEvent] {
        var events: [DeliveryEvent] = []
        for await event in self.outcomes {
            events.append(event)
            if events.count == count { break }
        }
        return events
    }

    /// The next reads of pending deliveries fail, each with one of these.
    func failReads(_ errors: [HubError]) { self.faults.withLock { $0.reads = errors } }

    func failPayload(of id: MessageID, with error: HubError) { self.faults.withLock { $0.payloads[id] = error } }

    func append(_ record: JournalRecord, payload: [UInt8]?) async throws(HubError) -> AppendResult {
        let result = try await self.inner.append(record, payload: payload)
        if case .delivery(let event) = record { self.told.yield(event) }
        return result
    }

    func message(_ id: MessageID) async -> StoredMessage? { await self.inner.message(id) }

    func message(from sender: SystemID, identity: String) async -> AcceptedMessage? {
        await self.inner.message(from: sender, identity: identity)
    }

    func record(_ outcomes: [DeliveryEvent]) async throws(HubError) {
        try await self.inner.record(outcomes)
        for event in outcomes { self.told.yield(event) }
    }

    func deliveries(
        _ selection: DeliverySelection, after position: DeliveryPosition, limit: Int
    ) async -> DeliveryPage {
        await self.inner.deliveries(selection, after: position, limit: limit)
    }

    func holds() async -> [DestinationID: DeliveryPosition] { await self.inner.holds() }

    func course(of matter: String) async -> [CourseStep] { await self.inner.course(of: matter) }

    func openings(before sequence: Int64?, limit: Int) async -> [(sequence: Int64, message: StoredMessage)] {
        await self.inner.openings(before: sequence, limit: limit)
    }

    func payloads(of ids: [MessageID]) async -> [Result<[UInt8], HubError>] {
        let faults = self.faults.withLock(\.payloads)
        return zip(ids, await self.inner.payloads(of: ids)).map { id, payload in
            faults[id].map { .failure($0) } ?? payload
        }
    }

    func receipt(of id: MessageID) async throws(HubError) -> Receipt { try await self.inner.receipt(of: id) }

    func receipts(of id: MessageID) async throws(HubError) -> [Receipt] { try await self.inner.receipts(of: id) }

    func head() async -> (number: Int64, digest: Digest)? { await self.inner.head() }

    func headers(from first: Int64, through last: Int64) async -> [[UInt8]] {
        await self.inner.headers(from: first, through: last)
    }

    func attempts(of id: MessageID) async -> [DeliveryEvent] { await self.inner.attempts(of: id) }

    func pending(
        for destination: DestinationID, after position: DeliveryPosition, limit: Int
    ) async throws(HubError) -> [PendingDelivery] {
        let fault = self.faults.withLock { $0.reads.isEmpty ? nil : $0.reads.removeFirst() }
        if let fault { throw fault }
        return await self.inner.pending(for: destination, after: position, limit: limit)
    }

    func pendingCounts() async -> [DestinationID: Int] { await self.inner.pendingCounts() }

    func messages(before id: MessageID?, limit: Int) async -> [StoredMessage] {
        await self.inner.messages(before: id, limit: limit)
    }

    func refusals(before sequence: Int64?, limit: Int) async -> [(sequence: Int64, refusal: Refusal)] {
        await self.inner.refusals(before: sequence, limit: limit)
    }

    func totals() async -> JournalTotals { await self.inner.totals() }

    func health() async -> JournalHealth { await self.inner.health() }
}
