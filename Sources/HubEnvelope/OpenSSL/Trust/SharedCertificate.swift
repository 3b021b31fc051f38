private import COpenSSL
import HubModel

/// A certificate of the library's that chains, stores and checks share.
@safe
final class SharedCertificate: @unchecked Sendable {
    // Holds because: the certificate is complete before `init` returns, nothing here changes it afterwards,
    // and the library guards what it computes of a certificate later (its extensions) with a lock of its own.
    private let pointer: OpaquePointer

    /// - Throws: `envelope.key_unusable` if it is not one certificate in DER.
    init(der: [UInt8]) throws(HubError) {
        let pointer = unsafe LibraryBytes.decode(der, free: { unsafe X509_free($0) }) {
            unsafe d2i_X509(nil, $0, $1)
        }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(as: .envelopeKeyUnusable, "The certificate is not readable as X.509.")
        }
        unsafe self.pointer = pointer
    }

    /// Shares a certificate that someone else of the library's holds.
    init?(sharing pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer, unsafe X509_up_ref(pointer) == 1 else { return nil }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_free(self.pointer)
    }

    /// Lends the certificate for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    var subject: String { unsafe LibraryName.text(X509_get_subject_name(self.pointer)) }

    var issuer: String { unsafe LibraryName.text(X509_get_issuer_name(self.pointer)) }

    /// Clamped like every timestamp; a time that does not exist is as if the certificate had never begun.
    var notBefore: Timestamp {
        unsafe LibraryTime.moment(X509_get0_notBefore(self.pointer)) ?? Timestamp(nanoseconds: .max)
    }

    var notAfter: Timestamp {
        unsafe LibraryTime.moment(X509_get0_notAfter(self.pointer)) ?? Timestamp(nanoseconds: .min)
    }

    /// The serial number, big-endian without a sign.
    var serial: [UInt8] {
        unsafe LibraryBytes.magnitude(X509_get0_serialNumber(self.pointer)) ?? []
    }

    var der: [UInt8] {
        let bytes = unsafe LibraryBytes.encoded { unsafe i2d_X509(self.pointer, $0) }
        if bytes == nil { OpenSSLFailure.discard() }
        return bytes ?? []
    }

    /// Whether the certificate names itself as its issuer.
    var isSelfIssued: Bool {
        unsafe X509_NAME_cmp(X509_get_subject_name(self.pointer), X509_get_issuer_name(self.pointer)) == 0
    }

    /// Whether it may issue certificates at all: basic constraints and key usage of version 3.
    var isAuthority: Bool { unsafe X509_check_ca(self.pointer) == 1 }

    /// Whether a signature over documents is among what its key may do.
    ///
    /// No key usage means no restriction.
    var allowsSignatures: Bool {
        let bits = unsafe X509_get_key_usage(self.pointer)
        return bits & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) != 0
    }

    /// The extended key usages as dotted decimals; `nil` if the certificate has none.
    ///
    /// An extension that cannot be read is an empty list, which allows nothing.
    var extendedKeyUsage: [String]? {
        var isCritical: Int32 = 0
        let list = unsafe X509_get_ext_d2i(self.pointer, NID_ext_key_usage, &isCritical, nil)
        guard let list = unsafe list else {
            OpenSSLFailure.discard()
            return isCritical == -1 ? nil : []
        }
        let stack = OpaquePointer(list)
        defer { unsafe hub_objects_free(stack) }
        return unsafe (0..<max(0, hub_objects_count(stack))).map {
            unsafe LibraryObject.text(hub_objects_at(stack, $0)) ?? ""
        }
    }

    var isExtendedKeyUsageCritical: Bool {
        let place = unsafe X509_get_ext_by_NID(self.pointer, NID_ext_key_usage, -1)
        guard place >= 0 else { return false }
        return unsafe X509_EXTENSION_get_critical(X509_get_ext(self.pointer, place)) == 1
    }

    /// Whether an extension with this identifier is there.
    func hasExtension(_ identifier: String) -> Bool {
        let place = unsafe LibraryObject.with(identifier) {
            unsafe X509_get_ext_by_OBJ(self.pointer, $0, -1)
        }
        return place.map { $0 >= 0 } ?? false
    }
}

/// Certificates on a stack of the library's, which holds a reference to each.
@safe
struct CertificateStack: ~Copyable {
    private let pointer: OpaquePointer

    /// - Throws: `envelope.crypto_failed` if there is no memory.
    init(_ certificates: [SharedCertificate]) throws(HubError) {
        guard let pointer = unsafe hub_certificates_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for certificates.")
        }
        for certificate in certificates {
            guard unsafe certificate.withPointer({ unsafe hub_certificates_push(pointer, $0) }) == 1 else {
                // deinit does not run for a value that was never made.
                unsafe hub_certificates_free(pointer)
                throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for certificates.")
            }
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe hub_certificates_free(self.pointer)
    }

    /// Lends the stack for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    /// Shares what is on a stack that someone else holds.
    static func contents(of stack: OpaquePointer?) -> [SharedCertificate] {
        guard let stack = unsafe stack else { return [] }
        return unsafe (0..<max(0, hub_certificates_count(stack))).compactMap {
            unsafe SharedCertificate(sharing: hub_certificates_at(stack, $0))
        }
    }
}
