import FoundationEssentials
import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// What someone with a hex editor and a database shell could do to a journal, and what the audit says of it.
@Suite("The audit of a journal that someone edited")
struct TamperingTests {
    private struct Edited {
        let folder: TestFolder
        let blocks: [StoredBlock]
        let receipts: [Receipt]
    }

    /// Eight messages a block each, then an outcome of the fourth.
    private static func journal(hub: String = "H44") async throws -> Edited {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.hub = hub }
        try await Fixture.fill(journal, 0..<8)
        try await journal.record([JournalSamples.event(3, .deadLettered, attempt: 1)])
        var receipts: [Receipt] = []
        for number in 0..<8 { receipts += try await journal.receipts(of: JournalSamples.id(number)) }
        await journal.close()
        let files = SegmentFiles(folder: folder.path + "/segments")
        var blocks: [StoredBlock] = []
        var scan = try SegmentScan(0, in: files)
        while case .block(let block) = try scan.next() { blocks.append(block) }
        return Edited(folder: folder, blocks: blocks, receipts: receipts)
    }

    /// Writes blocks one after the other, with zeros behind.
    private static func write(_ blocks: [[UInt8]], to folder: TestFolder) throws {
        let old = try folder.bytes(Fixture.segment)
        var bytes = Array(old[..<SegmentHeader.length]) + blocks.flatMap(\.self)
        bytes += [UInt8](repeating: 0, count: max(0, old.count - bytes.count))
        try folder.write(bytes, Fixture.segment)
    }

    /// The block with other bytes at a place, and a checksum that is right again.
    private static func edited(_ block: StoredBlock, at place: Int) -> [UInt8] {
        var bytes = block.bytes
        bytes[place] ^= 0x01
        let checksum = CRC32C.checksum(bytes.span.bytes.extracting(droppingFirst: 8))
        for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
        return bytes
    }

    private static func audit(
        _ edited: Edited, receipts: [Receipt] = [], hub: String? = "H44"
    ) throws -> (audit: JournalAudit, differences: [String]) {
        let memory = try ProjectionMemory(folder: edited.folder.path)
        let audit = try SegmentReader.verify(
            folder: edited.folder.path, keys: [try Fixture.key.get().publicKey], hub: hub, receipts: receipts,
            memory: memory
        )
        let scratch = TestFolder()
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
        return (audit, try memory?.differences(scratch: scratch.path) ?? [])
    }

    @Test("finds nothing when nothing was done, with every receipt in its place")
    func untouched() async throws {
        let edited = try await Self.journal()
        let (audit, differences) = try Self.audit(edited, receipts: edited.receipts)
        #expect(audit.faults.isEmpty && differences.isEmpty)
        #expect(audit.records == 9 && audit.receipts == edited.receipts.count && audit.hub == "H44")
    }

    @Test("names the message whose payload was changed", arguments: [true, false])
    func payload(checksumIsMended: Bool) async throws {
        let edited = try await Self.journal()
        let block = edited.blocks[2]
        var bytes = edited.blocks.map(\.bytes)
        bytes[2] = Self.edited(block, at: block.index.payloads[0].lowerBound)
        if !checksumIsMended { bytes[2].replaceSubrange(4..<8, with: block.bytes[4..<8]) }
        try Self.write(bytes, to: edited.folder)
        let (audit, _) = try Self.audit(edited)
        let fault = try #require(audit.faults.first { $0.what == "the payload is another one" })
        #expect(fault.record == 2 && fault.message == JournalSamples.id(2))
        #expect(audit.faults.count == (checksumIsMended ? 1 : 2))
        #expect(audit.blocks == 9)
    }

    @Test("names what was done in the order of the chain, the first of it first")
    func order() async throws {
        let edited = try await Self.journal()
        var bytes = edited.blocks.map(\.bytes)
        bytes[1] = Self.edited(edited.blocks[1], at: edited.blocks[1].index.payloads[0].lowerBound)
        bytes.swapAt(5, 6)
        try Self.write(bytes, to: edited.folder)
        let (audit, _) = try Self.audit(edited)
        #expect(audit.faults.first?.what == "the payload is another one" && audit.faults.first?.record == 1)
        #expect(audit.faults.dropFirst().first?.what == "block 6 follows block 4")
    }

    @Test("names the outcome that was changed")
    func outcome() async throws {
        let edited = try await Self.journal()
        let block = try #require(edited.blocks.last)
        var bytes = edited.blocks.map(\.bytes)
        // From dead-lettered to postponed: the kind stands behind message, ordinal and time.
        bytes[8] = Self.edited(block, at: block.index.records[0].lowerBound + 1 + 16 + 1 + 8)
        try Self.write(bytes, to: edited.folder)
        let (audit, differences) = try Self.audit(edited)
        #expect(audit.faults.map(\.what) == [
            "the records do not belong to the signed root", "the record is not the one that was written",
        ])
        #expect(audit.faults.last?.record == 8 && audit.faults.last?.message == JournalSamples.id(3))
        #expect(!differences.isEmpty)
    }

    @Test("names the place of a block that was taken out")
    func removed() async throws {
        let edited = try await Self.journal()
        var bytes = edited.blocks.map(\.bytes)
        bytes.remove(at: 4)
        try Self.write(bytes, to: edited.folder)
        let (audit, differences) = try Self.audit(edited)
        #expect(audit.faults.first?.what == "block 5 follows block 3")
        #expect(audit.faults.first?.offset == edited.blocks[4].location.offset)
        #expect(!differences.isEmpty)
    }

    @Test("names the first of two blocks that were swapped")
    func swapped() async throws {
        let edited = try await Self.journal()
        var bytes = edited.blocks.map(\.bytes)
        bytes.swapAt(3, 4)
        try Self.write(bytes, to: edited.folder)
        let (audit, _) = try Self.audit(edited)
        #expect(audit.faults.first?.what == "block 4 follows block 2")
    }

    @Test("tells from a receipt, and from the database, that the end was cut off")
    func tail() async throws {
        let edited = try await Self.journal()
        try Self.write(edited.blocks[..<6].map(\.bytes), to: edited.folder)
        let (audit, differences) = try Self.audit(edited, receipts: edited.receipts)
        let missing = audit.faults.map(\.what)
        #expect(missing.contains("a receipt names block 7, which is not here: the end of the chain was cut off"))
        #expect(audit.faults.contains { $0.message == JournalSamples.id(7) })
        #expect(audit.receipts == 6)
        #expect(differences == ["it knows block 8, and the segments end with block 5: the end was cut off"])
        // With the database gone too, only whoever holds a receipt knows.
        try edited.folder.removeProjection()
        #expect(try Self.audit(edited).audit.faults.isEmpty)
        #expect(try Self.audit(edited, receipts: [edited.receipts[7]]).audit.faults.count == 1)
    }

    @Test("does not take a receipt of another chain for one of this")
    func otherReceipt() async throws {
        let edited = try await Self.journal()
        let other = try await Self.journal(hub: "H55")
        let (audit, _) = try Self.audit(edited, receipts: [other.receipts[3]])
        #expect(audit.faults.map(\.what) == ["a receipt names another block 3"])
    }

    @Test("names a segment of another hub")
    func otherHub() async throws {
        let edited = try await Self.journal()
        let other = try await Self.journal(hub: "H55")
        try edited.folder.write(try other.folder.bytes(Fixture.segment), Fixture.segment)
        let (audit, differences) = try Self.audit(edited)
        #expect(audit.faults.first?.what == "the block belongs to another hub")
        #expect(!differences.isEmpty)
    }

    static let edits = [
        ("UPDATE deliveries SET state = 1 WHERE position = 4096", "deliveries"),
        ("DELETE FROM messages WHERE sequence = 5", "messages"),
        ("UPDATE messages SET record = x'00' WHERE sequence = 5", "messages"),
        ("DELETE FROM attempts", "attempts"), ("UPDATE counters SET value = value + 1", "counters"),
        ("DELETE FROM identities WHERE sequence = 1", "identities"),
        ("INSERT INTO refusals (sequence, record) VALUES (99, x'02')", "refusals"),
        ("UPDATE blocks SET offset = offset + 8 WHERE first_sequence = 2", "blocks"),
        ("UPDATE destinations SET pending = 0", "destinations"),
    ]

    @Test("names the table of the database that does not say what the blocks say", arguments: Self.edits)
    func database(edit: String, table: String) async throws {
        let edited = try await Self.journal()
        let queue = try DatabaseQueue(path: edited.folder.path + "/projection.sqlite")
        try await queue.write { try $0.execute(sql: edit) }
        try queue.close()
        let (audit, differences) = try Self.audit(edited)
        #expect(audit.faults.isEmpty, "the blocks are as they were")
        #expect(differences.count == 1)
        #expect(differences.first?.hasPrefix("table \(table) differs") == true, "\(differences)")
    }

    @Test("looks at a journal that is being written to, and finds nothing wrong with it")
    func running() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<20)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Fixture.fill(journal, 20..<120) }
            group.addTask {
                for _ in 0..<3 {
                    let edited = Edited(folder: folder, blocks: [], receipts: [])
                    let (audit, differences) = try Self.audit(edited)
                    #expect(audit.faults.isEmpty && differences.isEmpty, "\(audit.faults) \(differences)")
                }
            }
            try await group.waitForAll()
        }
        await journal.close()
    }
}
