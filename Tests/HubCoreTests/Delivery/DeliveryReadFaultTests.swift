import HubCore
import HubModel
import HubTesting
import Testing

@Suite("A payload that the hub cannot read while it delivers", .timeLimit(.minutes(1)))
struct DeliveryReadFaultTests {
    /// More failures in a row than a breaker takes.
    private static let count = 12

    @Test(
        "says nothing about the receiver: the delivery is tried again, and the receiver is not taken for one that is away",
        arguments: [ErrorCode.journalUnavailable, .journalDamaged]
    )
    func ownFault(code: ErrorCode) async throws {
        let clock = ManualClock()
        let bench = try DeliveryBench(clock: clock)
        let destination = FakeDestination { parcel in
            parcel.delivery.attempts == 0
                ? .tryLater(code, answer: "đĩa hỏng", after: nil) : .delivered(answer: "")
        }
        for number in 0..<Self.count { try await bench.accept(number) }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            let postponed = await bench.journal.next(Self.count)
            #expect(postponed.allSatisfy { $0.kind == .postponed && $0.code == code && $0.attempt == 1 })
            for event in postponed { #expect(event.notBefore.map { $0 > event.at } ?? false) }
            #expect(await !worker.isBroken)
            let delivered = try await Self.next(Self.count, of: bench, clock)
            #expect(delivered.allSatisfy { $0.kind == .delivered && $0.attempt == 2 })
            #expect(await !worker.isBroken)
        }
        let totals = await bench.journal.totals()
        #expect(totals.delivered == Self.count && totals.deadLettered == 0)
    }

    @Test("does not hide that the receiver is away")
    func both() async throws {
        let clock = ManualClock()
        let bench = try DeliveryBench(clock: clock)
        let destination = FakeDestination { parcel in
            let isOwn = parcel.delivery.id.message == JournalSamples.id(0)
            return .tryLater(isOwn ? .journalUnavailable : .deliveryUnavailable, answer: "", after: nil)
        }
        for number in 0..<Self.count { try await bench.accept(number) }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            _ = try await Self.next(Self.count, of: bench, clock)
            #expect(await worker.isBroken)
        }
    }

    /// The next outcomes, while time passes for whoever waits for it.
    private static func next(_ count: Int, of bench: DeliveryBench, _ clock: ManualClock) async throws
        -> [DeliveryEvent]
    {
        try await within(.seconds(30)) {
            try await withThrowingTaskGroup(of: [DeliveryEvent]?.self) { group in
                group.addTask { await bench.journal.next(count) }
                group.addTask {
                    while !Task.isCancelled {
                        clock.advanceToNextSleeper()
                        await Task.yield()
                    }
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next()?.flatMap(\.self) ?? []
            }
        }
    }
}
