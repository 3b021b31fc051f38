import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A payload that is received piece by piece")
struct ReceptionTests {
    private static let pieces = (0..<4).map { JournalSamples.payload($0, count: 100_000) }
    private static let payload = Array(pieces.joined())
    private static let file = Spool.name(SHA256.hash(payload))

    private static func received(by journal: SegmentJournal) async throws -> any LargePayload {
        let reception = try await journal.reception(of: self.payload.count)
        for piece in self.pieces { try await reception.write(piece) }
        return try await reception.finish()
    }

    /// What stands in the folder in which payloads come in.
    private static func drafts(_ folder: TestFolder) throws -> [String] {
        folder.exists("spool/00") ? try folder.names("spool/00").filter { $0.hasSuffix(".part") } : []
    }

    /// The thread that wrote may be the last to let go.
    private static func expectNoDrafts(_ folder: TestFolder) async throws {
        try await within(.seconds(30)) {
            while try !Self.drafts(folder).isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test("gets its name before the block that refers to it, and is read as it came")
    func accepted() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let large = try await Self.received(by: journal)
        #expect(large.count == Self.payload.count && large.digest == SHA256.hash(Self.payload))
        #expect(try Self.drafts(folder).count == 1 && !folder.exists(Self.file))
        let message = JournalSamples.message(1, payload: Self.payload)
        guard case .committed = try await journal.append(message, large: large) else {
            Issue.record("a new message was taken for a repeat")
            return
        }
        try await Self.expectNoDrafts(folder)
        #expect(try folder.bytes(Self.file) == Self.payload)
        let read = try await journal.largePayload(of: message.id)
        #expect(try read.read(1000, at: 99_500) == Array(Self.payload[99_500..<100_500]))
        #expect(try await journal.payload(of: message.id) == Self.payload)
        await journal.close()
        let after = try await Fixture.open(folder)
        #expect(after.startReport.removedOrphans == 0)
        #expect(try await after.largePayload(of: message.id).digest == message.digest)
        await after.close()
    }

    @Test("is stored once, however many messages carry it")
    func once() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        for number in 0..<3 {
            let large = try await Self.received(by: journal)
            _ = try await journal.append(JournalSamples.message(number, payload: Self.payload), large: large)
        }
        try await Self.expectNoDrafts(folder)
        #expect(try folder.bytes(Self.file) == Self.payload)
        for number in 0..<3 {
            #expect(try await journal.largePayload(of: JournalSamples.id(number)).digest == SHA256.hash(Self.payload))
        }
        await journal.close()
    }

    @Test("leaves nothing when it breaks off, is refused, or belongs to a repeat")
    func letGo() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        do {
            let reception = try await journal.reception(of: 0)
            try await reception.write(Self.pieces[0])
            #expect(try Self.drafts(folder).count == 1)
        }
        try await Self.expectNoDrafts(folder)
        do {
            _ = try await Self.received(by: journal)
        }
        try await Self.expectNoDrafts(folder)
        _ = try await journal.append(.accepted(JournalSamples.message(1, identity: "một", payload: [1])), payload: [1])
        do {
            let again = JournalSamples.message(2, identity: "một", payload: Self.payload)
            guard case .repeated(JournalSamples.id(1), false) = try await journal.append(
                again, large: try await Self.received(by: journal))
            else {
                Issue.record("a repeat was accepted")
                return
            }
        }
        try await Self.expectNoDrafts(folder)
        #expect(!folder.exists(Self.file))
        await journal.close()
    }

    @Test("that a crash left half is removed at the start")
    func crash() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let reception = try await journal.reception(of: 0)
        try await reception.write(Self.pieces[0])
        let crashed = try folder.copy()
        let after = try await Fixture.open(crashed)
        #expect(after.startReport.removedOrphans == 1)
        #expect(try Self.drafts(crashed).isEmpty)
        await after.close()
        _ = try await reception.finish()
        await journal.close()
    }

    @Test("for which the disk has no room is refused alone, and the journal goes on")
    func full() async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        let tooMuch = await #expect(throws: HubError.self) { _ = try await journal.reception(of: 1 << 60) }
        #expect(tooMuch?.code == .journalOverloaded)
        let reception = try await journal.reception(of: 0)
        disk.fail(write: ENOSPC)
        let error = await #expect(throws: HubError.self) { try await reception.write(Self.pieces[0]) }
        #expect(error?.code == .journalOverloaded)
        disk.fail()
        await #expect(throws: HubError.self) { _ = try await reception.finish() }
        try await Fixture.fill(journal, 1..<2)
        #expect(await journal.health().fault == nil)
        await journal.close()
    }

    @Test("that was changed on the disk is damage before any of it is given")
    func changed() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let message = JournalSamples.message(1, payload: Self.payload)
        _ = try await journal.append(message, large: try await Self.received(by: journal))
        var bytes = Self.payload
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, Self.file)
        let error = await #expect(throws: HubError.self) { _ = try await journal.largePayload(of: message.id) }
        #expect(error?.code == .journalDamaged)
        await journal.close()
    }
}
