// Not private, as elsewhere: the token is handed over by its owner.
internal import COpenSSL
import HubModel

/// The parts of a token's signature that nobody signs.
///
/// The library overlooks most of them, so they could be changed without a trace. Each is held to the one
/// value it may have: a token is the same bytes for everyone.
enum TokenSigner {
    /// Why the form of the only signer is refused.
    static func refusal(
        _ token: UnsafeMutablePointer<PKCS7>, certificate: SharedCertificate
    ) -> TimestampRefusal? {
        guard let body = unsafe hub_pkcs7_signed(token), let signer = unsafe hub_token_signer(token),
            let name = unsafe signer.pointee.issuer_and_serial, let digest = unsafe signer.pointee.digest_alg,
            let signature = unsafe signer.pointee.digest_enc_alg
        else { return TimestampRefusal(.malformed) }
        // RFC 5652, 5.1 and 5.3, for a content that is not data and a signer named by issuer and number.
        guard unsafe ASN1_INTEGER_get(body.pointee.version) == 3,
            unsafe ASN1_INTEGER_get(signer.pointee.version) == 1
        else { return TimestampRefusal(.malformed, "version") }
        guard unsafe Self.der(name.pointee.issuer) == certificate.issuerDER else {
            return TimestampRefusal(.malformed, "issuer of the signer")
        }
        let hash = unsafe OBJ_obj2nid(digest.pointee.algorithm)
        guard [NID_sha256, NID_sha384, NID_sha512].contains(hash) else {
            return TimestampRefusal(.signature, "the digest of the signer is not SHA-256 or better")
        }
        guard let announced = unsafe hub_token_digest(token), unsafe Self.hasNoParameters(announced),
            unsafe OBJ_obj2nid(announced.pointee.algorithm) == hash
        else { return TimestampRefusal(.malformed, "digest algorithms") }
        guard unsafe Self.hasNoParameters(digest), unsafe Self.hasNoParameters(signature),
            certificate.signs(with: unsafe OBJ_obj2nid(signature.pointee.algorithm), digest: hash)
        else { return TimestampRefusal(.signature, "the algorithm does not suit the key and the digest") }
        guard unsafe hub_signer_content_type(signer) == NID_id_smime_ct_TSTInfo else {
            return TimestampRefusal(.signature, "the signer did not mean a timestamp")
        }
        return nil
    }

    private static func der(_ name: OpaquePointer?) -> [UInt8]? {
        unsafe name.flatMap { name in unsafe LibraryBytes.encoded { unsafe i2d_X509_NAME(name, $0) } }
    }

    private static func hasNoParameters(_ algorithm: UnsafePointer<X509_ALGOR>) -> Bool {
        guard let parameter = unsafe algorithm.pointee.parameter else { return true }
        return unsafe parameter.pointee.type == V_ASN1_NULL
    }
}

extension SharedCertificate {
    fileprivate var issuerDER: [UInt8]? {
        unsafe self.withPointer { certificate in
            unsafe LibraryBytes.encoded { unsafe i2d_X509_NAME(X509_get_issuer_name(certificate), $0) }
        }
    }

    /// Whether a signature algorithm is that of this certificate's key with this digest.
    ///
    /// RSA may be named
    /// alone, as PKCS #7 did.
    fileprivate func signs(with algorithm: Int32, digest: Int32) -> Bool {
        let key = unsafe self.withPointer { unsafe EVP_PKEY_get_base_id(X509_get0_pubkey($0)) }
        if key == EVP_PKEY_RSA, algorithm == NID_rsaEncryption { return true }
        var (ownDigest, ownKey) = (NID_undef, NID_undef)
        guard unsafe OBJ_find_sigid_algs(algorithm, &ownDigest, &ownKey) == 1 else { return false }
        return ownDigest == digest && ownKey == key
    }
}
