internal import HubEnvelope
internal import HubModel

/// A body without the envelopes around it: what remains is XML or JSON.
///
/// | media type | what it is |
/// | --- | --- |
/// | `application/xml`, `text/xml`, `application/octet-stream` | XML as it is |
/// | `application/json` | JSON as it is |
/// | `multipart/signed` | one of the two, with a CMS signature behind it (RFC 8551, 3.5.3) |
/// | `application/pkcs7-mime` | one of the two in CMS SignedData, or either of these in AuthEnvelopedData for the hub (RFC 8551, 3.3 to 3.5) |
struct OpenedBody {
    let content: [UInt8]
    let isXML: Bool
    /// What the CMS signature around the content is worth; `nil` when there is none.
    let signature: SignatureReport?
    /// Whether it came encrypted.
    let isConfidential: Bool

    /// What the journal and receivers call the body.
    let type: String

    /// Whether something was around the content.
    var wasEnveloped: Bool { self.signature != nil || self.isConfidential }

    static let cmsType = "application/pkcs7-mime"
    static let multipartType = "multipart/signed"
    static let signedType = "application/pkcs7-mime; smime-type=signed-data"
    static let encryptedType = "application/pkcs7-mime; smime-type=authEnveloped-data"

    /// Takes the envelopes off and checks the signature that is part of one.
    ///
    /// - Parameter sender: whose key is meant when the signature names none of the registered certificates.
    /// - Throws: `api.media_type_unsupported`, `envelope.…` for an envelope that cannot be opened or whose signature is not
    ///   valid: what is in it may not be what was signed.
    static func open(
        _ body: [UInt8], type: String, sender: SystemID, keys: KeyRing.Keys
    ) throws(HubError) -> OpenedBody {
        try Self.open(body, type: type, confidential: keys.confidential) { envelope, content throws(HubError) in
            let (report, signed) = CMSSignature.verify(envelope, content: content) { signer in
                keys.registry.key(of: signer, sender: sender)
            }
            guard report.verdict == .valid, let signed else {
                throw HubError(
                    report.code ?? .envelopeSignatureInvalid, "The signature of the message was not accepted.",
                    details: [ErrorDetail("verdict", report.verdict.rawValue), ErrorDetail("reason", report.reason.en)]
                )
            }
            return (report, signed)
        }
    }

    /// The same for a body that was accepted before, whose signature nobody needs to check again.
    ///
    /// - Throws: `mapping.failed` when it cannot be opened any more.
    static func reopen(_ body: [UInt8], type: String, keys: KeyRing.Keys) throws(HubError) -> OpenedBody {
        do throws(HubError) {
            return try Self.open(body, type: type, confidential: keys.confidential) { envelope, content throws(HubError) in
                guard let signed = content ?? CMSSignature.content(ofVerified: envelope) else {
                    throw HubError(.envelopeSignatureMalformed, "The stored envelope has no content.")
                }
                return (nil, signed)
            }
        } catch {
            throw HubError(
                .mappingFailed, "The stored message cannot be opened.",
                details: [ErrorDetail("because", error.code.rawValue)] + error.details, cause: error
            )
        }
    }

    /// Checks a CMS signature over content inside (`nil`) or beside, and gives the content.
    typealias Check = (_ envelope: [UInt8], _ content: [UInt8]?) throws(HubError) -> (SignatureReport?, [UInt8])

    /// Takes the envelopes off.
    ///
    /// - Throws: `api.media_type_unsupported`, `envelope.…`, what `check` throws.
    static func open(
        _ body: [UInt8], type: String, confidential: [KeyRing.ConfidentialKey], check: Check
    ) throws(HubError) -> OpenedBody {
        // What most messages are needs no look at parameters.
        if let isXML = Self.isXML(plain: type) {
            return OpenedBody(content: body, isXML: isXML, signature: nil, isConfidential: false, type: type)
        }
        let media = MIMEType(type)
        switch media?.name {
        case Self.multipartType:
            guard let media else { throw Self.unsupported(type) }
            let parts = try MultipartSigned(body, type: media)
            let (report, _) = try check(parts.signature, parts.entity)
            let isXML = ["application/xml", "text/xml"].contains(parts.contentType.name)
            guard isXML || parts.contentType.name == "application/json" else {
                throw Self.unsupported(parts.contentType.name)
            }
            return OpenedBody(
                content: parts.content, isXML: isXML, signature: report, isConfidential: false, type: type
            )
        case Self.cmsType:
            switch CMSKind.of(body) {
            case .signed: return try Self.signed(body, isConfidential: false, check: check)
            case .encrypted:
                let inner = try Self.decrypted(body, confidential)
                if CMSKind.of(inner) == .signed {
                    return try Self.signed(inner, isConfidential: true, check: check)
                }
                return OpenedBody(
                    content: inner, isXML: Self.isXML(inner), signature: nil, isConfidential: true,
                    type: Self.encryptedType
                )
            case nil:
                throw HubError(
                    .envelopeSignatureMalformed,
                    "The body is neither SignedData nor AuthEnvelopedData in DER (RFC 5652, RFC 5083)."
                )
            }
        case _: throw Self.unsupported(type)
        }
    }

    private static func signed(
        _ envelope: [UInt8], isConfidential: Bool, check: Check
    ) throws(HubError) -> OpenedBody {
        let (report, content) = try check(envelope, nil)
        return OpenedBody(
            content: content, isXML: Self.isXML(content), signature: report, isConfidential: isConfidential,
            type: isConfidential ? Self.encryptedType : Self.signedType
        )
    }

    /// What is inside an encrypted body.
    ///
    /// - Throws: `envelope.encryption_refused`, `envelope.decryption_failed`.
    static func decrypted(
        _ body: [UInt8], _ confidential: [KeyRing.ConfidentialKey]
    ) throws(HubError) -> [UInt8] {
        var failure = HubError(
            .envelopeEncryptionRefused, "This hub has no key for confidential messages (hub.yaml: confidential)."
        )
        for own in confidential {
            do throws(HubError) {
                return try CMSEncryption.open(body, with: own.key, certificate: own.certificate)
            } catch {
                failure = error
                // Another form is another for every key.
                if error.code != .envelopeDecryptionFailed { break }
            }
        }
        throw failure
    }

    /// Whether a body of this type is XML without anything around it; `nil` when something is around it.
    static func isXML(plain type: String) -> Bool? {
        switch type {
        case "application/xml", "text/xml", "application/octet-stream": true
        case "application/json": false
        default: nil
        }
    }

    private static func isXML(_ content: [UInt8]) -> Bool {
        content.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) } == 0x3C
    }

    private static func unsupported(_ type: String) -> HubError {
        HubError(
            .apiMediaTypeUnsupported,
            "Payloads are application/xml, application/json, multipart/signed or application/pkcs7-mime.",
            details: [ErrorDetail("given", type.prefix(bytes: 60))]
        )
    }
}
