private import COpenSSL
import HubModel

/// The library's hash functions, looked up once: the look-up costs as much as hashing a short message.
@safe
enum DigestHandle {
    // Holds because: a hash function is never changed after the look-up, and these are never freed.
    nonisolated(unsafe) private static let sha256: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA2-256", nil)
    nonisolated(unsafe) private static let sha384: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA2-384", nil)
    nonisolated(unsafe) private static let sha512: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA2-512", nil)
    /// Not among the algorithms: for signatures out of the past, where a caller asks for them.
    nonisolated(unsafe) static let sha1: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA1", nil)

    static func pointer(for algorithm: DigestAlgorithm?) -> OpaquePointer? {
        switch algorithm {
        case .sha256: unsafe Self.sha256
        case .sha384: unsafe Self.sha384
        case .sha512: unsafe Self.sha512
        case nil: nil
        }
    }
}

/// A digest in the making, with whichever hash function a signature names. Used by one task.
@safe
final class DigestStream {
    private let context: OpaquePointer
    private let length: Int
    private var isSound = true

    convenience init(_ algorithm: DigestAlgorithm) throws(HubError) {
        try unsafe self.init(DigestHandle.pointer(for: algorithm), length: algorithm.length)
    }

    /// A digest by SHA-1, which proves nothing against who can find collisions.
    static func sha1() throws(HubError) -> DigestStream {
        try unsafe DigestStream(DigestHandle.sha1, length: 20)
    }

    private init(_ function: OpaquePointer?, length: Int) throws(HubError) {
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a digest.")
        }
        guard unsafe EVP_DigestInit_ex(context, function, nil) == 1 else {
            // deinit does not run for an object that was never complete.
            unsafe EVP_MD_CTX_free(context)
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A digest could not be begun.")
        }
        unsafe self.context = context
        self.length = length
    }

    deinit {
        unsafe EVP_MD_CTX_free(self.context)
    }

    /// Feeds the next bytes. A failure shows when the digest ends.
    func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        if unsafe EVP_DigestUpdate(self.context, start, bytes.count) != 1 { self.isSound = false }
    }

    /// The digest of bytes that are all there, without copying them.
    static func hash(
        _ bytes: ArraySlice<UInt8>, with algorithm: DigestAlgorithm
    ) throws(HubError) -> [UInt8] {
        let stream = try DigestStream(algorithm)
        stream.update(bytes)
        return try stream.finish()
    }

    /// The same for bytes that are all there.
    func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe self.update($0) }
    }

    /// Ends the digest; the stream is of no use afterwards.
    func finish() throws(HubError) -> [UInt8] {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: self.length) { buffer, count in
            unsafe buffer.initialize(repeating: 0)
            if unsafe EVP_DigestFinal_ex(self.context, buffer.baseAddress, nil) != 1 { self.isSound = false }
            count = self.length
        }
        guard self.isSound else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A digest could not be finished.")
        }
        return bytes
    }
}
