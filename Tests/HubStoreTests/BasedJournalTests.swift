import FoundationEssentials
import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A journal that begins with a base")
struct BasedJournalTests {
    private static func base(_ folder: TestFolder) throws -> JournalBase {
        try #require(try JournalBase.load(in: folder.path))
    }

    private static func version(_ folder: TestFolder) throws -> Int? {
        let queue = try DatabaseQueue(path: folder.path + "/projection.sqlite")
        defer { try? queue.close() }
        return try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    private static func expectDamage(_ months: Droppable, naming text: String) async throws {
        do {
            let journal = try await months.open()
            await journal.close()
            Issue.record("it opened")
        } catch let error as HubError {
            #expect(
                error.code == .journalDamaged && error.details.contains { $0.value.contains(text) },
                "\(error)")
        }
    }

    private enum Environment {
        static let fixture = ProcessInfo.processInfo.environment["LGSP_BASED_FIXTURE"]
    }

    @Test("is written for the versions to come", .enabled(if: Environment.fixture != nil))
    func make() async throws {
        let months = try await Droppable()
        try await months.dropped()
        try months.folder.write(try Fixture.key.get().publicKey.pem, "hub.pub.pem")
        try months.folder.remove("lock")
        let target = try #require(Environment.fixture)
        try FileManager.default.copyItem(atPath: months.folder.path, toPath: target)
    }

    @Test("of the first form that there was is opened, searched, continued, copied and made anew")
    func first() async throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/base-1")
            .path
        let (folder, backup, made) = (TestFolder(), TestFolder(), TestFolder())
        try FileManager.default.copyItem(atPath: path, toPath: folder.path)
        let keys = try PublicKey.all(pem: try folder.bytes("hub.pub.pem")) + [try Fixture.key.get().publicKey]
        let base = try Self.base(folder)
        #expect(base.firstSegment > 0 && base.months.map(\.name) == ["H44-2025-10.tar"])
        let clock = SetClock("2026-03-01T00:00:00Z")
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        #expect(!journal.startReport.isRebuilt && journal.startReport.replayedBlocks == 0)
        let totals = try await journal.totals()
        #expect(
            totals.messages == 18 && totals.delivered == 17 && totals.deadLettered == 1 && totals.pending == 0
        )
        #expect(totals.lookups == 1 && totals.refusals == [.schemaPayloadInvalid: 3])
        #expect(try await journal.messages(before: nil, limit: 100).count == 6)
        #expect(try await journal.holds().count == 1)
        for number in 12..<18 {
            #expect(try await journal.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number))
        }
        try await RetentionTests.fill(journal, 20..<22, at: clock)
        await journal.close()
        let terms = JournalBackup.Terms(journal: folder.path, path: backup.path, now: clock.now)
        #expect(try JournalBackup.write(terms).records == totals.records + 4)
        _ = try JournalBackup.restore(
            JournalBackup.RestoreTerms(backup: backup.path, journal: made.path, keys: keys, hub: "H44"))
        _ = try await SegmentJournal.rebuild(try ThreeMonths.settings(folder, clock))
        for place in [folder, made] {
            let check = try Droppable.check(place, keys: keys)
            #expect(check.findings == [] && check.isCompared && check.audit.dropped == base.months)
        }
    }

    @Test("says so in one form only, whatever is in it")
    func form() throws {
        let month = DroppedMonth(
            month: try ArchiveTests.month("2025-10"), firstBlock: 0, lastBlock: 7, archive: SHA256.hash("a"),
            name: "tháng 10.tar\n")
        let key = try Fixture.key.get()
        let base = try JournalBase(
            hub: "H 44%", made: JournalSamples.time(1),
            chain: Chain(number: 7, digest: SHA256.hash("b"), nextSequence: 9), firstSegment: 3,
            months: [month],
            counters: ["messages": 5, "refused:x": 0],
            destinations: [
                JournalBase.Destination(row: 1, name: [0, 10, 32, 255]), .init(row: 9, name: []),
            ],
            holds: [JournalBase.Hold(name: Array("a b".utf8), position: 4096)]
        ).signed(
            by: BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) })
        #expect(JournalBase(base.bytes) == base)
        #expect(try base.isSigned(by: key.publicKey))
        #expect(try !base.isSigned(by: SigningKey.generate(.p256).publicKey))
        for place in base.bytes.indices {
            var bytes = base.bytes
            bytes[place] ^= 1
            #expect(JournalBase(bytes) == nil, "\(place)")
            #expect(JournalBase(Array(base.bytes.prefix(place))) == nil, "\(place)")
        }
    }

    @Test("is not opened with its base damaged or gone, and is not changed by the attempt")
    func damagedBase() async throws {
        let months = try await Droppable()
        #expect(try Self.version(months.folder) == ProjectionSchema.version)
        try await months.dropped()
        #expect(try Self.version(months.folder) == ProjectionSchema.basedVersion)
        let bytes = try months.folder.bytes("base")
        var damaged = bytes
        damaged[60] ^= 1
        try months.folder.write(damaged, "base")
        try await Self.expectDamage(months, naming: "base")
        #expect(
            try Droppable.check(months.folder).findings.contains { $0.kind == .base && $0.file == "base" })
        let audit = try SegmentReader.verify(
            folder: months.folder.path, keys: [try Fixture.key.get().publicKey], hub: "H44")
        #expect(audit.faults.first?.kind == .base)
        try months.folder.remove("base")
        try await Self.expectDamage(months, naming: "base")
        #expect(try Droppable.check(months.folder).findings.contains { $0.kind == .segmentMissing })
        // Nor is the database made anew of what is there.
        try months.folder.removeProjection()
        try await Self.expectDamage(months, naming: "00000000.seg")
        try months.folder.write(bytes, "base")
        let journal = try await months.open()
        #expect(try await Droppable.answers(journal) == months.answers)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is found out when someone else made the base, or nobody decided that the months go")
    func forgedBase() async throws {
        let months = try await Droppable()
        let whole = try months.folder.copy()
        try await months.dropped()
        let base = try Self.base(months.folder)
        let stranger = try SigningKey.generate(.p256)
        let forged = try base.signed(
            by: BlockSigner(key: stranger.publicKey.fingerprint) { bytes throws(HubError) in
                try stranger.sign(bytes)
            })
        try months.folder.write(forged.bytes, "base")
        #expect(try ThreeMonths.audit(months.folder).audit.faults.map(\.kind) == [.keyUnknown])
        // The name of the hub's key over a signature that is none of its.
        let key = try Fixture.key.get().publicKey.fingerprint
        let other = try base.signed(
            by: BlockSigner(key: key) { bytes throws(HubError) in try stranger.sign(bytes) })
        try months.folder.write(other.bytes, "base")
        let faults = try ThreeMonths.audit(months.folder).audit.faults
        #expect(faults.map(\.kind) == [.base] && faults.first?.segment == "base")
        // A base beside a chain that never said so: its months are not dropped, they are gone.
        try whole.write(base.bytes, "base")
        let undecided = try ThreeMonths.audit(whole).audit.faults
        #expect(undecided.map(\.kind) == [.base] && undecided.first?.what.contains("no record") == true)
    }

    @Test("names a segment that is missing behind the base, and none before it")
    func missingSegments() async throws {
        let months = try await Droppable()
        try await months.dropped()
        let first = SegmentHeader.fileName(try Self.base(months.folder).firstSegment)
        let bytes = try months.folder.bytes("segments/" + first)
        try months.folder.remove("segments/" + first)
        let check = try Droppable.check(months.folder)
        #expect(check.findings.contains { $0.kind == .segmentMissing })
        try await Self.expectDamage(months, naming: first)
        try months.folder.write(bytes, "segments/" + first)
        try Droppable.expectSound(months.folder)
    }

    @Test("is brought in order when segments, or a database, of before the drop are put back")
    func older() async throws {
        let months = try await Droppable()
        let whole = try months.folder.copy()
        try await months.dropped()
        for name in try whole.names("segments") where !months.folder.exists("segments/" + name) {
            try months.folder.write(try whole.bytes("segments/" + name), "segments/" + name)
        }
        let check = try Droppable.check(months.folder)
        #expect(
            check.isSound && check.findings.allSatisfy { $0.kind == .unfinished } && !check.findings.isEmpty)
        #expect(try ThreeMonths.audit(months.folder).audit.faults == [])
        let opened = try await months.open()
        await opened.close()
        try Droppable.expectSound(months.folder)

        // One that has all blocks but the last, with the rows of October.
        try months.folder.removeProjection()
        for suffix in ["", "-wal"] where whole.exists("projection.sqlite" + suffix) {
            try months.folder.write(
                try whole.bytes("projection.sqlite" + suffix), "projection.sqlite" + suffix)
        }
        let behind = try Droppable.check(months.folder)
        #expect(behind.isSound && behind.findings.map(\.kind) == [.projectionBehind])
        let journal = try await months.open()
        #expect(!journal.startReport.isRebuilt && journal.startReport.replayedBlocks == 1)
        #expect(try await Droppable.answers(journal) == months.answers)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test(
        "is copied with its base and restored from the copy, as a folder and as one file",
        arguments: [true, false])
    func backup(asFile: Bool) async throws {
        let months = try await Droppable()
        try await months.dropped()
        let (backup, made) = (TestFolder(), TestFolder())
        var terms = JournalBackup.Terms(
            journal: months.folder.path, path: backup.path, now: months.clock.now)
        terms.form = asFile ? .archive : .folder
        let report = try JournalBackup.write(terms)
        let base = try Self.base(months.folder)
        #expect(report.records > base.chain.nextSequence)
        _ = try BackupTests.restore(backup, to: made)
        #expect(try Self.base(made) == base)
        try Droppable.expectSound(made)
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(made, months.clock))
        #expect(try await Droppable.answers(journal) == months.answers)
        #expect(try await journal.announceRestore(at: months.clock.now) != nil)
        await journal.close()
        try Droppable.expectSound(made)
        guard !asFile else { return }
        // Without its base, or with another, it is none.
        let manifest = try BackupManifest(try backup.bytes("MANIFEST"))
        #expect(manifest.files.first?.name == "base")
        var bytes = try backup.bytes("base")
        bytes[bytes.count / 2] ^= 1
        try backup.write(bytes, "base")
        do {
            _ = try BackupTests.restore(backup, to: TestFolder())
            Issue.record("it was restored")
        } catch let error as HubError {
            #expect(error.code == .backupInvalid && error.detail("file") == "base")
        }
    }
}

extension Projection {
    func count(_ table: String) throws(HubError) -> Int {
        try self.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}
