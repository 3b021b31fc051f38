import HubModel

/// Signed envelopes in CMS (SignedData of RFC 5652), with the content inside or beside.
///
/// What an envelope may be is narrower than the standard: DER and nothing but, data and nothing but, one
/// signature, over signed attributes, with SHA-256 or better and RSA from 2048 bits or ECDSA P-256, P-384 or P-521.
/// The key is the one that the caller has registered; a certificate in the envelope helps to find it and
/// proves nothing. Its chain, its validity and its purpose are not looked at here.
///
/// Ed25519 is missing (RFC 8419): the CMS of OpenSSL 3.0 cannot sign with it. Such a key is refused when
/// signing, such a signature when verifying.
public enum CMSSignature {
    /// Checks an envelope and gives back what was signed.
    ///
    /// Never throws: whatever the bytes are has a verdict. The form is checked before anything is computed,
    /// and what is computed goes over the very bytes whose form was checked.
    ///
    /// Unsigned attributes are not looked at, but a counter-signature is refused. Where the envelope carries
    /// the certificate that it names, that must hold the registered key, and be the one whose hash was signed
    /// if one was (RFC 5035, 5.4).
    ///
    /// - Parameters:
    ///   - envelope: a ContentInfo in DER; empty is a missing signature.
    ///   - content: what was signed, if it travels beside the envelope; `nil` if it is inside. The envelope
    ///     must agree.
    ///   - key: finds the registered key of a signer; asked at most once, and only if the content is what was
    ///     hashed.
    /// - Returns: the content only if the verdict is `valid`.
    public static func verify(
        _ envelope: [UInt8], content: [UInt8]?, key: (CMSSigner) -> PublicKey?
    ) -> (report: SignatureReport, content: [UInt8]?) {
        guard !envelope.isEmpty else {
            return (
                .absent(Bilingual(vi: "Không có chữ ký CMS.", en: "There is no CMS signature.")), nil
            )
        }
        var reader = CMSSignedDataReader()
        do throws(CMSFault) {
            let signer = try reader.read(envelope)
            let signed = try Self.signed(reader.content, beside: content)
            let name = try CMSSigner(
                name: signer.name, certificate: Self.certificate(of: signer, in: reader.certificates),
                enclosedCertificates: reader.certificates.map { Array($0.der) },
                signingTime: signer.signingTime)
            let report = Self.verify(signer, signed, name, key: key)
            return (report, report.verdict == .valid ? Array(signed) : nil)
        } catch {
            return (error.report, nil)
        }
    }

    /// The content of an attached envelope that was verified before.
    ///
    /// - Returns: `nil` for an envelope without content, or one that is not of the accepted form.
    public static func content(ofVerified envelope: [UInt8]) -> [UInt8]? {
        var reader = CMSSignedDataReader()
        do throws(CMSFault) {
            _ = try reader.read(envelope)
            return reader.content.map { Array($0) }
        } catch {
            return nil
        }
    }

    /// The name that reports give an algorithm: that of RFC 5754 for the signature and its hash together.
    static func name(of algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .ecdsaSHA256: "ecdsa-with-SHA256"
        case .ecdsaSHA384: "ecdsa-with-SHA384"
        case .ecdsaSHA512: "ecdsa-with-SHA512"
        case .rsaSHA256: "sha256WithRSAEncryption"
        case .rsaSHA384: "sha384WithRSAEncryption"
        case .rsaSHA512: "sha512WithRSAEncryption"
        case .rsaPSSSHA256: "RSASSA-PSS-SHA256"
        case .rsaPSSSHA384: "RSASSA-PSS-SHA384"
        case .rsaPSSSHA512: "RSASSA-PSS-SHA512"
        case .ed25519: "Ed25519"
        }
    }

    /// The content that was signed.
    ///
    /// There is exactly one: two could be read by two readers.
    private static func signed(
        _ inside: ArraySlice<UInt8>?, beside: [UInt8]?
    ) throws(CMSFault) -> ArraySlice<UInt8> {
        switch (inside, beside) {
        case (let inside?, nil): return inside
        case (nil, let beside?): return beside[...]
        case (_?, _?):
            throw .malformed(
                Bilingual(
                    vi: "Nội dung vừa nằm trong phong bì vừa được gửi kèm.",
                    en: "The content is in the envelope and beside it."
                )
            )
        case (nil, nil):
            throw .malformed(
                Bilingual(
                    vi: "Phong bì không chứa nội dung.", en: "The envelope does not hold the content.")
            )
        }
    }

    /// The certificate that the signature names, if it is there; the reader has seen that there are not two.
    private static func certificate(
        of signer: CMSSignerInfo, in certificates: [CMSCertificate]
    ) throws(CMSFault) -> Certificate? {
        guard let named = certificates.first(where: { signer.name.isName(of: $0) }) else { return nil }
        guard let certificate = try? Certificate(der: Array(named.der)) else { throw .part("certificates") }
        return certificate
    }

    private static func verify(
        _ signer: CMSSignerInfo, _ content: ArraySlice<UInt8>, _ name: CMSSigner,
        key: (CMSSigner) -> PublicKey?
    ) -> SignatureReport {
        let algorithm = Self.name(of: signer.algorithm)
        let claimedKey = name.fingerprint
        func mismatch(vi: String, en: String) -> SignatureReport {
            .mismatch(Bilingual(vi: vi, en: en), algorithm: algorithm, claimedKey: claimedKey)
        }
        do throws(HubError) {
            guard try DigestStream.hash(content, with: signer.digest) == signer.messageDigest else {
                return mismatch(
                    vi: "Nội dung đã bị thay đổi sau khi ký.",
                    en: "The content was changed after it was signed.")
            }
            guard signer.signingCertificate?.agrees(with: signer.name) ?? true else {
                return mismatch(
                    vi: "Tên người ký không phải tên đã được ký.",
                    en: "The signer's name is not the one that was signed.")
            }
            if let certificate = name.certificate, let named = signer.signingCertificate,
                try !named.isHash(of: certificate.der)
            {
                return mismatch(
                    vi: "Chứng thư kèm theo không phải chứng thư đã dùng để ký.",
                    en: "The certificate in the envelope is not the one that was signed with.")
            }
            guard let key = key(name) else {
                return .keyUnknown(algorithm, claimedKey: claimedKey)
            }
            guard claimedKey == nil || claimedKey == key.fingerprint else {
                return mismatch(
                    vi: "Chứng thư kèm theo không chứa khóa đã đăng ký.",
                    en: "The certificate in the envelope does not hold the registered key.")
            }
            guard signer.algorithm.suits(key.kind) else {
                return .algorithmNotOfKey(algorithm, claimedKey: claimedKey)
            }
            guard let signature = Self.fixedForm(signer, key.kind),
                try key.verifies(signature, ofPieces: [signer.signedBytes], with: signer.algorithm)
            else {
                return mismatch(
                    vi: "Chữ ký không phải do khóa đã đăng ký tạo ra.",
                    en: "The signature was not made with the registered key.")
            }
            return .valid(key, algorithm: algorithm, claimedKey: claimedKey)
        } catch {
            return .unanswered(error, algorithm: algorithm)
        }
    }

    /// CMS writes ECDSA in DER (RFC 5754, 3.3).
    ///
    /// The same numbers written in another way are not the same signature.
    private static func fixedForm(_ signer: CMSSignerInfo, _ kind: KeyKind) -> [UInt8]? {
        guard signer.algorithm.isECDSA else { return signer.signature }
        guard let raw = ECDSAForm.raw(fromDER: signer.signature, length: kind.signatureLength),
            ECDSAForm.der(fromRaw: raw) == signer.signature
        else { return nil }
        return raw
    }
}
