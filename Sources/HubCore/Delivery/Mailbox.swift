public import HubModel
internal import Logging

/// Deliveries that a system fetches itself.
///
/// One delivery of a lane is shown at a time, so that a poller that works through what it got keeps the order. A
/// delivery stays until it is acknowledged: one that was fetched and never acknowledged is shown again when its
/// lease is over.
public actor Mailbox: SteeredQueue {
    public nonisolated let system: SystemID
    private let journal: any Journal
    private let parcels: ParcelMaker
    private let configuration: DeliveryConfiguration
    private let clock: any HubClock
    private let metrics: HubMetrics
    private let logger = Logger(label: "hub.delivery")
    private var queue: LaneQueue
    private var leases: [DeliveryID: Duration] = [:]
    private var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextWaiter = 0
    private var poller = PollerStatistics()
    /// Those who wait until the journal has been read.
    private var readers: [CheckedContinuation<Void, Never>] = []

    public init(
        system: SystemID, journal: any Journal, parcels: ParcelMaker, configuration: DeliveryConfiguration,
        clock: any HubClock, metrics: HubMetrics, hold: DeliveryPosition? = nil
    ) {
        self.system = system
        self.journal = journal
        self.parcels = parcels
        self.configuration = configuration
        self.clock = clock
        self.metrics = metrics
        self.queue = LaneQueue(capacity: configuration.window, isBehind: true)
        self.queue.hold(from: hold)
    }

    private var destination: DestinationID { .mailbox(self.system) }

    /// Takes in a delivery that was just committed.
    func enqueue(_ delivery: PendingDelivery) {
        self.queue.insert(delivery, uptime: self.clock.uptime)
        self.ringOne()
    }

    func hold(from position: DeliveryPosition?) {
        self.queue.hold(from: position)
        self.ringAll()
    }

    func rewind(to position: DeliveryPosition) {
        self.queue.rewind(to: position)
        self.ringAll()
    }

    /// What is leased is under way: its poller may be working on it.
    func withdraw(_ ids: [DeliveryID]) -> [DeliveryID] {
        let uptime = self.clock.uptime
        return self.queue.withdraw(ids.filter { id in self.leases[id].map { $0 <= uptime } ?? true })
    }

    func settle(_ ids: [DeliveryID], isWritten: Bool) {
        for id in ids { self.leases[id] = nil }
        self.queue.settle(ids, isWritten: isWritten)
        self.ringAll()
    }

    /// There is nothing to hurry: the system comes when it likes.
    func hurry() {}

    /// What waits, without leasing it; at most `limit` of those that are wanted, in order of acceptance. Leases are not
    /// looked at.
    public func list(
        limit: Int, where isWanted: @Sendable (PendingDelivery) -> Bool = { _ in true }
    ) async throws(HubError) -> [PendingDelivery] {
        try await self.refill()
        return Array(self.queue.heads.lazy.filter(isWanted).prefix(limit))
    }

    /// Whether a delivery is waiting here.
    public func holds(_ id: DeliveryID) async throws(HubError) -> Bool {
        try await self.refill()
        return self.queue.delivery(id) != nil
    }

    /// Fetches at most `limit` deliveries and leases them; waits up to `wait` for the first.
    ///
    /// An empty answer means that nothing came in that time.
    ///
    /// - Parameter lease: How long they are kept for this poller; the configured time without it, at most the configured
    ///   longest.
    public func fetch(limit: Int, wait: Duration, lease: Duration? = nil) async throws(HubError) -> [Parcel] {
        let deadline = self.clock.uptime + wait
        let lease = min(lease ?? self.configuration.lease, self.configuration.longestLease)
        self.poller.polls += 1
        self.poller.polledAt = self.clock.now
        while true {
            let parcels = try await self.fetchNow(limit: limit, lease: lease)
            let uptime = self.clock.uptime
            guard parcels.isEmpty, uptime < deadline else { return parcels }
            // A lease that ends meanwhile makes something available again; one that is over has made nothing available.
            let now = self.clock.now
            let scheduled = self.queue.heads.compactMap { $0.notBefore.flatMap { $0 > now ? uptime + $0.since(now) : nil } }.min()
            let next = min(self.leases.values.filter { $0 > uptime }.min() ?? deadline, scheduled ?? deadline, deadline)
            await self.waitForArrival(atMost: max(.milliseconds(1), next - uptime))
            // Whoever waits no longer must not take what has come meanwhile, nor keep it from the others.
            guard !Task.isCancelled else {
                self.ringAll()
                return []
            }
        }
    }

    /// One delivery with its payload, leased. `nil` when it is not waiting here.
    ///
    /// Whoever names a delivery gets it, lent or not, held back or not, and beyond the number that may be lent at once:
    /// the document axis shows what is waiting in a list, and fetches from that as often as it likes.
    public func parcel(_ id: DeliveryID) async throws(HubError) -> Parcel? {
        try await self.refill()
        guard let delivery = self.queue.delivery(id) else { return nil }
        self.lease(id, until: self.clock.uptime + self.configuration.lease)
        self.poller.polls += 1
        self.poller.fetched += 1
        self.poller.polledAt = self.clock.now
        return try await self.parcels.parcel(for: delivery)
    }

    /// Ends a delivery: the system has it, whether its lease is over or not.
    ///
    /// - Throws: `mailbox.lease_unknown` when it is not waiting here, which is also the answer to a second ack.
    public func acknowledge(_ id: DeliveryID) async throws(HubError) {
        try await self.end(id, kind: .delivered, code: nil, answer: "ack")
    }

    /// Ends deliveries: the system has them.
    ///
    /// - Returns: Those that are not waiting here; a repeat in `ids` is one.
    public func acknowledge(_ ids: [DeliveryID]) async throws(HubError) -> [DeliveryID] {
        try await self.refill()
        var taken: [PendingDelivery] = []
        var unknown: [DeliveryID] = []
        for id in ids {
            if let delivery = self.queue.delivery(id), self.queue.take(id) {
                taken.append(delivery)
            } else {
                unknown.append(id)
            }
        }
        try await self.end(taken, kind: .delivered, code: nil, answer: "ack")
        return unknown
    }

    /// Ends a delivery that the system will not take. It becomes a dead letter.
    public func refuse(_ id: DeliveryID, answer: String) async throws(HubError) {
        try await self.end(id, kind: .deadLettered, code: .deliveryRefused, answer: answer)
    }

    /// Keeps a delivery longer for its poller: from now on, for `time`, at most the configured longest.
    ///
    /// - Throws: `mailbox.lease_unknown` when it is not leased, or no longer.
    public func extend(_ id: DeliveryID, by time: Duration) throws(HubError) {
        let uptime = self.clock.uptime
        guard let until = self.leases[id], until > uptime, self.queue.delivery(id) != nil else { throw Self.unknown }
        self.leases[id] = uptime + min(time, self.configuration.longestLease)
        self.poller.extended += 1
    }

    /// What the poller of this mailbox does.
    public var statistics: PollerStatistics {
        let uptime = self.clock.uptime
        var statistics = self.poller
        statistics.outstanding = self.leases.values.count { $0 > uptime }
        return statistics
    }

    /// Gives a delivery back, to be fetched again at once.
    ///
    /// - Throws: `mailbox.lease_unknown` when it is not leased, or no longer: it can be fetched again then as it is.
    public func release(_ id: DeliveryID) throws(HubError) {
        guard let until = self.leases[id], until > self.clock.uptime, self.queue.delivery(id) != nil else {
            throw Self.unknown
        }
        self.leases[id] = nil
        self.poller.givenBack += 1
        self.ringAll()
    }

    private static let unknown = HubError(
        .mailboxLeaseUnknown, "No delivery with this id is waiting in the mailbox of this system."
    )

    private func fetchNow(limit: Int, lease: Duration) async throws(HubError) -> [Parcel] {
        while true {
            try await self.refill()
            let uptime = self.clock.uptime
            let outstanding = self.leases.values.count { $0 > uptime }
            let free = self.free(limit: min(limit, self.configuration.outstanding - outstanding), at: uptime)
            for delivery in free { self.lease(delivery.id, until: uptime + lease) }
            do throws(HubError) {
                let parcels = try await self.parcels(for: free)
                // When everything found was given up, what stood behind it is to be shown now.
                self.poller.fetched += parcels.count
                if !parcels.isEmpty || free.isEmpty { return parcels }
            } catch {
                for delivery in free { self.leases[delivery.id] = nil }
                throw error
            }
        }
    }

    /// What may be shown: at most `limit` deliveries, and no more bytes than one answer should have, but at least one.
    private func free(limit: Int, at uptime: Duration) -> [PendingDelivery] {
        var free: [PendingDelivery] = []
        guard limit > 0 else { return free }
        var bytes = 0
        let now = self.clock.now
        for delivery in self.queue.heads
        where (self.leases[delivery.id].map { $0 <= uptime } ?? true) && (delivery.notBefore.map { $0 <= now } ?? true) {
            bytes += delivery.size
            guard free.count < limit, free.isEmpty || bytes <= self.configuration.fetchSize else { break }
            free.append(delivery)
        }
        return free
    }

    private func lease(_ id: DeliveryID, until: Duration) {
        // Shown before and not acknowledged in time.
        if self.leases[id] != nil { self.poller.shownAgain += 1 }
        self.leases[id] = until
        self.queue.hold(id)
    }

    /// What can never be made becomes a dead letter, and what cannot be made now is passed over and not lent, so that neither
    /// hides the others.
    ///
    /// - Throws: What keeps all of them from being made.
    private func parcels(for deliveries: [PendingDelivery]) async throws(HubError) -> [Parcel] {
        var parcels: [Parcel] = []
        var fault: HubError?
        for (delivery, made) in zip(deliveries, try await self.parcels.parcels(for: deliveries)) {
            do throws(HubError) {
                parcels.append(try made.get())
            } catch {
                guard ParcelMaker.isFinal(error.code) else {
                    fault = fault ?? error
                    self.logger.error(
                        "A delivery that waits could not be shown.",
                        metadata: [
                            "delivery.id": "\(delivery.id)", "code": "\(error.code.rawValue)", "error": "\(error.summary)",
                        ]
                    )
                    self.leases[delivery.id] = nil
                    continue
                }
                // It stays lent until that is on disk, so that no other fetch comes upon it meanwhile.
                do throws(HubError) {
                    try await self.end(delivery.id, kind: .deadLettered, code: error.code, answer: error.answer)
                } catch  where error.code == .mailboxLeaseUnknown {
                    // Somebody named it and has ended it already.
                    self.leases[delivery.id] = nil
                }
            }
        }
        if parcels.isEmpty, let fault {
            guard fault.code == .messageNotFound else { throw fault }
            throw HubError(
                .journalDamaged, "A message that waits is not found in the database. Stop the hub and rebuild it.",
                details: fault.details, cause: fault
            )
        }
        return parcels
    }

    private func end(
        _ id: DeliveryID, kind: DeliveryEvent.Kind, code: ErrorCode?, answer: String
    ) async throws(HubError) {
        try await self.refill()
        guard let delivery = self.queue.delivery(id), self.queue.take(id) else { throw Self.unknown }
        try await self.end([delivery], kind: kind, code: code, answer: answer)
    }

    /// Ends deliveries that were taken from the queue; gives all of them back when that cannot be written.
    private func end(
        _ taken: [PendingDelivery], kind: DeliveryEvent.Kind, code: ErrorCode?, answer: String
    ) async throws(HubError) {
        let now = self.clock.now
        let events = taken.map { delivery in
            DeliveryEvent(
                delivery: delivery.id, at: now, kind: kind, attempt: delivery.nextAttempt, code: code, answer: answer
            )
        }
        do throws(HubError) {
            try await self.journal.record(events)
        } catch {
            for delivery in taken { self.queue.postpone(delivery.id, attempts: delivery.attempts, until: .zero) }
            throw error
        }
        let outcome = code.map { DeliveryOutcome.refused($0, answer: "") } ?? .delivered(answer: "")
        if kind == .delivered { self.poller.acknowledged += taken.count }
        for delivery in taken {
            self.leases[delivery.id] = nil
            self.queue.finish(delivery.id)
            self.metrics.attempted(self.destination, outcome, took: .zero)
        }
        self.ringAll()
    }

    /// Brings in what the journal has; one reads at a time, and the others wait for it: an empty window that is about
    /// to be filled is no empty mailbox.
    private func refill() async throws(HubError) {
        while true {
            if self.queue.isReading {
                await withCheckedContinuation { self.readers.append($0) }
            } else if let (after, limit) = self.queue.beginRefill() {
                let read: [PendingDelivery]?
                var fault: HubError?
                do throws(HubError) {
                    read = try await self.journal.pending(for: self.destination, after: after, limit: limit)
                } catch {
                    read = nil
                    fault = error
                }
                self.queue.endRefill(read, uptime: self.clock.uptime, now: self.clock.now)
                for reader in self.readers { reader.resume() }
                self.readers = []
                if let fault { throw fault }
                // Pollers that came while the journal was read saw nothing of this.
                if read?.isEmpty == false { self.ringAll() }
            } else {
                return
            }
        }
    }

    private func waitForArrival(atMost wait: Duration) async {
        let (rings, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let waiter = self.nextWaiter
        self.nextWaiter += 1
        self.waiters[waiter] = ring
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await self.clock.sleep(for: wait)
                ring.finish()
            }
            for await _ in rings { break }
            group.cancelAll()
        }
        self.waiters[waiter] = nil
    }

    /// One delivery is for one poller: waking all of them for it would have all but one look in vain.
    private func ringOne() {
        guard let waiter = self.waiters.popFirst() else { return }
        waiter.value.yield()
    }

    private func ringAll() {
        for ring in self.waiters.values { ring.yield() }
    }
}

/// What the poller of a mailbox has done since the hub was started.
public struct PollerStatistics: Sendable, Hashable {
    /// Of the last poll; `nil` when there was none.
    public var polledAt: Timestamp?
    public var polls = 0
    /// Deliveries that were handed out.
    public var fetched = 0
    public var acknowledged = 0
    public var givenBack = 0
    public var extended = 0
    /// Those whose lease had ended.
    public var shownAgain = 0
    /// Leased at the moment.
    public var outstanding = 0
}
