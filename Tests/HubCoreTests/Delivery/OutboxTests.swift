import HubCore
import HubModel
import HubTesting
import Testing

@Suite("An outbox whose destinations change")
struct OutboxTests {
    @Test("lets the one before finish what it has under way, and loses and repeats nothing")
    func replaced() async throws {
        let bench = try DeliveryBench()
        let gate = Gate()
        let before = FakeDestination { _ in
            await gate.pass()
            return .delivered(answer: "trước")
        }
        let after = FakeDestination { _ in .delivered(answer: "sau") }
        let outbox = Outbox(workers: [before.id: bench.worker(for: before)])
        try await running([outbox]) { _ in
            // Two lanes are under way, and one message waits behind the first.
            for (number, lane) in [(1, "a"), (2, "b"), (3, "a")] { try await bench.accept(number, lane: lane, outbox: outbox) }
            while before.parcels.count < 2 { await Task.yield() }
            outbox.change(workers: [after.id: bench.worker(for: after)], mailboxes: [])
            try await bench.accept(4, lane: "b", outbox: outbox)
            for _ in 0..<200 { await Task.yield() }
            // The one after waits, or it would bring what is under way a second time.
            #expect(after.parcels.isEmpty)
            gate.open()
            let events = await bench.journal.next(4)
            #expect(events.allSatisfy { $0.kind == .delivered && $0.attempt == 1 })
            #expect(Set(events.map(\.delivery)).count == 4)
            let order = before.parcels.map(\.delivery.id.message) + after.parcels.map(\.delivery.id.message)
            #expect(Set(order).count == 4)
        }
    }

    @Test("keeps what waits for one that is gone, and brings it when that is there again")
    func gone() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { _ in .delivered(answer: "") }
        let outbox = Outbox(workers: [destination.id: bench.worker(for: destination)])
        try await running([outbox]) { _ in
            outbox.change(workers: [:], mailboxes: [])
            try await bench.accept(1, outbox: outbox)
            #expect(destination.parcels.isEmpty)
            outbox.change(workers: [destination.id: bench.worker(for: destination)], mailboxes: [])
            #expect(await bench.journal.next(1).map(\.kind) == [.delivered])
        }
    }

    @Test("leaves those alone that stay")
    func stays() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { _ in .delivered(answer: "") }
        let worker = bench.worker(for: destination)
        let outbox = Outbox(workers: [destination.id: worker])
        try await running([outbox]) { _ in
            outbox.change(workers: [destination.id: worker], mailboxes: [])
            try await bench.accept(1, outbox: outbox)
            #expect(await bench.journal.next(1).map(\.kind) == [.delivered])
        }
    }
}
