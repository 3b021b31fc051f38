public import HubModel

/// A certificate in an envelope, opened just far enough to see whether it is the one that is meant (RFC 5280,
/// 4.1).
struct CMSCertificate {
    let der: ArraySlice<UInt8>
    /// The issuer's name as it is encoded.
    let issuer: ArraySlice<UInt8>
    /// The contents of the serial number.
    let serial: ArraySlice<UInt8>
    /// The extension subjectKeyIdentifier (RFC 5280, 4.2.1.2), if there is one.
    let keyIdentifier: ArraySlice<UInt8>?

    /// - Returns: `nil` if the element is no X.509 certificate; attribute certificates and those of other
    ///   kinds are none.
    init?(_ element: DERElement) {
        guard element.tag == DERTag.sequence else { return nil }
        var outer = element.reader
        guard var body = outer.next(DERTag.sequence)?.reader else { return nil }
        _ = body.next(DERTag.context(0))
        guard let serial = body.next(DERTag.integer), body.next(DERTag.sequence) != nil,
            let issuer = body.next(DERTag.sequence)
        else { return nil }
        self.der = element.whole
        self.issuer = issuer.whole
        self.serial = serial.content
        self.keyIdentifier = Self.keyIdentifier(after: &body)
    }

    /// - Parameter body: what follows the issuer: validity, subject, key, then what is optional.
    private static func keyIdentifier(after body: inout DERReader) -> ArraySlice<UInt8>? {
        while let part = body.next() {
            guard part.tag == DERTag.context(3) else { continue }
            var wrapper = part.reader
            guard var extensions = wrapper.next(DERTag.sequence)?.reader else { return nil }
            while var fields = extensions.next(DERTag.sequence)?.reader {
                guard fields.next()?.objectIdentifier == CMSName.subjectKeyIdentifier else { continue }
                _ = fields.next(DERTag.boolean)
                guard var value = fields.next(DERTag.octetString).map({ DERReader($0.content) }) else {
                    return nil
                }
                return value.next(DERTag.octetString)?.content
            }
        }
        return nil
    }
}

/// Whom a signature names as its maker (SignerIdentifier of RFC 5652, 5.3).
///
/// A hint for finding the right key.
public struct CMSSigner: Sendable {
    /// The two ways of naming a certificate.
    public enum Name: Hashable, Sendable {
        /// The issuer's name in DER, and the contents of the serial number (two's complement, most
        /// significant first).
        case issuerAndSerialNumber(issuer: [UInt8], serialNumber: [UInt8])
        /// The value of the certificate's extension of this name.
        case subjectKeyIdentifier([UInt8])
    }

    public let name: Name
    /// The certificate of this name, if the envelope carries it.
    ///
    /// Nobody has checked who issued it.
    public let certificate: Certificate?

    /// All certificates of the envelope in DER, in its order; a way to an issuer may lead over them.
    public let enclosedCertificates: [[UInt8]]
    /// When the signer says it was signed.
    ///
    /// Part of what is signed, and still no more than the signer's word.
    public let signingTime: Timestamp?

    /// The fingerprint of the key in `certificate`.
    public var fingerprint: Digest? { self.certificate?.fingerprint }

    /// Whether this is the name of a certificate, such as a registered one that the envelope does not carry.
    public func isName(of certificate: Certificate) -> Bool {
        var reader = DERReader(certificate.der[...])
        guard let found = reader.next().flatMap({ CMSCertificate($0) }) else { return false }
        return self.name.isName(of: found)
    }
}

extension CMSSigner.Name {
    /// Compares what is encoded, byte by byte.
    func isName(of certificate: CMSCertificate) -> Bool {
        switch self {
        case .issuerAndSerialNumber(let issuer, let serialNumber):
            certificate.issuer.elementsEqual(issuer) && certificate.serial.elementsEqual(serialNumber)
        case .subjectKeyIdentifier(let identifier):
            certificate.keyIdentifier?.elementsEqual(identifier) ?? false
        }
    }
}
