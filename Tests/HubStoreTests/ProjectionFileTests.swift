import FoundationEssentials
import GRDB
import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A database that lacks its end")
struct ProjectionFileTests {
    private static let page = 4096
    private static let name = "projection.sqlite"

    /// A journal that was closed, and one that a kill left before anything of the log was copied.
    private static func journals() async throws -> (closed: TestFolder, killed: TestFolder, answers: [String]) {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<40)
        let answers = try await RecoveryTests.answers(journal)
        let killed = try folder.copy()
        await journal.close()
        return (folder, killed, answers)
    }

    private static func expect(_ folder: TestFolder, isRebuilt: Bool, _ answers: [String], _ comment: Comment) async throws {
        let journal = try await Fixture.open(folder)
        #expect(journal.startReport.isRebuilt == isRebuilt, comment)
        #expect(try await RecoveryTests.answers(journal) == answers, comment)
        try await Fixture.fill(journal, 40..<44)
        #expect(await journal.health().fault == nil, comment)
        await journal.close()
    }

    @Test("is made anew at the start, wherever it was cut")
    func cut() async throws {
        let (folder, _, answers) = try await Self.journals()
        let whole = try folder.bytes(Self.name)
        #expect(whole.count > 8 * Self.page)
        for pages in [1, 2, whole.count / Self.page / 2, whole.count / Self.page - 1] {
            let copy = try folder.copy()
            try copy.write(Array(whole.prefix(pages * Self.page)), Self.name)
            try await Self.expect(copy, isRebuilt: true, answers, "\(pages) pages")
        }
        try await Self.expect(folder, isRebuilt: false, answers, "all pages")
    }

    @Test("is whole when its log has the rest, from which a checkpoint had begun to copy")
    func copiedInPart() async throws {
        let (closed, killed, answers) = try await Self.journals()
        let whole = try closed.bytes(Self.name)
        // A checkpoint copies the first page first.
        try killed.write(Array(whole.prefix(Self.page)), Self.name)
        #expect(try ProjectionFile(killed.path + "/" + Self.name).isWhole())
        let spoiled = try killed.copy()
        try await Self.expect(killed, isRebuilt: false, answers, "with its log")
        // A log that was begun anew has nothing of it.
        var log = try spoiled.bytes(Self.name + "-wal")
        log[16] ^= 1
        try spoiled.write(log, Self.name + "-wal")
        #expect(try !ProjectionFile(spoiled.path + "/" + Self.name).isWhole())
        try await Self.expect(spoiled, isRebuilt: true, answers, "with another log")
    }

    @Test("is looked at only when it is a database")
    func others() throws {
        let folder = TestFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let file = ProjectionFile(folder.path + "/" + Self.name)
        #expect(try file.isWhole())
        for bytes in [[], [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0xFF, count: 4096)] {
            try folder.write(bytes, Self.name)
            #expect(try file.isWhole())
        }
    }

    @Test("or says what cannot be, keeps payloads from being read, and is no fault of their messages")
    func noFaultOfAMessage() async throws {
        let (folder, _, answers) = try await Self.journals()
        let journal = try await Fixture.open(folder)
        let database = try DatabaseQueue(path: folder.path + "/" + Self.name)
        try await database.write { try $0.execute(sql: "UPDATE blocks SET segment = 'x'") }
        // What is damaged in a segment is final for its message; this is not.
        do {
            let read = try await journal.payloads(of: [JournalSamples.id(3)])
            #expect(throws: HubError.self) { try read[0].get() }
            guard case .failure(let error) = read[0] else { return }
            #expect(error.code == .journalUnavailable)
        } catch {
            #expect(error.code == .journalUnavailable)
        }
        try database.close()
        await journal.close()
        _ = try await SegmentJournal.rebuild(try Fixture.configuration(folder))
        try await Self.expect(folder, isRebuilt: false, answers, "made anew")
    }
}
