/// The kinds of key that sign here. Anything weaker is refused when the key is read.
///
/// This is the one place that says so: whatever a hub registers, or takes from a certificate, is read as one of these.
public enum KeyKind: String, CaseIterable, Codable, Sendable {
    case p256
    case p384
    case p521
    case rsa2048
    case rsa3072
    case rsa4096
    case ed25519

    /// What a key of this kind signs with when nobody asks for something else.
    public var usualAlgorithm: SignatureAlgorithm {
        switch self {
        case .p256: .ecdsaSHA256
        case .p384: .ecdsaSHA384
        case .p521: .ecdsaSHA512
        case .rsa2048, .rsa3072, .rsa4096: .rsaSHA256
        case .ed25519: .ed25519
        }
    }

    /// The modulus in bits, for RSA.
    var rsaBits: Int? {
        switch self {
        case .rsa2048: 2048
        case .rsa3072: 3072
        case .rsa4096: 4096
        case .p256, .p384, .p521, .ed25519: nil
        }
    }

    /// How many bytes a signature has. It is the same for every signature of a key, because ECDSA is written here
    /// as two numbers of fixed length.
    var signatureLength: Int {
        switch self {
        case .p256: 64
        case .p384: 96
        case .p521: 132
        case .rsa2048: 256
        case .rsa3072: 384
        case .rsa4096: 512
        case .ed25519: 64
        }
    }
}

/// The ways of signing that are allowed. SHA-1, MD5 and shared secrets are not among them.
public enum SignatureAlgorithm: String, CaseIterable, Sendable {
    case ecdsaSHA256 = "ecdsa-sha256"
    case ecdsaSHA384 = "ecdsa-sha384"
    case ecdsaSHA512 = "ecdsa-sha512"
    case rsaSHA256 = "rsa-sha256"
    case rsaSHA384 = "rsa-sha384"
    case rsaSHA512 = "rsa-sha512"
    case rsaPSSSHA256 = "rsa-pss-sha256"
    case rsaPSSSHA384 = "rsa-pss-sha384"
    case rsaPSSSHA512 = "rsa-pss-sha512"
    case ed25519 = "ed25519"

    /// Whether a key of this kind may be used with this algorithm.
    ///
    /// Each curve has one algorithm; RSA keys of every size share theirs.
    public func suits(_ kind: KeyKind) -> Bool {
        switch self {
        case .ecdsaSHA256: kind == .p256
        case .ecdsaSHA384: kind == .p384
        case .ecdsaSHA512: kind == .p521
        case .ed25519: kind == .ed25519
        case .rsaSHA256, .rsaSHA384, .rsaSHA512, .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512:
            kind.rsaBits != nil
        }
    }

    /// What the signed bytes are hashed with; `nil` where the scheme hashes them itself.
    var digest: DigestAlgorithm? {
        switch self {
        case .ecdsaSHA256, .rsaSHA256, .rsaPSSSHA256: .sha256
        case .ecdsaSHA384, .rsaSHA384, .rsaPSSSHA384: .sha384
        case .ecdsaSHA512, .rsaSHA512, .rsaPSSSHA512: .sha512
        case .ed25519: nil
        }
    }

    var isPSS: Bool {
        switch self {
        case .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512: true
        case .ecdsaSHA256, .ecdsaSHA384, .ecdsaSHA512, .rsaSHA256, .rsaSHA384, .rsaSHA512, .ed25519: false
        }
    }

    var isECDSA: Bool {
        switch self {
        case .ecdsaSHA256, .ecdsaSHA384, .ecdsaSHA512: true
        case .rsaSHA256, .rsaSHA384, .rsaSHA512, .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512, .ed25519: false
        }
    }
}

/// The hash functions that signatures here are made with.
enum DigestAlgorithm: Sendable {
    case sha256
    case sha384
    case sha512

    var length: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}
