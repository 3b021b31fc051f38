private import COpenSSL
import HubModel

/// A timestamp request of the library's in the making.
enum TimestampRequestDraft {
    /// - Throws: `envelope.crypto_failed` if the library refuses.
    static func make(digest: Digest, nonce: [UInt8], policy: String?) throws(HubError) -> [UInt8] {
        guard let request = unsafe TS_REQ_new(), let imprint = unsafe TS_MSG_IMPRINT_new(),
            let algorithm = unsafe X509_ALGOR_new()
        else { throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a timestamp request.") }
        defer {
            unsafe X509_ALGOR_free(algorithm)
            unsafe TS_MSG_IMPRINT_free(imprint)
            unsafe TS_REQ_free(request)
        }
        // Parameters are NULL, as RFC 8017 and most authorities have it.
        _ = unsafe X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil)
        var bytes = digest.bytes
        let isPolicySet =
            policy.map { policy in
                unsafe LibraryObject.with(policy) { unsafe TS_REQ_set_policy_id(request, $0) } == 1
            } ?? true
        let isComplete =
            unsafe TS_REQ_set_version(request, 1) == 1
            && TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1
            && TS_MSG_IMPRINT_set_msg(imprint, &bytes, Int32(bytes.count)) == 1
            && TS_REQ_set_msg_imprint(request, imprint) == 1
            && LibraryBytes.withInteger(nonce) { unsafe TS_REQ_set_nonce(request, $0) } == 1
            && TS_REQ_set_cert_req(request, 1) == 1 && isPolicySet
        let der = unsafe isComplete ? LibraryBytes.encoded { unsafe i2d_TS_REQ(request, $0) } : nil
        guard let der else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A timestamp request could not be made.")
        }
        return der
    }
}

/// An answer of a timestamp authority, while the token is taken out.
enum TimestampResponseHandle {
    /// The bits of PKIFailureInfo (RFC 3161, 2.4.2).
    private static let failures: [(Int32, String)] = [
        (0, "badAlg"), (2, "badRequest"), (5, "badDataFormat"), (14, "timeNotAvailable"),
        (15, "unacceptedPolicy"),
        (16, "unacceptedExtension"), (17, "addInfoNotAvailable"), (25, "systemFailure"),
    ]

    static func token(from der: [UInt8]) throws(HubError) -> [UInt8] {
        let response = unsafe LibraryBytes.decode(der, free: { unsafe TS_RESP_free($0) }) {
            unsafe d2i_TS_RESP(nil, $0, $1)
        }
        guard let response = unsafe response, let info = unsafe TS_RESP_get_status_info(response) else {
            throw OpenSSLFailure.drain(as: .timestampInvalid, "The answer is no timestamp response.")
        }
        defer { unsafe TS_RESP_free(response) }
        let status = unsafe ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info))
        // granted, or granted with changes: what was changed shows when the token is verified.
        guard status == 0 || status == 1 else {
            let bits = unsafe TS_STATUS_INFO_get0_failure_info(info)
            let failure = Self.failures.first {
                unsafe bits != nil && ASN1_BIT_STRING_get_bit(bits, $0.0) == 1
            }
            throw HubError(
                .timestampUnavailable, "The timestamp authority refused.",
                details: [ErrorDetail("status", status)]
                    + (failure.map { [ErrorDetail("failure", $0.1)] } ?? [])
            )
        }
        let token = unsafe TS_RESP_get_token(response).flatMap { token in
            unsafe LibraryBytes.encoded { unsafe i2d_PKCS7(token, $0) }
        }
        guard let token else {
            throw OpenSSLFailure.drain(as: .timestampInvalid, "There is no token in the timestamp response.")
        }
        return token
    }
}
