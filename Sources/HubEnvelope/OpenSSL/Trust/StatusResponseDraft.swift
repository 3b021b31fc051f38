private import COpenSSL
import HubModel

/// An OCSP response of the library's that a responder is writing.
enum StatusResponseDraft {
    /// Says of one certificate whether it is revoked.
    ///
    /// - Parameters:
    ///   - revocation: `nil` if it is good.
    ///   - signer: the issuer, or whom the issuer named for it.
    /// - Returns: the response in DER.
    /// - Throws: `envelope.crypto_failed` if the library refuses, as it does for an Ed25519 key.
    static func make(
        _ certificate: SharedCertificate, issuer: SharedCertificate, revocation: Revocation?,
        thisUpdate: Timestamp, nextUpdate: Timestamp?, signer: SharedCertificate, key: KeyHandle
    ) throws(HubError) -> [UInt8] {
        let identifier = unsafe certificate.withPointer { certificate in
            unsafe issuer.withPointer {
                unsafe OCSP_cert_to_id(DigestHandle.pointer(for: .sha256), certificate, $0)
            }
        }
        guard let identifier = unsafe identifier, let basic = unsafe OCSP_BASICRESP_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for an OCSP response.")
        }
        defer {
            unsafe OCSP_CERTID_free(identifier)
            unsafe OCSP_BASICRESP_free(basic)
        }
        let status = revocation == nil ? V_OCSP_CERTSTATUS_GOOD : V_OCSP_CERTSTATUS_REVOKED
        let this = unsafe ASN1_GENERALIZEDTIME_set(nil, time_t(LibraryTime.seconds(thisUpdate)))
        let next = unsafe nextUpdate.flatMap {
            unsafe ASN1_GENERALIZEDTIME_set(nil, time_t(LibraryTime.seconds($0)))
        }
        let revoked = unsafe revocation.flatMap {
            unsafe ASN1_GENERALIZEDTIME_set(nil, time_t(LibraryTime.seconds($0.date)))
        }
        defer {
            unsafe ASN1_GENERALIZEDTIME_free(this)
            unsafe ASN1_GENERALIZEDTIME_free(next)
            unsafe ASN1_GENERALIZEDTIME_free(revoked)
        }
        let reason = Int32(revocation?.reason?.rawValue ?? -1)
        let isSigned =
            unsafe OCSP_basic_add1_status(basic, identifier, status, reason, revoked, this, next) != nil
            && signer.withPointer { signer in
                unsafe key.withPointer {
                    unsafe OCSP_basic_sign(
                        basic, signer, $0, DigestHandle.pointer(for: key.kind.usualAlgorithm.digest), nil, 0)
                }
            } == 1
        guard isSigned,
            let response = unsafe OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)
        else { throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "An OCSP response could not be made.") }
        defer { unsafe OCSP_RESPONSE_free(response) }
        let bytes = unsafe LibraryBytes.encoded { unsafe i2d_OCSP_RESPONSE(response, $0) }
        guard let bytes else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "An OCSP response could not be written.")
        }
        return bytes
    }
}
