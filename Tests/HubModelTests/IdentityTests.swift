import HubModel
import Testing

@Suite("The id of a message")
struct MessageIDTests {
    /// RFC 9562, appendix A.6: the example of version 7.
    private static let example = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

    @Test("is the version 7 UUID of the standard's example")
    func standard() throws {
        let moment = try #require(Timestamp(rfc3339: "2022-02-22T19:22:22Z"))
        let id = MessageID(at: moment, random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id.description == Self.example)
    }

    @Test(
        "has the version and variant bits whatever the random words are",
        arguments: [0, UInt64.max, 0x0123_4567_89AB_CDEF])
    func version(word: UInt64) {
        let text = Array(MessageID(at: Timestamp(seconds: 1_700_000_000), random: (word, word)).description)
        #expect(text.count == 36)
        #expect(text[14] == "7")
        #expect("89ab".contains(text[19]))
    }

    @Test("is read from its text in either case and from its bytes")
    func reading() throws {
        let id = try #require(MessageID(Self.example))
        #expect(MessageID(Self.example.uppercased()) == id)
        #expect(id.description == Self.example)
        #expect(MessageID(bytes: id.bytes) == id)
        #expect(id.bytes.count == 16)
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2+79b0-7cc3-98c4-dc0c0c07398f",
            "017f22e-279b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c0739\u{0338}",
        ])
    func refused(text: String) {
        #expect(MessageID(text) == nil)
    }

    @Test("has sixteen bytes, neither more nor fewer", arguments: [0, 15, 17, 32])
    func byteCount(count: Int) {
        #expect(MessageID(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test("sorts by the time of acceptance, as text, as bytes and as a value")
    func order() {
        let ids = (0..<200).map { step in
            // The random words fall while the time rises, so only the time can order them.
            MessageID(
                at: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(step) * 7_000_000),
                random: (UInt64(0xFFF - step), UInt64.max - UInt64(step))
            )
        }
        #expect(ids == ids.sorted())
        #expect(ids == ids.sorted { $0.description < $1.description })
        #expect(ids == ids.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    }
}

@Suite("The id of a delivery")
struct DeliveryIDTests {
    @Test("is the message and the place of the receiver, and is read back from its text")
    func roundTrip() throws {
        let message = try #require(MessageID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
        for ordinal in [UInt16(0), 1, 10, .max] {
            let id = DeliveryID(message: message, ordinal: ordinal)
            #expect(id.description == "\(message).\(ordinal)")
            #expect(DeliveryID(id.description) == id)
        }
        #expect(DeliveryID(message: message, ordinal: 2) < DeliveryID(message: message, ordinal: 10))
    }

    @Test(
        "has one text only", arguments: ["", ".", ".00", ".01", ".+1", ".-1", ".65536", ".0.0", ".x", " .0"])
    func refused(tail: String) {
        #expect(DeliveryID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f" + tail) == nil)
    }
}

@Suite("Names")
struct NameTests {
    @Test(
        "of systems are letters, digits, hyphens and dots",
        arguments: ["qlvb-so-tttt-h44", "a", "0", "a.b-c", String(repeating: "a", count: 64)])
    func systems(text: String) {
        #expect(SystemID(text)?.description == text)
    }

    @Test(
        "of systems never climb out of a folder or break a line",
        arguments: [
            "", ".", "..", "../a", "a/b", "-a", ".a", "A", "a_b", "a b", "a\n", "a\0", "é", "ａ",
            String(repeating: "a", count: 65),
        ])
    func refusedSystems(text: String) {
        #expect(SystemID(text) == nil)
    }

    @Test("of message types are domain, name and version")
    func types() {
        #expect(MessageType("edoc/document/1") == .edocDocument)
        #expect(MessageType("a/b/12")?.description == "a/b/12")
        for text in [
            "", "a/b", "a/b/0", "a/b/01", "a/b/+1", "a/b/-1", "a/b/1/", "/a/b/1", "a//1", "../b/1", "A/b/1",
        ] {
            #expect(MessageType(text) == nil, "\(text)")
        }
    }
}
