import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A large payload")
struct SpoolTests {
    private static let payload = JournalSamples.payload(1, count: 700_000)
    private static let file: String = {
        let digest = SHA256.hash(payload)
        return "spool/" + Hex.text(digest.bytes.prefix(1)) + "/" + digest.description
    }()

    @Test("is stored once, however many messages carry it")
    func once() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        for number in 0..<3 {
            _ = try await journal.append(
                .accepted(JournalSamples.message(number, payload: Self.payload)), payload: Self.payload
            )
        }
        #expect(try folder.names("spool").count == 1)
        #expect(try folder.bytes(Self.file) == Self.payload)
        #expect(try Fixture.blocks(folder).allSatisfy { $0.length < 2000 })
        await journal.close()
        let after = try await Fixture.open(folder)
        #expect(after.startReport.removedOrphans == 0)
        for number in 0..<3 {
            #expect(try await after.payload(of: JournalSamples.id(number)) == Self.payload)
        }
        await after.close()
    }

    @Test("is synced before the block that refers to it")
    func order() async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        let before = disk.syncs
        _ = try await journal.append(
            .accepted(JournalSamples.message(1, payload: Self.payload)), payload: Self.payload)
        // The name of the subfolder, the file, its name, and the block.
        #expect(disk.syncs - before == 4)
        await journal.close()
    }

    @Test("that nobody refers to is removed at the start")
    func orphans() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        _ = try await journal.append(
            .accepted(JournalSamples.message(1, payload: Self.payload)), payload: Self.payload)
        await journal.close()
        let orphan = JournalSamples.payload(2, count: 300_000)
        try Spool(folder: folder.path + "/spool", disk: .system).store(orphan, SHA256.hash(orphan))
        try folder.write([1, 2, 3], Self.file + ".part")
        let after = try await Fixture.open(folder)
        #expect(after.startReport.removedOrphans == 2)
        #expect(try await after.payload(of: JournalSamples.id(1)) == Self.payload)
        await after.close()
    }

    @Test("of a repeat is not stored")
    func repeated() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let first = JournalSamples.message(1, identity: "một", payload: [1])
        _ = try await journal.append(.accepted(first), payload: [1])
        let again = JournalSamples.message(2, identity: "một", payload: Self.payload)
        let result = try await journal.append(.accepted(again), payload: Self.payload)
        guard case .repeated(first.id, false) = result else {
            Issue.record("a repeat was accepted")
            return
        }
        #expect(!folder.exists(Self.file))
        await journal.close()
    }

    @Test("that is gone or another one is named as damage", arguments: [true, false])
    func damaged(isGone: Bool) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        _ = try await journal.append(
            .accepted(JournalSamples.message(1, payload: Self.payload)), payload: Self.payload)
        if isGone {
            try folder.remove(Self.file)
        } else {
            var bytes = Self.payload
            bytes[123_456] ^= 4
            try folder.write(bytes, Self.file)
        }
        await DamageTests.expectDamaged { _ = try await journal.payload(of: JournalSamples.id(1)) }
        await journal.close()
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.faults.count == 1)
    }
}
