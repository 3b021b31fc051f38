public import HubModel

extension CMSSignature {
    /// Puts content into a signed envelope, or a signature of it into an envelope without content.
    ///
    /// The envelope holds the certificate and one signature over the attributes content-type, message-digest,
    /// signing-time and signing-certificate-v2 (RFC 5652, 11; RFC 5035, 3). The bytes are signed as they are:
    /// no line ends are changed and no S/MIME capabilities are told.
    ///
    /// - Parameters:
    ///   - certificate: that of the key, by whose issuer and serial number the signature names it.
    ///   - chain: certificates to enclose besides, such as that of the issuer; at most seven.
    ///   - isDetached: whether the content travels beside the envelope.
    ///   - algorithm: the key's usual one unless another is named, such as one of PSS.
    ///   - moment: the signing-time; now unless another is given. Its fractions of a second are lost.
    /// - Returns: a ContentInfo in DER.
    /// - Throws: `envelope.key_unusable` if the certificate is not that of the key, or key and algorithm do
    ///   not go together, `envelope.algorithm_refused` for Ed25519, `intake.too_large` beyond 64 MB,
    ///   `envelope.crypto_failed`.
    public static func sign(
        _ content: [UInt8], with key: SigningKey, certificate: Certificate, chain: [Certificate] = [],
        detached isDetached: Bool, algorithm: SignatureAlgorithm? = nil, at moment: Timestamp? = nil
    ) throws(HubError) -> [UInt8] {
        let algorithm = algorithm ?? key.kind.usualAlgorithm
        guard algorithm.suits(key.kind) else {
            throw HubError(
                .envelopeKeyUnusable, "The key cannot sign with this algorithm.",
                details: [
                    ErrorDetail("key", key.kind.rawValue), ErrorDetail("algorithm", algorithm.rawValue),
                ]
            )
        }
        guard algorithm.digest != nil else {
            throw HubError(
                .envelopeAlgorithmRefused, "CMS envelopes cannot be signed with this algorithm here.",
                details: [ErrorDetail("algorithm", algorithm.rawValue)]
            )
        }
        guard certificate.fingerprint == key.publicKey.fingerprint else {
            throw HubError(.envelopeKeyUnusable, "The certificate is not that of the signing key.")
        }
        guard chain.count < CMSLimits.certificates else {
            throw HubError(
                .envelopeKeyUnusable, "The chain has more certificates than an envelope may enclose.",
                details: [
                    ErrorDetail("certificates", chain.count),
                    ErrorDetail("allowed", CMSLimits.certificates - 1),
                ]
            )
        }
        try CMSLimits.check(count: content.count)
        return try CMSHandle.sign(
            content, key: key.handle, certificate: CertificateHandle(der: certificate.der),
            chain: chain, isDetached: isDetached, algorithm: algorithm, at: moment
        )
    }
}
