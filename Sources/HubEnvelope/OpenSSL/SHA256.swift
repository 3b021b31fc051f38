private import COpenSSL
public import HubModel

/// SHA-256 (FIPS 180-4) of bytes that are already in memory.
///
/// Cannot fail and takes no memory, so a digest can be had anywhere. For bytes that come piece by piece there is
/// `SHA256Hasher`.
public enum SHA256 {
    /// The digest of an array.
    public static func hash(_ bytes: [UInt8]) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of a part of an array, without copying it.
    public static func hash(_ bytes: ArraySlice<UInt8>) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of borrowed memory.
    public static func hash(_ bytes: RawSpan) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of a text in UTF-8.
    public static func hash(_ text: String) -> Digest {
        Self.hash(Array(text.utf8))
    }
}

/// A SHA-256 digest in the making.
///
/// ```swift
/// var hasher = SHA256Hasher()
/// hasher.update(header)
/// hasher.update(body)
/// let digest = hasher.finish()
/// ```
@safe
public struct SHA256Hasher: ~Copyable {
    private var state = SHA256_CTX()

    public init() {
        unsafe _ = SHA256_Init(&self.state)
    }

    /// Feeds the next bytes.
    public mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe self.feed($0) }
    }

    /// Feeds the next bytes.
    public mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe self.feed($0) }
    }

    /// Feeds the next bytes.
    public mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe self.feed($0) }
    }

    /// Feeds one byte, such as the prefix that tells a leaf of a tree from a node.
    public mutating func update(_ byte: UInt8) {
        var byte = byte
        unsafe withUnsafeBytes(of: &byte) { unsafe self.feed($0) }
    }

    /// Feeds the bytes of another digest.
    public mutating func update(_ digest: Digest) {
        self.update(digest.bytes)
    }

    /// Ends the digest.
    public consuming func finish() -> Digest {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            unsafe _ = SHA256_Final(buffer.baseAddress, &self.state)
            count = 32
        }
        // There are thirty-two of them whatever the state was.
        return Digest(bytes: bytes) ?? .zero
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe _ = SHA256_Update(&self.state, start, bytes.count)
    }
}
