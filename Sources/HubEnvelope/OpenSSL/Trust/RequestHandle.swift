private import COpenSSL
import HubModel

/// One certificate request of the library's.
@safe
struct RequestHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// - Throws: `envelope.key_unusable` if it is not one in DER.
    init(der: [UInt8]) throws(HubError) {
        let pointer = unsafe LibraryBytes.decode(der, free: { unsafe X509_REQ_free($0) }) {
            unsafe d2i_X509_REQ(nil, $0, $1)
        }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(as: .envelopeKeyUnusable, "The request is not readable as PKCS #10.")
        }
        unsafe self.pointer = pointer
    }

    private init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_REQ_free(self.pointer)
    }

    /// - Throws: `envelope.crypto_failed`.
    static func make(_ name: CertificateName, key: KeyHandle) throws(HubError) -> RequestHandle {
        let subject = try NameDraft(name)
        guard let pointer = unsafe X509_REQ_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a request.")
        }
        let handle = unsafe RequestHandle(owning: pointer)
        let isComplete =
            unsafe X509_REQ_set_version(pointer, Int(X509_REQ_VERSION_1)) == 1
            && subject.withPointer { unsafe X509_REQ_set_subject_name(pointer, $0) } == 1
            && key.withPointer { unsafe X509_REQ_set_pubkey(pointer, $0) } == 1
            && key.withPointer {
                unsafe X509_REQ_sign(pointer, $0, DigestHandle.pointer(for: key.kind.usualAlgorithm.digest))
            } > 0
        guard isComplete else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A request could not be made.")
        }
        return handle
    }

    var subject: String { unsafe LibraryName.text(X509_REQ_get_subject_name(self.pointer)) }

    /// Lends the name for the length of `body`, which must not keep it.
    func withName<Value>(_ body: (OpaquePointer?) -> Value) -> Value {
        unsafe body(X509_REQ_get_subject_name(self.pointer))
    }

    func der() throws(HubError) -> [UInt8] {
        let bytes = unsafe LibraryBytes.encoded { unsafe i2d_X509_REQ(self.pointer, $0) }
        guard let bytes else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A request could not be written.")
        }
        return bytes
    }

    func spki() throws(HubError) -> [UInt8] {
        let bytes = unsafe LibraryBytes.encoded {
            unsafe i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(self.pointer), $0)
        }
        guard let bytes else {
            throw OpenSSLFailure.drain(as: .envelopeKeyUnusable, "The key of the request is not readable.")
        }
        return bytes
    }

    /// - Throws: `envelope.signature_invalid` if its key did not sign it, `envelope.algorithm_refused` for
    ///   SHA-1 or MD5.
    func checkSignature() throws(HubError) {
        var digest: Int32 = NID_undef
        var key: Int32 = NID_undef
        _ = unsafe OBJ_find_sigid_algs(X509_REQ_get_signature_nid(self.pointer), &digest, &key)
        guard ![NID_md4, NID_md5, NID_sha1].contains(digest) else {
            throw HubError(.envelopeAlgorithmRefused, "The request is signed with SHA-1 or MD5.")
        }
        guard unsafe X509_REQ_verify(self.pointer, X509_REQ_get0_pubkey(self.pointer)) == 1 else {
            throw OpenSSLFailure.drain(
                as: .envelopeSignatureInvalid, "The key of the request did not sign it.")
        }
    }
}
