private import COpenSSL
import HubModel

/// An OCSP response of the library's (RFC 6960), shared by all checks that look into it.
@safe
final class SharedStatusResponse: @unchecked Sendable {
    // Holds because: the response is complete before `init` returns and nothing here changes it afterwards;
    // verifying it only reads.
    private let pointer: OpaquePointer
    private let isWeak: Bool

    /// - Throws: `trust.revocation_unknown` if it is not one successful response in DER.
    init(der: [UInt8]) throws(HubError) {
        let response = unsafe LibraryBytes.decode(der, free: { unsafe OCSP_RESPONSE_free($0) }) {
            unsafe d2i_OCSP_RESPONSE(nil, $0, $1)
        }
        guard let response = unsafe response else {
            throw OpenSSLFailure.drain(as: .trustRevocationUnknown, "The OCSP response is not readable.")
        }
        defer { unsafe OCSP_RESPONSE_free(response) }
        let status = unsafe OCSP_response_status(response)
        guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
            throw HubError(
                .trustRevocationUnknown, "The OCSP responder gave no answer.",
                details: [ErrorDetail("status", status)]
            )
        }
        guard let pointer = unsafe OCSP_response_get1_basic(response) else {
            throw OpenSSLFailure.drain(as: .trustRevocationUnknown, "The OCSP response is not readable.")
        }
        var digest: Int32 = NID_undef
        var key: Int32 = NID_undef
        var object: OpaquePointer?
        unsafe X509_ALGOR_get0(&object, nil, nil, OCSP_resp_get0_tbs_sigalg(pointer))
        _ = unsafe OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &key)
        self.isWeak = [NID_md4, NID_md5, NID_sha1].contains(digest)
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe OCSP_BASICRESP_free(self.pointer)
    }

    /// What the response says of a certificate.
    ///
    /// A response for another certificate, by somebody else, signed weakly or out of its time says nothing.
    /// That a certificate was revoked does not become outdated.
    ///
    /// - Throws: `envelope.crypto_failed` if there is no memory.
    func status(
        of certificate: SharedCertificate, issuer: SharedCertificate, _ question: ChainQuestion
    ) throws(HubError) -> CertificateStatus {
        guard !self.isWeak, let single = unsafe self.single(of: certificate, issuer: issuer) else {
            return .unknown
        }
        var reason = Int32(-1)
        var revoked: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var this: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var next: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        let status = unsafe OCSP_single_get0_status(single, &reason, &revoked, &this, &next)
        guard let thisUpdate = unsafe LibraryTime.moment(this), try self.isSigned(by: issuer, at: thisUpdate)
        else { return .unknown }
        switch status {
        case V_OCSP_CERTSTATUS_GOOD:
            // Without a next update it tells of the time until it was made, and of nothing later.
            let nextUpdate = unsafe LibraryTime.moment(next) ?? thisUpdate
            let isFresh =
                nextUpdate >= question.earliest
                && thisUpdate <= max(question.latest, certificate.notAfter)
            return isFresh ? .good(until: nextUpdate) : .unknown
        case V_OCSP_CERTSTATUS_REVOKED:
            guard let date = unsafe LibraryTime.moment(revoked) else { return .unknown }
            return .revoked(Revocation(date: date, reason: Revocation.Reason(rawValue: Int(reason))))
        default: return .unknown
        }
    }

    private func single(of certificate: SharedCertificate, issuer: SharedCertificate) -> OpaquePointer? {
        for index in 0..<(unsafe OCSP_resp_count(self.pointer)) {
            let single = unsafe OCSP_resp_get0(self.pointer, index)
            let identifier = unsafe OCSP_SINGLERESP_get0_id(single)
            var algorithm: OpaquePointer?
            guard let identifier = unsafe identifier,
                unsafe OCSP_id_get0_info(nil, &algorithm, nil, nil, identifier) == 1,
                let digest = unsafe hub_digest_by_object(algorithm)
            else { continue }
            let own = unsafe certificate.withPointer { certificate in
                unsafe issuer.withPointer { unsafe OCSP_cert_to_id(digest, certificate, $0) }
            }
            guard let own = unsafe own else { continue }
            defer { unsafe OCSP_CERTID_free(own) }
            if unsafe OCSP_id_cmp(own, identifier) == 0 { return unsafe single }
        }
        OpenSSLFailure.discard()
        return nil
    }

    /// Whether the issuer signed it, or someone the issuer itself named for that (RFC 6960, 4.2.2.2).
    ///
    /// The issuer was checked as part of the chain; so it is the only root here, at the time of the response.
    private func isSigned(by issuer: SharedCertificate, at moment: Timestamp) throws(HubError) -> Bool {
        let others = try CertificateStack([issuer])
        guard let store = unsafe X509_STORE_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a trust store.")
        }
        defer { unsafe X509_STORE_free(store) }
        guard unsafe issuer.withPointer({ unsafe X509_STORE_add_cert(store, $0) }) == 1,
            unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_X509_STRICT))
                == 1,
            let parameters = unsafe X509_STORE_get0_param(store)
        else { throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a trust store.") }
        unsafe X509_VERIFY_PARAM_set_time(parameters, time_t(LibraryTime.seconds(moment)))
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
        let status = unsafe others.withPointer {
            unsafe OCSP_basic_verify(self.pointer, $0, store, UInt(OCSP_TRUSTOTHER | OCSP_NOEXPLICIT))
        }
        OpenSSLFailure.discard()
        return status == 1
    }
}

extension CertificateStatus {
    /// Of two words about a certificate the one that counts: revoked before good, and good for longer.
    func worse(_ other: CertificateStatus) -> CertificateStatus {
        switch (self, other) {
        case (.revoked, _), (_, .unknown): self
        case (_, .revoked), (.unknown, _): other
        case (.good(let mine), .good(let theirs)): mine >= theirs ? self : other
        }
    }
}
