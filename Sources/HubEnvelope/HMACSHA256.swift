import HubModel

/// HMAC with SHA-256 (RFC 2104), as the headers of the document axis use it.
public enum HMACSHA256 {
    private static let blockSize = 64

    /// The code of a message: thirty-two bytes.
    public static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var key = key.count > Self.blockSize ? SHA256.hash(key).bytes : key
        key += [UInt8](repeating: 0, count: Self.blockSize - key.count)
        var inner = SHA256Hasher()
        inner.update(key.map { $0 ^ 0x36 })
        inner.update(message)
        var outer = SHA256Hasher()
        outer.update(key.map { $0 ^ 0x5C })
        outer.update(inner.finish())
        return outer.finish().bytes
    }

    /// Whether two codes or secrets are the same, in a time that does not tell where they differ.
    ///
    /// Different lengths are told at once: the length of a code is no secret.
    public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
