public import HubModel

/// What an envelope says about itself, for people.
///
/// None of it is proved.
public struct CMSDescription: Hashable, Sendable {
    /// A certificate that the envelope carries.
    public struct CertificateLine: Hashable, Sendable {
        /// The names in the way of RFC 4514.
        public let subject: String
        public let issuer: String
        /// In hexadecimal.
        public let serialNumber: String
        /// That of the key.
        public let fingerprint: Digest
        public let notBefore: Timestamp
        public let notAfter: Timestamp
        /// Whether the signature names this one.
        public let isSigner: Bool
    }

    /// How long the envelope is.
    public let byteCount: Int
    /// The outermost type, such as `id-signedData`; `nil` where it cannot be read.
    ///
    /// So are the others below.
    public let contentType: String?
    public let isDetached: Bool?
    /// How long the content is; `nil` if it is beside the envelope.
    public let contentByteCount: Int?
    /// The readable ones.
    public let certificates: [CertificateLine]
    /// The certificate that the signature names: issuer and serial number, or the identifier of its key.
    public let signer: String?
    public let digestAlgorithm: String?
    /// The name that the signature itself gives.
    public let signatureAlgorithm: String?
    /// The types, in their order.
    public let signedAttributes: [String]
    public let unsignedAttributes: [String]
    /// When the signer says it was signed.
    public let signingTime: Timestamp?
    /// Why `verify` refuses the form of the envelope; `nil` if it does not.
    public let fault: Bilingual?
    /// The code that goes with `fault`.
    public let code: ErrorCode?
}

extension CMSSignature {
    /// Describes an envelope, as far as it can be read, without checking the signature.
    ///
    /// Never throws: what is not an envelope has a `fault`, and whatever could be read before it.
    public static func inspect(_ envelope: [UInt8]) -> CMSDescription {
        var reader = CMSSignedDataReader()
        var refusal: SignatureReport?
        do throws(CMSFault) {
            _ = try reader.read(envelope)
        } catch {
            refusal = error.report
        }
        return CMSDescription(
            byteCount: envelope.count,
            contentType: reader.type.map { CMSName.text($0) },
            isDetached: reader.isDetached,
            contentByteCount: reader.content?.count,
            certificates: reader.certificates.compactMap { Self.line($0, signer: reader.name) },
            signer: reader.name.map { Self.text($0) },
            digestAlgorithm: reader.digestName.map { CMSName.text($0) },
            signatureAlgorithm: reader.algorithmName.map { CMSName.text($0) },
            signedAttributes: reader.signedAttributes.names.map { CMSName.text($0) },
            unsignedAttributes: reader.unsignedAttributes.names.map { CMSName.text($0) },
            signingTime: reader.signingTime,
            fault: refusal.map { Self.reason($0) },
            code: refusal?.code
        )
    }

    private static func line(
        _ certificate: CMSCertificate, signer: CMSSigner.Name?
    ) -> CMSDescription.CertificateLine? {
        guard let read = try? Certificate(der: Array(certificate.der)) else { return nil }
        return CMSDescription.CertificateLine(
            subject: SignatureReport.shortened(read.subject, to: 256),
            issuer: Self.issuer(Array(certificate.issuer)),
            serialNumber: Self.hexadecimal(certificate.serial),
            fingerprint: read.fingerprint, notBefore: read.notBefore, notAfter: read.notAfter,
            isSigner: signer?.isName(of: certificate) ?? false
        )
    }

    private static func text(_ name: CMSSigner.Name) -> String {
        switch name {
        case .issuerAndSerialNumber(let issuer, let serialNumber):
            "\(Self.issuer(issuer)), serial number \(Self.hexadecimal(serialNumber))"
        case .subjectKeyIdentifier(let identifier): "key identifier \(Self.hexadecimal(identifier))"
        }
    }

    private static func issuer(_ der: [UInt8]) -> String {
        SignatureReport.shortened(NameText.text(of: der) ?? "?", to: 256)
    }

    private static func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
        Hex.text(Array(bytes.prefix(64)))
    }

    /// A refused algorithm is more use with its name.
    private static func reason(_ report: SignatureReport) -> Bilingual {
        guard let algorithm = report.algorithm else { return report.reason }
        return Bilingual(vi: "\(report.reason.vi) (\(algorithm))", en: "\(report.reason.en) (\(algorithm))")
    }
}
