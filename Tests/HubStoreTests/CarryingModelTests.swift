import Foundation
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// A journal that drops its months against a model of what must be left, over random histories.
@Suite("Months that go, whatever became of their messages")
struct CarryingModelTests {
    private struct Message {
        let deliveries: Int
        let size: Int
        let month: CivilMonth
        var phases: [DeliveryState.Phase]
        /// Whether the journal is to know it.
        var isThere = true
        /// Whether a delivery was begun anew: its payload may have been removed before.
        var wasRevived = false

        var isUnfinished: Bool { self.phases.contains(.pending) }
    }

    private final class History {
        let (folder, out) = (TestFolder(), TestFolder())
        let clock = SetClock("2025-01-05T00:00:00Z")
        var chance: SeededGenerator
        var journal: SegmentJournal
        var messages: [Message] = []
        var memory = RetentionMemory()
        var dropped = 0
        var carried = 0

        init(seed: UInt64) async throws {
            self.chance = SeededGenerator(seed: seed)
            self.journal = try await SegmentJournal.open(try ThreeMonths.settings(self.folder, self.clock))
        }

        func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self.chance) }

        static func payload(_ number: Int, _ size: Int) -> [UInt8] { JournalSamples.payload(number, count: size) }

        func append() async throws {
            let number = self.messages.count
            let (count, size) = (1 + self.below(3), [0, 300, 1500, 6000][self.below(4)])
            let payload = Self.payload(number, size)
            let sample = JournalSamples.message(
                number, payload: payload, destinations: (0..<count).map { _ in "mailbox:\(["a", "b", "c"][self.below(3)])" })
            let message = RetentionTests.message(number, payload, at: self.clock.now, to: sample.deliveries)
            _ = try await self.journal.append(.accepted(message), payload: payload)
            self.messages.append(
                Message(
                    deliveries: count, size: size, month: CivilMonth(self.clock.now),
                    phases: Array(repeating: .pending, count: count)))
        }

        func event() async throws {
            guard !self.messages.isEmpty else { return }
            // Mostly of late ones, so that some of the first stay.
            let number = self.below(4) > 0 ? max(0, self.messages.count - 1 - self.below(8)) : self.below(self.messages.count)
            let ordinal = self.below(self.messages[number].deliveries)
            guard self.messages[number].phases[ordinal] == .pending else {
                return try await self.revive(number, ordinal)
            }
            let kinds: [(DeliveryEvent.Kind, DeliveryState.Phase)] = [
                (.delivered, .delivered), (.delivered, .delivered), (.postponed, .pending), (.deadLettered, .deadLettered),
                (.redirected, .pending),
            ]
            let (kind, phase) = kinds[self.below(kinds.count)]
            let sample = JournalSamples.event(number, ordinal: UInt16(ordinal), kind, attempt: self.below(5))
            let event = DeliveryEvent(
                delivery: sample.delivery, at: self.clock.now, kind: kind, attempt: sample.attempt, code: sample.code,
                notBefore: sample.notBefore, answer: kind == .redirected ? "mailbox:d\(self.below(3))" : sample.answer)
            try await self.journal.record([event])
            self.messages[number].phases[ordinal] = phase
        }

        private func revive(_ number: Int, _ ordinal: Int) async throws {
            guard self.messages[number].phases[ordinal] == .deadLettered else { return }
            do {
                try await self.journal.record([JournalSamples.event(number, ordinal: UInt16(ordinal), .redriven, attempt: 0)])
                #expect(self.messages[number].isThere, "message \(number) went with its month")
                self.messages[number].phases[ordinal] = .pending
                self.messages[number].wasRevived = true
            } catch {
                #expect(error.code == .messageNotFound && !self.messages[number].isThere, "message \(number): \(error)")
            }
        }

        func retain() async throws {
            var policy = RetentionTests.policy(payloads: 20, identities: 30)
            policy.records = RecordPolicy(
                period: .seconds(35 * 86_400), archives: self.out.path, keys: [try Fixture.key.get().publicKey])
            let report = try await self.journal.retain(policy, &self.memory)
            #expect(report.failures == [])
            for month in report.months {
                let last = month.month.month
                let going = self.messages.indices.filter {
                    self.messages[$0].isThere && self.messages[$0].month <= last && !self.messages[$0].isUnfinished
                }
                let staying = self.messages.filter { $0.isThere && $0.month <= last && $0.isUnfinished }.count
                #expect(month.messages == going.count && month.carried == staying, "\(last)")
                for number in going { self.messages[number].isThere = false }
                self.dropped += going.count
                self.carried += staying
            }
            // One whose payload was decided to go before it was begun anew keeps its month until it has ended.
            guard case .unfinished? = report.refusal?.reason else { return }
            for number in self.messages.indices where self.messages[number].wasRevived {
                for ordinal in self.messages[number].phases.indices where self.messages[number].phases[ordinal] == .pending {
                    try await self.journal.record([JournalSamples.event(number, ordinal: UInt16(ordinal), .delivered)])
                    self.messages[number].phases[ordinal] = .delivered
                }
            }
        }

        func restart() async throws {
            await self.journal.close()
            if self.below(3) == 0 { try self.folder.removeProjection() }
            if self.below(3) == 0 { _ = try await SegmentJournal.rebuild(try ThreeMonths.settings(self.folder, self.clock)) }
            self.journal = try await SegmentJournal.open(try ThreeMonths.settings(self.folder, self.clock))
            if self.below(2) == 0 { self.memory = RetentionMemory() }
        }

        func look(_ comment: Comment) async throws {
            for (number, message) in self.messages.enumerated() {
                let stored = try await self.journal.message(JournalSamples.id(number))
                #expect((stored != nil) == message.isThere, "\(number), \(comment)")
                guard let stored else { continue }
                #expect(stored.deliveries.map(\.phase) == message.phases, "\(number), \(comment)")
                guard message.isUnfinished, !message.wasRevived else { continue }
                let payload = try await self.journal.payload(of: JournalSamples.id(number))
                #expect(payload == Self.payload(number, message.size), "\(number), \(comment)")
            }
            let phases = self.messages.flatMap(\.phases)
            let totals = try await self.journal.totals()
            #expect(totals.messages == self.messages.count, comment)
            #expect(totals.pending == phases.count { $0 == .pending }, comment)
            #expect(totals.delivered == phases.count { $0 == .delivered }, comment)
            #expect(totals.deadLettered == phases.count { $0 == .deadLettered }, comment)
        }

        func step() async throws {
            switch self.below(20) {
            case 0..<7: try await self.append()
            case 7..<15: try await self.event()
            case 15, 16:
                let days = [1, 9, 20][self.below(3)]
                self.clock.set("\(self.clock.now.advanced(by: .seconds(days * 86_400)))")
            case 17, 18: try await self.retain()
            default: try await self.restart()
            }
        }
    }

    @Test("leave what a model says, in the journal, in one that is made anew, and by the check", arguments: 0..<24 as Range<UInt64>)
    func history(seed: UInt64) async throws {
        let history = try await History(seed: seed)
        for step in 0..<240 {
            try await history.step()
            guard step % 40 == 39 else { continue }
            try await history.look("seed \(seed), step \(step)")
            await history.journal.close()
            try Droppable.expectSound(history.folder, "seed \(seed), step \(step)")
            history.journal = try await SegmentJournal.open(try ThreeMonths.settings(history.folder, history.clock))
        }
        await history.journal.close()
        // A history in which nothing goes, or nothing stays, says nothing.
        #expect(history.dropped > 0 && history.carried > 0, "seed \(seed): \(history.dropped) went, \(history.carried) stayed")
    }
}
