import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A name on a disk that does not answer")
struct FolderTests {
    /// A name that the system can neither find nor call missing, whoever asks.
    private static func makeUnanswerable(_ path: String) {
        unlink(path)
        #expect(symlink(path, path) == 0)
    }

    @Test("is not taken for a missing one")
    func exists() throws {
        let folder = TestFolder()
        try Folder.make(folder.path, with: .system)
        try folder.write([1], "file")
        #expect(try Folder.exists(folder.path + "/file"))
        #expect(try !Folder.exists(folder.path + "/none"))
        #expect(try !Folder.exists(folder.path + "/file/none"), "a file holds no names")
        Self.makeUnanswerable(folder.path + "/loop")
        let existing = #expect(throws: HubError.self) { _ = try Folder.exists(folder.path + "/loop") }
        #expect(existing?.code == .journalUnavailable)
        let being = #expect(throws: HubError.self) { _ = try Folder.isFolder(folder.path + "/loop") }
        #expect(being?.code == .journalUnavailable)
    }

    @Test("is no damage of a spooled payload")
    func spooled() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let payload = JournalSamples.payload(1, count: 300_000)
        let message = JournalSamples.message(1, payload: payload)
        _ = try await journal.append(.accepted(message), payload: payload)
        Self.makeUnanswerable(Spool(folder: folder.path + "/spool", disk: .system).path(message.digest))
        await Self.expectUnavailable { _ = try await journal.payload(of: message.id) }
        await journal.close()
        let key = try Fixture.key.get().publicKey
        await Self.expectUnavailable { _ = try SegmentReader.verify(folder: folder.path, keys: [key]) }
    }

    @Test("is no damage of a segment, be it the last or the one that the database ends in", arguments: 0..<2)
    func segment(number: Int) async throws {
        let folder = try await SegmentHeadTests.filled(.older)
        let name = "segments/" + SegmentHeader.fileName(number)
        let bytes = try folder.bytes(name)
        Self.makeUnanswerable(folder.path + "/" + name)
        await Self.expectUnavailable { _ = try await Fixture.open(folder) }
        try folder.remove(name)
        try folder.write(bytes, name)
        await (try await Fixture.open(folder)).close()
    }

    private static func expectUnavailable(_ body: () async throws -> Void) async {
        let error = await #expect(throws: HubError.self) { try await body() }
        #expect(error?.code == .journalUnavailable)
    }
}
