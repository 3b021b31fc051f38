import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A month in the journal")
struct MonthTests {
    /// The month of each block, by segment.
    private static func months(_ folder: TestFolder) throws -> [[String]] {
        let files = SegmentFiles(folder: folder.path + "/segments")
        return try files.numbers().map { number in
            var scan = try SegmentScan(number, in: files)
            var months: [String] = []
            while case .block(let block) = try scan.next() {
                months.append("\(CivilMonth(block.header.time))")
            }
            return months
        }
    }

    private static func fill(_ journal: SegmentJournal, _ clock: SetClock, _ times: [String], from first: Int)
        async throws
    {
        for (number, time) in zip(first..., times) {
            clock.set(time)
            try await Fixture.fill(journal, number..<number + 1)
        }
    }

    @Test("begins with a segment of its own, at midnight in Viet Nam")
    func roll() async throws {
        let folder = TestFolder()
        let clock = SetClock("2026-10-31T16:59:58Z")
        let journal = try await Fixture.open(folder) { $0.clock = clock }
        try await Self.fill(
            journal, clock,
            [
                "2026-10-31T16:59:58Z", "2026-10-31T16:59:59Z", "2026-10-31T17:00:00Z",
                "2026-11-03T00:00:00Z", "2027-01-01T00:00:00Z",
            ],
            from: 0
        )
        await journal.close()
        #expect(try Self.months(folder) == [["2026-10", "2026-10"], ["2026-11", "2026-11"], ["2027-01"]])
        #expect(try folder.bytes(Fixture.segment).count < 1 << 20, "what was set aside is given back")
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.faults == [] && audit.records == 5)
    }

    @Test("is told from the last segment by a journal that is opened again", arguments: [true, false])
    func restart(isRebuilt: Bool) async throws {
        let folder = TestFolder()
        let clock = SetClock("2026-10-31T16:00:00Z")
        for (number, time) in [
            "2026-10-31T16:00:00Z", "2026-10-31T16:30:00Z", "2026-10-31T17:30:00Z", "2026-11-01T00:00:00Z",
        ].enumerated() {
            if isRebuilt { try folder.removeProjection() }
            let journal = try await Fixture.open(folder) { $0.clock = clock }
            try await Self.fill(journal, clock, [time], from: number)
            await journal.close()
        }
        #expect(try Self.months(folder) == [["2026-10", "2026-10"], ["2026-11", "2026-11"]])
    }

    @Test("does not begin again when the clock is set back and forth over its first midnight")
    func clockSetBack() async throws {
        let folder = TestFolder()
        let clock = SetClock("2026-11-01T00:00:00Z")
        var journal = try await Fixture.open(folder) { $0.clock = clock }
        let (before, after) = ("2026-10-31T16:59:00Z", "2026-10-31T17:01:00Z")
        try await Self.fill(journal, clock, [before, after, before, after, before], from: 0)
        await journal.close()
        journal = try await Fixture.open(folder) { $0.clock = clock }
        try await Self.fill(journal, clock, [before, after, before, after], from: 5)
        await journal.close()
        #expect(try Self.months(folder).map(\.count) == [1, 8])
    }

    @Test("begins a segment although the first block of the last one cannot be read")
    func damagedFirstBlock() async throws {
        let folder = TestFolder()
        let clock = SetClock("2026-10-01T00:00:00Z")
        let journal = try await Fixture.open(folder) { $0.clock = clock }
        try await Self.fill(journal, clock, ["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"], from: 0)
        await journal.close()
        var bytes = try folder.bytes(Fixture.segment)
        bytes[200] ^= 1
        try folder.write(bytes, Fixture.segment)
        let again = try await Fixture.open(folder) { $0.clock = clock }
        try await Self.fill(again, clock, ["2026-11-02T00:00:00Z", "2026-12-02T00:00:00Z"], from: 2)
        await again.close()
        // Of the first nothing is known, so the second goes on in its segment; the third begins one.
        #expect(try folder.names("segments") == ["00000000.seg", "00000001.seg"])
    }
}
