private import COpenSSL
import HubModel

/// One certificate of the library's, while it is taken apart or put together.
@safe
struct CertificateHandle: ~Copyable {
    private let pointer: OpaquePointer

    init(der: [UInt8]) throws(HubError) {
        let pointer = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let certificate = unsafe d2i_X509(nil, &cursor, buffer.count) else { return nil }
            guard unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else {
                unsafe X509_free(certificate)
                return nil
            }
            return unsafe certificate
        }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(as: .envelopeKeyUnusable, "The certificate is not readable as X.509.")
        }
        unsafe self.pointer = pointer
    }

    private init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_free(self.pointer)
    }

    /// Makes a version 3 certificate that the key issues to itself.
    static func selfSigned(
        key: KeyHandle, commonName: String, days: Int, start: Timestamp?, serial: [UInt8]
    ) throws(HubError) -> CertificateHandle {
        guard let pointer = unsafe X509_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a certificate.")
        }
        let handle = unsafe CertificateHandle(owning: pointer)
        let isComplete =
            unsafe handle.setSerial(serial) && handle.setValidity(from: start, days: days)
            && handle.setNames(commonName) && X509_set_version(pointer, Int(X509_VERSION_3)) == 1
            && key.withPointer { unsafe X509_set_pubkey(pointer, $0) } == 1
            && handle.addExtension(NID_basic_constraints, "critical,CA:FALSE")
            && handle.addExtension(NID_key_usage, "critical,digitalSignature")
            && handle.addExtension(NID_subject_key_identifier, "hash")
            && key.withPointer {
                unsafe X509_sign(pointer, $0, DigestHandle.pointer(for: key.kind.usualAlgorithm.digest))
            } > 0
        guard isComplete else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A certificate could not be made.")
        }
        return handle
    }

    func der() throws(HubError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509(self.pointer, &start)
        return try unsafe Self.taken(start, count)
    }

    func spki() throws(HubError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(self.pointer), &start)
        return try unsafe Self.taken(start, count)
    }

    /// Lends the certificate for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    func subject() -> String {
        unsafe LibraryName.text(X509_get_subject_name(self.pointer))
    }

    func validity() throws(HubError) -> (notBefore: Timestamp, notAfter: Timestamp) {
        guard let notBefore = unsafe LibraryTime.moment(X509_get0_notBefore(self.pointer)),
            let notAfter = unsafe LibraryTime.moment(X509_get0_notAfter(self.pointer))
        else {
            throw OpenSSLFailure.drain(
                as: .envelopeKeyUnusable, "The validity of the certificate is not readable.")
        }
        return (notBefore, notAfter)
    }

    private func setSerial(_ bytes: [UInt8]) -> Bool {
        // Positive, and never zero or longer than twenty bytes (RFC 5280, 4.1.2.2).
        let positive = [0x40 | bytes[0] & 0x3F] + bytes.dropFirst()
        guard let number = unsafe BN_bin2bn(positive, Int32(positive.count), nil) else { return false }
        defer { unsafe BN_free(number) }
        return unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(self.pointer)) != nil
    }

    private func setValidity(from start: Timestamp?, days: Int) -> Bool {
        var begin: time_t = start.map { time_t($0.nanoseconds / 1_000_000_000) } ?? time(nil)
        return unsafe X509_time_adj_ex(X509_getm_notBefore(self.pointer), 0, 0, &begin) != nil
            && X509_time_adj_ex(X509_getm_notAfter(self.pointer), Int32(clamping: days), 0, &begin) != nil
    }

    private func setNames(_ commonName: String) -> Bool {
        let name = Array(commonName.utf8)
        let subject = unsafe X509_get_subject_name(self.pointer)
        return unsafe X509_NAME_add_entry_by_txt(
            subject, "CN", MBSTRING_UTF8, name, Int32(clamping: name.count), -1, 0
        ) == 1 && X509_set_issuer_name(self.pointer, subject) == 1
    }

    private func addExtension(_ identifier: Int32, _ value: String) -> Bool {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, self.pointer, self.pointer, nil, nil, 0)
        guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value) else { return false }
        defer { unsafe X509_EXTENSION_free(made) }
        return unsafe X509_add_ext(self.pointer, made, -1) == 1
    }

    private static func taken(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int32) throws(HubError)
        -> [UInt8]
    {
        guard count > 0, let bytes = unsafe start else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The certificate could not be written.")
        }
        defer { unsafe hub_free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}
