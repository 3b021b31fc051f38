private import COpenSSL
import HubModel

/// A certificate of the library's that an authority is writing.
@safe
struct CertificateDraft: ~Copyable {
    private let pointer: OpaquePointer

    private init() throws(HubError) {
        guard let pointer = unsafe X509_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a certificate.")
        }
        unsafe self.pointer = pointer
    }

    /// Begins with key, validity and a number that nobody can guess.
    ///
    /// - Throws: `envelope.crypto_failed` if the library refuses, `envelope.key_unusable` for a key it
    ///   cannot read.
    static func begin(spki: [UInt8], validity: ClosedRange<Timestamp>) throws(HubError) -> CertificateDraft {
        let draft = try CertificateDraft()
        let key = unsafe LibraryBytes.decode(spki, free: { unsafe EVP_PKEY_free($0) }) {
            unsafe d2i_PUBKEY(nil, $0, $1)
        }
        guard let key = unsafe key else {
            throw OpenSSLFailure.drain(as: .envelopeKeyUnusable, "The key for a certificate is not readable.")
        }
        defer { unsafe EVP_PKEY_free(key) }
        // Positive, and never zero or longer than twenty bytes (RFC 5280, 4.1.2.2).
        var serial = SecureRandom.bytes(16)
        serial[0] = 0x40 | serial[0] & 0x3F
        let isNumbered = unsafe LibraryBytes.withInteger(serial) {
            unsafe X509_set_serialNumber(draft.pointer, $0)
        }
        try draft.require(isNumbered == 1)
        try draft.require(unsafe X509_set_version(draft.pointer, Int(X509_VERSION_3)) == 1)
        try draft.require(unsafe X509_set_pubkey(draft.pointer, key) == 1)
        try draft.require(unsafe LibraryTime.set(X509_getm_notBefore(draft.pointer), to: validity.lowerBound))
        try draft.require(unsafe LibraryTime.set(X509_getm_notAfter(draft.pointer), to: validity.upperBound))
        return draft
    }

    deinit {
        unsafe X509_free(self.pointer)
    }

    func setSubject(_ name: borrowing NameDraft) throws(HubError) {
        try self.require(unsafe name.withPointer { unsafe X509_set_subject_name(self.pointer, $0) } == 1)
    }

    func setSubject(of request: borrowing RequestHandle) throws(HubError) {
        try self.require(unsafe request.withName { unsafe X509_set_subject_name(self.pointer, $0) } == 1)
    }

    /// Writes the extensions and signs.
    ///
    /// - Parameter issuer: the certificate of the authority, or `nil` for one that issues its own.
    /// - Returns: the certificate in DER.
    func finish(
        _ profile: CertificateProfile, issuer: SharedCertificate?, key: KeyHandle
    ) throws(HubError) -> [UInt8] {
        func setIssuer(_ issuer: OpaquePointer) -> Int32 {
            unsafe X509_set_issuer_name(self.pointer, X509_get_subject_name(issuer))
        }
        try self.require(
            unsafe (issuer.map { unsafe $0.withPointer(setIssuer) } ?? setIssuer(self.pointer)) == 1)
        let texts = try ExtensionText.all(of: profile)
        for text in texts { try self.add(text.identifier, text.value, issuer) }
        try self.add(NID_subject_key_identifier, "hash", issuer)
        // An authority that issues its own certificate has nobody's key to name.
        if issuer != nil { try self.add(NID_authority_key_identifier, "keyid:always", issuer) }
        for addition in profile.additional { try self.add(addition) }
        try self.add(CertificateProfile.Extension.testMark)
        let size = unsafe key.withPointer {
            unsafe X509_sign(self.pointer, $0, DigestHandle.pointer(for: key.kind.usualAlgorithm.digest))
        }
        try self.require(size > 0)
        let bytes = unsafe LibraryBytes.encoded { unsafe i2d_X509(self.pointer, $0) }
        guard let bytes else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A certificate could not be written.")
        }
        return bytes
    }

    private func add(_ identifier: Int32, _ value: String, _ issuer: SharedCertificate?) throws(HubError) {
        func made(_ issuer: OpaquePointer) -> OpaquePointer? {
            var context = unsafe X509V3_CTX()
            unsafe X509V3_set_ctx(&context, issuer, self.pointer, nil, nil, 0)
            return unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value)
        }
        let own = unsafe issuer.map { unsafe $0.withPointer(made) } ?? made(self.pointer)
        guard let own = unsafe own else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "An extension could not be made.")
        }
        defer { unsafe X509_EXTENSION_free(own) }
        try self.require(unsafe X509_add_ext(self.pointer, own, -1) == 1)
    }

    private func add(_ addition: CertificateProfile.Extension) throws(HubError) {
        guard let content = unsafe ASN1_OCTET_STRING_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for an extension.")
        }
        defer { unsafe ASN1_OCTET_STRING_free(content) }
        let bytes = addition.value
        try self.require(unsafe ASN1_OCTET_STRING_set(content, bytes, Int32(clamping: bytes.count)) == 1)
        let isAdded = unsafe LibraryObject.with(addition.identifier) { object -> Bool in
            let made = unsafe X509_EXTENSION_create_by_OBJ(nil, object, addition.isCritical ? 1 : 0, content)
            guard let made = unsafe made else { return false }
            defer { unsafe X509_EXTENSION_free(made) }
            return unsafe X509_add_ext(self.pointer, made, -1) == 1
        }
        try self.require(isAdded == true)
    }

    private func require(_ isDone: Bool) throws(HubError) {
        guard isDone else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A certificate could not be made.")
        }
    }
}
