/// The names of XML-DSig that the profile knows (W3C XML Signature 1.1, RFC 9231).
///
/// A name that is not here is refused. Names are compared byte by byte: no other case, no spaces, no escapes.
enum XMLSignatureNames {
    static let namespace = "http://www.w3.org/2000/09/xmldsig#"
    /// What version 1.1 added.
    static let namespace11 = "http://www.w3.org/2009/xmldsig11#"
    static let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    /// Only for those who ask for it, and for saying what is out of date.
    static let rsaSHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    static let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1"

    static func name(of algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .ecdsaSHA256: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
        case .ecdsaSHA384: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
        case .ecdsaSHA512: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
        case .rsaSHA256: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        case .rsaSHA384: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
        case .rsaSHA512: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
        case .rsaPSSSHA256: "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
        case .rsaPSSSHA384: "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"
        case .rsaPSSSHA512: "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"
        case .ed25519: "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"
        }
    }

    static func name(of digest: DigestAlgorithm) -> String {
        switch digest {
        case .sha256: "http://www.w3.org/2001/04/xmlenc#sha256"
        case .sha384: "http://www.w3.org/2001/04/xmldsig-more#sha384"
        case .sha512: "http://www.w3.org/2001/04/xmlenc#sha512"
        }
    }

    static func algorithm(named name: String) -> SignatureAlgorithm? {
        SignatureAlgorithm.allCases.first { Self.isSame(Self.name(of: $0), name) }
    }

    static func digest(named name: String) -> DigestAlgorithm? {
        [DigestAlgorithm.sha256, .sha384, .sha512].first { Self.isSame(Self.name(of: $0), name) }
    }

    /// By bytes; most names differ in length already.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one.utf8.elementsEqual(other.utf8)
    }
}
