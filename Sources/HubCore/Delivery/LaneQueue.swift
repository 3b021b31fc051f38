internal import DequeModule
package import HubModel

/// The unfinished deliveries of one destination, in lanes: within a lane one is under way at a time and the rest
/// wait in the order of acceptance; lanes do not wait for each other.
///
/// Holds a window of the journal's deliveries in memory. When the window is full, later deliveries stay in the
/// journal only (`isBehind`) until `refill` brings them in.
package struct LaneQueue: Sendable {
    private var lanes: [String: Lane] = [:]
    /// Lanes whose head may start now, by priority of the head.
    private var ready: [Deque<String>] = Array(repeating: [], count: 5)
    private var delayed: [Wake] = []
    /// The heads of all lanes, in order of acceptance.
    private var order: Deque<Head> = []
    private var byID: [DeliveryID: String] = [:]
    /// Of uptime; those that stand behind another one and must wait even when that has ended.
    private var later: [DeliveryID: Duration] = [:]
    private let capacity: Int
    /// Everything up to here was read from the journal. What was told beyond it is read again with the next page and
    /// known by its id; commits may be told out of order, so only a read leaves no gap.
    private var seen = DeliveryPosition.start
    /// The farthest that `seen` ever came: what is told behind it was shown by a read, and may have ended since, whatever is
    /// read again.
    private var covered = DeliveryPosition.start
    /// Whether the journal holds deliveries that nobody told.
    private(set) var isBehind: Bool
    /// Whether a delivery was left to the journal since the last read of the journal began.
    private var missed = false
    /// What ended since that read began, with its attempts: the read may still show it as unfinished. One with more attempts
    /// was begun anew.
    private var endedSinceRead: [DeliveryID: Int] = [:]
    /// Deliveries under way that a read has shown to be begun anew already.
    private var begunAnew: Set<DeliveryID> = []
    /// How many deliveries the read under way asked for; `nil` when there is none.
    private var asked: Int?
    /// Where the journal has to be read again from, once the read under way has ended.
    private var rewound: DeliveryPosition?
    /// Deliveries that operators are about to end or to send elsewhere; not taken in until that is on disk.
    private var withdrawn: Set<DeliveryID> = []
    /// Deliveries from here on are not started.
    private var hold: DeliveryPosition?
    /// Lanes that could start but for `hold`.
    private var held: Set<String> = []
    /// Starts since one was given to a priority out of turn.
    private var turns = 0
    /// The priority that it was given to.
    private var favoured = 0

    /// - Parameter isBehind: `true` at start, when the journal may hold deliveries from before.
    package init(capacity: Int, isBehind: Bool) {
        self.capacity = capacity
        self.isBehind = isBehind
    }

    package var count: Int { self.byID.count }

    /// Whether the journal is being read.
    package var isReading: Bool { self.asked != nil }

    /// Whether the window has room enough that reading the journal is worth it.
    private var wantsRefill: Bool { self.isBehind && self.byID.count <= self.capacity / 2 }

    private var refillSize: Int { self.capacity - self.byID.count }

    /// Takes in a delivery that was just committed, unless the window is full or behind.
    package mutating func insert(_ delivery: PendingDelivery, uptime: Duration = .zero) {
        // What a read has shown may have ended since: taking it in again would deliver it twice.
        guard delivery.position > self.covered else { return }
        guard !self.isBehind, self.byID.count < self.capacity else {
            self.isBehind = true
            self.missed = true
            return
        }
        self.add(delivery, uptime: uptime, now: delivery.acceptedAt)
    }

    /// Says that the journal is about to be read from the returned position on; `nil` when it need not be, or is
    /// being read already.
    package mutating func beginRefill() -> (after: DeliveryPosition, limit: Int)? {
        guard self.asked == nil, self.wantsRefill else { return nil }
        self.asked = self.refillSize
        self.missed = false
        self.endedSinceRead = [:]
        return (self.seen, self.refillSize)
    }

    /// Takes in what was read from the journal; `nil` when the read failed. A page that is not full means that
    /// nothing more was there, unless something was left to the journal meanwhile.
    package mutating func endRefill(_ read: [PendingDelivery]?, uptime: Duration, now: Timestamp) {
        guard let asked = self.asked else { return }
        self.asked = nil
        guard let read else { return }
        for delivery in read where self.endedSinceRead[delivery.id].map({ $0 < delivery.attempts }) ?? true {
            self.add(delivery, uptime: uptime, now: now)
        }
        if let last = read.last {
            self.seen = max(self.seen, last.position)
            self.covered = max(self.covered, self.seen)
        }
        self.isBehind = read.count >= asked || self.missed
        self.endedSinceRead = [:]
        if let rewound = self.rewound { self.rewind(to: rewound) }
    }

    /// Takes the next delivery that may start: highest priority first, then by turns of the lanes.
    package mutating func next(at uptime: Duration) -> PendingDelivery? {
        self.release(at: uptime)
        for priority in self.turn() {
            while let key = self.ready[priority].popFirst() {
                self.lanes[key]?.urgency = nil
                guard let head = self.lanes[key]?.waiting.first else { continue }
                guard !self.isHeld(head) else {
                    self.held.insert(key)
                    continue
                }
                self.lanes[key]?.isBusy = true
                return head
            }
        }
        return nil
    }

    /// The priorities in the order in which they are asked. Every eighth time another one comes first, so that what is less
    /// urgent is not left behind for ever.
    private mutating func turn() -> [Int] {
        let levels = Array(self.ready.indices.reversed())
        self.turns += 1
        guard self.turns == Self.fairness else { return levels }
        self.turns = 0
        self.favoured = (self.favoured + 1) % levels.count
        return [self.favoured] + levels.filter { $0 != self.favoured }
    }

    private static let fairness = 8

    /// Starts no delivery from `position` on; `nil` lets everything go on.
    package mutating func hold(from position: DeliveryPosition?) {
        self.hold = position
        let held = self.held.compactMap { key in self.lanes[key]?.waiting.first.map { (key, $0.position) } }
        self.held = []
        for (key, _) in held.sorted(by: { $0.1 < $1.1 })
        where self.lanes[key].map({ !$0.isBusy && $0.urgency == nil }) ?? false {
            self.offer(key)
        }
    }

    /// Whether nothing may be started that is not under way already.
    package var isPaused: Bool { self.hold == .start }

    private func isHeld(_ delivery: PendingDelivery) -> Bool { self.hold.map { delivery.position >= $0 } ?? false }

    /// Has the journal read again from behind `position` on: what stands there was sent again, or came from elsewhere.
    package mutating func rewind(to position: DeliveryPosition) {
        if self.asked != nil {
            self.rewound = min(self.rewound ?? position, position)
        } else {
            self.rewound = nil
            self.seen = min(self.seen, position)
            self.isBehind = true
        }
    }

    /// Takes deliveries out, whether they are in the window or not; those under way stay.
    ///
    /// - Returns: Those that are out. They do not come back before `settle`.
    package mutating func withdraw(_ ids: [DeliveryID]) -> [DeliveryID] {
        var out: [DeliveryID] = []
        for id in ids where !self.withdrawn.contains(id) {
            if let key = self.byID[id], let lane = self.lanes[key] {
                guard !(lane.isBusy && lane.waiting.first?.id == id) else { continue }
                self.remove(id, from: key)
            }
            self.withdrawn.insert(id)
            out.append(id)
        }
        return out
    }

    /// Says that what was withdrawn is on disk as ended or sent elsewhere, or that it could not be written.
    package mutating func settle(_ ids: [DeliveryID], isWritten: Bool) {
        for id in ids {
            self.withdrawn.remove(id)
            // A read that began before may still show it.
            if isWritten, self.asked != nil { self.endedSinceRead[id] = .max }
        }
        if !isWritten { self.rewind(to: .start) }
    }

    private mutating func remove(_ id: DeliveryID, from key: String) {
        guard var lane = self.lanes[key], let place = lane.waiting.firstIndex(where: { $0.id == id }) else { return }
        self.byID[id] = nil
        self.later[id] = nil
        guard place == lane.waiting.startIndex else {
            lane.waiting.remove(at: place)
            self.lanes[key] = lane
            return
        }
        self.unready(key)
        self.held.remove(key)
        self.unlist(lane.waiting.removeFirst())
        if let head = lane.waiting.first { self.list(head, of: key) }
        lane.isHeld = false
        lane.notBefore = lane.waiting.first.flatMap { self.later.removeValue(forKey: $0.id) }
        self.lanes[key] = lane
        self.offer(key)
    }

    /// The heads of all lanes that are not being finished, in order of acceptance, without taking them.
    package var heads: some Sequence<PendingDelivery> {
        self.order.lazy.compactMap { head in
            self.lanes[head.lane].flatMap { $0.isBusy ? nil : $0.waiting.first }.flatMap { self.isHeld($0) ? nil : $0 }
        }
    }

    /// The delivery with this id, while it is in the window.
    package func delivery(_ id: DeliveryID) -> PendingDelivery? {
        guard let key = self.byID[id] else { return nil }
        return self.lanes[key]?.waiting.first { $0.id == id }
    }

    /// Keeps a delivery at the head of its lane, whatever comes: it was shown to its receiver.
    package mutating func hold(_ id: DeliveryID) {
        guard let key = self.byID[id], self.lanes[key]?.waiting.first?.id == id else { return }
        self.lanes[key]?.isHeld = true
    }

    /// Takes a delivery by its id; `false` when it is not the free head of its lane.
    package mutating func take(_ id: DeliveryID) -> Bool {
        guard let key = self.byID[id], let lane = self.lanes[key], !lane.isBusy, let head = lane.waiting.first,
            head.id == id
        else { return false }
        self.lanes[key]?.isBusy = true
        self.unready(key)
        return true
    }

    /// Ends a delivery that was taken; its lane goes on.
    package mutating func finish(_ id: DeliveryID) {
        let ended = self.byID[id].flatMap { self.lanes[$0]?.waiting.first }.flatMap { $0.id == id ? $0 : nil }
        if self.asked != nil { self.endedSinceRead[id] = ended?.attempts ?? .max }
        guard let key = self.byID.removeValue(forKey: id), var lane = self.lanes[key] else { return }
        if let ended {
            if self.begunAnew.remove(id) != nil {
                self.rewind(to: DeliveryPosition(value: ended.position.value - 1))
            }
            self.unlist(lane.waiting.removeFirst())
            if let head = lane.waiting.first { self.list(head, of: key) }
        }
        lane.isBusy = false
        lane.isHeld = false
        lane.notBefore = lane.waiting.first.flatMap { self.later.removeValue(forKey: $0.id) }
        self.lanes[key] = lane
        self.offer(key)
    }

    /// Puts a delivery that was taken back to the head of its lane, not to be tried before `until` (of uptime).
    ///
    /// - Parameter isAsked: Whether the receiver asked for that wait, so that nothing shortens it.
    package mutating func postpone(_ id: DeliveryID, attempts: Int, until: Duration, isAsked: Bool = false) {
        guard let key = self.byID[id], var lane = self.lanes[key], let head = lane.waiting.first, head.id == id else {
            return
        }
        lane.waiting[lane.waiting.startIndex] = head.after(attempts: attempts)
        lane.isBusy = false
        lane.notBefore = until
        lane.isAsked = isAsked
        self.lanes[key] = lane
        self.delay(key, until: until)
    }

    /// Lets the delayed lanes go at once, the earliest first, at most `limit` of them: the destination is back, or is
    /// to be tried. Lanes whose receiver asked for the wait keep it.
    package mutating func hasten(limit: Int) {
        var kept: [Wake] = []
        var left = limit
        for wake in self.delayed {
            guard var lane = self.lanes[wake.lane], lane.notBefore != nil, !lane.isBusy else { continue }
            guard left > 0, !lane.isAsked else {
                kept.append(wake)
                continue
            }
            left -= 1
            lane.notBefore = nil
            self.lanes[wake.lane] = lane
            self.offer(wake.lane)
        }
        self.delayed = kept
    }

    /// The earliest moment at which a delayed lane may start; `nil` when none is delayed.
    package var wakes: Duration? { self.delayed.first?.at }

    private mutating func add(_ delivery: PendingDelivery, uptime: Duration, now: Timestamp) {
        guard !self.withdrawn.contains(delivery.id) else { return }
        if let key = self.byID[delivery.id] {
            // It ended and was begun anew before whoever carried it could say so here.
            guard let lane = self.lanes[key], lane.isBusy, let head = lane.waiting.first, head.id == delivery.id,
                head.attempts < delivery.attempts
            else { return }
            self.begunAnew.insert(delivery.id)
            return
        }
        let key = delivery.orderKey + "\u{1F}" + delivery.plan.recipient
        self.byID[delivery.id] = key
        var lane = self.lanes[key] ?? Lane()
        // Commits may be taken in out of order; behind a head that is under way the order is put right.
        var place = lane.waiting.endIndex
        let floor = lane.isBusy || lane.isHeld || lane.notBefore != nil ? lane.waiting.startIndex + 1 : lane.waiting.startIndex
        while place > floor, lane.waiting[place - 1].position > delivery.position { place -= 1 }
        let isHead = place == lane.waiting.startIndex
        if isHead {
            if let head = lane.waiting.first { self.unlist(head) }
            self.list(delivery, of: key)
            self.held.remove(key)
        }
        lane.waiting.insert(delivery, at: place)
        if let notBefore = delivery.notBefore, notBefore > now {
            // No longer than was decided then: a clock that was set back since must not draw out the wait.
            let wait = min(notBefore.since(now), max(.zero, notBefore.since(delivery.decidedAt)))
            if isHead { lane.notBefore = uptime + wait } else { self.later[delivery.id] = uptime + wait }
        }
        self.lanes[key] = lane
        guard isHead else { return }
        self.unready(key)
        self.offer(key)
    }

    private mutating func list(_ head: PendingDelivery, of lane: String) {
        self.order.insert(Head(position: head.position, lane: lane), at: self.place(of: head.position))
    }

    private mutating func unlist(_ head: PendingDelivery) {
        let place = self.place(of: head.position)
        if place < self.order.count, self.order[place].position == head.position { self.order.remove(at: place) }
    }

    /// Where a position stands in `order`, or would.
    private func place(of position: DeliveryPosition) -> Int {
        // Most come last.
        if let last = self.order.last, last.position < position { return self.order.count }
        var (low, high) = (0, self.order.count)
        while low < high {
            let middle = (low + high) / 2
            if self.order[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func offer(_ key: String) {
        guard let lane = self.lanes[key] else { return }
        guard let head = lane.waiting.first else {
            self.lanes[key] = nil
            return
        }
        if let notBefore = lane.notBefore {
            self.delay(key, until: notBefore)
        } else {
            let urgency = min(Int(head.priority), self.ready.count - 1)
            self.ready[urgency].append(key)
            self.lanes[key]?.urgency = urgency
        }
    }

    private mutating func unready(_ key: String) {
        guard let urgency = self.lanes[key]?.urgency else { return }
        self.lanes[key]?.urgency = nil
        if let place = self.ready[urgency].firstIndex(of: key) { self.ready[urgency].remove(at: place) }
    }

    private mutating func delay(_ key: String, until: Duration) {
        let wake = Wake(at: until, lane: key)
        let place = self.delayed.firstIndex { $0 > wake } ?? self.delayed.endIndex
        self.delayed.insert(wake, at: place)
    }

    private mutating func release(at uptime: Duration) {
        while let first = self.delayed.first, first.at <= uptime {
            self.delayed.removeFirst()
            guard var lane = self.lanes[first.lane], let notBefore = lane.notBefore, notBefore <= uptime, !lane.isBusy
            else { continue }
            lane.notBefore = nil
            self.lanes[first.lane] = lane
            self.offer(first.lane)
        }
    }
}
