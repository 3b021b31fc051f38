import HubModel

/// Takes a signed envelope apart, as strictly as it can be written (SignedData of RFC 5652, 5.1).
///
/// What has been read before a fault stays here, so that an envelope can be described that is not accepted.
struct CMSSignedDataReader {
    private(set) var type: ObjectIdentifier?
    private(set) var content: ArraySlice<UInt8>?
    private(set) var isDetached: Bool?
    private(set) var certificates: [CMSCertificate] = []
    private(set) var name: CMSSigner.Name?
    private(set) var digestName: ObjectIdentifier?
    private(set) var algorithmName: ObjectIdentifier?
    private(set) var signedAttributes = CMSAttributes()
    private(set) var unsignedAttributes = CMSAttributes()
    private(set) var signingTime: Timestamp?

    /// Reads an envelope from its first byte to its last.
    ///
    /// - Throws: the first fault.
    mutating func read(_ envelope: [UInt8]) throws(CMSFault) -> CMSSignerInfo {
        let info = try CMSContentInfo.read(envelope)
        self.type = info.type
        guard info.type == CMSName.signedData else { throw .type(info.type) }
        guard info.content.tag == DERTag.sequence else { throw .part("SignedData") }
        var fields = info.content.reader
        let version = fields.next()?.smallNumber
        guard let digests = fields.next(DERTag.set) else { throw .part("digestAlgorithms") }
        try self.readContent(&fields)
        if let set = fields.next(DERTag.context(0)) { try self.readCertificates(set) }
        guard fields.next(DERTag.context(1)) == nil else {
            throw .malformed(
                Bilingual(
                    vi: "Phong bì chứa danh sách thu hồi chứng thư, điều không được chấp nhận.",
                    en: "The envelope carries revocation lists, which is not accepted."
                )
            )
        }
        guard let signers = fields.next(DERTag.set), fields.isAtEnd else { throw .part("signerInfos") }
        let signer = try self.readSigner(signers)
        guard self.certificates.count(where: { signer.name.isName(of: $0) }) <= 1 else {
            throw .part("certificates")
        }
        // RFC 5652, 5.1: with data inside and certificates of X.509 only, the version follows from the
        // signer's name.
        guard version == self.version else { throw .part("version") }
        guard let digest = Self.only(digests), CMSAlgorithm(digest)?.name == self.digestName else {
            throw .part("digestAlgorithms")
        }
        return signer
    }

    /// That of the signature, and of the whole (RFC 5652, 5.1 and 5.3).
    private var version: Int? {
        switch self.name {
        case .issuerAndSerialNumber: 1
        case .subjectKeyIdentifier: 3
        case nil: nil
        }
    }

    /// RFC 5652, 5.2.
    private mutating func readContent(_ fields: inout DERReader) throws(CMSFault) {
        guard var inner = fields.next(DERTag.sequence)?.reader, let type = inner.next()?.objectIdentifier
        else {
            throw .part("eContentType")
        }
        guard type == CMSName.data else { throw .type(type) }
        self.isDetached = inner.isAtEnd
        guard !inner.isAtEnd else { return }
        guard var wrapper = inner.next(DERTag.context(0))?.reader, inner.isAtEnd,
            let content = wrapper.next(DERTag.octetString), wrapper.isAtEnd
        else { throw .part("eContent") }
        self.content = content.content
    }

    /// RFC 5652, 10.2.3.
    private mutating func readCertificates(_ set: DERElement) throws(CMSFault) {
        var reader = set.reader
        guard let elements = reader.all(DERTag.sequence, limit: CMSLimits.certificates) else {
            throw .part("certificates")
        }
        for element in elements {
            guard let certificate = CMSCertificate(element) else { throw .part("certificates") }
            self.certificates.append(certificate)
        }
    }

    /// RFC 5652, 5.3.
    private mutating func readSigner(_ signers: DERElement) throws(CMSFault) -> CMSSignerInfo {
        guard let element = Self.only(signers) else {
            throw .malformed(
                Bilingual(
                    vi: "Phong bì phải có đúng một chữ ký.",
                    en: "The envelope must have exactly one signature."
                )
            )
        }
        guard element.tag == DERTag.sequence else { throw .part("signerInfos") }
        var fields = element.reader
        let version = fields.next()?.smallNumber
        self.name = Self.name(fields.next())
        guard version != nil, version == self.version else { throw .part("sid") }
        let digestAlgorithm = CMSAlgorithm(fields.next())
        self.digestName = digestAlgorithm?.name
        guard let digest = digestAlgorithm?.digest else { throw .algorithm(digestAlgorithm) }
        guard let signed = fields.next(DERTag.context(0)) else {
            throw .malformed(
                Bilingual(
                    vi: "Chữ ký không có các thuộc tính được ký.",
                    en: "The signature has no signed attributes."
                )
            )
        }
        self.signedAttributes = try CMSAttributes(signed, isSigned: true)
        let signatureAlgorithm = CMSAlgorithm(fields.next())
        self.algorithmName = signatureAlgorithm?.name
        guard let algorithm = signatureAlgorithm?.signature(with: digest) else {
            throw .algorithm(signatureAlgorithm)
        }
        guard let signature = fields.next(DERTag.octetString) else { throw .part("signature") }
        if let unsigned = fields.next(DERTag.context(1)) { try self.readUnsigned(unsigned) }
        guard fields.isAtEnd, let name = self.name else { throw .part("signerInfos") }
        let attributes = try self.readSigned(digest)
        return CMSSignerInfo(
            name: name, digest: digest, algorithm: algorithm, messageDigest: attributes.messageDigest,
            signingTime: self.signingTime, signingCertificate: attributes.certificate,
            signedBytes: [DERTag.set] + signed.whole.dropFirst(), signature: Array(signature.content)
        )
    }

    /// RFC 5652, 11.1 to 11.3; RFC 5035, 3.
    private mutating func readSigned(_ digest: DigestAlgorithm) throws(CMSFault) -> (
        messageDigest: [UInt8], certificate: CMSSigningCertificate?
    ) {
        let attributes = self.signedAttributes
        guard attributes.single(CMSName.contentType)?.objectIdentifier == CMSName.data else {
            throw .part("id-contentType")
        }
        guard let hash = attributes.single(CMSName.messageDigest), hash.tag == DERTag.octetString,
            hash.content.count == digest.length
        else { throw .part("id-messageDigest") }
        if attributes.has(CMSName.signingTime) {
            self.signingTime = attributes.single(CMSName.signingTime).flatMap { CMSTime.moment($0) }
            guard self.signingTime != nil else { throw .part("id-signingTime") }
        }
        guard attributes.has(CMSName.signingCertificateV2) else { return (Array(hash.content), nil) }
        guard
            let certificate = attributes.single(CMSName.signingCertificateV2).flatMap({
                CMSSigningCertificate($0)
            })
        else { throw .part("id-aa-signingCertificateV2") }
        return (Array(hash.content), certificate)
    }

    /// Nothing in here is signed and nothing reads it, so it may hold what it likes, such as a time stamp.
    ///
    /// A counter-signature alone is refused (RFC 5652, 11.4): it would look like a second signature, and
    /// nobody has checked it.
    private mutating func readUnsigned(_ set: DERElement) throws(CMSFault) {
        self.unsignedAttributes = try CMSAttributes(set, isSigned: false)
        guard !self.unsignedAttributes.has(CMSName.counterSignature) else {
            throw .malformed(
                Bilingual(
                    vi: "Chữ ký kèm chữ ký đối ứng, điều không được chấp nhận.",
                    en: "The signature carries a counter-signature, which is not accepted."
                )
            )
        }
    }

    private static func name(_ element: DERElement?) -> CMSSigner.Name? {
        guard let element else { return nil }
        if element.tag == DERTag.contextPrimitive(0) {
            return element.content.isEmpty ? nil : .subjectKeyIdentifier(Array(element.content))
        }
        guard element.tag == DERTag.sequence else { return nil }
        var fields = element.reader
        guard let issuer = fields.next(DERTag.sequence), let serial = fields.next(DERTag.integer),
            fields.isAtEnd
        else { return nil }
        return .issuerAndSerialNumber(issuer: Array(issuer.whole), serialNumber: Array(serial.content))
    }

    private static func only(_ set: DERElement) -> DERElement? {
        var reader = set.reader
        guard let element = reader.next(), reader.isAtEnd else { return nil }
        return element
    }
}
