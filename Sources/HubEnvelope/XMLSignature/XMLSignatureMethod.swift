import HubModel

/// How a signature was made: in one of the allowed ways, or in the one of the past that a caller may accept.
enum XMLSignatureMethod {
    case allowed(SignatureAlgorithm)
    case rsaSHA1

    /// - Returns: `nil` for a name that is not known, or not accepted.
    init?(named name: String, allowing legacy: LegacyPolicy) {
        if let algorithm = XMLSignatureNames.algorithm(named: name) {
            self = .allowed(algorithm)
        } else if name == XMLSignatureNames.rsaSHA1, legacy.contains(.sha1) {
            self = .rsaSHA1
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .allowed(let algorithm): XMLSignatureNames.name(of: algorithm)
        case .rsaSHA1: XMLSignatureNames.rsaSHA1
        }
    }

    var isLegacy: Bool {
        switch self {
        case .allowed: false
        case .rsaSHA1: true
        }
    }

    /// Whether RSA made it, by whatever hash.
    var isRSA: Bool { self.suits(.rsa2048) }

    func suits(_ kind: KeyKind) -> Bool {
        switch self {
        case .allowed(let algorithm): algorithm.suits(kind)
        case .rsaSHA1: kind.rsaBits != nil
        }
    }

    func verifies(_ signature: [UInt8], of bytes: [UInt8], with key: PublicKey) throws(HubError) -> Bool {
        switch self {
        case .allowed(let algorithm): try key.verifies(signature, of: bytes, with: algorithm)
        case .rsaSHA1: try key.handle.verifiesRSASHA1(signature, of: bytes)
        }
    }
}

/// How one thing that is signed was hashed.
enum XMLDigestMethod {
    case allowed(DigestAlgorithm)
    case sha1

    /// - Returns: `nil` for a name that is not known, or not accepted below such a signature.
    init?(named name: String, below method: XMLSignatureMethod, allowing legacy: LegacyPolicy) {
        if let algorithm = XMLSignatureNames.digest(named: name) {
            self = .allowed(algorithm)
        } else if name == XMLSignatureNames.sha1, legacy.contains(.sha1), method.isRSA {
            self = .sha1
        } else {
            return nil
        }
    }

    var length: Int {
        switch self {
        case .allowed(let algorithm): algorithm.length
        case .sha1: 20
        }
    }

    var isLegacy: Bool {
        switch self {
        case .allowed: false
        case .sha1: true
        }
    }

    func stream() throws(HubError) -> DigestStream {
        switch self {
        case .allowed(let algorithm): try DigestStream(algorithm)
        case .sha1: try DigestStream.sha1()
        }
    }
}
