public import HubCore
public import HubModel

/// A journal that forgets everything when it ends: for tests, and for a simulated country in virtual time.
///
/// It keeps the same promises as the one on disk, except the one about the disk. Each record is a block of its own.
public actor InMemoryJournal: Journal {
    private struct Entry {
        let message: AcceptedMessage
        let sequence: Int64
        let payload: [UInt8]
        let receipt: Receipt
        var deliveries: [DeliveryState]
        /// Of each delivery's last attempt, while it is pending.
        var notBefore: [Timestamp?]
        /// When an operator sent it again.
        var since: [Timestamp?]
        var attempts: [DeliveryEvent] = []
        var attemptReceipts: [Receipt] = []
    }

    private struct Identity: Hashable {
        let sender: SystemID
        /// Bytes, since Swift takes two texts for equal that only look alike.
        let identity: [UInt8]
    }

    private let hub: String
    private let key: Digest
    private let clock: any HubClock
    private let sign: @Sendable ([UInt8]) throws(HubError) -> [UInt8]
    private var entries: [Entry] = []
    private var places: [MessageID: Int] = [:]
    private var identities: [Identity: Int] = [:]
    private var queues: [DestinationID: PendingQueue] = [:]
    private var held: [DestinationID: DeliveryPosition] = [:]
    private var refusals: [(sequence: Int64, refusal: Refusal)] = []
    private var counts = JournalTotals()
    private var last = Digest.zero
    private var headers: [[UInt8]] = []
    private var fault: HubError?
    /// Blocks and records that are counted and were never here.
    private let origin: Int64

    /// - Parameters:
    ///   - key: Fingerprint of the key behind `sign`.
    ///   - origin: The number of the first block and of the first record, for tests of what comes after very many.
    ///   - sign: Signs the header of a block.
    public init(
        hub: String = "H00", key: Digest = .zero, clock: any HubClock, origin: Int64 = 0,
        sign: @escaping @Sendable ([UInt8]) throws(HubError) -> [UInt8] = { _ in [] }
    ) {
        self.hub = hub
        self.key = key
        self.clock = clock
        self.origin = origin
        self.counts.blocks = origin
        self.counts.records = origin
        self.sign = sign
    }

    /// Refuses every further record with `fault`, as a journal does whose disk failed; `nil` mends it.
    public func fail(with fault: HubError?) {
        self.fault = fault
    }

    public func append(_ record: JournalRecord, payload: [UInt8]?) async throws(HubError) -> AppendResult {
        if let fault = self.fault { throw fault }
        if case .accepted(let message) = record {
            guard let payload, payload.count == message.size else {
                throw HubError(
                    .internalFault, "A message was given to the journal without the payload it names.")
            }
            let identity = Identity(sender: message.sender, identity: Array(message.identity.utf8))
            if let place = self.identities[identity] ?? self.places[message.id],
                !self.isGivenUp(place) || self.entries[place].message.id == message.id
            {
                let first = self.entries[place].message
                return .repeated(first: first.id, sameContent: first.digest == message.digest)
            }
            let (receipt, sequence) = try self.commit(record)
            self.keep(message, payload, receipt, sequence, identity)
            return .committed(receipt, sequence: sequence)
        }
        guard payload == nil else {
            throw HubError(.internalFault, "A payload was given to the journal with a record that has none.")
        }
        let (receipt, sequence) = try self.commit(record)
        switch record {
        case .delivery(let event): self.note(event, receipt)
        case .refused(let refusal):
            self.refusals.append((sequence, refusal))
            self.counts.refusals[refusal.code, default: 0] += 1
        case .lookup: self.counts.lookups += 1
        case .operation(let operation):
            if let hold = DeliveryHold(operation) { self.held[hold.destination] = hold.position(decidedAt: sequence) }
        case .accepted: break
        }
        return .committed(receipt, sequence: sequence)
    }

    public func record(_ outcomes: [DeliveryEvent]) async throws(HubError) {
        for outcome in outcomes { _ = try await self.append(.delivery(outcome), payload: nil) }
    }

    public func message(_ id: MessageID) -> StoredMessage? {
        self.places[id].map {
            StoredMessage(message: self.entries[$0].message, deliveries: self.entries[$0].deliveries)
        }
    }

    public func message(from sender: SystemID, identity: String) -> AcceptedMessage? {
        self.identities[Identity(sender: sender, identity: Array(identity.utf8))].map { self.entries[$0].message }
    }

    public func payloads(of ids: [MessageID]) -> [Result<[UInt8], HubError>] {
        ids.map { id in Result { () throws(HubError) in try self.entry(id).payload } }
    }

    public func receipt(of id: MessageID) throws(HubError) -> Receipt { try self.entry(id).receipt }

    public func receipts(of id: MessageID) throws(HubError) -> [Receipt] {
        let entry = try self.entry(id)
        return [entry.receipt] + entry.attemptReceipts
    }

    public func head() -> (number: Int64, digest: Digest)? {
        self.counts.blocks > self.origin ? (self.counts.blocks - 1, self.last) : nil
    }

    public func headers(from first: Int64, through last: Int64) -> [[UInt8]] {
        self.headers.enumerated().lazy.filter { (first...max(first, last)).contains(self.origin + Int64($0.offset)) }
            .map(\.element)
    }

    public func attempts(of id: MessageID) -> [DeliveryEvent] {
        self.places[id].map { self.entries[$0].attempts } ?? []
    }

    public func pending(
        for destination: DestinationID, after position: DeliveryPosition, limit: Int
    ) -> [PendingDelivery] {
        guard let queue = self.queues[destination] else { return [] }
        return queue.items(after: position, limit: limit).map { item in
            let entry = self.entries[item.place]
            let ordinal = Int(item.ordinal)
            let planned = PendingDelivery(entry.message, ordinal: item.ordinal, sequence: entry.sequence)
            guard entry.deliveries[ordinal].at != nil else { return planned }
            return planned.after(
                attempts: entry.deliveries[ordinal].attempts, notBefore: entry.notBefore[ordinal], at: destination,
                since: entry.since[ordinal], decidedAt: entry.deliveries[ordinal].at
            )
        }
    }

    public func deliveries(
        _ selection: DeliverySelection, after position: DeliveryPosition, limit: Int
    ) -> DeliveryPage {
        var found: [SelectedDelivery] = []
        for entry in self.entries {
            for (ordinal, state) in entry.deliveries.enumerated() where state.phase == selection.phase {
                let place = DeliveryPosition(sequence: entry.sequence, ordinal: UInt16(ordinal))
                let delivery = SelectedDelivery(
                    id: DeliveryID(message: entry.message.id, ordinal: UInt16(ordinal)), position: place,
                    message: entry.message, state: state
                )
                guard place > position, selection.means(delivery),
                    selection.destination.map({ $0 == state.plan.destination }) ?? true
                else { continue }
                guard found.count < limit else { return DeliveryPage(deliveries: found, next: found.last?.position) }
                found.append(delivery)
            }
        }
        return DeliveryPage(deliveries: found, next: nil)
    }

    public func holds() -> [DestinationID: DeliveryPosition] { self.held }

    public func pendingCounts() -> [DestinationID: Int] {
        self.queues.mapValues(\.count).filter { $0.value > 0 }
    }

    public func messages(before id: MessageID?, limit: Int) -> [StoredMessage] {
        var end = self.entries.count
        if let id {
            guard let place = self.places[id] else { return [] }
            end = place
        }
        return self.entries[max(0, end - max(0, limit))..<end].reversed().map {
            StoredMessage(message: $0.message, deliveries: $0.deliveries)
        }
    }

    public func course(of matter: String) -> [CourseStep] {
        self.entries.compactMap { CourseStep($0.message) }.filter { Array($0.note.matter.utf8) == Array(matter.utf8) }
    }

    public func openings(before sequence: Int64?, limit: Int) -> [(sequence: Int64, message: StoredMessage)] {
        self.entries.reversed().lazy
            .filter { $0.sequence < sequence ?? .max && $0.message.course?.status.isEmpty == true }
            .prefix(max(0, limit))
            .map { ($0.sequence, StoredMessage(message: $0.message, deliveries: $0.deliveries)) }
    }

    public func refusals(before sequence: Int64?, limit: Int) -> [(sequence: Int64, refusal: Refusal)] {
        Array(self.refusals.reversed().drop { $0.sequence >= sequence ?? .max }.prefix(max(0, limit)))
    }

    public func totals() -> JournalTotals { self.counts }

    public func health() -> JournalHealth { JournalHealth(fault: self.fault, waiting: 0, freeBytes: .max) }

    /// Whether all deliveries of a message were given up, so that its identity is free again.
    private func isGivenUp(_ place: Int) -> Bool {
        let deliveries = self.entries[place].deliveries
        return !deliveries.isEmpty && deliveries.allSatisfy { $0.phase == .deadLettered }
    }

    private func entry(_ id: MessageID) throws(HubError) -> Entry {
        guard let place = self.places[id] else {
            throw HubError(
                .messageNotFound, "There is no message with this id.", details: [ErrorDetail("message", id)]
            )
        }
        return self.entries[place]
    }

    private func commit(_ record: JournalRecord) throws(HubError) -> (Receipt, Int64) {
        guard self.counts.records <= DeliveryPosition.lastSequence else {
            throw HubError(.journalUnavailable, "The journal has as many records as there are numbers for.")
        }
        let bytes = record.bytes
        let tree = MerkleTree.proofs([MerkleTree.leaf(bytes)])
        let header = BlockHeader(
            hub: self.hub, number: self.counts.blocks, previous: self.last, count: 1,
            firstSequence: self.counts.records, time: self.clock.now, root: tree.root
        )
        let headerBytes = header.bytes
        let receipt = Receipt(
            record: bytes, proof: tree.proofs[0], header: headerBytes, signature: try self.sign(headerBytes),
            key: self.key
        )
        self.last = header.digest
        self.headers.append(headerBytes)
        self.counts.blocks += 1
        self.counts.records += 1
        return (receipt, header.firstSequence)
    }

    private func keep(
        _ message: AcceptedMessage, _ payload: [UInt8], _ receipt: Receipt, _ sequence: Int64,
        _ identity: Identity
    ) {
        let place = self.entries.count
        self.entries.append(
            Entry(
                message: message, sequence: sequence, payload: payload, receipt: receipt,
                deliveries: message.deliveries.map {
                    DeliveryState(plan: $0, phase: .pending, attempts: 0, at: nil, code: nil, answer: "")
                },
                notBefore: message.deliveries.map { _ in nil }, since: message.deliveries.map { _ in nil }
            )
        )
        self.places[message.id] = place
        self.identities[identity] = place
        for (ordinal, delivery) in message.deliveries.enumerated() {
            let ordinal = UInt16(truncatingIfNeeded: ordinal)
            self.queues[delivery.destination, default: PendingQueue()].append(
                DeliveryPosition(sequence: sequence, ordinal: ordinal), place: place, ordinal: ordinal
            )
        }
        self.counts.messages += 1
        self.counts.pending += message.deliveries.count
    }

    private func note(_ event: DeliveryEvent, _ receipt: Receipt) {
        let ordinal = Int(event.delivery.ordinal)
        guard let place = self.places[event.delivery.message], ordinal < self.entries[place].deliveries.count
        else {
            return
        }
        self.entries[place].attempts.append(event)
        self.entries[place].attemptReceipts.append(receipt)
        let before = self.entries[place].deliveries[ordinal]
        guard let phase = before.phase.after(event.kind) else { return }
        let plan = event.kind == .redirected ? before.plan.at(DestinationID(unchecked: event.answer)) : before.plan
        self.entries[place].deliveries[ordinal] = DeliveryState(
            plan: plan, phase: phase, attempts: event.attempt, at: event.at, code: event.code, answer: event.answer
        )
        self.entries[place].notBefore[ordinal] = event.notBefore
        if event.kind.beginsAnew { self.entries[place].since[ordinal] = event.at }
        let position = DeliveryPosition(sequence: self.entries[place].sequence, ordinal: event.delivery.ordinal)
        if before.phase == .pending, phase != .pending || plan != before.plan {
            self.queues[before.plan.destination]?.remove(position)
        }
        if phase == .pending, before.phase != .pending || plan != before.plan {
            self.queues[plan.destination, default: PendingQueue()].insert(position, place: place, ordinal: event.delivery.ordinal)
        }
        guard phase != before.phase else { return }
        self.count(before.phase, by: -1)
        self.count(phase, by: 1)
    }

    private func count(_ phase: DeliveryState.Phase, by change: Int) {
        switch phase {
        case .pending: self.counts.pending += change
        case .delivered: self.counts.delivered += change
        case .deadLettered: self.counts.deadLettered += change
        }
    }
}

/// Positions in ascending order.
///
/// Removed ones are marked and swept out together, so that a long queue stays cheap.
private struct PendingQueue {
    struct Item {
        let position: DeliveryPosition
        let place: Int
        let ordinal: UInt16
        var isRemoved = false
    }

    private var items: [Item] = []
    private var removed = 0

    var count: Int { self.items.count - self.removed }

    mutating func append(_ position: DeliveryPosition, place: Int, ordinal: UInt16) {
        self.items.append(Item(position: position, place: place, ordinal: ordinal))
    }

    /// Puts back what was removed, or comes from elsewhere.
    mutating func insert(_ position: DeliveryPosition, place: Int, ordinal: UInt16) {
        let index = self.firstIndex(notBefore: position)
        if index < self.items.count, self.items[index].position == position {
            if self.items[index].isRemoved { self.removed -= 1 }
            self.items[index].isRemoved = false
        } else {
            self.items.insert(Item(position: position, place: place, ordinal: ordinal), at: index)
        }
    }

    mutating func remove(_ position: DeliveryPosition) {
        let index = self.firstIndex(notBefore: position)
        guard index < self.items.count, self.items[index].position == position, !self.items[index].isRemoved
        else {
            return
        }
        self.items[index].isRemoved = true
        self.removed += 1
        if self.removed > 32, self.removed > self.items.count / 2 {
            self.items.removeAll(where: \.isRemoved)
            self.removed = 0
        }
    }

    func items(after position: DeliveryPosition, limit: Int) -> [Item] {
        let start = self.firstIndex(notBefore: DeliveryPosition(value: position.value + 1))
        return Array(self.items[start...].lazy.filter { !$0.isRemoved }.prefix(max(0, limit)))
    }

    private func firstIndex(notBefore position: DeliveryPosition) -> Int {
        var (low, high) = (0, self.items.count)
        while low < high {
            let middle = (low + high) / 2
            if self.items[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
