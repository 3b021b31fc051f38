import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("The database that is made anew on demand")
struct RebuildTests {
    /// Closed in order, or left as a crash leaves it, with a log beside the database.
    private static func journal(isClosed: Bool) async throws -> (folder: TestFolder, answers: [String]) {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<12)
        try await journal.record([
            JournalSamples.event(3, .delivered), JournalSamples.event(4, .deadLettered),
        ])
        let answers = try await RecoveryTests.answers(journal)
        guard isClosed else { return (try folder.copy(), answers) }
        await journal.close()
        return (folder, answers)
    }

    private static func open(_ folder: TestFolder) async throws -> (report: StartReport, answers: [String]) {
        let journal = try await Fixture.open(folder)
        let answers = try await RecoveryTests.answers(journal)
        await journal.close()
        return (journal.startReport, answers)
    }

    @Test("says what the segments say, and tells how much that was", arguments: [true, false])
    func made(isClosed: Bool) async throws {
        let (folder, answers) = try await Self.journal(isClosed: isClosed)
        let told = Mutex(0)
        let report = try await SegmentJournal.rebuild(try Fixture.configuration(folder)) { report in
            told.withLock { $0 = report.replayedRecords }
        }
        #expect(report.isRebuilt && report.replayedRecords == 14 && report.lastBlock == 12)
        #expect(told.withLock { $0 } == 14)
        #expect(try folder.names("").filter { $0.hasPrefix("projection") } == ["projection.sqlite"])
        let after = try await Self.open(folder)
        #expect(after.answers == answers)
        #expect(after.report.replayedBlocks == 0 && !after.report.isRebuilt)
    }

    @Test("leaves the old one as it is when a block is damaged")
    func damaged() async throws {
        let (folder, _) = try await Self.journal(isClosed: true)
        let blocks = try Fixture.blocks(folder)
        var bytes = try folder.bytes(Fixture.segment)
        bytes[blocks[2].offset + 100] ^= 1
        try folder.write(bytes, Fixture.segment)
        let before = try folder.bytes("projection.sqlite")
        let error = await #expect(throws: HubError.self) {
            _ = try await SegmentJournal.rebuild(try Fixture.configuration(folder))
        }
        #expect(error?.code == .journalDamaged && error?.detail("offset") == "\(blocks[2].offset)")
        #expect(try folder.bytes("projection.sqlite") == before)
        #expect(!folder.exists("projection.sqlite.part"))
    }

    @Test("is refused while a hub has the journal, and where there is none")
    func refused() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let running = await #expect(throws: HubError.self) {
            _ = try await SegmentJournal.rebuild(try Fixture.configuration(folder))
        }
        #expect(running?.code == .journalUnavailable)
        await journal.close()
        let empty = TestFolder()
        let none = await #expect(throws: HubError.self) {
            _ = try await SegmentJournal.rebuild(try Fixture.configuration(empty))
        }
        #expect(none?.code == .configurationInvalid && !empty.exists(""))
    }

    @Test("leaves a journal that opens, wherever a crash comes", arguments: 0..<12)
    func killed(step: Int) async throws {
        let (folder, answers) = try await Self.journal(isClosed: false)
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as Int] in
            try await RebuildTests.rebuildUntilKilled(path, step)
        }
        let after = try await Self.open(folder)
        #expect(after.answers == answers)
        #expect(try folder.names("").filter { $0.hasPrefix("projection.sqlite.part") } == [])
    }

    /// Ends at a sync, if there are so many, otherwise after the last.
    static func rebuildUntilKilled(_ path: String, _ step: Int) async throws {
        let syncs = Mutex(0)
        let real = DiskCalls.system
        var configuration = JournalConfiguration(folder: path, hub: "H44", clock: SteppingClock()) {
            BlockSigner(key: .zero) { _ throws(HubError) in throw HubError(.journalClosed, "No key.") }
        }
        configuration.disk = DiskCalls(
            open: real.open, write: real.write, syncData: real.syncData,
            sync: { file in
                let count = syncs.withLock { count in
                    count += 1
                    return count
                }
                if count > step { CrashTests.die() }
                return real.sync(file)
            }, allocate: real.allocate
        )
        _ = try await SegmentJournal.rebuild(configuration)
        CrashTests.die()
    }
}
