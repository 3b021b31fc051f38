import HubCore
import HubModel
import HubTesting
import Testing

@Suite("The bytes of a record")
struct RecordCodingTests {
    @Test("give back the record, whatever its kind", arguments: 0..<300)
    func roundTrip(seed: Int) throws {
        let samples = RecordSamples(seed: seed)
        for kind in 0..<RecordSamples.kinds {
            let record = samples.record(kind: kind)
            let read = try JournalRecord(bytes: record.bytes)
            #expect(read == record)
            // Texts that look alike are equal to Swift and still are other bytes.
            #expect(read.bytes == record.bytes)
        }
    }

    @Test("are told apart from every other bytes", arguments: 0..<60)
    func damaged(seed: Int) {
        let samples = RecordSamples(seed: seed)
        for kind in 0..<RecordSamples.kinds {
            let bytes = samples.record(kind: kind).bytes
            for _ in 0..<200 {
                let other = Self.mutated(bytes, with: samples.random)
                guard other != bytes else { continue }
                do throws(HubError) {
                    // What can be read at all has one form only.
                    #expect(try JournalRecord(bytes: other).bytes == other)
                } catch {
                    #expect(error.code == .evidenceInvalid)
                }
            }
        }
    }

    @Test("are refused when they end anywhere before their end, or go on after it", arguments: 0..<RecordSamples.kinds)
    func cut(kind: Int) {
        let bytes = RecordSamples(seed: 7).record(kind: kind).bytes
        for length in bytes.indices { Self.expectRefused(Array(bytes.prefix(length))) }
        for byte: UInt8 in [0, 1, 0xFF] { Self.expectRefused(bytes + [byte]) }
    }

    @Test("do not hold lengths that promise more than there is")
    func hugeLengths() {
        // An operation whose actor claims to be as long as a length can be.
        let time = [UInt8](repeating: 0, count: 8)
        let longest: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        Self.expectRefused([5] + time + longest)
        Self.expectRefused([5] + time + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02])
        Self.expectRefused([5] + time + [UInt8](repeating: 0x80, count: 40))
        // A number in a form that is longer than need be.
        Self.expectRefused([5] + time + [0x80, 0x00, 0, 0, 0])
    }

    @Test("have the same meaning for ever", arguments: [UInt8](6...20) + [0, 255])
    func unknownKinds(kind: UInt8) {
        Self.expectRefused([kind] + [UInt8](repeating: 0, count: 100))
    }

    @Test("stay as they were written first")
    func golden() {
        let record = JournalRecord.operation(
            Operation(at: Timestamp(seconds: 1), actor: "hub", action: "start", subject: "H44", reason: "")
        )
        #expect(
            Hex.text(record.bytes) == "05" + "000000003b9aca00" + "03687562" + "057374617274" + "03483434" + "00"
        )
    }

    private static func expectRefused(_ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation) {
        do throws(HubError) {
            let record = try JournalRecord(bytes: bytes)
            Issue.record("read as \(record)", sourceLocation: location)
        } catch {
            #expect(error.code == .evidenceInvalid, sourceLocation: location)
        }
    }

    private static func mutated(_ bytes: [UInt8], with random: SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(3) {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes[place] = UInt8(random.below(256))
            case 2: bytes.insert(UInt8(random.below(256)), at: place)
            default: if bytes.count > 1 { bytes.remove(at: place) }
            }
        }
        return bytes
    }
}
