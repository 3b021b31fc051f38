import FoundationEssentials
import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("An examination of a journal")
struct CheckTests {
    private typealias Kind = JournalCheck.Finding.Kind

    private static func check(_ folder: TestFolder, comparesRows: Bool = true) throws -> JournalCheck {
        var terms = JournalCheck.Terms(
            folder: folder.path, keys: [try Fixture.key.get().publicKey], hub: "H44")
        let scratch = TestFolder()
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
        if comparesRows { terms.scratch = scratch.path }
        return try JournalCheck.run(terms)
    }

    /// Messages 0 to 7 a block each, over several segments; every third is in the spool, the fourth is delivered.
    private static func journal() async throws -> TestFolder {
        let folder = TestFolder()
        let journal = try await open(folder)
        for number in 0..<8 { try await Fixture.fill(journal, number..<number + 1, size: self.size(number)) }
        try await journal.record([JournalSamples.event(3, .delivered)])
        await journal.close()
        return folder
    }

    private static func open(_ folder: TestFolder) async throws -> SegmentJournal {
        try await Fixture.open(folder) {
            $0.segmentSize = 4096
            $0.spoolThreshold = 2000
        }
    }

    private static func size(_ number: Int) -> Int { number.isMultiple(of: 3) ? 3000 : 1000 }

    private static func spoolFile(_ number: Int) -> String {
        Spool.name(SHA256.hash(JournalSamples.payload(number, count: self.size(number))))
    }

    private static func execute(_ folder: TestFolder, _ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.path + "/projection.sqlite")
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test("finds nothing where nothing is wrong, and changes no file")
    func sound() async throws {
        let folder = try await Self.journal()
        let names = ["segments", "spool"].map { try? folder.names($0) }
        let before = try folder.bytes("projection.sqlite") + folder.bytes(Fixture.segment)
        let check = try Self.check(folder)
        #expect(check.isSound && check.findings.isEmpty, "\(check.findings)")
        #expect(check.isCompared && check.pending == 7 && check.appliedBlock == 8 && check.spooledFiles == 3)
        #expect(check.audit.records == 9 && check.audit.hub == "H44")
        #expect(["segments", "spool"].map { try? folder.names($0) } == names)
        #expect(try folder.bytes("projection.sqlite") + folder.bytes(Fixture.segment) == before)
    }

    @Test("runs beside a hub that has the journal open")
    func beside() async throws {
        let folder = try await Self.journal()
        let journal = try await Self.open(folder)
        try await Fixture.fill(journal, 8..<9)
        // Whoever asks the hub sees to it that the database is up to date.
        #expect(try await journal.totals().messages == 9)
        let check = try Self.check(folder)
        #expect(check.isSound && check.appliedBlock == 9, "\(check.findings)")
        try await Fixture.fill(journal, 9..<10)
        await journal.close()
        #expect(try Self.check(folder).appliedBlock == 10)
    }

    @Test("takes nothing for damage that a hub is writing")
    func underLoad() async throws {
        let folder = TestFolder()
        let journal = try await Self.open(folder)
        let load = BackupTests.Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 { group.addTask { try await load.write(to: journal, from: writer) } }
            while load.acknowledged.count < 100 { await Task.yield() }
            for round in 0..<6 {
                let check = try Self.check(folder, comparesRows: round == 5)
                #expect(check.isSound, "\(check.findings.filter(\.kind.isDamage))")
                #expect(check.audit.records > 100)
            }
            load.end()
            try await group.waitForAll()
        }
        await journal.close()
        #expect(try Self.check(folder).findings.isEmpty)
    }

    @Test("lists all damage with block and messages, and none hides another")
    func several() async throws {
        let folder = try await Self.journal()
        let blocks = try Fixture.blocks(folder)
        try #require(blocks.count >= 3)
        var bytes = try folder.bytes(Fixture.segment)
        // A payload, and the beginning of a block.
        bytes[blocks[1].end - 200] ^= 1
        for index in 0..<16 { bytes[blocks[2].offset + index] = 0x55 }
        try folder.write(bytes, Fixture.segment)
        try folder.remove(Self.spoolFile(3))
        try folder.write(JournalSamples.payload(99, count: 3000), Self.spoolFile(6))

        let check = try Self.check(folder)
        #expect(!check.isSound && !check.isCompared)
        let damage = check.findings.filter(\.kind.isDamage)
        let edited = damage.filter { $0.block == 1 }
        #expect(edited.contains { $0.kind == .payloadChanged && $0.messages == [JournalSamples.id(1)] })
        let unreadable = try #require(damage.first { $0.what == "the block is unreadable" })
        #expect(unreadable.block == 2 && unreadable.offset == blocks[2].offset)
        #expect(unreadable.messages == [JournalSamples.id(2)] && unreadable.file == Fixture.segment)
        let missing = try #require(damage.first { $0.kind == .payloadMissing })
        #expect(missing.file == Self.spoolFile(3) && missing.messages == [JournalSamples.id(3)])
        let changed = try #require(damage.first { $0.kind == .payloadChanged && $0.file.hasPrefix("spool/") })
        #expect(changed.file == Self.spoolFile(6) && changed.messages == [JournalSamples.id(6)])
        #expect(check.audit.lastBlock == 8)
    }

    @Test("names the messages of a segment that is missing")
    func missingSegment() async throws {
        let folder = try await Self.journal()
        let lost = try Fixture.blocks(folder, segment: 1).count
        try #require(lost > 0)
        try folder.remove("segments/00000001.seg")
        let check = try Self.check(folder)
        #expect(check.findings.contains { $0.kind == .segmentMissing && $0.file == "segments/00000002.seg" })
        #expect(check.findings.contains { $0.kind == .block && $0.messageCount == lost })
    }

    @Test("says that a segment is of another format, and leaves it alone")
    func format() async throws {
        let folder = try await Self.journal()
        let last = try #require(try folder.names("segments").last)
        var bytes = try folder.bytes("segments/" + last)
        bytes.replaceSubrange(0..<SegmentHeader.length, with: Fixture.laterHead(bytes))
        try folder.write(bytes, "segments/" + last)
        let check = try Self.check(folder)
        #expect(check.findings.contains { $0.kind == .format && $0.what.contains("LGSPSEG2") })
        #expect(try folder.bytes("segments/" + last) == bytes)
    }

    @Test(
        "holds the projection's totals against its rows, and its rows against the segments",
        arguments: [
            (
                "UPDATE counters SET value = 12 WHERE name = 'messages'",
                JournalCheck.Finding.Kind.projectionDamaged
            ),
            ("UPDATE destinations SET pending = 3", .projectionDamaged),
            ("DELETE FROM identities", .projectionDiffers),
            ("DELETE FROM counters WHERE name = 'pending'", .projectionDamaged),
            ("UPDATE blocks SET length = 8 WHERE first_sequence = 2", .projectionDiffers),
            ("DROP TABLE messages", .projectionDamaged),
            ("UPDATE state SET digest = zeroblob(32)", .projectionAhead),
        ])
    func rows(sql: String, kind: JournalCheck.Finding.Kind) async throws {
        let folder = try await Self.journal()
        try Self.execute(folder, sql)
        let check = try Self.check(folder)
        #expect(check.findings.first?.kind == kind, "\(check.findings)")
        #expect(check.audit.faults.isEmpty)
    }

    @Test("finds pages of the projection that are damaged, and reads the segments all the same")
    func pages() async throws {
        let folder = try await Self.journal()
        var bytes = try folder.bytes("projection.sqlite")
        for index in 4096..<bytes.count { bytes[index] ^= 0x5A }
        try folder.write(bytes, "projection.sqlite")
        let check = try Self.check(folder)
        #expect(check.findings.map(\.kind).contains(.projectionDamaged), "\(check.findings)")
        #expect(check.audit.records == 9)
    }

    @Test("finds an index of the projection that lacks a row, and says nothing of blocks that it would lack")
    func index() async throws {
        let months = try await ThreeMonths()
        let queue = try DatabaseQueue(path: months.folder.path + "/projection.sqlite")
        let (page, size) = try await queue.read { database in
            (
                try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'deliveries_pending'") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            )
        }
        try queue.close()
        var bytes = try months.folder.bytes("projection.sqlite")
        // The number of its cells (SQLite file format, 1.6).
        let start = (page - 1) * size
        #expect(bytes[start] == 10 && bytes[start + 4] == 1)
        bytes[start + 4] = 0
        try months.folder.write(bytes, "projection.sqlite")
        let check = try Self.check(months.folder)
        #expect(Set(check.findings.map(\.kind)) == [.projectionDamaged], "\(check.findings)")
    }

    @Test("takes a projection that is missing, of another version, or behind for no damage")
    func behind() async throws {
        let folder = try await Self.journal()
        let journal = try await Self.open(folder)
        let early = try folder.bytes("projection.sqlite")
        try await Fixture.fill(journal, 8..<11)
        await journal.close()
        try folder.removeProjection()
        let none = try Self.check(folder)
        #expect(none.isSound && none.findings.map(\.kind) == [.projectionMissing])

        try folder.write(early, "projection.sqlite")
        let behind = try Self.check(folder)
        #expect(behind.isSound && behind.findings.map(\.kind) == [.projectionBehind])
        #expect(behind.findings.first?.what.contains("last 3 blocks, from block 9 on") == true)

        try Self.execute(folder, "PRAGMA user_version = 7")
        let other = try Self.check(folder)
        #expect(other.isSound && other.findings.map(\.kind) == [.projectionVersion])
    }

    @Test("says which accepted messages are gone when the end was cut off")
    func ahead() async throws {
        let folder = try await Self.journal()
        let last = try #require(try folder.names("segments").last)
        try folder.remove("segments/" + last)
        let check = try Self.check(folder)
        let finding = try #require(check.findings.first { $0.kind == .projectionAhead })
        #expect(finding.messages.last == JournalSamples.id(7) && finding.messageCount > 0)
        #expect(!check.isSound)
    }

    @Test("tells a torn tail and files that nobody needs from damage")
    func notes() async throws {
        let folder = try await Self.journal()
        let last = "segments/" + (try #require(try folder.names("segments").last))
        let blocks = try Fixture.blocks(folder, segment: try folder.names("segments").count - 1)
        let end = try #require(blocks.last).end
        var bytes = try folder.bytes(last)
        bytes.replaceSubrange(end..<end + 4, with: Array("BLK1".utf8))
        try folder.write(bytes, last)
        let digest = SHA256.hash("nobody's")
        let orphan = Spool.name(digest)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/" + orphan.prefix(8), withIntermediateDirectories: true)
        try folder.write(Array("nobody's".utf8), orphan)
        try folder.write([1], orphan + ".part")
        try folder.write([1], "spool/readme")
        try folder.write([1], "segments/00000000.torn")
        try folder.write([1], "segments/00000009.seg.part")
        try folder.write([1], "segments/notes.txt")
        let check = try Self.check(folder)
        #expect(check.isSound && check.audit.tornBytes == 4, "\(check.findings)")
        let found = Set(check.findings.map { "\($0.kind.rawValue) \($0.file)" })
        #expect(
            found == [
                "torn-tail \(last)", "orphan \(orphan)", "unfinished \(orphan).part", "stranger spool/readme",
                "torn-file segments/00000000.torn", "unfinished segments/00000009.seg.part",
                "stranger segments/notes.txt",
            ])
    }

    @Test("refuses a folder that holds no journal")
    func nothing() {
        let error = #expect(throws: HubError.self) { _ = try Self.check(TestFolder()) }
        #expect(error?.code == .configurationInvalid)
    }

    @Test("survives a receipt that names a record which its block does not have")
    func receipt() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<1)
        let receipt = try await journal.receipt(of: JournalSamples.id(0))
        await journal.close()
        let forged = Receipt(
            record: receipt.record, proof: InclusionProof(index: 5, size: 9, path: []),
            header: receipt.header,
            signature: receipt.signature, key: receipt.key
        )
        let audit = try SegmentReader.verify(
            folder: folder.path, keys: [try Fixture.key.get().publicKey], receipts: [forged])
        #expect(audit.faults.map(\.kind) == [.receipt])
    }
}
