private import COpenSSL
import HubModel

/// A name of the library's in the making.
@safe
struct NameDraft: ~Copyable {
    private let pointer: OpaquePointer

    /// - Throws: `envelope.crypto_failed` if a part is too long or cannot be written.
    init(_ name: CertificateName) throws(HubError) {
        guard let pointer = unsafe X509_NAME_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a name.")
        }
        let parts = [
            ("C", name.country), ("O", name.organisation), ("OU", name.unit), ("CN", name.commonName),
        ]
        for case (let kind, let text?) in parts {
            let bytes = Array(text.utf8)
            let status = unsafe X509_NAME_add_entry_by_txt(
                pointer, kind, MBSTRING_UTF8, bytes, Int32(clamping: bytes.count), -1, 0
            )
            guard status == 1 else {
                // deinit does not run for a value that was never made.
                unsafe X509_NAME_free(pointer)
                throw OpenSSLFailure.drain(
                    as: .envelopeCryptoFailed, "A name does not fit into a certificate.")
            }
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_NAME_free(self.pointer)
    }

    /// Lends the name for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }
}
