import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("A queue of lanes, against a model")
struct LaneQueueModelTests {
    @Test("loses nothing, repeats nothing and keeps the order of each lane", arguments: 0..<200)
    func model(seed: Int) throws {
        var world = LaneWorld(seed: UInt64(seed))
        for _ in 0..<400 { try world.step() }
        try world.drain()
    }

    @Test("does so up to the last number that a record can have, and after more attempts than can be counted", arguments: 0..<100)
    func end(seed: Int) throws {
        // So near that some seeds come to the end, and most do not.
        let left = Int64(40 + seed)
        var world = LaneWorld(seed: UInt64(seed), origin: DeliveryPosition.lastSequence - left, attempts: .max - 2)
        for _ in 0..<400 { try world.step() }
        try world.drain()
    }
}

/// A queue with its journal, and what must be true of both.
private struct LaneWorld {
    private enum Phase { case waiting, started, withdrawn, done }

    private struct Entry {
        let delivery: PendingDelivery
        let lane: String
        /// How many steps had been made when it was committed, and when the queue was told of it.
        let committedAt: Int
        var toldAt: Int?
        var phase = Phase.waiting
        var attempts: Int
        var notBefore = Duration.zero
        /// Whether an operator sent it again: it has lost its place in the order.
        var isRevived = false
    }

    private struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    private let random: SeededRandom
    private let capacity: Int
    private let laneCount: Int
    private let origin: Int64
    /// Of each delivery before it is first started.
    private let attempts: Int
    private var queue: LaneQueue
    /// In the order of acceptance; the place is the sequence number, counted from `origin`.
    private var journal: [Entry] = []
    private var steps = 0
    private var uptime = Duration.zero
    /// A read under way, and what it found once it has looked.
    /// Where operators hold deliveries back.
    private var hold: DeliveryPosition?
    private var reading: (after: DeliveryPosition, limit: Int, found: [PendingDelivery]?)?

    init(seed: UInt64, origin: Int64 = 0, attempts: Int = 0) {
        self.origin = origin
        self.attempts = attempts
        self.random = SeededRandom(seed: seed)
        self.capacity = 2 + self.random.below(12)
        self.laneCount = 1 + self.random.below(6)
        self.queue = LaneQueue(capacity: self.capacity, isBehind: self.random.chance(50))
    }

    mutating func step() throws {
        self.steps += 1
        switch self.random.below(100) {
        case 0..<22: self.commit()
        case 22..<42: self.tell()
        case 42..<58: try self.start()
        case 58..<72: self.finish()
        case 72..<78: self.postpone()
        case 78..<84: self.uptime += .seconds(self.random.below(5))
        case 84: self.hasten()
        case 85..<88: self.beginRead()
        case 88..<91: self.look()
        case 91: self.steer()
        case 92: self.withdraw()
        case 93: self.settle()
        case 94: self.revive()
        default: self.endRead()
        }
        guard self.queue.count <= self.capacity else { throw Broken(description: "the window is overfull") }
        try self.checkHeads()
    }

    /// What is shown is in the order of acceptance, and one of each lane that is not under way.
    private func checkHeads() throws {
        let heads = Array(self.queue.heads)
        let lanes = heads.map(\.orderKey)
        guard zip(heads, heads.dropFirst()).allSatisfy({ $0.position < $1.position }), Set(lanes).count == lanes.count
        else { throw Broken(description: "the heads are out of order: \(heads.map(\.position))") }
        for head in heads {
            guard self.journal[self.number(head)].phase == .waiting else {
                throw Broken(description: "a head is under way or done")
            }
            guard self.hold.map({ head.position < $0 }) ?? true else { throw Broken(description: "a head is held back") }
        }
    }

    /// Lets everything come to its end, which must happen in a bounded number of steps.
    mutating func drain() throws {
        self.hold = nil
        self.queue.hold(from: nil)
        while self.settle() {}
        for _ in 0..<(self.journal.count * 8 + 50) {
            self.steps += 1
            while self.untold != nil { self.tell() }
            self.endRead()
            self.beginRead()
            self.look()
            self.endRead()
            self.uptime += .seconds(10)
            while try self.start() {}
            while self.finish() {}
        }
        let left = self.journal.indices.filter { self.journal[$0].phase != .done }
        guard left.isEmpty else { throw Broken(description: "never delivered: \(left)") }
        guard self.queue.count == 0 else { throw Broken(description: "the queue still holds something") }
    }

    private mutating func commit() {
        let number = self.journal.count
        guard self.origin <= DeliveryPosition.lastSequence - Int64(number) else { return }
        let lane = "lane \(self.random.below(self.laneCount))"
        self.journal.append(
            Entry(
                delivery: Sample.delivery(
                    number, lane: lane, priority: UInt8(self.random.below(5)), attempts: self.attempts, origin: self.origin
                ),
                lane: lane, committedAt: self.steps, attempts: self.attempts
            )
        )
    }

    private func number(_ delivery: PendingDelivery) -> Int { Int((delivery.position.value >> 12) - self.origin) }

    private var untold: Int? {
        let untold = self.journal.indices.filter { self.journal[$0].toldAt == nil }
        return untold.isEmpty ? nil : self.random.any(of: untold)
    }

    private mutating func tell() {
        guard let number = self.untold else { return }
        self.journal[number].toldAt = self.steps
        self.queue.insert(self.journal[number].delivery)
    }

    @discardableResult
    private mutating func start() throws -> Bool {
        guard let delivery = self.queue.next(at: self.uptime) else { return false }
        let number = self.number(delivery)
        let entry = self.journal[number]
        guard entry.phase == .waiting else { throw Broken(description: "\(number) started again") }
        guard self.hold.map({ delivery.position < $0 }) ?? true else { throw Broken(description: "\(number) is held back") }
        guard entry.notBefore <= self.uptime else { throw Broken(description: "\(number) started too early") }
        guard delivery.attempts == entry.attempts else { throw Broken(description: "\(number) forgot its attempts") }
        for (other, before) in self.journal.enumerated() where before.lane == entry.lane && other != number {
            guard before.phase != .started else { throw Broken(description: "\(other) and \(number) together") }
            // A sender that waits for the answer to one message before it sends the next.
            let isBefore = other < number && before.toldAt.map { $0 < entry.committedAt } ?? false
            guard !isBefore || before.phase == .done || before.phase == .withdrawn || before.isRevived || entry.isRevived else { throw Broken(description: "\(number) before \(other)") }
        }
        self.journal[number].phase = .started
        return true
    }

    private func anyStarted() -> Int? {
        let started = self.journal.indices.filter { self.journal[$0].phase == .started }
        return started.isEmpty ? nil : self.random.any(of: started)
    }

    @discardableResult
    private mutating func finish() -> Bool {
        guard let number = self.anyStarted() else { return false }
        self.journal[number].phase = .done
        self.queue.finish(self.journal[number].delivery.id)
        return true
    }

    private mutating func postpone() {
        guard let number = self.anyStarted() else { return }
        self.journal[number].phase = .waiting
        self.journal[number].attempts = self.journal[number].delivery.after(attempts: self.journal[number].attempts).nextAttempt
        self.journal[number].notBefore = self.uptime + .seconds(self.random.below(8))
        self.queue.postpone(
            self.journal[number].delivery.id, attempts: self.journal[number].attempts,
            until: self.journal[number].notBefore
        )
    }

    /// An operator pauses, drains or resumes.
    private mutating func steer() {
        let places: [DeliveryPosition?] = [nil, nil, .start, self.anyPlace()]
        self.hold = self.random.any(of: places)
        self.queue.hold(from: self.hold)
    }

    /// Of a record, or of the next.
    private func anyPlace() -> DeliveryPosition {
        DeliveryPosition(sequence: self.origin + Int64(self.random.below(self.journal.count + 1)), ordinal: 0)
    }

    /// An operator takes deliveries out, in the window or not.
    private mutating func withdraw() {
        let known = self.journal.indices.filter { self.journal[$0].toldAt != nil && self.journal[$0].phase != .done }
        let wanted = known.filter { _ in self.random.chance(20) }
        let out = self.queue.withdraw(wanted.map { self.journal[$0].delivery.id })
        for number in wanted where out.contains(self.journal[number].delivery.id) { self.journal[number].phase = .withdrawn }
    }

    /// What was taken out is on disk as ended, or could not be written.
    @discardableResult
    private mutating func settle() -> Bool {
        let out = self.journal.indices.filter { self.journal[$0].phase == .withdrawn }
        guard !out.isEmpty else { return false }
        let isWritten = self.random.chance(70)
        for number in out {
            self.journal[number].phase = isWritten ? .done : .waiting
            // Back from the journal, in whatever order it is read.
            self.journal[number].isRevived = true
        }
        self.queue.settle(out.map { self.journal[$0].delivery.id }, isWritten: isWritten)
        return true
    }

    /// An operator sends again what had ended.
    private mutating func revive() {
        let done = self.journal.indices.filter { self.journal[$0].phase == .done && self.journal[$0].toldAt != nil }
        guard !done.isEmpty else { return }
        let number = self.random.any(of: done)
        self.journal[number].phase = .waiting
        self.journal[number].isRevived = true
        self.journal[number].notBefore = .zero
        self.queue.rewind(to: DeliveryPosition(value: self.journal[number].delivery.position.value - 1))
    }

    /// The receiver is back: no delay counts any more.
    private mutating func hasten() {
        for number in self.journal.indices { self.journal[number].notBefore = .zero }
        self.queue.hasten(limit: self.random.any(of: [1, .max]))
    }

    private mutating func beginRead() {
        guard let (after, limit) = self.queue.beginRefill() else { return }
        self.reading = (after, limit, nil)
    }

    /// The moment at which the journal answers, anywhere between the beginning and the end of a read.
    private mutating func look() {
        guard let reading = self.reading, reading.found == nil else { return }
        let found = self.journal.filter { $0.phase != .done && $0.delivery.position > reading.after }
        let (now, uptime) = (self.now, self.uptime)
        let page = found.prefix(reading.limit).map { entry in
            Sample.delivery(
                self.number(entry.delivery), lane: entry.lane, priority: entry.delivery.priority,
                attempts: entry.attempts,
                notBefore: entry.attempts == self.attempts ? nil : now.advanced(by: entry.notBefore - uptime),
                decidedAt: JournalSamples.time(0).advanced(by: .seconds(-60)), origin: self.origin
            )
        }
        self.reading = (reading.after, reading.limit, page)
    }

    private mutating func endRead() {
        guard let reading = self.reading else { return }
        if reading.found == nil { self.look() }
        let isFailed = self.random.chance(10)
        self.queue.endRefill(isFailed ? nil : self.reading?.found, uptime: self.uptime, now: self.now)
        self.reading = nil
    }

    private var now: Timestamp { JournalSamples.time(0).advanced(by: self.uptime) }
}
