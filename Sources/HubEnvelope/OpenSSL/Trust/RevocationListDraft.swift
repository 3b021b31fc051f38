private import COpenSSL
import HubModel

/// A revocation list of the library's that an authority is writing.
@safe
struct RevocationListDraft: ~Copyable {
    private let pointer: OpaquePointer
    private let issuer: SharedCertificate

    private init(issuer: SharedCertificate) throws(HubError) {
        guard let pointer = unsafe X509_CRL_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a revocation list.")
        }
        unsafe self.pointer = pointer
        self.issuer = issuer
    }

    /// - Throws: `envelope.crypto_failed` if the library refuses.
    static func begin(
        issuer: SharedCertificate, number: Int, thisUpdate: Timestamp, nextUpdate: Timestamp?
    ) throws(HubError) -> RevocationListDraft {
        let draft = try RevocationListDraft(issuer: issuer)
        try draft.require(unsafe X509_CRL_set_version(draft.pointer, Int(X509_CRL_VERSION_2)) == 1)
        let isNamed = unsafe issuer.withPointer {
            unsafe X509_CRL_set_issuer_name(draft.pointer, X509_get_subject_name($0))
        }
        try draft.require(isNamed == 1)
        try draft.setTimes(thisUpdate, nextUpdate)
        try draft.addKeyIdentifier()
        let isNumbered = unsafe Self.withNumber(number) {
            unsafe X509_CRL_add1_ext_i2d(draft.pointer, NID_crl_number, $0, 0, 0)
        }
        try draft.require(isNumbered == 1)
        return draft
    }

    deinit {
        unsafe X509_CRL_free(self.pointer)
    }

    func add(_ serial: [UInt8], _ revocation: Revocation) throws(HubError) {
        guard let entry = unsafe X509_REVOKED_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a revocation.")
        }
        let isFilled =
            unsafe LibraryBytes.withInteger(serial) { unsafe X509_REVOKED_set_serialNumber(entry, $0) } == 1
            && (unsafe Self.withTime(revocation.date) { unsafe X509_REVOKED_set_revocationDate(entry, $0) })
                == 1
            && (unsafe Self.addReason(revocation.reason, to: entry))
            && (unsafe Self.addInvalidity(revocation.invalidSince, to: entry))
        // The list owns the entry from then on.
        guard isFilled, unsafe X509_CRL_add0_revoked(self.pointer, entry) == 1 else {
            unsafe X509_REVOKED_free(entry)
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A revocation could not be written.")
        }
    }

    /// Signs.
    ///
    /// - Returns: the list in DER.
    func finish(key: KeyHandle) throws(HubError) -> [UInt8] {
        try self.require(unsafe X509_CRL_sort(self.pointer) == 1)
        let size = unsafe key.withPointer {
            unsafe X509_CRL_sign(self.pointer, $0, DigestHandle.pointer(for: key.kind.usualAlgorithm.digest))
        }
        try self.require(size > 0)
        let bytes = unsafe LibraryBytes.encoded { unsafe i2d_X509_CRL(self.pointer, $0) }
        guard let bytes else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A revocation list could not be written.")
        }
        return bytes
    }

    private func setTimes(_ thisUpdate: Timestamp, _ nextUpdate: Timestamp?) throws(HubError) {
        let isFirst = unsafe Self.withTime(thisUpdate) { unsafe X509_CRL_set1_lastUpdate(self.pointer, $0) }
        try self.require(isFirst == 1)
        guard let nextUpdate else { return }
        let isSecond = unsafe Self.withTime(nextUpdate) { unsafe X509_CRL_set1_nextUpdate(self.pointer, $0) }
        try self.require(isSecond == 1)
    }

    private func addKeyIdentifier() throws(HubError) {
        let made = unsafe self.issuer.withPointer { issuer -> OpaquePointer? in
            var context = unsafe X509V3_CTX()
            unsafe X509V3_set_ctx(&context, issuer, nil, nil, self.pointer, 0)
            return unsafe X509V3_EXT_conf_nid(nil, &context, NID_authority_key_identifier, "keyid:always")
        }
        guard let made = unsafe made else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "An extension could not be made.")
        }
        defer { unsafe X509_EXTENSION_free(made) }
        try self.require(unsafe X509_CRL_add_ext(self.pointer, made, -1) == 1)
    }

    private static func addReason(_ reason: Revocation.Reason?, to entry: OpaquePointer) -> Bool {
        guard let reason else { return true }
        guard let value = unsafe ASN1_ENUMERATED_new() else { return false }
        defer { unsafe ASN1_ENUMERATED_free(value) }
        return unsafe ASN1_ENUMERATED_set(value, reason.rawValue) == 1
            && X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, 0) == 1
    }

    private static func addInvalidity(_ moment: Timestamp?, to entry: OpaquePointer) -> Bool {
        guard let moment else { return true }
        let value = unsafe ASN1_GENERALIZEDTIME_set(nil, time_t(LibraryTime.seconds(moment)))
        guard let value = unsafe value else { return false }
        defer { unsafe ASN1_GENERALIZEDTIME_free(value) }
        return unsafe X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, value, 0, 0) == 1
    }

    private static func withTime<Value>(
        _ moment: Timestamp, _ body: (UnsafeMutablePointer<ASN1_TIME>) -> Value
    ) -> Value? {
        guard let value = unsafe ASN1_TIME_new() else { return nil }
        defer { unsafe ASN1_TIME_free(value) }
        guard unsafe LibraryTime.set(value, to: moment) else { return nil }
        return unsafe body(value)
    }

    private static func withNumber<Value>(
        _ number: Int, _ body: (UnsafeMutablePointer<ASN1_INTEGER>) -> Value
    ) -> Value? {
        guard let value = unsafe ASN1_INTEGER_new() else { return nil }
        defer { unsafe ASN1_INTEGER_free(value) }
        guard unsafe ASN1_INTEGER_set(value, number) == 1 else { return nil }
        return unsafe body(value)
    }

    private func require(_ isDone: Bool) throws(HubError) {
        guard isDone else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A revocation list could not be made.")
        }
    }
}
