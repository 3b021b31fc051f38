private import COpenSSL

/// Bytes that nobody can guess, for keys, secrets, tokens and ids.
public enum SecureRandom {
    /// Fresh bytes from the library's generator, or from the system's should the library's be out of order.
    public static func bytes(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        var isFilled = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            unsafe buffer.initialize(repeating: 0)
            isFilled =
                unsafe RAND_bytes(buffer.baseAddress, Int32(clamping: count)) == 1 && count <= Int32.max
            initialised = count
        }
        if isFilled { return bytes }
        OpenSSLFailure.discard()
        var system = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &system) }
    }
}
