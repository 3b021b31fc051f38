import Glibc
import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// Retention beside a disk that refuses, damage, and deliveries that are begun anew.
@Suite("A payload that is to go from an open journal")
struct RetentionFaultTests {
    private typealias Months = RetentionTests

    @Test("is told, segment by segment, when the disk refuses, and the others are written anew all the same")
    func refusedSegments() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        await (try Months.threeMonths(folder, clock)).close()
        let disk = FaultyDisk()
        var settings = try ThreeMonths.settings(folder, clock)
        settings.disk = disk.calls
        let journal = try await SegmentJournal.open(settings)
        disk.fail(sync: EIO, of: "/00000001.seg.part")
        var memory = RetentionMemory()
        let report = try await journal.retain(Months.policy(), &memory)
        #expect(report.payloads == 11 && report.segments >= 2 && report.files == 4)
        #expect(
            report.failures.map(\.segment) == ["00000001.seg"]
                && report.failures.first?.code == .journalUnavailable)
        #expect(try folder.names("segments").allSatisfy { !$0.hasSuffix(".part") })
        #expect(await journal.health().fault == nil, "nothing that was accepted depends on it")
        let some = try await Months.forgotten(journal).count
        #expect((4..<11).contains(some))
        disk.fail()
        let again = try await journal.retain(Months.policy(), &memory)
        #expect(again.records == [] && again.segments == 1 && again.failures == [], "it is decided already")
        #expect(try await Months.forgotten(journal).count == 11)
        await journal.close()
        try Months.expectSound(folder, forgotten: 11)
    }

    @Test("stays in a segment that is not sound, now and after a start, and goes from the others")
    func damagedSegment() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Months.threeMonths(folder, clock)
        let sound = try folder.bytes("segments/00000001.seg")
        var bytes = sound
        bytes[300] ^= 1
        try folder.write(bytes, "segments/00000001.seg")
        var memory = RetentionMemory()
        for _ in 0..<2 {
            let report = try await journal.retain(Months.policy(), &memory)
            #expect(
                report.failures.map(\.segment) == ["00000001.seg"]
                    && report.failures.first?.code == .journalDamaged)
        }
        #expect(try folder.bytes("segments/00000001.seg") == bytes)
        await journal.close()
        let after = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        var fresh = RetentionMemory()
        #expect(try await after.retain(Months.policy(), &fresh).failures.map(\.segment) == ["00000001.seg"])
        // Put back from a backup.
        try folder.write(sound, "segments/00000001.seg")
        #expect(try await after.retain(Months.policy(), &fresh).failures == [])
        #expect(try await Months.forgotten(after).count == 11)
        await after.close()
        try Months.expectSound(folder, forgotten: 11)
    }

    @Test("stops acceptance when the disk does not say whether the exchange is on it")
    func unsettled() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        await (try Months.threeMonths(folder, clock)).close()
        let disk = FaultyDisk()
        var settings = try ThreeMonths.settings(folder, clock)
        settings.disk = disk.calls
        let journal = try await SegmentJournal.open(settings)
        disk.fail(sync: EIO, of: "/segments")
        var memory = RetentionMemory()
        let error = await #expect(throws: HubError.self) {
            _ = try await journal.retain(Months.policy(), &memory)
        }
        #expect(error?.code == .journalUnavailable)
        #expect(await journal.health().fault != nil)
        disk.fail()
        await journal.close()
        #expect(try ThreeMonths.audit(folder).audit.faults == [])
    }

    @Test("stays when its message is delivered again before the removal is written")
    func overtaken() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Months.threeMonths(folder, clock)
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .deadLettered)])
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .redriven)])
        let removal = PayloadRemoval(before: ThreeMonths.policy.before, type: nil, sequences: [0...21])
        let operation = HubCore.Operation(
            at: clock.now, actor: "hub", action: PayloadRemoval.action, subject: removal.subject, reason: "")
        let error = await #expect(throws: HubError.self) {
            _ = try await journal.append(.operation(operation), payload: nil)
        }
        #expect(error?.code == .journalOverloaded)
        #expect(try await Months.forgotten(journal) == [])
        await journal.close()
    }

    @Test(
        "is finished after a kill between the decision and the removal, also in a journal that was restored")
    func undone() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Months.threeMonths(folder, clock)
        let removal = PayloadRemoval(
            before: ThreeMonths.policy.before, type: nil, sequences: [0...6, 9...22])
        let operation = HubCore.Operation(
            at: clock.now, actor: "hub", action: PayloadRemoval.action, subject: removal.subject, reason: "")
        _ = try await journal.append(.operation(operation), payload: nil)
        await journal.close()
        let after = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        var memory = RetentionMemory()
        let report = try await after.retain(Months.policy(), &memory)
        #expect(report.payloads == 0 && report.records == [] && report.segments > 0)
        #expect(try await Months.forgotten(after) == (0..<12).filter { $0 != ThreeMonths.waiting })
        var fresh = RetentionMemory()
        #expect(try await after.retain(Months.policy(), &fresh).segments == 0)
        await after.close()
        try Months.expectSound(folder, forgotten: 11)
    }

    /// Decides that everything of October goes, and stops there as a killed hub would.
    private static func decide(
        _ journal: SegmentJournal, _ sequences: [ClosedRange<Int64>], at clock: SetClock
    ) async throws {
        let removal = PayloadRemoval(before: ThreeMonths.policy.before, type: nil, sequences: sequences)
        _ = try await journal.append(
            .operation(
                HubCore.Operation(
                    at: clock.now, actor: "hub", action: PayloadRemoval.action, subject: removal.subject,
                    reason: "")),
            payload: nil)
    }

    /// A dead letter that is sent again after the decision; its payload is in its block, and not the first of its segment.
    private static let revived = 2

    /// As `DeliveryDesk` does it.
    private static func redrive(_ journal: SegmentJournal, at clock: SetClock) async throws {
        _ = try await journal.append(
            .operation(
                HubCore.Operation(
                    at: clock.now, actor: "op", action: "delivery.redrive", subject: "ids=", reason: "")),
            payload: nil)
        try await journal.record([JournalSamples.event(Self.revived, .redriven)])
    }

    /// October is decided to go but for the message that waits, and a kill comes; then a dead letter of it is sent again.
    private static func overtakenDecision(_ folder: TestFolder, _ clock: SetClock) async throws
        -> SegmentJournal
    {
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        try await Months.fill(journal, 0..<12, at: clock, waiting: [ThreeMonths.waiting, Self.revived])
        try await journal.record([JournalSamples.event(Self.revived, .deadLettered)])
        clock.set("2025-11-02T00:00:00Z")
        try await Months.fill(journal, 12..<16, at: clock)
        clock.set("2025-12-02T00:00:00Z")
        try await Months.fill(journal, 16..<18, at: clock)
        // Two records a message, but one of the third and fifth; the dead letter has its event behind all others.
        try await Self.decide(journal, [0...6, 8...21], at: clock)
        await journal.close()
        let after = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        try await Self.redrive(after, at: clock)
        return after
    }

    @Test(
        "of a delivery that was begun anew stays until it has ended, also over a start",
        arguments: [true, false])
    func begunAnew(isStartedAnew: Bool) async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        var journal = try await Self.overtakenDecision(folder, clock)
        var memory = RetentionMemory()
        let others = (0..<12).filter { $0 != ThreeMonths.waiting && $0 != Self.revived }
        let report = try await journal.retain(Months.policy(), &memory)
        #expect(report.payloads == 0 && report.segments >= 2)
        #expect(try await Months.forgotten(journal) == others)
        #expect(
            try await journal.retain(Months.policy(), &memory).segments == 0,
            "nothing is done before it has ended")
        if isStartedAnew {
            await journal.close()
            journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
            memory = RetentionMemory()
            #expect(try await !Months.isForgotten(journal, Self.revived))
        }
        try await journal.record([JournalSamples.event(Self.revived, .delivered)])
        if isStartedAnew { memory = RetentionMemory() }
        #expect(try await journal.retain(Months.policy(), &memory).segments == 1)
        #expect(try await Months.forgotten(journal) == (others + [Self.revived]).sorted())
        await journal.close()
        try Months.expectSound(folder, forgotten: 11)
    }

    @Test("of a delivery that was begun anew stays for the command too")
    func begunAnewForgotten() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        await (try await Self.overtakenDecision(folder, clock)).close()
        let settings = try ThreeMonths.settings(folder, clock)
        let report = try await SegmentJournal.forget(ThreeMonths.policy, in: settings)
        #expect(report.unfinished == 2 && report.records == [])
        let journal = try await SegmentJournal.open(settings)
        #expect(try await !Months.isForgotten(journal, Self.revived))
        #expect(try await !Months.isForgotten(journal, ThreeMonths.waiting))
        try await journal.record([JournalSamples.event(Self.revived, .delivered)])
        await journal.close()
        #expect(try await SegmentJournal.forget(ThreeMonths.policy, in: settings).messages == 1)
        try Months.expectSound(folder, forgotten: 11)
    }

    @Test(
        "that is gone already does not keep those around it when its delivery is begun anew",
        arguments: [true, false])
    func goneAndBegunAnew(isOpen: Bool) async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Months.threeMonths(folder, clock)
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .deadLettered)])
        try await Self.decide(journal, [8...8], at: clock)
        var one = RetentionMemory()
        _ = try await journal.retain(Months.policy(payloads: 300), &one)
        #expect(try await Months.forgotten(journal) == [ThreeMonths.waiting])
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .redriven)])
        if isOpen {
            var memory = RetentionMemory()
            #expect(try await journal.retain(Months.policy(), &memory).payloads == 11)
        }
        await journal.close()
        if !isOpen {
            #expect(
                try await SegmentJournal.forget(
                    ThreeMonths.policy, in: try ThreeMonths.settings(folder, clock)
                ).messages == 11)
        }
        try Months.expectSound(folder, forgotten: 12)
    }
}
