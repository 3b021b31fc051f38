/// The ways of signing that a JWS can name here.
enum JWSAlgorithm: Hashable {
    /// By a private key.
    case signature(SignatureAlgorithm)
    /// `HS256`, by a secret that is shared.
    case hmacSHA256

    private static let known = SignatureAlgorithm.allCases.map { JWSAlgorithm.signature($0) } + [.hmacSHA256]

    /// RFC 7518, 3.1; RFC 8037, 3.1.
    var name: String {
        switch self {
        case .signature(.ecdsaSHA256): "ES256"
        case .signature(.ecdsaSHA384): "ES384"
        case .signature(.ecdsaSHA512): "ES512"
        case .signature(.rsaSHA256): "RS256"
        case .signature(.rsaSHA384): "RS384"
        case .signature(.rsaSHA512): "RS512"
        case .signature(.rsaPSSSHA256): "PS256"
        case .signature(.rsaPSSSHA384): "PS384"
        case .signature(.rsaPSSSHA512): "PS512"
        case .signature(.ed25519): "EdDSA"
        case .hmacSHA256: "HS256"
        }
    }

    /// - Returns: `nil` for a name that is not here, compared byte by byte; `none` is one of those.
    init?(named name: String) {
        guard let found = Self.known.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            return nil
        }
        self = found
    }
}
