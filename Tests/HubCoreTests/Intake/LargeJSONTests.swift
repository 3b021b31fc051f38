import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("The packet in a large JSON reply")
struct LargeJSONTests {
    /// What is decoded of a value as JSON writes it, and how much of the reply had to be held.
    private static func decode(_ value: String) async throws -> (bytes: [UInt8]?, held: Int) {
        let reply = Array(#"{"status":"OK","ErrorCode":"0","data":"\#(value)","DocId":"7"}"#.utf8)
        let large = try LargeJSON(MemoryPayload(bytes: reply))
        let shown = try JSONDocument.parse(large.bytes).value
        #expect(shown["DocId"]?.string == "7")
        let packet = try await large.decode(shown["data"]?.string ?? "", into: MemoryReception())
        return (try packet.map { try $0.read($0.count, at: 0) }, large.bytes.count)
    }

    private static func bytes(_ count: Int, _ random: SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let word = random.next()
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * shift))) }
        }
        return Array(bytes.prefix(count))
    }

    /// Lines of 76 characters, as mail programs break them.
    private static func broken(_ text: String, by end: String) -> String {
        let characters = Array(text.utf8)
        return stride(from: 0, to: characters.count, by: 76).map { start in
            String(decoding: characters[start..<min(start + 76, characters.count)], as: UTF8.self)
        }.joined(separator: end)
    }

    @Test("is what it was before, however its base64 is written", arguments: 0..<24)
    func equal(seed: UInt64) async throws {
        let random = SeededRandom(seed: seed)
        let packet = Self.bytes(60_000 + random.below(90_000), random)
        var value = Base64.text(packet)
        switch seed % 4 {
        case 1: value = Self.broken(value, by: #"\n"#)
        case 2: value = Self.broken(value, by: #"\r\n"#)
        case 3: value = value.replacing("/", with: #"\/"#)
        default: break
        }
        let (bytes, held) = try await Self.decode(value)
        let isEqual = bytes == packet
        #expect(isEqual)
        #expect(held < value.utf8.count / 2, "the long value must not be held")
    }

    @Test("is refused exactly when all of it at once would be", arguments: 0..<60)
    func spoiled(seed: UInt64) async throws {
        let random = SeededRandom(seed: seed)
        var text = Array(Base64.text(Self.bytes(60_000 + random.below(3), random)).utf8)
        for _ in 0..<(1 + random.below(2)) {
            // Near an end as often as in the middle.
            let place = [random.below(12), text.count - 1 - random.below(12), random.below(text.count)][
                random.below(3)]
            switch random.below(5) {
            case 0: text[place] = UInt8(ascii: "=")
            case 1: text[place] = random.any(of: Array("!-_A".utf8))
            case 2: text.remove(at: place)
            case 3: text.insert(UInt8(ascii: "="), at: place)
            default: text += Array("AAAA".utf8)
            }
        }
        let value = String(decoding: text, as: UTF8.self)
        let isEqual = try await Self.decode(value).bytes == Base64.bytes(value)
        #expect(isEqual)
    }

    @Test(
        "is refused when there is padding before its end",
        arguments: ["AA==AAAA", "AAA=AAAA", "AAA=AAA=", "AA==AA==", "AAA=AAAAA", "====", "A==="]
    )
    func padding(end: String) async throws {
        let value = String(repeating: "Tm9u", count: 20_000) + end
        let isRefused = try await Self.decode(value).bytes == nil
        #expect(isRefused)
    }
}
