private import COpenSSL
import HubModel

/// Memory that the library writes into, and grows as it needs.
@safe
struct MemoryHandle: ~Copyable {
    private let pointer: OpaquePointer

    init() throws(HubError) {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a result.")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe BIO_free_all(self.pointer)
    }

    /// Lends the memory for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    /// What was written so far.
    func bytes() -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe hub_bio_mem_data(self.pointer, &start)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: max(0, count)))
    }

    /// Lends bytes to the library to read from.
    ///
    /// - Returns: `nil` if it has no memory or there are too many bytes; otherwise what `body` returns.
    static func lend<Value>(_ bytes: [UInt8], to body: (OpaquePointer) -> Value?) -> Value? {
        guard bytes.count <= Int32.max else { return nil }
        // An empty array may have no address, which the library takes for a mistake.
        let readable = bytes.isEmpty ? [0] : bytes
        return unsafe readable.withUnsafeBytes { buffer -> Value? in
            guard let source = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            defer { unsafe BIO_free_all(source) }
            return unsafe body(source)
        }
    }
}
