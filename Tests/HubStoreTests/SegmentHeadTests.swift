import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("The head of a segment")
struct SegmentHeadTests {
    private static let last = "segments/00000001.seg"

    /// What the database knows when the segments are read.
    enum Projection: CaseIterable, Sendable {
        case missing, older
    }

    /// Two segments with one block each.
    static func filled(_ projection: Projection) async throws -> TestFolder {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.segmentSize = 4096 }
        try await Fixture.fill(journal, 0..<1, size: 2500)
        let early = try folder.copy()
        try await Fixture.fill(journal, 1..<2, size: 2500)
        await journal.close()
        try folder.removeProjection()
        if projection == .older {
            for name in ["projection.sqlite", "projection.sqlite-wal"] {
                try folder.write(try early.bytes(name), name)
            }
        }
        #expect(try folder.names("segments") == ["00000000.seg", "00000001.seg"])
        #expect(try Fixture.blocks(folder, segment: 1).count == 1)
        return folder
    }

    @Test("that was damaged takes no block with it", arguments: Projection.allCases)
    func damaged(_ projection: Projection) async throws {
        let filled = try await Self.filled(projection)
        let whole = try filled.bytes(Self.last)
        for place in 0..<SegmentHeader.length {
            let folder = try filled.copy()
            var bytes = whole
            bytes[place] ^= 0x04
            try folder.write(bytes, Self.last)
            let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(folder) }
            #expect(error?.code == .journalDamaged, "byte \(place)")
            #expect(error?.detail("segment") == "00000001.seg")
            #expect(try folder.bytes(Self.last) == bytes, "nothing is removed")
            let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
            #expect(audit.blocks == 2 && audit.faults.count == 1)
            // Whoever mends the head has everything back.
            try folder.write(whole, Self.last)
            let journal = try await Fixture.open(folder)
            #expect(try await journal.totals().messages == 2)
            await journal.close()
        }
    }

    @Test("that was damaged is damage in the only segment too")
    func onlySegment() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<1)
        await journal.close()
        try folder.removeProjection()
        var bytes = try folder.bytes(Fixture.segment)
        bytes[3] ^= 1
        try folder.write(bytes, Fixture.segment)
        await DamageTests.expectDamaged { _ = try await Fixture.open(folder) }
        #expect(try folder.bytes(Fixture.segment) == bytes)
    }

    @Test(
        "is never missing before something that follows it, so that is damage even where no block can be read"
    )
    func damagedWithBlock() async throws {
        let folder = try await Self.filled(.older)
        var bytes = try folder.bytes(Self.last)
        bytes[3] ^= 1
        bytes[SegmentHeader.length + 70] ^= 1
        try folder.write(bytes, Self.last)
        await DamageTests.expectDamaged { _ = try await Fixture.open(folder) }
        #expect(try folder.bytes(Self.last) == bytes)
    }

    @Test("that a crash left half written is kept, and its segment made again", arguments: [8, 16, 24, 27])
    func torn(count: Int) async throws {
        let folder = try await Self.filled(.missing)
        let head = Array(try folder.bytes(Self.last)[..<count])
        let kept = Array(head[...(head.lastIndex { $0 != 0 } ?? 0)])
        try folder.write(head + [UInt8](repeating: 0, count: 4096 - count), Self.last)
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.faults == [] && audit.tornBytes == kept.count)
        let journal = try await Fixture.open(folder) { $0.segmentSize = 4096 }
        #expect(journal.startReport.lastBlock == 0)
        #expect(try folder.bytes("segments/00000001.torn") == kept)
        #expect(journal.startReport.tornBytes == kept.count)
        try await Fixture.fill(journal, 1..<3, size: 2500)
        #expect(try await journal.totals().messages == 3)
        await journal.close()
    }
}
