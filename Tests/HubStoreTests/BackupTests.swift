import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("A backup of a journal")
struct BackupTests {
    static func configuration(_ folder: TestFolder) throws -> JournalConfiguration {
        var configuration = try Fixture.configuration(folder)
        configuration.segmentSize = 8192
        configuration.spoolThreshold = 2000
        return configuration
    }

    static func size(_ number: Int) -> Int { number.isMultiple(of: 5) ? 3000 : 300 }

    /// Twelve messages, some in the spool, with outcomes, a refusal, a look-up, an operation and a timestamp.
    static func journal() async throws -> (folder: TestFolder, answers: [String], receipts: [Receipt]) {
        let folder = TestFolder()
        let journal = try await SegmentJournal.open(try Self.configuration(folder))
        for number in 0..<12 { try await Fixture.fill(journal, number..<number + 1, size: Self.size(number)) }
        try await journal.record([JournalSamples.event(3, .delivered)])
        try await journal.record([JournalSamples.event(4, .deadLettered)])
        _ = try await journal.append(.refused(JournalSamples.refusal(90)), payload: nil)
        _ = try await journal.append(.lookup(JournalSamples.lookup(91)), payload: nil)
        _ = try await journal.append(.operation(JournalSamples.operation(92)), payload: nil)
        try TimestampShelf(journal: folder.path).keep([1, 2, 3], of: 5)
        let answers = try await RecoveryTests.answers(journal)
        let receipts = try await RecoveryTests.receipts(journal, 0..<12)
        await journal.close()
        return (folder, answers, receipts)
    }

    static func write(
        _ folder: TestFolder, to target: TestFolder, disk: DiskCalls = .system
    ) throws -> JournalBackup.Report {
        var terms = JournalBackup.Terms(
            journal: folder.path, path: target.path, now: JournalSamples.time(500))
        terms.disk = disk
        return try JournalBackup.write(terms)
    }

    static func restore(
        _ backup: TestFolder, to target: TestFolder, receipts: [Receipt] = [], disk: DiskCalls = .system
    ) throws -> JournalBackup.Report {
        var terms = JournalBackup.RestoreTerms(
            backup: backup.path, journal: target.path, keys: [try Fixture.key.get().publicKey], hub: "H44")
        terms.receipts = receipts
        terms.disk = disk
        return try JournalBackup.restore(terms)
    }

    static func audit(_ folder: TestFolder) throws -> JournalAudit {
        try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey], hub: "H44")
    }

    /// A fault while something is made, which must leave nothing with the name of a whole one.
    static func refusal(
        _ target: TestFolder, location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) -> HubError? {
        let error = #expect(throws: HubError.self, sourceLocation: location) { try body() }
        #expect(
            !target.exists("") && !FileManager.default.fileExists(atPath: target.path + ".part"),
            sourceLocation: location)
        return error
    }

    // MARK: Whole ones

    @Test("is restored elsewhere with everything in it, and goes on")
    func whole() async throws {
        let (folder, answers, receipts) = try await Self.journal()
        let (backup, made) = (TestFolder(), TestFolder())
        let report = try Self.write(folder, to: backup)
        #expect(report.lastBlock == 16 && report.records == 17 && report.hub == "H44" && report.spooled == 3)
        #expect(report.timestamps == 1 && report.missing == 0 && report.segments > 1)
        #expect(report.keys == [try Fixture.key.get().publicKey.fingerprint])
        #expect(try backup.names("") == ["MANIFEST", "segments", "spool", "timestamps"])
        let restored = try Self.restore(backup, to: made, receipts: receipts)
        #expect(
            restored.lastBlock == 16 && restored.lastDigest == report.lastDigest && restored.seenBlock == nil)
        #expect(!FileManager.default.fileExists(atPath: made.path + ".part"))
        #expect(try made.bytes("timestamps/0000000000000005.tsr") == [1, 2, 3])
        #expect(try Self.audit(made).faults == [])

        let journal = try await SegmentJournal.open(try Self.configuration(made))
        #expect(journal.startReport.replayedBlocks == 0 && journal.startReport.restored != nil)
        #expect(try await RecoveryTests.answers(journal) == answers)
        for number in 0..<12 {
            let payload = try await journal.payload(of: JournalSamples.id(number))
            #expect(payload == JournalSamples.payload(number, count: Self.size(number)))
        }
        try await Fixture.fill(journal, 12..<14)
        await journal.close()
        let audit = try Self.audit(made)
        #expect(audit.faults == [] && audit.lastBlock == 18)
    }

    @Test("of an empty journal, and of one that a crash left, is one")
    func crashed() async throws {
        let folder = TestFolder()
        let journal = try await SegmentJournal.open(try Self.configuration(folder))
        let (backup, made) = (TestFolder(), TestFolder())
        #expect(try Self.write(folder, to: backup).lastBlock == -1)
        #expect(try Self.restore(backup, to: made).records == 0)
        try await Fixture.fill(journal, 0..<5)
        let crashed = try folder.copy()
        await journal.close()
        try crashed.removeProjection()
        let blocks = try Fixture.blocks(crashed)
        var bytes = try crashed.bytes(Fixture.segment)
        bytes.replaceSubrange(blocks[4].end..<blocks[4].end + 4, with: Array("BLK1".utf8))
        try crashed.write(bytes, Fixture.segment)
        let (second, third) = (TestFolder(), TestFolder())
        #expect(try Self.write(crashed, to: second).lastBlock == 4)
        #expect(try Self.restore(second, to: third).records == 5)
        #expect(try Self.audit(third).tornBytes == 0)
    }

    @Test("taken under load holds every message that was acknowledged before it began")
    func underLoad() async throws {
        let folder = TestFolder()
        let journal = try await SegmentJournal.open(try Self.configuration(folder))
        let load = Load()
        let (backup, made) = (TestFolder(), TestFolder())
        let before = try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 { group.addTask { try await load.write(to: journal, from: writer) } }
            while load.acknowledged.count < 200 { await Task.yield() }
            let before = load.acknowledged
            _ = try Self.write(folder, to: backup)
            #expect(load.acknowledged.count > before.count, "nothing was written meanwhile")
            load.end()
            try await group.waitForAll()
            return before
        }
        await journal.close()
        _ = try Self.restore(backup, to: made)
        #expect(try Self.audit(made).faults == [])
        let restored = try await SegmentJournal.open(try Self.configuration(made))
        for number in before {
            let payload = try await restored.payload(of: JournalSamples.id(number))
            #expect(payload == JournalSamples.payload(number, count: Self.size(number)))
        }
        await restored.close()
        #expect(try Self.audit(folder).faults == [])
    }

    /// Messages that are written until someone says that it is enough.
    final class Load: Sendable {
        private let state = Mutex((acknowledged: Set<Int>(), isOver: false))

        /// Those whose append was answered.
        var acknowledged: Set<Int> { self.state.withLock { $0.acknowledged } }

        func end() { self.state.withLock { $0.isOver = true } }

        func write(to journal: SegmentJournal, from first: Int) async throws {
            for number in stride(from: first, to: .max, by: 8) {
                if self.state.withLock({ $0.isOver }) { return }
                try await Fixture.fill(journal, number..<number + 1, size: BackupTests.size(number))
                if number.isMultiple(of: 3) {
                    try await journal.record([JournalSamples.event(number, .delivered)])
                }
                self.state.withLock { _ = $0.acknowledged.insert(number) }
            }
        }
    }

    // MARK: After a restore

    @Test("that is restored says so in the chain, in the first block that it writes, once")
    func announced() async throws {
        let (folder, _, receipts) = try await Self.journal()
        let (backup, made) = (TestFolder(), TestFolder())
        let report = try Self.write(folder, to: backup)
        // The hub goes on, and gives out receipts for blocks that the backup does not have.
        let old = try await SegmentJournal.open(try Self.configuration(folder))
        try await Fixture.fill(old, 12..<15)
        let later = try await RecoveryTests.receipts(old, 12..<15)
        await old.close()
        let restored = try Self.restore(backup, to: made, receipts: receipts + later)
        #expect(restored.seenBlock == 19)

        let journal = try await SegmentJournal.open(try Self.configuration(made))
        let subject = try #require(try await journal.announceRestore(at: JournalSamples.time(900)))
        #expect(
            subject.hasPrefix("last-block=16 digest=\(report.lastDigest) ")
                && subject.hasSuffix(" seen-block=19"))
        #expect(try await journal.announceRestore(at: JournalSamples.time(901)) == nil)
        try await Fixture.fill(journal, 20..<24)
        await journal.close()
        #expect(!made.exists("restored"))
        let block = try #require(try Self.blocks(made).first { $0.header.number == 17 })
        guard case .operation(let operation) = try JournalRecord(bytes: block.record(0)) else {
            Issue.record("the first record behind the backup is no operation")
            return
        }
        #expect(operation.action == "journal.restore" && operation.subject == subject)
        // Whoever holds a receipt of the blocks that are gone sees it.
        let audit = try SegmentReader.verify(
            folder: made.path, keys: [try Fixture.key.get().publicKey], hub: "H44", receipts: later)
        #expect(audit.faults.count == 3 && audit.faults.allSatisfy { $0.kind == .receipt })
        #expect(audit.faults.contains { $0.what == "a receipt names another block 17" })
    }

    private static func blocks(_ folder: TestFolder) throws -> [StoredBlock] {
        let journal = JournalFolder(folder.path)
        var blocks: [StoredBlock] = []
        for number in try journal.segments() {
            var scan = SegmentScan(number, in: try journal.segment(number))
            while case .block(let block) = try scan.next() { blocks.append(block) }
        }
        return blocks
    }

    @Test("with payloads that were removed by policy is restored without them")
    func forgotten() async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        let (backup, made) = (TestFolder(), TestFolder())
        let report = try Self.write(months.folder, to: backup)
        #expect(report.missing == 0)
        _ = try Self.restore(backup, to: made)
        let audit = try Self.audit(made)
        let forgotten = try Self.audit(months.folder).forgotten
        #expect(audit.faults == [] && audit.forgotten == forgotten && forgotten > 0)
    }

    // MARK: Journals that are not sound

    @Test(
        "is refused of a journal with a damaged block, a missing payload or a payload that was changed",
        arguments: 0..<4)
    func unsound(_ kind: Int) async throws {
        let (folder, _, _) = try await Self.journal()
        let target = TestFolder()
        let file = Spool.name(SHA256.hash(JournalSamples.payload(5, count: 3000)))
        switch kind {
        case 0:
            var bytes = try folder.bytes(Fixture.segment)
            bytes[300] ^= 1
            try folder.write(bytes, Fixture.segment)
        case 1: try folder.remove(file)
        case 2: try folder.write([1, 2, 3], file)
        default: try folder.remove(Fixture.segment)
        }
        let error = Self.refusal(target) { _ = try Self.write(folder, to: target) }
        #expect(error?.code == .journalDamaged)
    }

    @Test("of a journal with a missing payload is made when that is allowed, and says so")
    func missing() async throws {
        let (folder, _, _) = try await Self.journal()
        try folder.remove(Spool.name(SHA256.hash(JournalSamples.payload(5, count: 3000))))
        let (backup, made) = (TestFolder(), TestFolder())
        var terms = JournalBackup.Terms(journal: folder.path, path: backup.path, now: JournalSamples.time(1))
        terms.allowsMissing = true
        #expect(try JournalBackup.write(terms).missing == 1)
        #expect(try Self.restore(backup, to: made).missing == 1)
        #expect(try Self.audit(made).faults.map(\.kind) == [.payloadMissing])
    }

    @Test("says that payloads were removed by policy meanwhile, and is made again")
    func forgottenMeanwhile() async throws {
        let months = try await ThreeMonths()
        let journal = try months.folder.copy()
        _ = try await months.forget()
        let (after, target) = (months.folder.path, TestFolder())
        let terms = JournalBackup.Terms(
            journal: journal.path, path: target.path, now: JournalSamples.time(1))
        var isSwapped = false
        let error = Self.refusal(target) {
            _ = try JournalBackup.write(terms) { _ in
                // The first segment is copied; the others are as the policy left them.
                guard !isSwapped else { return }
                isSwapped = true
                #expect(rename(journal.path, journal.path + ".before") == 0)
                #expect(rename(after, journal.path) == 0)
            }
        }
        try? FileManager.default.removeItem(atPath: journal.path + ".before")
        #expect(error?.code == .backupUnavailable)
        #expect(error.map { "\($0.summary)".contains("make it again") } == true)
        #expect(try Self.write(journal, to: target).missing == 0)
    }
}
