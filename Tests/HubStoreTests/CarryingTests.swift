import Foundation
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Messages that a month leaves behind when it is dropped.
@Suite("A message that outlives its month")
struct CarryingTests {
    private static func pending(
        _ journal: SegmentJournal, _ destination: String = "mailbox:a"
    ) async throws -> [PendingDelivery] {
        try await journal.pending(
            for: DestinationID(unchecked: destination), after: DeliveryPosition(value: -1), limit: 100)
    }

    /// What waits, and what the journal says of messages.
    private static func told(of numbers: [Int], _ journal: SegmentJournal) async throws -> [String] {
        var told = try await Self.pending(journal).map { "\($0)" }
        for number in numbers {
            told.append("\(String(describing: try await journal.message(JournalSamples.id(number))))")
        }
        return told
    }

    private static func pendingNumbers(_ journal: SegmentJournal, _ destination: String = "mailbox:a") async throws -> [Int] {
        let ids = Dictionary(uniqueKeysWithValues: (0..<20).map { (JournalSamples.id($0), $0) })
        return try await Self.pending(journal, destination).compactMap { ids[$0.id.message] }
    }

    @Test("waits, is delivered and is counted as if nothing had happened, and its payload is whole")
    func carried() async throws {
        let months = try await Droppable(waiting: [1, 3, 13])
        var journal = try await months.open()
        let before = try await Self.told(of: [1, 3], journal)
        await journal.close()
        let report = try await months.dropped()
        #expect(report.carried == 2 && report.messages == 10)
        try Droppable.expectSound(months.folder)
        #expect(try Droppable.carriedFiles(months.folder).count == 1 && months.folder.exists(ThreeMonths.spoolFile(1)))
        journal = try await months.open()
        #expect(journal.startReport.removedOrphans == 0)
        #expect(try await Self.told(of: [1, 3], journal) == before && before.count == 5)
        #expect(try await Droppable.answers(journal) == months.answers)
        for number in [1, 3] {
            let id = JournalSamples.id(number)
            #expect(try await journal.payload(of: id) == ThreeMonths.payload(number))
            let large = try await journal.largePayload(of: id)
            #expect(large.count == ThreeMonths.size(number) && large.digest == SHA256.hash(ThreeMonths.payload(number)))
            #expect(try await journal.message(from: SystemID("qlvb-mau-1") ?? .national, identity: "van-ban-\(number)") == nil)
            do {
                _ = try await journal.receipt(of: id)
                Issue.record("a receipt was made of a dropped block")
            } catch {
                #expect(error.code == .messageNotFound && "\(error.summary)".contains("archive"))
            }
            do {
                _ = try await journal.receipts(of: id)
                Issue.record("receipts were made of a dropped block")
            } catch {
                #expect(error.code == .messageNotFound && "\(error.summary)".contains("archive"))
            }
        }
        try await journal.record([JournalSamples.event(1, .delivered), JournalSamples.event(3, .deadLettered)])
        // What outlived its month may begin anew; a dead letter that went with it may not.
        try await journal.record([JournalSamples.event(3, .redriven)])
        #expect(try await Self.pendingNumbers(journal) == [3, 13])
        do {
            try await journal.record([JournalSamples.event(5, .redriven)])
            Issue.record("a delivery that is gone was begun anew")
        } catch {
            #expect(error.code == .messageNotFound)
        }
        let totals = try await journal.totals()
        #expect(totals.messages == 18 && totals.pending == 2 && totals.delivered == 15 && totals.deadLettered == 1)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is the same in a database that is made anew from base and segments")
    func rebuilt() async throws {
        let months = try await Droppable(waiting: [1, 3, 13])
        try await months.dropped()
        var journal = try await months.open()
        let before = try await Self.pending(journal)
        try await journal.record([JournalSamples.event(1, .postponed, attempt: 1), JournalSamples.event(3, .delivered)])
        await journal.close()
        _ = try await SegmentJournal.rebuild(try months.settings())
        try Droppable.expectSound(months.folder)
        try months.folder.removeProjection()
        journal = try await months.open()
        #expect(journal.startReport.isRebuilt && journal.startReport.removedOrphans == 0)
        let after = try await Self.pending(journal)
        #expect(after.map(\.id) == before.map(\.id).filter { $0.message != JournalSamples.id(3) })
        #expect(after.first?.attempts == 1 && after.first?.notBefore == JournalSamples.time(2_000_000))
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("goes on from what its month says of it, whatever was told before and after its end")
    func history() async throws {
        func event(_ number: Int, _ kind: DeliveryEvent.Kind, _ attempt: Int, to place: String? = nil) -> DeliveryEvent {
            let sample = JournalSamples.event(number, kind, attempt: attempt, at: attempt)
            return DeliveryEvent(
                delivery: sample.delivery, at: sample.at, kind: kind, attempt: attempt, code: sample.code,
                notBefore: sample.notBefore, answer: place ?? sample.answer)
        }
        let months = try await Droppable(
            waiting: [0, 1, 2, 3, 7],
            october: { journal in
                try await journal.record([
                    event(0, .postponed, 1), event(0, .postponed, 2),
                    event(1, .redirected, 0, to: "mailbox:elsewhere"), event(1, .postponed, 1),
                    event(2, .deadLettered, 1), event(2, .redriven, 0), event(2, .postponed, 1),
                    // Ends in October, and begins anew in November.
                    event(3, .deadLettered, 4),
                ])
            },
            november: { journal in
                try await journal.record([
                    event(0, .postponed, 3), event(1, .redirected, 0, to: "mailbox:later"), event(3, .redriven, 0),
                    // Waits in October and ends in November.
                    event(7, .delivered, 1),
                ])
            })
        var journal = try await months.open()
        func states() async throws -> [String] {
            var states: [String] = []
            for place in ["mailbox:a", "mailbox:elsewhere", "mailbox:later"] {
                states += try await Self.pending(journal, place).map { "\($0)" }
            }
            for number in [0, 1, 2, 3] {
                states.append("\(String(describing: try await journal.message(JournalSamples.id(number))))")
            }
            let totals = try await journal.totals()
            return states + ["\(totals.messages) \(totals.pending) \(totals.delivered) \(totals.deadLettered)"]
        }
        let before = try await states()
        #expect(try await Self.pendingNumbers(journal) == [0, 2, 3])
        #expect(try await Self.pendingNumbers(journal, "mailbox:later") == [1])
        await journal.close()
        #expect(try await months.dropped().carried == 4)
        try Droppable.expectSound(months.folder)
        journal = try await months.open()
        #expect(try await states() == before)
        #expect(try await journal.message(JournalSamples.id(7)) == nil)
        // The attempts of October are in its archive, those of November here.
        #expect(try await journal.attempts(of: JournalSamples.id(0)).map(\.attempt) == [3])
        await journal.close()
        _ = try await SegmentJournal.rebuild(try months.settings())
        try Droppable.expectSound(months.folder)
        journal = try await months.open()
        #expect(try await states() == before)
        await journal.close()
        // The same once more, from the file of the first time.
        #expect(try await months.dropped("2025-11").carried == 4)
        #expect(try Droppable.carriedFiles(months.folder).count == 1)
        try Droppable.expectSound(months.folder)
        journal = try await months.open()
        #expect(try await states() == before)
        #expect(try await journal.attempts(of: JournalSamples.id(0)).isEmpty)
        for number in [0, 1, 2, 3] {
            #expect(try await journal.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number))
        }
        await journal.close()
        _ = try await SegmentJournal.rebuild(try months.settings())
        try Droppable.expectSound(months.folder)
    }

    @Test("goes with the next month once it has ended, with its payload")
    func ended() async throws {
        let months = try await Droppable(waiting: [1, 3])
        try await months.dropped()
        let journal = try await months.open()
        try await journal.record([JournalSamples.event(1, .delivered)])
        await journal.close()
        let report = try await months.dropped("2025-11")
        #expect(report.carried == 1 && report.messages == 5)
        let left = try await months.open()
        #expect(try await left.message(JournalSamples.id(1)) == nil)
        #expect(try await left.payload(of: JournalSamples.id(3)) == ThreeMonths.payload(3))
        #expect(!months.folder.exists(ThreeMonths.spoolFile(1)) && months.folder.exists(ThreeMonths.spoolFile(3)))
        try await left.record([JournalSamples.event(3, .delivered)])
        let totals = try await left.totals()
        #expect(totals.messages == 18 && totals.pending == 0 && totals.delivered == 17)
        await left.close()
        try Droppable.expectSound(months.folder)
        _ = try await SegmentJournal.rebuild(try months.settings())
        try Droppable.expectSound(months.folder)
    }

    @Test("can be read and delivered all the while its month goes from an open journal")
    func meanwhile() async throws {
        let months = try await Droppable(waiting: [1, 2, 3, 13])
        let journal = try await months.open()
        var policy = RetentionPolicy()
        policy.payloads = .seconds(86_400)
        policy.identities = .seconds(30 * 86_400)
        policy.records = RecordPolicy(
            period: .seconds(60 * 86_400), archives: months.out.path + "/own", keys: [try Fixture.key.get().publicKey])
        var memory = RetentionMemory()
        let readers = Readers()
        async let reads = readers.run(journal, [1, 3])
        async let delivered: Void = journal.record([JournalSamples.event(2, .delivered)])
        let report = try await journal.retain(policy, &memory)
        readers.end()
        #expect(try await reads > 0)
        try await delivered
        #expect(report.refusal == nil && report.months.map(\.month.month.description) == ["2025-10", "2025-11"])
        #expect(try await Self.pendingNumbers(journal) == [1, 3, 13])
        try await journal.record([JournalSamples.event(1, .deadLettered), JournalSamples.event(1, .redriven)])
        // Whatever is old enough is looked at again, with what has no block among it.
        var fresh = RetentionMemory()
        let again = try await journal.retain(policy, &fresh)
        #expect(again.months == [] && again.failures == [] && again.refusal == nil)
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("keeps its payload when removals of later days come as far as its month was")
    func laterRemovals() async throws {
        let (folder, out, clock) = (TestFolder(), TestFolder(), SetClock("2025-10-03T00:00:00Z"))
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        try await RetentionTests.fill(journal, 0..<6, at: clock, waiting: [])
        clock.set("2025-10-20T00:00:00Z")
        try await RetentionTests.fill(journal, 6..<9, at: clock, waiting: [7])
        clock.set("2025-11-05T00:00:00Z")
        try await RetentionTests.fill(journal, 9..<14, at: clock, waiting: [])
        clock.set("2025-12-01T00:00:00Z")
        try await RetentionTests.fill(journal, 14..<16, at: clock, waiting: [])
        var policy = RetentionTests.policy(payloads: 45, identities: 30)
        policy.records = RecordPolicy(
            period: .seconds(30 * 86_400), archives: out.path, keys: [try Fixture.key.get().publicKey])
        var memory = RetentionMemory()
        clock.set("2025-12-02T00:00:00Z")
        let first = try await journal.retain(policy, &memory)
        #expect(first.months.map(\.carried) == [1] && first.payloads == 6)
        try await journal.record([JournalSamples.event(7, .delivered)])
        clock.set("2025-12-25T00:00:00Z")
        // As a run after a restart decides about it, on a copy, and one that goes on from the first.
        let copy = try await Self.copied(journal, folder)
        let restarted = try await SegmentJournal.open(try ThreeMonths.settings(copy, clock))
        var fresh = RetentionMemory()
        for (place, journal) in [restarted, journal].enumerated() {
            let report =
                place == 0 ? try await journal.retain(policy, &fresh) : try await journal.retain(policy, &memory)
            #expect(report.payloads == 5 && report.unfinished == 0 && report.failures == [] && report.months == [])
            #expect(try await journal.payload(of: JournalSamples.id(7)) == ThreeMonths.payload(7))
        }
        await restarted.close()
        try Droppable.expectSound(copy)
        await journal.close()
        try Droppable.expectSound(folder)
    }

    /// The folder of an open journal as a crash would leave it now.
    private static func copied(_ journal: SegmentJournal, _ folder: TestFolder) async throws -> TestFolder {
        await journal.backlog.settled()
        return try folder.copy()
    }

    @Test("has each of its deliveries where it stood")
    func several() async throws {
        let payload = ThreeMonths.payload(19)
        let sample = JournalSamples.message(
            19, payload: payload, destinations: ["mailbox:a", "mailbox:b", "mailbox:c"])
        let message = RetentionTests.message(
            19, payload, at: Timestamp(rfc3339: "2025-10-02T00:00:00Z") ?? sample.receivedAt, to: sample.deliveries)
        let months = try await Droppable(october: { journal in
            _ = try await journal.append(.accepted(message), payload: payload)
            try await journal.record([
                JournalSamples.event(19, ordinal: 0, .delivered), JournalSamples.event(19, ordinal: 1, .deadLettered, attempt: 7),
            ])
        })
        #expect(try await months.dropped().carried == 1)
        try Droppable.expectSound(months.folder)
        _ = try await SegmentJournal.rebuild(try months.settings())
        try Droppable.expectSound(months.folder)
        let journal = try await months.open()
        let states = try #require(try await journal.message(message.id)).deliveries
        #expect(states.map(\.phase) == [.delivered, .deadLettered, .pending] && states.map(\.attempts) == [1, 7, 0])
        try await journal.record([
            JournalSamples.event(19, ordinal: 1, .redriven), JournalSamples.event(19, ordinal: 2, .delivered),
        ])
        #expect(try await Self.pending(journal, "mailbox:b").map(\.id.ordinal) == [1])
        await journal.close()
        #expect(try await months.dropped("2025-11").carried == 1)
        try Droppable.expectSound(months.folder)
    }

    /// Reads payloads again and again.
    private final class Readers: Sendable {
        private let isDone = Mutex(false)

        func end() { self.isDone.withLock { $0 = true } }

        /// - Returns: How often.
        func run(_ journal: SegmentJournal, _ numbers: [Int]) async throws -> Int {
            var reads = 0
            while !self.isDone.withLock({ $0 }) {
                for number in numbers {
                    let payload = try await journal.payload(of: JournalSamples.id(number))
                    #expect(payload == ThreeMonths.payload(number))
                }
                reads += 1
            }
            return reads
        }
    }

    @Test("is in a backup, and in the journal that is made of it")
    func backup() async throws {
        let months = try await Droppable(waiting: [1, 3])
        try await months.dropped()
        let (backup, made) = (TestFolder(), TestFolder())
        let terms = JournalBackup.Terms(journal: months.folder.path, path: backup.path, now: months.clock.now)
        _ = try JournalBackup.write(terms)
        let keys = [try Fixture.key.get().publicKey]
        _ = try JournalBackup.restore(
            JournalBackup.RestoreTerms(backup: backup.path, journal: made.path, keys: keys, hub: "H44"))
        let journal = try await SegmentJournal.open(try months.settings(made))
        #expect(try await Self.pendingNumbers(journal) == [1, 3])
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        await journal.close()
        try Droppable.expectSound(made)
        // A payload that is gone is named; a backup without it only when that is wanted.
        try months.folder.remove(ThreeMonths.spoolFile(1))
        var again = JournalBackup.Terms(
            journal: months.folder.path, path: backup.path + "-2", now: months.clock.now)
        do {
            _ = try JournalBackup.write(again)
            Issue.record("a payload is missing")
        } catch {
            #expect(error.code == .journalDamaged && error.detail("file") == ThreeMonths.spoolFile(1))
        }
        again.allowsMissing = true
        #expect(try JournalBackup.write(again).missing == 1)
        let second = TestFolder()
        _ = try JournalBackup.restore(
            JournalBackup.RestoreTerms(backup: again.path, journal: second.path, keys: keys, hub: "H44"))
        #expect(try Droppable.check(second).findings.map(\.kind) == [.payloadMissing])
        try FileManager.default.removeItem(atPath: again.path)
    }
}
