import FoundationEssentials
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("The check of a chain that someone rewrote")
struct AuditTests {
    /// Numbers and checksums are whatever the forger wanted.
    struct Block: CustomTestStringConvertible, Sendable {
        var number: Int64 = 0
        var firstSequence: Int64 = 0
        var size = 10
        var testDescription: String { "block \(self.number) from \(self.firstSequence), \(self.size) bytes" }

        func bytes() throws -> [UInt8] {
            let key = try Fixture.key.get()
            let payload = JournalSamples.payload(1, count: 10)
            let sample = JournalSamples.message(1, payload: payload)
            let record = JournalRecord.accepted(
                AcceptedMessage(
                    id: sample.id, receivedAt: sample.receivedAt, sender: sample.sender,
                    agency: sample.agency,
                    type: sample.type, identity: sample.identity, digest: sample.digest, size: self.size,
                    contentType: sample.contentType, orderKey: "", priority: 0, correlation: "",
                    signature: sample.signature, warnings: [], deliveries: sample.deliveries
                )
            ).bytes
            let header = BlockHeader(
                hub: "H44", number: self.number, previous: .zero, count: 1, firstSequence: self.firstSequence,
                time: JournalSamples.time(1), root: MerkleTree.root([MerkleTree.leaf(record)])
            ).bytes
            var bytes: [UInt8] = []
            BlockLayout.encode(
                [BlockLayout.Entry(record: record, payload: payload)], header: header,
                signature: try key.sign(header), key: key.publicKey.fingerprint, into: &bytes
            )
            return bytes
        }
    }

    private static func folder(_ blocks: [Block], segment: Int = 0) throws -> TestFolder {
        let folder = TestFolder()
        for name in ["/segments", "/spool"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + name, withIntermediateDirectories: true)
        }
        var bytes = SegmentHeader(number: segment, firstBlock: 0).bytes
        for block in blocks { bytes += try block.bytes() }
        try folder.write(bytes, "segments/" + SegmentHeader.fileName(segment))
        return folder
    }

    private static func verify(_ folder: TestFolder) throws -> JournalAudit {
        try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
    }

    static let forgeries: [(block: Block, what: String)] = [
        (Block(number: .max), "block 9223372036854775807 follows block -1"),
        (Block(firstSequence: .max), "the sequence numbers run out"),
        (Block(number: .max, firstSequence: .max), "the sequence numbers run out"),
        (Block(number: -1), "a number of the block is negative"),
        (Block(number: .min, firstSequence: .min), "a number of the block is negative"),
        (Block(firstSequence: -1), "a number of the block is negative"),
        (Block(firstSequence: DeliveryPosition.lastSequence + 1), "the sequence numbers run out"),
        (Block(firstSequence: DeliveryPosition.lastSequence), "the sequence numbers do not continue"),
    ]

    @Test("names numbers that cannot be, and reads on", arguments: Self.forgeries)
    func numbers(_ block: Block, what: String) throws {
        let audit = try Self.verify(try Self.folder([block, block, Block()]))
        #expect(audit.blocks == 3 && audit.lastBlock == 0)
        #expect(audit.faults.first?.what == what)
        #expect(audit.faults.count >= 3)
    }

    @Test("ends the start with damage and not with the process", arguments: Self.forgeries)
    func start(_ block: Block, what: String) async throws {
        let folder = try Self.folder([block, block])
        let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(folder) }
        #expect(error?.code == .journalDamaged)
        #expect(error?.detail("fault") == what)
    }

    @Test("does not add up sizes that no payload has")
    func sizes() throws {
        let folder = try Self.folder([Block(size: .max), Block(size: .max), Block()])
        let audit = try Self.verify(folder)
        #expect(audit.records == 3)
        #expect(audit.payloadBytes == .max)
        #expect(audit.faults.contains { $0.what == "the payload is another one" && $0.record == 0 })
    }

    @Test("names the gap before a segment, however large its number", arguments: [1, 99_999_999, .max])
    func gaps(number: Int) throws {
        let folder = try Self.folder([Block()])
        let other = try Self.folder([Block(number: 1, firstSequence: 1)], segment: number)
        let name = "segments/" + SegmentHeader.fileName(number)
        try folder.write(try other.bytes(name), name)
        let audit = try Self.verify(folder)
        #expect(audit.segments == 2 && audit.blocks == 2)
        let gaps = audit.faults.filter { $0.what == "the segment before this one is missing" }
        #expect(gaps.map(\.segment) == (number == 1 ? [] : [SegmentHeader.fileName(number)]))
    }

    /// The folder of a journal whose last segment a hub goes on writing while payloads are looked for.
    private struct Growing: ChainSource {
        let folder: TestFolder
        let written: [UInt8]

        func segments() throws(HubError) -> [Int] { try JournalFolder(self.folder.path).segments() }

        func segment(_ number: Int) throws(HubError) -> FileExtent {
            try JournalFolder(self.folder.path).segment(number)
        }

        func spooled(_ digest: Digest) throws(HubError) -> FileExtent? {
            let file = try OpenFile(self.folder.path + "/" + Fixture.segment, .write)
            #expect(self.written.withUnsafeBytes { DiskCalls.system.write(file.descriptor, $0, 0) } == 0)
            return try JournalFolder(self.folder.path).spooled(digest)
        }
    }

    @Test("takes a block for whole that was being written when it came there", arguments: [true, false])
    func growing(hasBeginning: Bool) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.spoolThreshold = 50 }
        try await Fixture.fill(journal, 0..<4)
        await journal.close()
        let written = try folder.bytes(Fixture.segment)
        let blocks = try Fixture.blocks(folder)
        // The third block is half there, and nothing of the fourth.
        var early = written
        let missing = hasBeginning ? blocks[2].offset + 100..<blocks[3].end : blocks[2].offset + 8..<blocks[3].end
        early.replaceSubrange(missing, with: repeatElement(0, count: missing.count))
        try folder.write(early, Fixture.segment)
        var run = AuditRun(
            Growing(folder: folder, written: written), keys: [try Fixture.key.get().publicKey], hub: "H44",
            receipts: [])
        try run.run { _ in }
        #expect(run.audit.faults == [] && run.audit.lastBlock == 3 && run.audit.tornBytes == 0)
    }

    @Test("reads segments by number and not by name")
    func order() throws {
        let folder = try Self.folder([Block()], segment: 99_999_999)
        let next = try Self.folder([Block(number: 1, firstSequence: 1)], segment: 100_000_000)
        try folder.write(try next.bytes("segments/100000000.seg"), "segments/100000000.seg")
        let audit = try Self.verify(folder)
        #expect(audit.lastBlock == 1)
        let gaps = audit.faults.filter { $0.what == "the segment before this one is missing" }
        #expect(gaps.map(\.segment) == ["99999999.seg"])
    }
}
