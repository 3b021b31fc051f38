import HubEnvelope
import HubJSON
import HubModel

/// Turns the keys of the published vectors, which are JWK (RFC 7517), into the form that the hub reads.
enum JWKText {
    static func publicKey(_ jwk: JSONValue) throws -> PublicKey? {
        func number(_ name: String) -> [UInt8] { jwk[name]?.string.flatMap { Base64.urlBytes($0) } ?? [] }
        let spki: [UInt8]
        switch (jwk["kty"]?.string, jwk["crv"]?.string) {
        case ("RSA", _):
            let key = Self.field(0x30, Self.integer(number("n")) + Self.integer(number("e")))
            let algorithm: [UInt8] = [
                0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
            ]
            spki = Self.field(0x30, algorithm + Self.field(0x03, [0] + key))
        case ("EC", "P-256"):
            let curve: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            spki = Self.point(curve, number("x") + number("y"))
        case ("EC", "P-521"):
            spki = Self.point([0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23], number("x") + number("y"))
        case ("OKP", "Ed25519"):
            spki = Self.field(
                0x30, [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70] + Self.field(0x03, [0] + number("x")))
        default:
            return nil
        }
        return try PublicKey(der: spki)
    }

    private static func point(_ curve: [UInt8], _ numbers: [UInt8]) -> [UInt8] {
        let algorithm: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01] + curve
        return Self.field(0x30, Self.field(0x30, algorithm) + Self.field(0x03, [0, 4] + numbers))
    }

    static func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case 0..<0x80: [tag, UInt8(content.count)] + content
        case 0x80..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }

    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        Self.field(0x02, (bytes.first ?? 0) >= 0x80 ? [0] + bytes : bytes)
    }
}
