import HubModel
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "agrees with the vectors of RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, text: String) {
        let bytes = Array(plain.utf8)
        let unpadded = String(text.prefix { $0 != "=" })
        #expect(Base64.text(bytes) == text)
        #expect(Base64.bytes(text) == bytes)
        #expect(Base64.urlText(bytes) == unpadded)
        #expect(Base64.urlBytes(unpadded) == bytes)
    }

    @Test("gives back every byte at every place of a group", arguments: 0..<4)
    func everyByte(offset: Int) {
        let bytes = [UInt8](repeating: 7, count: offset) + (0...255).map(UInt8.init)
        #expect(Base64.bytes(Base64.text(bytes)) == bytes)
        #expect(Base64.urlBytes(Base64.urlText(bytes)) == bytes)
    }

    @Test("has an alphabet for text and another for addresses")
    func alphabets() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xBE]
        #expect(Base64.text(bytes) == "+/++")
        #expect(Base64.urlText(bytes) == "-_--")
        #expect(Base64.bytes("-_--") == nil)
        #expect(Base64.urlBytes("+/++") == nil)
    }

    /// Every other text for the same bytes would be another identity.
    @Test(
        "has one text for some bytes and refuses all others",
        arguments: [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Z", "=", "==", "====", "Zg==Zg==", "Zm 9v",
            "Zm9v\n", "\tZm9v",
            "Zm9v====", "Z=g=", "Zm9v!", "Zmé=",
        ])
    func strict(text: String) {
        #expect(Base64.bytes(text) == nil)
    }

    @Test(
        "for addresses has no padding and no loose bits",
        arguments: ["Zg==", "Zh", "Zm9", "Z", "Zm9v=", "Zm9v\n"])
    func strictURL(text: String) {
        #expect(Base64.urlBytes(text) == nil)
    }
}

@Suite("Hexadecimal text")
struct HexTests {
    @Test("is lower case when written and either case when read")
    func cases() {
        #expect(Hex.text([0x00, 0x7F, 0xAB, 0xFF]) == "007fabff")
        #expect(Hex.bytes("007fABff") == [0x00, 0x7F, 0xAB, 0xFF])
        #expect(Hex.bytes("")?.isEmpty == true)
    }

    @Test(
        "is not read from an odd count or other characters",
        arguments: ["0", "0g", "0x00", " 00", "00 ", "-1", "é"])
    func refused(text: String) {
        #expect(Hex.bytes(text) == nil)
    }
}

@Suite("A digest")
struct DigestTests {
    @Test("is thirty-two bytes, in order, as bytes and as text")
    func roundTrip() throws {
        let bytes = (1...32).map(UInt8.init)
        let digest = try #require(Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.description == "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")
        #expect(Digest(hex: digest.description) == digest)
        #expect(Digest(hex: digest.description.uppercased()) == digest)
    }

    @Test("has neither more nor fewer bytes", arguments: [0, 31, 33, 64])
    func length(count: Int) {
        #expect(Digest(bytes: [UInt8](repeating: 0, count: count)) == nil)
        #expect(Digest(hex: String(repeating: "00", count: count)) == nil)
    }

    @Test("differs from every digest with one bit changed")
    func bits() throws {
        let digest = try #require(Digest(bytes: [UInt8](repeating: 0xA5, count: 32)))
        for bit in 0..<256 {
            var bytes = digest.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Digest(bytes: bytes) != digest, "bit \(bit)")
        }
    }
}
