import HubEnvelope
import HubModel

/// Private keys in PKCS #8 (RFC 5958) whose number is a hash of a name.
enum PKCS8 {
    static func p256(_ name: String) -> [UInt8] {
        Self.pem(
            [0x30, 0x41, 2, 1, 0, 0x30, 0x13, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]
                + [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7, 4, 0x27, 0x30, 0x25, 2, 1, 1, 4, 0x20]
                + Self.number(name + ", p256", 32)
        )
    }

    static func p384(_ name: String) -> [UInt8] {
        Self.pem(
            [0x30, 0x4E, 2, 1, 0, 0x30, 0x10, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]
                + [6, 5, 0x2B, 0x81, 4, 0, 0x22, 4, 0x37, 0x30, 0x35, 2, 1, 1, 4, 0x30]
                + Self.number(name + ", p384", 48)
        )
    }

    static func ed25519(_ name: String) -> [UInt8] {
        Self.pem(
            [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
                + Self.number(name + ", ed25519", 32)
        )
    }

    /// Below the order of either curve, as its first bit is not set.
    private static func number(_ name: String, _ count: Int) -> [UInt8] {
        let hashes = SHA256.hash(name).bytes + SHA256.hash(name + ", further").bytes
        return [hashes[0] & 0x7F] + hashes[1..<count]
    }

    private static func pem(_ der: [UInt8]) -> [UInt8] {
        let text = "-----BEGIN PRIVATE KEY-----\n\(Base64.text(der))\n-----END PRIVATE KEY-----\n"
        return Array(text.utf8)
    }
}
