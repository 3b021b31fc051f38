import FoundationEssentials
import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// Payloads in the spool of which the database knows no message: a crash leaves such, and so does a flipped bit.
@Suite("A spooled payload that the database does not know")
struct OrphanTests {
    private static let payload = JournalSamples.payload(1, count: 300_000)
    private static let other = JournalSamples.payload(2, count: 300_000)
    private static let file = Spool.name(SHA256.hash(Self.payload))
    private static let otherFile = Spool.name(SHA256.hash(Self.other))

    /// How long the chain may be that a start reads.
    enum Length: Int, CaseIterable {
        case short = 0x1000_0000
        case long = 0
    }

    private static func open(_ folder: TestFolder, _ length: Length) async throws -> SegmentJournal {
        try await Fixture.open(folder) {
            $0.shortChain = length.rawValue
            $0.segmentSize = 8192
        }
    }

    /// Two messages with payloads of their own, others before, between and behind them, and a file that nobody needs.
    private static func filled() async throws -> TestFolder {
        let folder = TestFolder()
        let journal = try await Self.open(folder, .short)
        try await Fixture.fill(journal, 10..<13, size: 3000)
        for (number, payload) in [(1, Self.payload), (2, Self.other)] {
            _ = try await journal.append(.accepted(JournalSamples.message(number, payload: payload)), payload: payload)
            try await Fixture.fill(journal, 20 * number..<20 * number + 3, size: 3000)
        }
        await journal.close()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/" + Self.nobodys.prefix(8), withIntermediateDirectories: true)
        try folder.write([7], Self.nobodys)
        return folder
    }

    private static let nobodys = Spool.name(SHA256.hash([7]))

    private static func change(_ folder: TestFolder, _ sql: String) throws {
        let database = try DatabaseQueue(path: folder.path + "/projection.sqlite")
        try database.write { try $0.execute(sql: sql) }
        try database.close()
    }

    @Test("goes when the chain does not know it either", arguments: Length.allCases)
    func nobody(_ length: Length) async throws {
        let folder = try await Self.filled()
        let journal = try await Self.open(folder, length)
        #expect(journal.startReport.removedOrphans == (length == .short ? 1 : 0))
        #expect(journal.startReport.orphans == (length == .short ? 0 : 1))
        #expect(folder.exists(Self.nobodys) == (length == .long))
        let report = try await journal.removeOrphans()
        #expect(report.removed == (length == .short ? 0 : 1) && report.needed == [])
        #expect(!folder.exists(Self.nobodys) && folder.exists(Self.file) && folder.exists(Self.otherFile))
        await journal.close()
    }

    @Test("is known to the table when its index has lost it to a flipped bit, and to the index when the table has")
    func flipped() async throws {
        let folder = try await Self.filled()
        let digests = [Self.payload, Self.other].map { SHA256.hash($0) }
        let sound = try folder.bytes("projection.sqlite")
        for digest in digests {
            var places: [Int] = []
            for place in sound.indices.dropLast(32) where sound[place..<place + 32].elementsEqual(digest.bytes) {
                var flipped = sound
                flipped[place + 7] ^= 0x10
                try folder.write(flipped, "projection.sqlite")
                let projection = try Projection.open(folder.path + "/projection.sqlite")
                let found = try projection.read { database in
                    let sql = "SELECT count(*) FROM spooled "
                    let condition = " WHERE digest = ?"
                    return try ["INDEXED BY spooled_digest", "NOT INDEXED"].map {
                        try Int.fetchOne(database, sql: sql + $0 + condition, arguments: [Data(digest.bytes)]) ?? 0
                    }
                }
                if found.contains(0) { places.append(found.firstIndex(of: 0) ?? 0) }
                #expect(try projection.spooled(among: digests + [SHA256.hash([7])]) == Set(digests), "\(found)")
                projection.close()
            }
            #expect(Set(places) == [0, 1], "one flipped bit took it from each")
        }
    }

    @Test("stays when a message in the chain needs it: a short chain makes the database anew")
    func short() async throws {
        let folder = try await Self.filled()
        try Self.change(folder, "DELETE FROM spooled WHERE sequence = (SELECT max(sequence) FROM spooled)")
        let journal = try await Self.open(folder, .short)
        #expect(journal.startReport.isRebuilt && journal.startReport.removedOrphans == 1)
        #expect(folder.exists(Self.otherFile) && !folder.exists(Self.nobodys))
        #expect(try await journal.payload(of: JournalSamples.id(2)) == Self.other)
        await journal.close()
    }

    @Test("stays when a message in the chain needs it: of a long one it is told, and what is not needed goes")
    func long() async throws {
        let folder = try await Self.filled()
        try Self.change(folder, "DELETE FROM spooled")
        var journal = try await Self.open(folder, .long)
        #expect(!journal.startReport.isRebuilt && journal.startReport.orphans == 3)
        let report = try await journal.removeOrphans()
        #expect(report.needed == [Self.file, Self.otherFile].sorted() && report.removed == 1)
        #expect(folder.exists(Self.file) && folder.exists(Self.otherFile) && !folder.exists(Self.nobodys))
        await journal.close()
        _ = try await SegmentJournal.rebuild(try Fixture.configuration(folder))
        journal = try await Self.open(folder, .long)
        #expect(journal.startReport.orphans == 0)
        #expect(try await journal.payload(of: JournalSamples.id(1)) == Self.payload)
        #expect(try await journal.payload(of: JournalSamples.id(2)) == Self.other)
        await journal.close()
    }

    @Test("goes when its message is covered by a removal, also one that was delivered anew before", arguments: [false, true])
    func covered(isBegunAnew: Bool) async throws {
        let folder = try await Self.filled()
        var journal = try await Self.open(folder, .short)
        let end = try await journal.totals().records
        let removal = Operation(
            at: JournalSamples.time(1), actor: "quan-tri", action: PayloadRemoval.action,
            subject: "before=2100-01-01 sequences=0-\(end - 1)", reason: "")
        let others = [10..<13, 20..<23, 40..<43].flatMap { $0 }
        try await journal.record(
            others.map { JournalSamples.event($0, .delivered) } + [1, 2].map { JournalSamples.event($0, .deadLettered) })
        if isBegunAnew { try await journal.record([JournalSamples.event(1, .redriven)]) }
        if isBegunAnew { try await journal.record([JournalSamples.event(1, .delivered)]) }
        _ = try await journal.append(.operation(removal), payload: nil)
        await journal.close()
        journal = try await Self.open(folder, .long)
        #expect(journal.startReport.orphans == 2, "the database takes the rows out with the record of the removal")
        let report = try await journal.removeOrphans()
        #expect(report.needed == [] && report.removed == 2)
        #expect(!folder.exists(Self.file) && !folder.exists(Self.otherFile))
        await journal.close()
    }

    @Test("stays when the chain cannot be read", arguments: Length.allCases)
    func damaged(_ length: Length) async throws {
        let folder = try await Self.filled()
        let segment = "segments/00000001.seg"
        var bytes = try folder.bytes(segment)
        bytes[40] ^= 1
        try folder.write(bytes, segment)
        let journal = try await Self.open(folder, length)
        let error = await #expect(throws: HubError.self) { _ = try await journal.removeOrphans() }
        #expect(error?.code == .journalDamaged)
        #expect(folder.exists(Self.nobodys) && folder.exists(Self.file))
        await journal.close()
    }

    @Test("stays when a block is unsound and others follow it, also in the last segment")
    func damagedEnd() async throws {
        let folder = try await Self.filled()
        let before = try await Fixture.open(folder)
        try await Fixture.fill(before, 50..<54, size: 3000)
        await before.close()
        try folder.write([7], Self.nobodys)
        let last = try #require(try folder.names("segments").max())
        let segment = "segments/" + last
        let number = try #require(SegmentHeader.number(fileName: last))
        let blocks = try Fixture.blocks(folder, segment: number)
        #expect(blocks.count > 1)
        var bytes = try folder.bytes(segment)
        bytes[blocks[0].offset + 70] ^= 1
        try folder.write(bytes, segment)
        let journal = try await Self.open(folder, .long)
        let error = await #expect(throws: HubError.self) { _ = try await journal.removeOrphans() }
        #expect(error?.code == .journalDamaged)
        #expect(folder.exists(Self.nobodys))
        await journal.close()
    }

    @Test("stays when its sender hands the message in again meanwhile, and nothing is said of the database")
    func repeated() async throws {
        let folder = try await Self.filled()
        let payload = JournalSamples.payload(3, count: 300_000)
        try Spool(folder: folder.path + "/spool", disk: .system).store(payload, SHA256.hash(payload))
        let journal = try await Self.open(folder, .long)
        #expect(journal.startReport.orphans == 2)
        _ = try await journal.append(.accepted(JournalSamples.message(3, payload: payload)), payload: payload)
        let report = try await journal.removeOrphans()
        #expect(report == OrphanReport(removed: 1, needed: []))
        #expect(try await journal.payload(of: JournalSamples.id(3)) == payload)
        await journal.close()
    }

    @Test("stays when it is a copy of what stands in a block, which a drop may be carrying, until a start")
    func copied() async throws {
        let folder = try await Self.filled()
        let payload = JournalSamples.payload(10, count: 3000)
        let copy = Spool.name(SHA256.hash(payload))
        try Spool(folder: folder.path + "/spool", disk: .system).store(payload, SHA256.hash(payload))
        var journal = try await Self.open(folder, .long)
        #expect(try await journal.removeOrphans() == OrphanReport(removed: 1, needed: []))
        #expect(folder.exists(copy))
        await journal.close()
        journal = try await Self.open(folder, .short)
        #expect(!journal.startReport.isRebuilt && journal.startReport.removedOrphans == 1)
        #expect(!folder.exists(copy))
        #expect(try await journal.payload(of: JournalSamples.id(10)) == payload)
        await journal.close()
    }

    @Test("stays when the database does not follow any more")
    func refused() async throws {
        let folder = try await Self.filled()
        let journal = try await Self.open(folder, .long)
        journal.backlog.end()
        let error = await #expect(throws: HubError.self) { _ = try await journal.removeOrphans() }
        #expect(error?.code == .journalUnavailable)
        #expect(folder.exists(Self.nobodys))
        await journal.close()
    }

    @Test("stays when the journal is closed before it was looked for")
    func closed() async throws {
        let folder = try await Self.filled()
        let journal = try await Self.open(folder, .long)
        await journal.close()
        let error = await #expect(throws: HubError.self) { _ = try await journal.removeOrphans() }
        #expect(error?.code == .journalClosed)
        #expect(folder.exists(Self.nobodys))
    }

    @Test("stays when its message has outlived its month")
    func carried() async throws {
        let months = try await Droppable(waiting: [1, 3])
        try await months.dropped()
        try Self.change(months.folder, "DELETE FROM spooled WHERE digest IN (SELECT digest FROM spooled LIMIT 1)")
        var settings = try months.settings()
        settings.shortChain = 0
        let journal = try await SegmentJournal.open(settings)
        let count = journal.startReport.orphans
        let report = try await journal.removeOrphans()
        #expect(count == 1 && report.needed.count == 1 && report.removed == 0)
        await journal.close()
        #expect(months.folder.exists(ThreeMonths.spoolFile(1)) && months.folder.exists(ThreeMonths.spoolFile(3)))
    }
}
