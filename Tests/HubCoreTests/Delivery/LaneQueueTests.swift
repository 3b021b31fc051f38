import HubCore
import HubModel
import HubTesting
import Testing

/// A queue by reference, so that it can be asked inside an expectation.
private final class Queue {
    private var lanes: LaneQueue

    init(capacity: Int, isBehind: Bool) {
        self.lanes = LaneQueue(capacity: capacity, isBehind: isBehind)
    }

    /// Takes everything that may start at `uptime`, without ending it.
    func start(at uptime: Duration = .zero) -> [Int] {
        var started: [Int] = []
        while let delivery = self.lanes.next(at: uptime) { started.append(Int(delivery.position.value >> 12)) }
        return started
    }

    var count: Int { self.lanes.count }
    var wakes: Duration? { self.lanes.wakes }

    func insert(_ delivery: PendingDelivery) { self.lanes.insert(delivery) }
    func rewind(to position: DeliveryPosition) { self.lanes.rewind(to: position) }
    func beginRefill() -> (after: DeliveryPosition, limit: Int)? { self.lanes.beginRefill() }
    func endRefill(_ read: [PendingDelivery]?, uptime: Duration, now: Timestamp) {
        self.lanes.endRefill(read, uptime: uptime, now: now)
    }
    func next(at uptime: Duration) -> PendingDelivery? { self.lanes.next(at: uptime) }
    var heads: [PendingDelivery] { Array(self.lanes.heads) }
    func take(_ id: DeliveryID) -> Bool { self.lanes.take(id) }
    func finish(_ id: DeliveryID) { self.lanes.finish(id) }
    func postpone(_ id: DeliveryID, attempts: Int, until: Duration, isAsked: Bool = false) {
        self.lanes.postpone(id, attempts: attempts, until: until, isAsked: isAsked)
    }
    func hasten(limit: Int) { self.lanes.hasten(limit: limit) }
    func hold(from position: DeliveryPosition?) { self.lanes.hold(from: position) }
}

@Suite("A queue of lanes")
struct LaneQueueTests {
    private func queue(_ deliveries: PendingDelivery...) -> Queue { self.queue(deliveries) }

    private func queue(_ deliveries: [PendingDelivery]) -> Queue {
        let queue = Queue(capacity: 100, isBehind: false)
        for delivery in deliveries { queue.insert(delivery) }
        return queue
    }

    @Test("starts one delivery of a lane at a time, and the next when it ends")
    func oneInFlight() {
        let queue = self.queue(Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "a"))
        #expect(queue.start() == [1])
        queue.finish(Sample.delivery(1).id)
        #expect(queue.start() == [2])
        queue.finish(Sample.delivery(2).id)
        #expect(queue.count == 0)
    }

    @Test("lets lanes overtake each other, and receivers of one document too")
    func lanes() {
        let queue = self.queue(
            Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "b"),
            Sample.delivery(3, lane: "a", recipient: "G14")
        )
        #expect(queue.start() == [1, 2, 3])
    }

    @Test("starts the most urgent head first, and turns among equals")
    func priorities() {
        let queue = self.queue(
            Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "b", priority: 4),
            Sample.delivery(3, lane: "c", priority: 2), Sample.delivery(4, lane: "d", priority: 4)
        )
        #expect(queue.start() == [2, 4, 3, 1])
    }

    @Test("gives every eighth start to another priority, so that the least urgent is not left behind")
    func fairness() {
        let queue = Queue(capacity: 1000, isBehind: false)
        for number in 0..<200 { queue.insert(Sample.delivery(number, lane: "u\(number)", priority: 4)) }
        for number in 200..<205 { queue.insert(Sample.delivery(number, lane: "n\(number)")) }
        let started = queue.start()
        let places = started.indices.filter { started[$0] >= 200 }
        #expect(places.count == 5)
        #expect(places.allSatisfy { $0 < 200 }, "the least urgent came last: \(places)")
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 <= 8 * 5 + 1 })
    }

    @Test("starts nothing while it is paused, and when it is drained what was there before")
    func hold() {
        let queue = self.queue(Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "b"), Sample.delivery(3, lane: "a"))
        queue.hold(from: .start)
        #expect(queue.start().isEmpty && queue.heads.isEmpty)
        queue.hold(from: DeliveryPosition(sequence: 2, ordinal: 0))
        #expect(queue.heads.map(\.position.value) == [1 << 12])
        #expect(queue.start() == [1])
        queue.finish(Sample.delivery(1).id)
        #expect(queue.start().isEmpty)
        queue.hold(from: nil)
        #expect(queue.start() == [2, 3])
    }

    @Test("puts commits right that are taken in out of order")
    func outOfOrder() {
        let queue = self.queue(Sample.delivery(2, lane: "a"), Sample.delivery(1, lane: "a"))
        #expect(queue.start() == [1])
        queue.insert(Sample.delivery(0, lane: "a"))
        queue.finish(Sample.delivery(1).id)
        #expect(queue.start() == [0])
    }

    @Test("lists a lane by the urgency of the head it has now")
    func urgencyOfALateHead() {
        let queue = self.queue(Sample.delivery(2, lane: "a", priority: 0), Sample.delivery(3, lane: "b", priority: 2))
        queue.insert(Sample.delivery(1, lane: "a", priority: 4))
        #expect(queue.start() == [1, 3])
    }

    @Test("does not hand out a head that was taken by its id, even if it came late")
    func takeOfALateHead() {
        let queue = self.queue(Sample.delivery(2, lane: "a", priority: 0))
        queue.insert(Sample.delivery(1, lane: "a", priority: 4))
        #expect(queue.take(Sample.delivery(1).id))
        #expect(queue.start() == [])
    }

    @Test("keeps a postponed head at the head until its time")
    func postponed() {
        let queue = self.queue(Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "a"))
        #expect(queue.start() == [1])
        queue.postpone(Sample.delivery(1).id, attempts: 1, until: .seconds(5))
        #expect(queue.wakes == .seconds(5))
        #expect(queue.start(at: .seconds(4)) == [])
        let again = queue.next(at: .seconds(5))
        #expect(again?.id == Sample.delivery(1).id)
        #expect(again?.attempts == 1)
        #expect(queue.wakes == nil)
    }

    @Test("lets delayed lanes go earlier, the earliest first, but for those whose receiver asked for the wait")
    func hastened() {
        let queue = self.queue((1...4).map { Sample.delivery($0, lane: "\($0)") })
        #expect(queue.start() == [1, 2, 3, 4])
        for (number, seconds) in [(1, 9), (2, 3), (3, 5), (4, 7)] {
            queue.postpone(
                Sample.delivery(number).id, attempts: 1, until: .seconds(seconds), isAsked: number == 2
            )
        }
        queue.hasten(limit: 1)
        #expect(queue.start() == [3])
        queue.hasten(limit: .max)
        #expect(queue.start() == [4, 1])
        #expect(queue.wakes == .seconds(3))
        #expect(queue.start(at: .seconds(3)) == [2])
    }

    @Test("honours the delay that a delivery read from the journal still has")
    func delayFromJournal() {
        let queue = Queue(capacity: 100, isBehind: true)
        let now = JournalSamples.time(0)
        _ = queue.beginRefill()
        queue.endRefill(
            [Sample.delivery(1, lane: "a", attempts: 3, notBefore: now.advanced(by: .seconds(2)))],
            uptime: .seconds(100), now: now
        )
        #expect(queue.start(at: .seconds(101)) == [])
        #expect(queue.start(at: .seconds(102)) == [1])
    }

    @Test("lets no delay last longer than was decided, whatever the clock said then or says now", arguments: [-3600, 0, 3600])
    func delayOfWrongClock(offset: Int) {
        let queue = Queue(capacity: 100, isBehind: true)
        let decided = JournalSamples.time(0)
        _ = queue.beginRefill()
        queue.endRefill(
            [
                Sample.delivery(
                    1, lane: "a", attempts: 3, notBefore: decided.advanced(by: .seconds(5)), decidedAt: decided
                )
            ],
            uptime: .seconds(100), now: decided.advanced(by: .seconds(offset))
        )
        #expect(queue.start(at: .seconds(99)) == (offset > 0 ? [1] : []))
        #expect(queue.start(at: .seconds(105)) == (offset > 0 ? [] : [1]))
    }

    @Test("keeps one that must wait waiting when the one before it has ended")
    func delayBehindHead() {
        let queue = Queue(capacity: 100, isBehind: true)
        let now = JournalSamples.time(0)
        _ = queue.beginRefill()
        queue.endRefill(
            [
                Sample.delivery(1, lane: "a"),
                Sample.delivery(2, lane: "a", notBefore: now.advanced(by: .seconds(9)), decidedAt: now),
            ], uptime: .zero, now: now
        )
        #expect(queue.start(at: .zero) == [1])
        queue.finish(Sample.delivery(1).id)
        #expect(queue.start(at: .seconds(8)) == [])
        #expect(queue.start(at: .seconds(9)) == [2])
    }

    @Test("takes a delivery by its id only when it is the free head of its lane")
    func take() {
        let queue = self.queue(Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "a"))
        #expect(!queue.take(Sample.delivery(2).id))
        #expect(queue.take(Sample.delivery(1).id))
        #expect(!queue.take(Sample.delivery(1).id))
        #expect(!queue.take(Sample.delivery(9).id))
        #expect(queue.heads.isEmpty)
    }

    @Test("shows the heads of its lanes in the order of acceptance")
    func heads() {
        let queue = self.queue(
            Sample.delivery(3, lane: "a"), Sample.delivery(1, lane: "b"), Sample.delivery(4, lane: "b"),
            Sample.delivery(2, lane: "c", priority: 4)
        )
        #expect(queue.heads.map(\.id) == [1, 2, 3].map { Sample.delivery($0).id })
        #expect(queue.take(Sample.delivery(1).id))
        #expect(queue.heads.map(\.id) == [2, 3].map { Sample.delivery($0).id })
        queue.finish(Sample.delivery(1).id)
        #expect(queue.heads.map(\.id) == [2, 3, 4].map { Sample.delivery($0).id })
        // Told late, and before the head of its lane.
        queue.insert(Sample.delivery(0, lane: "a"))
        #expect(queue.heads.map(\.id) == [0, 2, 4].map { Sample.delivery($0).id })
    }

    @Test("leaves to the journal what its window cannot hold, and asks for it when there is room")
    func window() {
        let queue = Queue(capacity: 2, isBehind: false)
        for number in 1...4 { queue.insert(Sample.delivery(number, lane: "\(number)")) }
        #expect(queue.count == 2)
        #expect(queue.beginRefill() == nil)
        #expect(queue.start() == [1, 2])
        queue.finish(Sample.delivery(1).id)
        guard let (after, limit) = queue.beginRefill() else {
            Issue.record("a queue with room does not ask for more")
            return
        }
        #expect(after < Sample.delivery(3).position)
        #expect(limit == 1)
        #expect(queue.beginRefill() == nil, "one read at a time")
        queue.endRefill([Sample.delivery(3, lane: "3")], uptime: .zero, now: JournalSamples.time(9))
        #expect(queue.start() == [3])
    }

    @Test("asks again after a read that failed")
    func failedRead() {
        let queue = Queue(capacity: 10, isBehind: true)
        #expect(queue.beginRefill() != nil)
        queue.endRefill(nil, uptime: .zero, now: JournalSamples.time(0))
        #expect(queue.beginRefill() != nil)
    }

    @Test("does not take in again what it read from the journal and finished before the commit was told")
    func lateTelling() {
        let queue = Queue(capacity: 10, isBehind: true)
        _ = queue.beginRefill()
        queue.endRefill([Sample.delivery(1, lane: "a")], uptime: .zero, now: JournalSamples.time(2))
        if queue.beginRefill() != nil { queue.endRefill([], uptime: .zero, now: JournalSamples.time(2)) }
        #expect(queue.start() == [1])
        queue.finish(Sample.delivery(1).id)
        queue.insert(Sample.delivery(1, lane: "a"))
        #expect(queue.start() == [])
    }

    @Test("does not forget a commit that is told late, in the middle of a read that began behind it")
    func lateDuringRead() {
        let queue = Queue(capacity: 2, isBehind: false)
        let (late, early, full, left) = (
            Sample.delivery(1, lane: "a"), Sample.delivery(2, lane: "b"), Sample.delivery(3, lane: "c"),
            Sample.delivery(4, lane: "d")
        )
        queue.insert(early)
        queue.insert(full)
        queue.insert(left)
        #expect(queue.start() == [2, 3])
        queue.finish(early.id)
        let journal = [late, full, left]
        var pages: [[PendingDelivery]] = []
        if let (after, limit) = queue.beginRefill() {
            pages.append(Array(journal.filter { $0.position > after }.prefix(limit)))
            queue.insert(late)
            queue.endRefill(pages[0], uptime: .zero, now: JournalSamples.time(9))
        }
        var started = queue.start()
        for _ in 0..<4 {
            for number in [1, 3, 4] where started.contains(number) { queue.finish(Sample.delivery(number).id) }
            if let (after, limit) = queue.beginRefill() {
                let rest = journal.filter { !started.contains(Int($0.position.value >> 12)) && $0.position > after }
                queue.endRefill(Array(rest.prefix(limit)), uptime: .zero, now: JournalSamples.time(9))
            }
            started += queue.start()
            queue.finish(full.id)
        }
        #expect(Set(started).isSuperset(of: [1, 4]))
    }

    @Test("does not take in what ended before it was told of it, whatever was read again since")
    func endedBeforeTold() {
        let queue = Queue(capacity: 8, isBehind: true)
        let late = Sample.delivery(1, lane: "a")
        _ = queue.beginRefill()
        queue.endRefill([late], uptime: .zero, now: JournalSamples.time(9))
        #expect(queue.start() == [1])
        queue.finish(late.id)
        // An operator sends another one again; nothing is left to be read.
        queue.rewind(to: .start)
        _ = queue.beginRefill()
        queue.endRefill([], uptime: .zero, now: JournalSamples.time(9))
        queue.insert(late)
        #expect(queue.start() == [])
        queue.insert(Sample.delivery(2, lane: "a"))
        #expect(queue.start() == [2])
    }

    /// An operator may be quicker than the worker that has recorded the end and not told the queue yet.
    @Test("gives again what was begun anew before its end was told", arguments: [true, false])
    func begunAnew(_ isReadFirst: Bool) {
        let queue = Queue(capacity: 8, isBehind: true)
        let first = Sample.delivery(1, lane: "a")
        _ = queue.beginRefill()
        queue.endRefill([first], uptime: .zero, now: JournalSamples.time(9))
        #expect(queue.start() == [1])
        queue.rewind(to: .start)
        #expect(queue.beginRefill() != nil)
        let again = first.after(attempts: 1)
        if isReadFirst { queue.endRefill([again], uptime: .zero, now: JournalSamples.time(9)) }
        queue.finish(first.id)
        if isReadFirst {
            #expect(queue.start() == [])
            #expect(queue.beginRefill() != nil)
        }
        queue.endRefill([again], uptime: .zero, now: JournalSamples.time(9))
        #expect(queue.start() == [1])
        queue.finish(first.id)
        #expect(queue.start() == [])
    }
}
