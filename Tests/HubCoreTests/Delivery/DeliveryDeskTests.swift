import HubCore
import HubModel
import HubTesting
import Synchronization
import Testing

@Suite("An operator who steers deliveries")
struct DeliveryDeskTests {
    /// A receiver whose answers a test exchanges while it runs.
    private final class Receiver: Sendable {
        private final class Holder: Sendable {
            let outcome = Mutex(DeliveryOutcome.delivered(answer: ""))
        }

        private let holder = Holder()
        let destination: FakeDestination

        init(_ name: String = "push:thu") {
            let holder = self.holder
            self.destination = FakeDestination(name) { _ in holder.outcome.withLock { $0 } }
        }

        func answer(_ outcome: DeliveryOutcome) { self.holder.outcome.withLock { $0 = outcome } }
    }

    private func desk(_ bench: DeliveryBench, _ outbox: Outbox) -> DeliveryDesk {
        DeliveryDesk(journal: bench.journal, outbox: outbox, clock: bench.clock)
    }

    private static let thu = DestinationID(unchecked: "push:thu")

    @Test("sends dead letters again, one, a selection, or all of a destination")
    func redrive() async throws {
        let bench = try DeliveryBench()
        let receiver = Receiver()
        receiver.answer(.refused(.deliveryRefused, answer: "không"))
        let outbox = Outbox(workers: [receiver.destination.id: bench.worker(for: receiver.destination)])
        try await running([outbox]) { _ in
            for number in 1...5 { try await bench.accept(number, outbox: outbox) }
            #expect(await bench.journal.next(5).allSatisfy { $0.kind == .deadLettered })
            receiver.answer(.delivered(answer: "có"))
            let desk = self.desk(bench, outbox)
            let one = DeliveryID(message: JournalSamples.id(3), ordinal: 0)
            let first = try await desk.change(.redrive, .ids([one, one]), actor: "admin", reason: "thử")
            #expect(first == DeliveryDesk.Outcome(changed: 1, skipped: 0))
            #expect(await bench.journal.next(2).map(\.kind) == [.redriven, .delivered])
            var selection = DeliverySelection(phase: .pending)
            selection.destination = Self.thu
            let rest = try await desk.change(.redrive, .selection(selection), actor: "admin", reason: "sửa xong")
            #expect(rest == DeliveryDesk.Outcome(changed: 4, skipped: 0))
            let events = await bench.journal.next(8)
            #expect(events.filter { $0.kind == .redriven }.allSatisfy { $0.answer == "sửa xong" && $0.attempt == 1 })
            #expect(events.filter { $0.kind == .delivered }.map(\.attempt) == [2, 2, 2, 2])
            for number in 1...5 { #expect(await bench.phase(of: number) == .delivered) }
            let again = try await desk.change(.redrive, .ids([one]), actor: "admin", reason: "")
            #expect(again == DeliveryDesk.Outcome(changed: 0, skipped: 1))
        }
    }

    @Test("pauses a destination, which loses nothing, and lets it go on")
    func pause() async throws {
        let bench = try DeliveryBench()
        let receiver = Receiver()
        let outbox = Outbox(workers: [receiver.destination.id: bench.worker(for: receiver.destination)])
        try await running([outbox]) { _ in
            let desk = self.desk(bench, outbox)
            try await desk.steer(.pause, Self.thu, actor: "admin", reason: "bảo trì")
            for number in 1...3 { try await bench.accept(number, outbox: outbox) }
            for _ in 0..<200 { await Task.yield() }
            #expect(receiver.destination.parcels.isEmpty)
            #expect(try await desk.destinations().map(\.state) == ["paused"])
            #expect(await bench.journal.holds() == [Self.thu: .start])
            try await desk.steer(.resume, Self.thu, actor: "admin", reason: "xong")
            #expect(await bench.journal.next(3).allSatisfy { $0.kind == .delivered })
            #expect(try await desk.destinations().map(\.state) == ["running"])
        }
    }

    @Test("drains a destination: what was accepted before is delivered, what comes later waits")
    func drain() async throws {
        let bench = try DeliveryBench()
        let receiver = Receiver()
        let outbox = Outbox(workers: [receiver.destination.id: bench.worker(for: receiver.destination)])
        let desk = self.desk(bench, outbox)
        try await desk.steer(.pause, Self.thu, actor: "admin", reason: "")
        for number in 1...2 { try await bench.accept(number, outbox: outbox) }
        try await desk.steer(.drain, Self.thu, actor: "admin", reason: "")
        for number in 3...4 { try await bench.accept(number, outbox: outbox) }
        try await running([outbox]) { _ in
            #expect(Set(await bench.journal.next(2).map(\.delivery.message)) == [JournalSamples.id(1), JournalSamples.id(2)])
            for _ in 0..<200 { await Task.yield() }
            #expect(receiver.destination.parcels.count == 2)
            let states = try await desk.destinations()
            #expect(states.map(\.state) == ["draining"])
            #expect(states.map(\.pending) == [2])
        }
    }

    @Test("finds a pause again after a restart")
    func restart() async throws {
        let bench = try DeliveryBench()
        let receiver = Receiver()
        let before = Outbox(workers: [receiver.destination.id: bench.worker(for: receiver.destination)])
        try await self.desk(bench, before).steer(.pause, Self.thu, actor: "admin", reason: "")
        let holds = await bench.journal.holds()
        let worker = bench.worker(for: receiver.destination, hold: holds[Self.thu])
        let outbox = Outbox(workers: [receiver.destination.id: worker], holds: holds)
        try await running([outbox]) { _ in
            try await bench.accept(1, outbox: outbox)
            for _ in 0..<200 { await Task.yield() }
            #expect(receiver.destination.parcels.isEmpty)
            try await self.desk(bench, outbox).steer(.resume, Self.thu, actor: "admin", reason: "")
            #expect(await bench.journal.next(1).map(\.kind) == [.delivered])
        }
    }

    @Test("sends what waits for one system to another one")
    func redirect() async throws {
        let bench = try DeliveryBench()
        let receiver = Receiver()
        receiver.answer(.tryLater(.deliveryUnavailable, answer: "", after: .seconds(3600)))
        let mailbox = bench.mailbox("qlvb-thu")
        let outbox = Outbox(workers: [receiver.destination.id: bench.worker(for: receiver.destination)], mailboxes: [mailbox])
        let desk = self.desk(bench, outbox)
        try await running([outbox]) { _ in
            for number in 1...3 { try await bench.accept(number, outbox: outbox) }
            #expect(await bench.journal.next(3).allSatisfy { $0.kind == .postponed })
            var selection = DeliverySelection(phase: .pending)
            selection.destination = Self.thu
            // What is under way at the moment is left alone, so the operator pauses first and asks until all have gone.
            try await desk.steer(.pause, Self.thu, actor: "admin", reason: "")
            var changed = 0
            while changed < 3 {
                changed += try await desk.change(
                    .redirect(.mailbox(mailbox.system)), .selection(selection), actor: "admin", reason: "hệ thống cũ đã dừng"
                ).changed
            }
            #expect(changed == 3)
            let parcels = try await mailbox.fetch(limit: 10, wait: .zero)
            #expect(Set(parcels.map(\.delivery.id.message)) == Set((1...3).map { JournalSamples.id($0) }))
            #expect(parcels.allSatisfy { $0.delivery.plan.destination == .mailbox(mailbox.system) })
            for parcel in parcels { try await mailbox.acknowledge(parcel.delivery.id) }
            for number in 1...3 { #expect(await bench.phase(of: number) == .delivered) }
            #expect(await bench.journal.inner.pendingCounts().isEmpty)
        }
    }

    @Test("cannot send anything where nobody is")
    func nowhere() async throws {
        let bench = try DeliveryBench()
        let desk = self.desk(bench, Outbox())
        let error = await #expect(throws: HubError.self) {
            try await desk.change(.redirect(Self.thu), .selection(DeliverySelection(phase: .deadLettered)), actor: "a", reason: "")
        }
        #expect(error?.code == .routeMissing)
        let other = await #expect(throws: HubError.self) { try await desk.steer(.pause, Self.thu, actor: "a", reason: "") }
        #expect(other?.code == .apiNotFound)
    }

    @Test("gives up what waits, and leaves alone what is under way or leased")
    func expire() async throws {
        let bench = try DeliveryBench()
        let mailbox = bench.mailbox("qlvb-thu")
        let outbox = Outbox(mailboxes: [mailbox])
        let desk = self.desk(bench, outbox)
        let destination = DestinationID.mailbox(mailbox.system)
        for number in 1...4 { try await bench.accept(number, to: [destination.description], outbox: outbox) }
        let leased = try await mailbox.fetch(limit: 1, wait: .zero).map(\.delivery.id)
        var selection = DeliverySelection(phase: .pending)
        selection.destination = destination
        let outcome = try await desk.change(.expire, .selection(selection), actor: "admin", reason: "quá hạn")
        #expect(outcome == DeliveryDesk.Outcome(changed: 3, skipped: 1))
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).isEmpty)
        for id in leased { try await mailbox.acknowledge(id) }
        let phases = await (1...4).asyncMap { await bench.phase(of: $0) }
        #expect(phases.filter { $0 == .deadLettered }.count == 3 && phases.filter { $0 == .delivered }.count == 1)
        let state = await bench.journal.message(JournalSamples.id(4))?.deliveries.first
        #expect(state?.code == .deliveryExpired && state?.answer == "quá hạn")
    }

    @Test("has each act in the record before anything changes, with who and why")
    func record() async throws {
        let bench = try DeliveryBench()
        let receiver = Receiver()
        let outbox = Outbox(workers: [receiver.destination.id: bench.worker(for: receiver.destination)])
        let desk = self.desk(bench, outbox)
        let records = await bench.journal.inner.totals().records
        try await desk.steer(.pause, Self.thu, actor: "admin", reason: "một")
        try await desk.steer(.retry, Self.thu, actor: "admin", reason: "hai")
        #expect(await bench.journal.inner.totals().records == records + 2)
        await bench.journal.inner.fail(with: HubError(.journalUnavailable, "The disk is gone."))
        await #expect(throws: HubError.self) { try await desk.steer(.resume, Self.thu, actor: "admin", reason: "ba") }
        #expect(outbox.hold(of: Self.thu) == .start)
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async -> Value) async -> [Value] {
        var values: [Value] = []
        for element in self { values.append(await transform(element)) }
        return values
    }
}
