import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A journal whose files were damaged")
struct DamageTests {
    /// Five messages, and a copy of the folder from before the last one.
    private static func filled() async throws -> (
        before: TestFolder, after: TestFolder, blocks: [BlockLocation]
    ) {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<4)
        let before = try folder.copy()
        try await Fixture.fill(journal, 4..<5)
        await journal.close()
        return (before, folder, try Fixture.blocks(folder))
    }

    @Test("sets a last block aside that a crash cut off, wherever it was cut, and goes on")
    func torn() async throws {
        let (before, after, blocks) = try await Self.filled()
        let last = try #require(blocks.last)
        let whole = try after.bytes(Fixture.segment)
        for kept in [1, 4, 5, 8, 9, 24, 55, 56, 57, 64, 200, last.length / 2, last.length - 9] {
            let folder = try before.copy()
            var bytes = whole
            for index in last.offset + kept..<bytes.count { bytes[index] = 0 }
            try folder.write(bytes, Fixture.segment)
            let journal = try await Fixture.open(folder)
            let report = journal.startReport
            #expect(report.lastBlock == 3, "cut after \(kept) bytes")
            #expect(report.tornBytes > 0 && report.tornBytes <= kept, "cut after \(kept) bytes")
            let torn = try folder.bytes("segments/00000000.torn")
            #expect(torn == Array(whole[last.offset..<last.offset + report.tornBytes]))
            try await Fixture.fill(journal, 4..<6)
            #expect(try await journal.totals().messages == 6)
            await journal.close()
            let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
            #expect(audit.faults == [] && audit.blocks == 6 && audit.tornBytes == 0)
        }
    }

    @Test("sets a last block aside whose first part never reached the disk")
    func tornInFront() async throws {
        let (before, after, blocks) = try await Self.filled()
        let last = try #require(blocks.last)
        let folder = try before.copy()
        var bytes = try after.bytes(Fixture.segment)
        for index in last.offset..<last.offset + 100 { bytes[index] = 0 }
        try folder.write(bytes, Fixture.segment)
        let journal = try await Fixture.open(folder)
        #expect(journal.startReport.lastBlock == 3)
        #expect(journal.startReport.tornBytes > 100)
        await journal.close()
    }

    @Test("keeps the torn bytes of one crash when another follows")
    func tornTwice() async throws {
        let (before, after, blocks) = try await Self.filled()
        let last = try #require(blocks.last)
        var bytes = try after.bytes(Fixture.segment)
        bytes[last.offset + 80] ^= 1
        for _ in 0..<2 {
            try before.write(bytes, Fixture.segment)
            await (try Fixture.open(before)).close()
        }
        #expect(try before.names("segments") == ["00000000.seg", "00000000.torn", "00000000.torn-2"])
    }

    @Test("opens when the segment was cut short by the file system")
    func shortFile() async throws {
        let (before, after, blocks) = try await Self.filled()
        let last = try #require(blocks.last)
        for length in [last.offset, last.offset + 3, last.offset + 60] {
            let folder = try before.copy()
            try folder.write(Array(try after.bytes(Fixture.segment)[..<length]), Fixture.segment)
            let journal = try await Fixture.open(folder)
            try await Fixture.fill(journal, 4..<8)
            #expect(try await journal.totals().messages == 8)
            journal.abandon()
            let again = try await Fixture.open(folder)
            #expect(again.startReport.lastBlock == 7)
            await again.close()
        }
    }

    @Test("names segment and offset of a damaged block that sound ones follow", arguments: 0..<16)
    func damagedMiddle(_ place: Int) async throws {
        let (_, folder, blocks) = try await Self.filled()
        var bytes = try folder.bytes(Fixture.segment)
        bytes[blocks[2].offset + place * blocks[2].length / 16] ^= 0x10
        try folder.write(bytes, Fixture.segment)
        // The database knows the end and need not look at the middle; the audit does.
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.blocks >= 4, "its neighbours stay readable")
        #expect(audit.faults.first?.offset == blocks[2].offset)
        try folder.removeProjection()
        let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(folder) }
        #expect(error?.code == .journalDamaged)
        #expect(error?.detail("segment") == "00000000.seg")
        #expect(error?.detail("offset") == "\(blocks[2].offset)")
    }

    @Test("gives what is sound and refuses what is not while it runs")
    func damagedWhileOpen() async throws {
        let (_, folder, blocks) = try await Self.filled()
        let journal = try await Fixture.open(folder)
        var bytes = try folder.bytes(Fixture.segment)
        bytes[blocks[2].end - 20] ^= 1
        bytes[blocks[1].offset + 70] ^= 1
        try folder.write(bytes, Fixture.segment)
        await Self.expectDamaged { _ = try await journal.payload(of: JournalSamples.id(2)) }
        await Self.expectDamaged { _ = try await journal.receipt(of: JournalSamples.id(1)) }
        #expect(try await journal.payload(of: JournalSamples.id(3)) == JournalSamples.payload(3, count: 100))
        #expect(try await journal.receipt(of: JournalSamples.id(3)).proof.size == 1)
        await journal.close()
    }

    @Test("is refused when the database knows more than the segments")
    func lostSegments() async throws {
        let (before, after, blocks) = try await Self.filled()
        try after.write(try before.bytes(Fixture.segment), Fixture.segment)
        let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(after) }
        #expect(error?.code == .journalDamaged)
        #expect(error?.detail("block") == "\(blocks.count - 1)")
        try after.remove(Fixture.segment)
        await Self.expectDamaged { _ = try await Fixture.open(after) }
    }

    @Test("takes an acknowledged last block that no longer reads for damage and not for a torn one")
    func acknowledgedTail() async throws {
        let (_, folder, blocks) = try await Self.filled()
        var bytes = try folder.bytes(Fixture.segment)
        bytes[blocks[4].offset + 90] ^= 1
        try folder.write(bytes, Fixture.segment)
        await Self.expectDamaged { _ = try await Fixture.open(folder) }
        #expect(try folder.names("segments") == ["00000000.seg"])
    }

    @Test("is refused when a segment in the middle is missing")
    func missingSegment() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.segmentSize = 4096 }
        try await Fixture.fill(journal, 0..<20, size: 1500)
        await journal.close()
        try folder.remove("segments/00000002.seg")
        let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(folder) }
        #expect(error?.code == .journalDamaged)
        #expect(error?.detail("segment") == "00000002.seg")
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.faults.first?.segment == "00000003.seg")
    }

    @Test("forgets a segment that was being made when the crash came", arguments: [0, 10, 5000])
    func unbegunSegment(count: Int) async throws {
        let (before, _, _) = try await Self.filled()
        try before.write([UInt8](repeating: 0, count: count), "segments/00000001.seg")
        let journal = try await Fixture.open(before)
        try await Fixture.fill(journal, 4..<6)
        #expect(try await journal.totals().messages == 6)
        await journal.close()
    }

    @Test("is refused to a hub of another name")
    func anotherHub() async throws {
        let (_, folder, _) = try await Self.filled()
        try folder.removeProjection()
        await Self.expectDamaged { _ = try await Fixture.open(folder) { $0.hub = "H55" } }
    }

    @Test("fails its audit with another key")
    func anotherKey() async throws {
        let (_, folder, _) = try await Self.filled()
        let other = try SigningKey.generate(.p256).publicKey
        let audit = try SegmentReader.verify(folder: folder.path, keys: [other])
        #expect(audit.faults.count == 5)
    }

    static func expectDamaged(_ body: () async throws -> Void) async {
        let error = await #expect(throws: HubError.self) { try await body() }
        #expect(error?.code == .journalDamaged)
    }
}
