internal import HubEnvelope
public import HubModel

/// How a command reaches the token that a key is in.
public struct TokenPlace: Sendable {
    private let module: String
    private let pinFile: String
    private let way: TokenAccess.Way?

    /// The ways to a token, as they are named on the command line.
    public static var ways: [String] { TokenAccess.Way.allCases.map(\.rawValue) }

    /// - Parameters:
    ///   - module: The library of the token.
    ///   - pinFile: A file that only its owner may read, whose first line is the PIN.
    ///   - way: One of `ways`.
    /// - Throws: `configuration.invalid` for another way.
    public init(module: String, pinFile: String, way: String? = nil) throws(HubError) {
        self.module = module
        self.pinFile = pinFile
        self.way = way.flatMap(TokenAccess.Way.init)
        guard way == nil || self.way != nil else {
            throw HubError(
                .configurationInvalid, "There is no such way to a token.",
                details: [ErrorDetail("known", Self.ways.joined(separator: ", "))]
            )
        }
    }

    /// A private key by the path of its file, or by its URI in a token.
    static func key(
        _ place: String, passphrase: String? = nil, tokens: TokenPlace?
    ) throws(HubError) -> SigningKey {
        guard TokenURI.isOne(place) else {
            return try KeyFile.load(place, passphrase: try passphrase.map(KeyFile.passphrase))
        }
        let uri = try TokenURI(place)
        guard let tokens else {
            throw HubError(
                .configurationInvalid, "A key in a token needs its module and PIN (--pkcs11-module, --pin-file)."
            )
        }
        return try TokenKey.load(
            uri, by: TokenAccess(module: tokens.module, pin: try KeyFile.passphrase(tokens.pinFile), way: tokens.way)
        )
    }
}
