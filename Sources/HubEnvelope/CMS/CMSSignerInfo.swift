import HubModel

/// The one signature of an envelope, read and found to be of the accepted form (SignerInfo of RFC 5652, 5.3).
struct CMSSignerInfo {
    let name: CMSSigner.Name
    let digest: DigestAlgorithm
    let algorithm: SignatureAlgorithm
    let messageDigest: [UInt8]
    let signingTime: Timestamp?
    /// The value of signingCertificateV2, if the signature has that attribute.
    let signingCertificate: CMSSigningCertificate?
    /// What was signed: the attributes as a SET, which in the envelope have another tag (RFC 5652, 5.4).
    let signedBytes: [UInt8]
    let signature: [UInt8]
}

/// Which certificate a signature says it was made with (SigningCertificateV2 of RFC 5035, 3).
struct CMSSigningCertificate {
    let digest: DigestAlgorithm
    let hash: [UInt8]
    /// Issuer and serial number, if they are told besides.
    let name: CMSSigner.Name?

    /// Reads the first ESSCertIDv2; only that is the signer's (RFC 5035, 5.4).
    ///
    /// - Returns: `nil` if the value has another form, or its hash is not one of those that are allowed.
    init?(_ value: DERElement) {
        guard value.tag == DERTag.sequence else { return nil }
        var outer = value.reader
        guard var list = outer.next(DERTag.sequence)?.reader, var fields = list.next(DERTag.sequence)?.reader
        else { return nil }
        if let named = fields.next(DERTag.sequence) {
            guard let digest = CMSAlgorithm(named)?.digest else { return nil }
            self.digest = digest
        } else {
            self.digest = .sha256
        }
        guard let hash = fields.next(DERTag.octetString)?.content, hash.count == self.digest.length else {
            return nil
        }
        self.hash = Array(hash)
        guard let named = fields.next(DERTag.sequence) else {
            self.name = nil
            return
        }
        guard let name = Self.name(named) else { return nil }
        self.name = name
    }

    /// Whether the signature may name its signer like this.
    ///
    /// Its own way of naming the signer is not signed, but this is.
    func agrees(with name: CMSSigner.Name) -> Bool {
        guard case .issuerAndSerialNumber = name, let own = self.name else { return true }
        return own == name
    }

    /// IssuerSerial (RFC 5035, 4): the issuer is one directoryName.
    private static func name(_ element: DERElement) -> CMSSigner.Name? {
        var fields = element.reader
        guard var names = fields.next(DERTag.sequence)?.reader, let serial = fields.next(DERTag.integer),
            fields.isAtEnd, var name = names.next(DERTag.context(4))?.reader, names.isAtEnd,
            let issuer = name.next(DERTag.sequence), name.isAtEnd
        else { return nil }
        return .issuerAndSerialNumber(issuer: Array(issuer.whole), serialNumber: Array(serial.content))
    }

    func isHash(of certificate: [UInt8]) throws(HubError) -> Bool {
        try DigestStream.hash(certificate[...], with: self.digest) == self.hash
    }
}
