import HubEnvelope
import HubModel
import Testing

@Suite("Digests, codes and random bytes")
struct HashTests {
    @Test(
        "SHA-256 gives the values of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func digests(text: String, hex: String) {
        #expect(SHA256.hash(text).description == hex)
        #expect(SHA256.hash(Array(text.utf8)) == Digest(hex: hex))
    }

    @Test(
        "Pieces give the same digest as the whole",
        arguments: [0, 1, 55, 56, 63, 64, 65, 127, 128, 1000, 100_000])
    func pieces(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hasher = SHA256Hasher()
        for start in stride(from: 0, to: count, by: 7) { hasher.update(bytes[start..<min(count, start + 7)]) }
        #expect(hasher.finish() == SHA256.hash(bytes))
        #expect(SHA256.hash([0] + bytes) == SHA256.hash(([9, 0] + bytes)[1...]))
        #expect(SHA256.hash(bytes.span.bytes) == SHA256.hash(bytes))
        var single = SHA256Hasher()
        single.update(UInt8(0))
        single.update(bytes)
        single.update(SHA256.hash(bytes))
        #expect(single.finish() == SHA256.hash([0] + bytes + SHA256.hash(bytes).bytes))
    }

    @Test(
        "HMAC-SHA256 gives the values of RFC 4231",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func codes(key: [UInt8], message: [UInt8], hex: String) {
        #expect(Hex.text(HMACSHA256.code(message, key: key)) == hex)
    }

    @Test("Codes are equal only if every byte is")
    func equality() {
        let code = HMACSHA256.code([1], key: [2])
        #expect(HMACSHA256.isEqual(code, code) && HMACSHA256.isEqual([], []))
        for index in code.indices {
            var other = code
            other[index] ^= 0x80
            #expect(!HMACSHA256.isEqual(code, other))
        }
        #expect(!HMACSHA256.isEqual(code, code.dropLast() + []))
    }

    @Test("Random bytes come in the number asked for and never twice")
    func randomBytes() {
        #expect(SecureRandom.bytes(0).isEmpty && SecureRandom.bytes(-1).isEmpty)
        #expect(SecureRandom.bytes(10_000).count == 10_000)
        #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
    }
}
