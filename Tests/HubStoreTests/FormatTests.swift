import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("The files of a journal")
struct FormatTests {
    @Test(
        "use the checksum of RFC 3720",
        arguments: [
            ("123456789", 0xE306_9283), ("", 0), (String(repeating: "\0", count: 32), 0x8A91_36AA),
        ] as [(String, UInt32)])
    func checksum(_ text: String, _ wanted: UInt32) {
        let bytes = Array(text.utf8)
        #expect(CRC32C.checksum(bytes.span.bytes) == wanted)
        #expect(CRC32C.tabular(bytes.span.bytes) == wanted)
    }

    /// Reads as `docs/journal-format.md` says, without any of the code that wrote it.
    @Test("can be read by a program that knows only their description")
    func independentReader() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<3, size: 10)
        await journal.close()
        let file = try folder.bytes(Fixture.segment)
        func number(_ offset: Int, _ count: Int) -> Int {
            file[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
        }
        #expect(String(decoding: file[0..<8], as: UTF8.self) == "LGSPSEG1")
        var offset = 32
        var previous = [UInt8](repeating: 0, count: 32)
        for block in 0..<3 {
            #expect(String(decoding: file[offset..<offset + 4], as: UTF8.self) == "BLK1")
            let (length, count) = (number(offset + 8, 8), number(offset + 16, 4))
            let (headerLength, signatureLength) = (number(offset + 20, 2), number(offset + 22, 2))
            #expect(count == 1)
            let (recordLength, payloadLength) = (number(offset + 56, 4), number(offset + 60, 4))
            let header = Array(file[offset + 64..<offset + 64 + headerLength])
            let signature = Array(
                file[offset + 64 + headerLength..<offset + 64 + headerLength + signatureLength])
            #expect(try Fixture.key.get().publicKey.verifies(signature, of: header))
            #expect(Array(header[0..<8]) == Array("LGSPBLK1".utf8))
            #expect(Array(header[20..<52]) == previous, "8 magic, 1 + 3 name, 8 number")
            let start = offset + 64 + headerLength + signatureLength
            #expect(file[start] == 1, "the kind of an accepted message")
            let payload = Array(file[start + recordLength..<start + recordLength + payloadLength])
            #expect(payload == JournalSamples.payload(block, count: 10))
            let root = Array(header[(headerLength - 32)...])
            #expect(SHA256.hash([0] + file[start..<start + recordLength]).bytes == root)
            previous = SHA256.hash(header).bytes
            offset += length
        }
        #expect(file[offset...].allSatisfy { $0 == 0 })
    }

    @Test("set space aside that reads as zeros")
    func preallocated() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        #expect(try folder.bytes(Fixture.segment).count == 1 << 20)
        await journal.close()
    }

    @Test(
        "are named by eight digits, and nothing else is taken for a segment",
        arguments: [
            ("00000000.seg", 0), ("00000012.seg", 12), ("123456789.seg", 123_456_789), ("0.seg", nil),
            ("-0000001.seg", nil), ("00000001.torn", nil), ("+0000001.seg", nil),
        ] as [(String, Int?)])
    func names(_ name: String, _ number: Int?) {
        #expect(SegmentHeader.number(fileName: name) == number)
    }

    @Test("are checked before a length in them is believed", arguments: UInt64(0)..<40)
    func garbage(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        for (index, byte) in BlockLayout.magic.enumerated() where index < bytes.count { bytes[index] = byte }
        // Small numbers in the tables, so that some of it adds up.
        for index in 8..<64 where index < bytes.count && seed.isMultiple(of: 2) { bytes[index] &= 1 }
        let location = BlockLocation(segment: 0, offset: 0, length: bytes.count)
        #expect(StoredBlock(bytes, at: location) == nil)
    }
}
