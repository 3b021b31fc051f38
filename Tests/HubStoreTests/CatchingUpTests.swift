import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A database that is brought up to date")
struct CatchingUpTests {
    private static let database = "projection.sqlite"

    @Test("keeps its log short meanwhile, and has everything in its file afterwards")
    func shortLog() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<200)
        await journal.close()
        let size = try folder.bytes(Self.database).count
        try folder.removeProjection()
        let rebuilt = try await Fixture.open(folder) { $0.catchUpLength = 2 }
        #expect(rebuilt.startReport.replayedBlocks == 200)
        #expect(try folder.bytes(Self.database + "-wal").count < 2 * size)
        // The file alone knows it all.
        let copy = try folder.copy()
        try copy.remove(Self.database + "-wal")
        await rebuilt.close()
        let after = try await Fixture.open(copy)
        #expect(after.startReport.replayedBlocks == 0)
        #expect(after.startReport.lastBlock == 199)
        await after.close()
    }

    /// Forty messages, of which the database knows twenty; and what it should answer once it knows them all.
    private static func filled() async throws -> (folder: TestFolder, answers: [String]) {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.spoolThreshold = 1000 }
        try await Fixture.fill(journal, 0..<20, size: 900, destinations: ["push:a", "mailbox:b"])
        try await Fixture.fill(journal, 20..<23, size: 1100)
        for number in 0..<10 {
            _ = try await journal.append(.delivery(JournalSamples.event(number, .postponed)), payload: nil)
        }
        let early = try folder.copy()
        // Closed in good order, so that all of it is in the file.
        await (try await Fixture.open(early)).close()
        for number in 5..<15 {
            _ = try await journal.append(.delivery(JournalSamples.event(number, .delivered)), payload: nil)
        }
        try await Fixture.fill(journal, 23..<40, size: 900, destinations: ["push:a"])
        let answers = try await RecoveryTests.answers(journal)
        await journal.close()
        try folder.removeProjection()
        try folder.write(try early.bytes(Self.database), Self.database)
        return (folder, answers)
    }

    @Test("is made anew when it turns out to be damaged on the way, whichever page it is")
    func damagedPages() async throws {
        let (filled, wanted) = try await Self.filled()
        let whole = try filled.bytes(Self.database)
        let pages = whole.count / 4096
        var rebuilt = 0
        for page in 0..<pages {
            let folder = try filled.copy()
            var bytes = whole
            for index in page * 4096 + (page == 0 ? 100 : 0)..<(page + 1) * 4096 { bytes[index] = 0x5A }
            try folder.write(bytes, Self.database)
            let journal = try await Fixture.open(folder)
            let report = journal.startReport
            // A page that the start had no reason to read may still be damaged.
            if report.isRebuilt {
                rebuilt += 1
                #expect(report.lastBlock + 1 == Int64(report.replayedBlocks), "page \(page)")
                #expect(try await RecoveryTests.answers(journal) == wanted, "page \(page)")
                #expect(report.removedOrphans == 0)
            }
            await journal.close()
        }
        #expect(rebuilt >= 8, "of \(pages) pages")
    }

    @Test("is made anew when it holds what it cannot know yet")
    func foreignRows() async throws {
        let (folder, wanted) = try await Self.filled()
        let projection = try Projection.open(folder.path + "/" + Self.database)
        let state = try #require(try projection.state())
        var writer = ProjectionWriter(projection)
        let record = JournalRecord.refused(JournalSamples.refusal(1))
        // Says that it ends where it ended, and has a row of the next block.
        try writer.apply([
            ProjectionWriter.Block(
                chain: state.chain, location: state.last, firstSequence: state.chain.nextSequence,
                records: [ProjectionWriter.Record(record: record, bytes: record.bytes, isSpooled: false)]
            )
        ])
        projection.close()
        let journal = try await Fixture.open(folder)
        #expect(journal.startReport.isRebuilt)
        #expect(try await RecoveryTests.answers(journal) == wanted)
        await journal.close()
    }

    @Test("is not made anew for a damaged segment, which stays damage")
    func damagedSegment() async throws {
        let (folder, _) = try await Self.filled()
        var bytes = try folder.bytes(Fixture.segment)
        bytes[try Fixture.blocks(folder)[35].offset + 70] ^= 1
        try folder.write(bytes, Fixture.segment)
        let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(folder) }
        #expect(error?.code == .journalDamaged)
        #expect(error?.detail("segment") == "00000000.seg")
        #expect(error?.isProjectionDamage == false)
        let projection = try Projection.open(folder.path + "/" + Self.database)
        #expect(try projection.state()?.chain.number == 32, "it knows what it knew")
        projection.close()
    }
}
