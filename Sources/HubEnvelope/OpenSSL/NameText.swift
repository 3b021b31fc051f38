private import COpenSSL

/// Names of X.500 as text.
enum NameText {
    /// A name in the way of RFC 4514, such as `CN=qlvb-so-tttt-h44`.
    ///
    /// - Returns: `nil` if the bytes are not one Name in DER (RFC 5280, 4.1.2.4).
    static func text(of der: [UInt8]) -> String? {
        let name = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let name = unsafe d2i_X509_NAME(nil, &cursor, buffer.count) else { return nil }
            guard unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else {
                unsafe X509_NAME_free(name)
                return nil
            }
            return unsafe name
        }
        guard let name = unsafe name else {
            OpenSSLFailure.discard()
            return nil
        }
        defer { unsafe X509_NAME_free(name) }
        guard let memory = try? MemoryHandle() else { return nil }
        let status = unsafe memory.withPointer { unsafe X509_NAME_print_ex($0, name, 0, hub_name_flags()) }
        guard status >= 0 else {
            OpenSSLFailure.discard()
            return nil
        }
        return String(decoding: memory.bytes(), as: UTF8.self)
    }
}
