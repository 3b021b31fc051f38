import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// A process that is killed leaves what it wrote and did not sync in the memory of the system, where the next one
/// reads it like everything else.
@Suite("What a killed hub left unsynced")
struct UnsyncedTests {
    private static let payload = JournalSamples.payload(1, count: 300_000)

    /// Three blocks, of which the database knows the first.
    private static func filled() async throws -> TestFolder {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<1)
        // Answered before the database has it.
        #expect(try await journal.totals().messages == 1)
        let left = try folder.copy()
        let message = JournalSamples.message(1, payload: Self.payload)
        _ = try await journal.append(.accepted(message), payload: Self.payload)
        try await Fixture.fill(journal, 2..<3)
        await journal.close()
        try left.write(try folder.bytes(Fixture.segment), Fixture.segment)
        let spool = Spool(folder: left.path + "/spool", disk: .system)
        try spool.store(Self.payload, message.digest)
        return left
    }

    @Test("is synced before it is applied", arguments: ["/segments/00000000.seg", "/segments", "/spool", ""])
    func order(_ suffix: String) async throws {
        let folder = try await Self.filled()
        let subfolder = "/spool/" + Hex.text(SHA256.hash(Self.payload).bytes.prefix(1))
        let disk = FaultyDisk()
        disk.fail(sync: EIO, of: suffix.isEmpty ? subfolder : suffix)
        let error = await #expect(throws: HubError.self) {
            _ = try await Fixture.open(folder) { $0.disk = disk.calls }
        }
        #expect(error?.code == .journalUnavailable)
        let projection = try Projection.open(folder.path + "/projection.sqlite")
        #expect(try projection.state()?.chain.number == 0, "nothing was applied")
        projection.close()
        disk.fail()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        #expect(journal.startReport.replayedBlocks == 2)
        let payload = JournalSamples.payload(2, count: 100)
        let result = try await journal.append(
            .accepted(JournalSamples.message(2, payload: payload)), payload: payload)
        guard case .repeated = result else {
            Issue.record("a repeat was accepted")
            return
        }
        await journal.close()
    }

    @Test("is only in the last segment, so no other is synced")
    func lastSegment() async throws {
        let folder = TestFolder()
        let before = try await Fixture.open(folder) { $0.segmentSize = 4096 }
        try await Fixture.fill(before, 0..<3, size: 2500)
        before.abandon()
        let disk = FaultyDisk()
        let after = try await Fixture.open(folder) { $0.disk = disk.calls }
        let segments = disk.synced.filter { $0.hasSuffix(".seg") }
        #expect(segments.map { String($0.suffix(12)) } == ["00000002.seg"])
        await after.close()
    }

    @Test("are names of folders too, whoever made them", arguments: [true, false])
    func folders(isMade: Bool) async throws {
        let parent = TestFolder()
        let path = parent.path + "/a/b"
        if isMade { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        let disk = FaultyDisk()
        var configuration = try Fixture.configuration(parent)
        configuration.folder = path
        configuration.disk = disk.calls
        await (try await SegmentJournal.open(configuration)).close()
        let synced = disk.synced
        #expect(synced.contains { $0.hasSuffix("/a") }, "holds the name of the journal's folder")
        #expect(synced.contains { $0.hasSuffix("/a/b") }, "holds the names of segments and spool")
        if !isMade {
            let name = String(parent.path.split(separator: "/").last ?? "")
            #expect(synced.contains { $0.hasSuffix("/" + name) })
            #expect(synced.contains { !$0.contains(name) }, "holds the name of the outermost folder made")
        }
    }
}
