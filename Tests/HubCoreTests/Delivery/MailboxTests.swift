import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("A mailbox", .timeLimit(.minutes(1)))
struct MailboxTests {
    static let place = ["mailbox:qlvb-thu"]

    func bench(_ clock: any HubClock = ManualClock()) throws -> (DeliveryBench, Mailbox, Outbox) {
        let bench = try DeliveryBench(clock: clock)
        let mailbox = bench.mailbox()
        return (bench, mailbox, Outbox(workers: [:], mailboxes: [mailbox]))
    }

    func numbers(_ parcels: [Parcel]) -> [Int] {
        parcels.map { Int(($0.delivery.position.value >> 12)) }
    }

    func id(_ number: Int) -> DeliveryID { DeliveryID(message: JournalSamples.id(number), ordinal: 0) }

    func expectUnknown(
        _ location: SourceLocation = #_sourceLocation, _ body: () async throws(HubError) -> Void
    ) async {
        do throws(HubError) {
            try await body()
            Issue.record("nothing was thrown", sourceLocation: location)
        } catch {
            #expect(error.code == .mailboxLeaseUnknown, sourceLocation: location)
        }
    }

    @Test("shows one delivery of a lane at a time, in the order of acceptance, until it is acknowledged")
    func order() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for (number, lane) in ["a", "a", "b", "a"].enumerated() {
            try await bench.accept(number, lane: lane, to: Self.place, outbox: outbox)
        }
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0, 2])
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).isEmpty)
        try await mailbox.acknowledge(self.id(0))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [1])
        try await mailbox.acknowledge(self.id(1))
        try await mailbox.acknowledge(self.id(2))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [3])
        #expect(await bench.journal.totals().delivered == 3)
    }

    @Test("ends many at once, and says which it does not have")
    func acknowledgesMany() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for (number, lane) in ["a", "b", "c", "a"].enumerated() {
            try await bench.accept(number, lane: lane, to: Self.place, outbox: outbox)
        }
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0, 1, 2])
        // 3 stands behind 0, and 9 was never here.
        let unknown = try await mailbox.acknowledge([0, 2, 9, 3].map(self.id))
        #expect(unknown == [9, 3].map(self.id))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [3])
        #expect(try await mailbox.acknowledge([0, 1, 3, 1].map(self.id)) == [0, 1].map(self.id))
        #expect(await bench.journal.totals().delivered == 4)
    }

    @Test("gives every one back when none could be written down")
    func acknowledgesNone() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<3 { try await bench.accept(number, lane: "\(number)", to: Self.place, outbox: outbox) }
        _ = try await mailbox.fetch(limit: 10, wait: .zero)
        await bench.journal.inner.fail(with: HubError(.journalUnavailable, "The disk is gone."))
        await #expect(throws: HubError.self) { _ = try await mailbox.acknowledge([0, 1].map(self.id)) }
        await bench.journal.inner.fail(with: nil)
        #expect(try await mailbox.acknowledge([0, 1, 2].map(self.id)).isEmpty)
        #expect(await bench.journal.totals().delivered == 3)
    }

    @Test("hands over the payload as it came")
    func payload() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        let message = try await bench.accept(7, to: Self.place, outbox: outbox)
        let parcel = try #require(try await mailbox.fetch(limit: 1, wait: .zero).first)
        #expect(parcel.payload.inMemory == JournalSamples.payload(7, count: 20))
        #expect(parcel.delivery.id.message == message)
    }

    @Test("shows a delivery again when its lease is over")
    func lease() async throws {
        let clock = ManualClock()
        let (bench, mailbox, outbox) = try self.bench(clock)
        try await bench.accept(0, to: Self.place, outbox: outbox)
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).count == 1)
        clock.advance(by: .seconds(59))
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).isEmpty)
        clock.advance(by: .seconds(1))
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).count == 1)
        // Late is not never: the system has it.
        clock.advance(by: .seconds(3600))
        try await mailbox.acknowledge(self.id(0))
        #expect(await bench.phase(of: 0) == .delivered)
    }

    @Test("shows a delivery again at once that was given back")
    func release() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        try await bench.accept(0, to: Self.place, outbox: outbox)
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).count == 1)
        try await mailbox.release(self.id(0))
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).count == 1)
        #expect(await bench.phase(of: 0) == .pending)
    }

    @Test("knows no lease of what it has not, has no more, or has not shown")
    func unknown() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0...1 { try await bench.accept(number, lane: "a", to: Self.place, outbox: outbox) }
        await self.expectUnknown { () async throws(HubError) in try await mailbox.acknowledge(self.id(9)) }
        // It stands behind another one.
        await self.expectUnknown { () async throws(HubError) in try await mailbox.acknowledge(self.id(1)) }
        await self.expectUnknown { () async throws(HubError) in try await mailbox.release(self.id(0)) }
        try await mailbox.acknowledge(self.id(0))
        await self.expectUnknown { () async throws(HubError) in try await mailbox.acknowledge(self.id(0)) }
        await self.expectUnknown { () async throws(HubError) in
            try await mailbox.refuse(self.id(0), answer: "")
        }
        await self.expectUnknown { () async throws(HubError) in try await mailbox.release(self.id(0)) }
        #expect(await bench.journal.attempts(of: JournalSamples.id(0)).count == 1)
    }

    @Test("makes a dead letter of what the system will not take, and goes on")
    func refused() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0...1 { try await bench.accept(number, lane: "a", to: Self.place, outbox: outbox) }
        _ = try await mailbox.fetch(limit: 10, wait: .zero)
        try await mailbox.refuse(self.id(0), answer: "sai địa chỉ")
        let state = await bench.journal.message(JournalSamples.id(0))?.deliveries[0]
        #expect(state?.phase == .deadLettered)
        #expect(state?.code == .deliveryRefused)
        #expect(state?.answer == "sai địa chỉ")
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [1])
    }

    @Test("wakes a waiting poller when something comes")
    func longPoll() async throws {
        let clock = ManualClock()
        let (bench, mailbox, outbox) = try self.bench(clock)
        async let fetched = mailbox.fetch(limit: 10, wait: .seconds(60))
        await clock.waitForSleep(1)
        try await bench.accept(0, to: Self.place, outbox: outbox)
        #expect(self.numbers(try await fetched) == [0])
        #expect(clock.uptime == .zero)
    }

    @Test("answers a waiting poller with nothing when its wait is over")
    func longPollEnds() async throws {
        let clock = ManualClock()
        let (_, mailbox, _) = try self.bench(clock)
        async let fetched = mailbox.fetch(limit: 10, wait: .seconds(30))
        await clock.waitForSleep(1)
        #expect(clock.firstWake == .seconds(30))
        clock.advance(by: .seconds(30))
        #expect(try await fetched.isEmpty)
    }

    @Test("wakes a waiting poller when a lease ends, is given back or the lane goes on")
    func longPollWakes() async throws {
        let clock = ManualClock()
        let (bench, mailbox, outbox) = try self.bench(clock)
        for number in 0...1 { try await bench.accept(number, lane: "a", to: Self.place, outbox: outbox) }
        _ = try await mailbox.fetch(limit: 10, wait: .zero)
        async let afterLease = mailbox.fetch(limit: 10, wait: .seconds(300))
        await clock.waitForSleep(1)
        #expect(clock.firstWake == .seconds(60))
        clock.advance(by: .seconds(60))
        #expect(self.numbers(try await afterLease) == [0])
        async let afterRelease = mailbox.fetch(limit: 10, wait: .seconds(300))
        await clock.waitForSleep(2)
        try await mailbox.release(self.id(0))
        #expect(self.numbers(try await afterRelease) == [0])
        async let afterAck = mailbox.fetch(limit: 10, wait: .seconds(300))
        await clock.waitForSleep(3)
        try await mailbox.acknowledge(self.id(0))
        #expect(self.numbers(try await afterAck) == [1])
    }

    @Test("does not wake its pollers for a lease that is over and frees nothing")
    func deadLease() async throws {
        let clock = ManualClock()
        let (bench, mailbox, outbox) = try self.bench(clock)
        for number in 0...1 { try await bench.accept(number, lane: "a", to: Self.place, outbox: outbox) }
        // Asked for by its id, though it stands behind another one.
        _ = try await mailbox.parcel(self.id(1))
        clock.advance(by: .seconds(50))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0])
        clock.advance(by: .seconds(20))
        async let fetched = mailbox.fetch(limit: 10, wait: .seconds(60))
        await clock.waitForSleep(1)
        #expect(clock.firstWake == .seconds(110))
        clock.advance(by: .seconds(40))
        #expect(self.numbers(try await fetched) == [0])
    }

    @Test("gives two pollers different deliveries")
    func twoPollers() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<40 { try await bench.accept(number, to: Self.place, outbox: outbox) }
        let fetched = try await withThrowingTaskGroup(of: [Parcel].self) { group in
            for _ in 0..<8 { group.addTask { try await mailbox.fetch(limit: 5, wait: .zero) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(self.numbers(fetched).sorted() == Array(0..<40))
    }

    @Test("lists what waits without leasing it")
    func list() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<5 { try await bench.accept(number, to: Self.place, outbox: outbox) }
        #expect(try await mailbox.list(limit: 3).map(\.id) == (0..<3).map(self.id))
        #expect(try await mailbox.list(limit: 9).count == 5)
        #expect(try await mailbox.fetch(limit: 9, wait: .zero).count == 5)
        #expect(try await mailbox.list(limit: 9).count == 5)
    }

    @Test("has what was pending before it was made, more than its window holds, in order")
    func restart() async throws {
        var bench = try DeliveryBench()
        bench.configuration.window = 16
        for number in 0..<100 { try await bench.accept(number, lane: "lane \(number % 3)", to: Self.place) }
        let mailbox = bench.mailbox()
        var seen: [Int: [Int]] = [:]
        while true {
            let parcels = try await mailbox.fetch(limit: 5, wait: .zero)
            if parcels.isEmpty { break }
            for parcel in parcels {
                let number = Int(parcel.delivery.position.value >> 12)
                seen[number % 3, default: []].append(number)
                try await mailbox.acknowledge(parcel.delivery.id)
            }
        }
        for lane in 0..<3 { #expect(seen[lane] == (0..<100).filter { $0 % 3 == lane }) }
        #expect(await bench.journal.totals().pending == 0)
    }

    @Test("knows what is pending from before when it is acknowledged first")
    func acknowledgedAfterRestart() async throws {
        let (bench, mailbox, _) = try self.bench()
        try await bench.accept(0, to: Self.place)
        try await mailbox.acknowledge(self.id(0))
        #expect(await bench.phase(of: 0) == .delivered)
    }

    @Test("keeps a delivery whose end could not be recorded")
    func unrecorded() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        try await bench.accept(0, to: Self.place, outbox: outbox)
        _ = try await mailbox.fetch(limit: 1, wait: .zero)
        await bench.journal.inner.fail(with: HubError(.journalUnavailable, "The disk is full."))
        do throws(HubError) {
            try await mailbox.acknowledge(self.id(0))
            Issue.record("acknowledged without a record")
        } catch {
            #expect(error.code == .journalUnavailable)
        }
        await bench.journal.inner.fail(with: nil)
        try await mailbox.acknowledge(self.id(0))
        #expect(await bench.phase(of: 0) == .delivered)
    }

    @Test(
        "makes a dead letter of what can never be made, and shows the others",
        arguments: [ErrorCode.journalDamaged, .mappingFailed, .schemaPayloadInvalid]
    )
    func unmade(code: ErrorCode) async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<4 { try await bench.accept(number, lane: "\(number % 3)", to: Self.place, outbox: outbox) }
        bench.journal.failPayload(of: JournalSamples.id(0), with: HubError(code, "It cannot be made."))
        let fetched = try await mailbox.fetch(limit: 10, wait: .zero)
        #expect(self.numbers(fetched) == [1, 2])
        #expect(await bench.journal.message(JournalSamples.id(0))?.deliveries[0].code == code)
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [3])
    }

    @Test("shows at once what stood behind something that can never be made")
    func behindUnmade() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<2 { try await bench.accept(number, lane: "a", to: Self.place, outbox: outbox) }
        bench.journal.failPayload(of: JournalSamples.id(0), with: HubError(.journalDamaged, "It is damaged."))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [1])
    }

    @Test("leases nothing that it did not hand over")
    func failedFetch() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<3 { try await bench.accept(number, to: Self.place, outbox: outbox) }
        for number in 0..<3 {
            bench.journal.failPayload(of: JournalSamples.id(number), with: HubError(.journalUnavailable, "The disk is away."))
        }
        do throws(HubError) {
            _ = try await mailbox.fetch(limit: 10, wait: .zero)
            Issue.record("handed over what could not be read")
        } catch {
            #expect(error.code == .journalUnavailable)
        }
        for number in 0..<3 {
            bench.journal.failPayload(of: JournalSamples.id(number), with: HubError(.journalDamaged, "It is damaged."))
        }
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).isEmpty)
        for number in 0..<3 { #expect(await bench.phase(of: number) == .deadLettered) }
    }

    @Test("passes over what cannot be read now, which neither hides the others nor is given up")
    func passedOver() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        for number in 0..<3 { try await bench.accept(number, to: Self.place, outbox: outbox) }
        bench.journal.failPayload(of: JournalSamples.id(1), with: HubError(.messageNotFound, "There is none."))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0, 2])
        #expect(await bench.phase(of: 1) == .pending)
        do throws(HubError) {
            _ = try await mailbox.fetch(limit: 10, wait: .zero)
            Issue.record("nothing was said of what waits and cannot be read")
        } catch {
            #expect(error.code == .journalDamaged, "it waits, so it cannot be unknown")
        }
    }

    @Test("keeps what it showed at the head of its lane when something earlier comes late")
    func lateArrival() async throws {
        let (bench, mailbox, outbox) = try self.bench()
        // Committed as the first, told as the second.
        try await bench.accept(0, lane: "a", to: Self.place)
        _ = try await mailbox.list(limit: 1)
        let first = try await bench.accept(1, lane: "a", to: Self.place)
        try await bench.accept(2, lane: "a", to: Self.place, outbox: outbox)
        try await mailbox.acknowledge(self.id(0))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [2])
        let stored = try #require(await bench.journal.message(first))
        await outbox.enqueue(stored.message, sequence: 1)
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)).isEmpty)
        try await mailbox.acknowledge(self.id(2))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [1])
    }

    @Test("waits for the journal instead of knowing nothing when two come at once")
    func readAtOnce() async throws {
        let (bench, mailbox, _) = try self.bench()
        for number in 0..<8 { try await bench.accept(number, to: Self.place) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { try await mailbox.acknowledge(self.id(number)) }
            }
            try await group.waitForAll()
        }
        #expect(await bench.journal.totals().delivered == 8)
    }

    @Test("shows no more bytes at once than it may, but always one message")
    func bytes() async throws {
        var (bench, _, _) = try self.bench()
        bench.configuration.fetchSize = 50
        let mailbox = bench.mailbox()
        for number in 0..<4 { try await bench.accept(number, to: Self.place) }
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0, 1])
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [2, 3])
        bench.configuration.fetchSize = 1
        #expect(self.numbers(try await bench.mailbox().fetch(limit: 10, wait: .zero)) == [0])
    }
}
