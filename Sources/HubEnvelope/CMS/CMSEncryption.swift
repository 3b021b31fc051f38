public import HubModel

/// Encrypted envelopes in CMS: AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084).
///
/// Whoever opens an envelope learns that its content was not changed, and not who made it: for that, sign
/// first (`CMSSignature`) and encrypt the signed envelope.
///
/// The content's key goes to RSA recipients by RSAES-OAEP with SHA-256, and to those on P-256, P-384 and P-521 by
/// ECDH with a fresh key for each, a key derivation with SHA-256 and AES-256 key wrap (RFC 5753, 3.1).
/// Ed25519 only signs.
///
/// Not supported, because the CMS of OpenSSL 3.0 does not put them under the tag: authenticated attributes.
public enum CMSEncryption {
    /// Encrypts content so that each recipient can open it.
    ///
    /// - Parameter recipients: at least one and at most 32 certificates. Their issuer, validity and key usage
    ///   are for the caller to check; the envelope names each by issuer and serial number.
    /// - Returns: a ContentInfo in DER.
    /// - Throws: `envelope.key_unusable` if the number is wrong, a key is not RSA 2048, 3072 or 4096, P-256,
    ///   P-384 or P-521; `intake.too_large` near 64 MB; `envelope.crypto_failed`.
    public static func seal(
        _ content: [UInt8], for recipients: [Certificate]
    ) throws(HubError) -> [UInt8] {
        guard (1...CMSLimits.recipients).contains(recipients.count) else {
            throw HubError(
                .envelopeKeyUnusable, "An encrypted envelope has between 1 and 32 recipients.",
                details: [ErrorDetail("recipients", recipients.count)]
            )
        }
        try CMSLimits.check(count: content.count)
        var keys: [CMSRecipient] = []
        for recipient in recipients {
            let kind = try recipient.publicKey().kind
            guard kind != .ed25519 else { throw Self.cannotDecrypt(kind) }
            keys.append(CMSRecipient(certificate: recipient, kind: kind))
        }
        return try CMSHandle.seal(content, for: keys)
    }

    /// Decrypts an envelope.
    ///
    /// The form is checked first, and for that no key is needed: anything but AuthEnvelopedData in DER, with
    /// AES-256-GCM, a tag of sixteen bytes and the ways of reaching recipients above (also with SHA-384 and
    /// SHA-512), is refused. EnvelopedData is among that, since it does not show changes, and RSA by PKCS #1
    /// v1.5.
    ///
    /// After that there is one answer to everything that does not fit, so that asking again and again teaches
    /// nothing.
    ///
    /// - Parameter certificate: that of the key, by which the envelope names the recipient.
    /// - Throws: `envelope.encryption_refused` for the form; `envelope.decryption_failed` if the envelope is
    ///   not for this certificate, or its content, tag or wrapped key were changed, or it has attributes;
    ///   `envelope.key_unusable` if the certificate is not that of the key, or the key only signs.
    public static func open(
        _ envelope: [UInt8], with key: SigningKey, certificate: Certificate
    ) throws(HubError) -> [UInt8] {
        guard key.kind != .ed25519 else { throw Self.cannotDecrypt(key.kind) }
        guard certificate.fingerprint == key.publicKey.fingerprint else {
            throw HubError(.envelopeKeyUnusable, "The certificate is not that of the decryption key.")
        }
        let findings: CMSEncryptedForm.Findings
        do throws(CMSFault) {
            findings = try CMSEncryptedForm.check(envelope)
        } catch {
            throw Self.refused(error)
        }
        let content =
            try findings.hasAttributes
            ? nil
            : CMSHandle.open(envelope, key: key.handle, certificate: CertificateHandle(der: certificate.der))
        guard let content else {
            throw HubError(.envelopeDecryptionFailed, "The encrypted envelope could not be opened.")
        }
        return content
    }

    private static func cannotDecrypt(_ kind: KeyKind) -> HubError {
        HubError(
            .envelopeKeyUnusable, "A key of this kind signs only; nothing can be encrypted for it.",
            details: [ErrorDetail("key", kind.rawValue)]
        )
    }

    private static func refused(_ fault: CMSFault) -> HubError {
        let detail =
            switch fault {
            case .malformed(let reason): ErrorDetail("reason", reason.en)
            case .algorithmRefused(let name): ErrorDetail("algorithm", name)
            }
        return HubError(
            .envelopeEncryptionRefused, "The encrypted envelope is not of an accepted form.",
            details: [detail])
    }
}

/// One who can open an envelope.
struct CMSRecipient {
    let certificate: Certificate
    let kind: KeyKind
}
