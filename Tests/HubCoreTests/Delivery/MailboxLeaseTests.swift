import HubModel
import HubTesting
import Testing

@testable import HubCore

/// What a poller is lent, for how long, and when.
extension MailboxTests {
    @Test("keeps a delivery for as long as its poller asks, and longer when it says so in time")
    func extends() async throws {
        let clock = ManualClock()
        let (bench, mailbox, outbox) = try self.bench(clock)
        try await bench.accept(0, to: Self.place, outbox: outbox)
        #expect(self.numbers(try await mailbox.fetch(limit: 1, wait: .zero, lease: .seconds(10))) == [0])
        clock.advance(by: .seconds(9))
        try await mailbox.extend(self.id(0), by: .seconds(100))
        clock.advance(by: .seconds(99))
        #expect(try await mailbox.fetch(limit: 1, wait: .zero).isEmpty)
        clock.advance(by: .seconds(2))
        await self.expectUnknown { () async throws(HubError) in try await mailbox.extend(self.id(0), by: .seconds(100)) }
        #expect(self.numbers(try await mailbox.fetch(limit: 1, wait: .zero)) == [0])
        await self.expectUnknown { () async throws(HubError) in try await mailbox.extend(self.id(7), by: .seconds(1)) }
        // Nobody may keep one for ever.
        try await mailbox.extend(self.id(0), by: .seconds(1_000_000))
        clock.advance(by: .seconds(3601))
        #expect(self.numbers(try await mailbox.fetch(limit: 1, wait: .zero)) == [0])
        let statistics = await mailbox.statistics
        #expect(statistics.polls == 4 && statistics.fetched == 3 && statistics.shownAgain == 2 && statistics.extended == 2)
        #expect(statistics.outstanding == 1 && statistics.acknowledged == 0)
    }

    @Test("lends no more at once than it may")
    func outstanding() async throws {
        let clock = ManualClock()
        var bench = try DeliveryBench(clock: clock)
        bench.configuration.outstanding = 3
        let mailbox = bench.mailbox()
        let outbox = Outbox(mailboxes: [mailbox])
        for number in 0..<5 { try await bench.accept(number, to: Self.place, outbox: outbox) }
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0, 1, 2])
        #expect(try await mailbox.fetch(limit: 10, wait: .zero).isEmpty)
        try await mailbox.acknowledge(self.id(1))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [3])
        try await mailbox.release(self.id(0))
        #expect(self.numbers(try await mailbox.fetch(limit: 10, wait: .zero)) == [0])
        let statistics = await mailbox.statistics
        #expect(statistics.outstanding == 3 && statistics.givenBack == 1 && statistics.acknowledged == 1)
    }

    @Test("does not show a message before its time")
    func scheduled() async throws {
        let clock = ManualClock()
        let (bench, mailbox, outbox) = try self.bench(clock)
        let at = clock.now.advanced(by: .seconds(7200))
        let payload = JournalSamples.payload(0, count: 20)
        let sample = JournalSamples.message(0, payload: payload)
        let message = AcceptedMessage(
            id: sample.id, receivedAt: clock.now, sender: sample.sender, agency: sample.agency, type: sample.type,
            identity: sample.identity, digest: sample.digest, size: sample.size, contentType: sample.contentType,
            orderKey: "a", priority: 4, correlation: "", signature: sample.signature, warnings: [],
            deliveries: [PlannedDelivery(destination: .mailbox(mailbox.system), recipient: "H44.11", type: .edocDocument)],
            course: CourseNote(
                matter: "VB", status: "", agency: "H44.13", told: CivilTime(at, offset: CivilTime.vietnamOffset).edxmlStamp
            )
        )
        guard case .committed(_, let sequence) = try await bench.journal.append(.accepted(message), payload: payload) else {
            Issue.record("It was taken for a repeat.")
            return
        }
        await outbox.enqueue(message, sequence: sequence)
        #expect(try await mailbox.fetch(limit: 1, wait: .zero).isEmpty)
        clock.advance(by: .seconds(7190))
        #expect(try await mailbox.fetch(limit: 1, wait: .zero).isEmpty)
        clock.advance(by: .seconds(11))
        #expect(try await mailbox.fetch(limit: 1, wait: .zero).count == 1)
    }
}
