import HubEnvelope
import HubJSON
import HubModel
import Testing

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

    static func secret(_ jwk: JSONValue) throws -> SharedSecret? {
        guard jwk["kty"]?.string == "oct" else { return nil }
        return try SharedSecret(jwk["k"]?.string.flatMap { Base64.urlBytes($0) } ?? [])
    }

    /// What checks with this key.
    static func verificationKey(_ jwk: JSONValue) throws -> VerificationKey {
        if let secret = try Self.secret(jwk) { return .secret(secret) }
        return .publicKey(try #require(try Self.publicKey(jwk)))
    }

    /// The private half, in PKCS #8 (RFC 5958; RFC 8017, A.1.2; RFC 5915; RFC 8410).
    static func signingKey(_ jwk: JSONValue) throws -> SigningKey {
        func number(_ name: String) throws -> [UInt8] {
            try #require(jwk[name]?.string.flatMap { Base64.urlBytes($0) })
        }
        let algorithm: [UInt8]
        let key: [UInt8]
        switch (jwk["kty"]?.string, jwk["crv"]?.string) {
        case ("RSA", _):
            algorithm = TestDER.sequence(TestDER.identifier("1.2.840.113549.1.1.1"), TestDER.null)
            let numbers = try ["n", "e", "d", "p", "q", "dp", "dq", "qi"].flatMap {
                Self.integer(try number($0))
            }
            key = Self.field(0x30, Self.integer([0]) + numbers)
        case ("EC", "P-521"):
            algorithm = TestDER.sequence(
                TestDER.identifier("1.2.840.10045.2.1"), TestDER.identifier("1.3.132.0.35"))
            key = Self.field(0x30, Self.integer([1]) + Self.field(0x04, try number("d")))
        case ("OKP", "Ed25519"):
            algorithm = TestDER.sequence(TestDER.identifier("1.3.101.112"))
            key = Self.field(0x04, try number("d"))
        case (let type, let curve):
            throw HubError(
                .envelopeKeyUnusable, "unknown",
                details: [ErrorDetail("type", "\(type ?? "") \(curve ?? "")")])
        }
        let der = Self.field(0x30, Self.integer([0]) + algorithm + Self.field(0x04, key))
        let text = "-----BEGIN PRIVATE KEY-----\n\(Base64.text(der))\n-----END PRIVATE KEY-----\n"
        return try SigningKey(pem: Array(text.utf8))
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
