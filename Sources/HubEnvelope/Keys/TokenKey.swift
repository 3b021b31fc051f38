public import HubModel
private import Synchronization

/// How a program reaches its token: by whose library, with which PIN, through which part of OpenSSL.
public struct TokenAccess: Sendable {
    /// What stands between OpenSSL and the library of the token. Both are programs of others, installed beside OpenSSL.
    public enum Way: String, CaseIterable, Sendable {
        /// The provider `pkcs11` (OpenSSL 3).
        case provider
        /// The engine `pkcs11` of libp11, which OpenSSL 3 still takes.
        case engine
    }

    /// The path of the library (PKCS #11 module).
    public var module: String
    /// What opens the token for its user.
    public var pin: [UInt8]
    /// `nil` for the provider where it is installed, and otherwise the engine.
    public var way: Way?

    public init(module: String, pin: [UInt8], way: Way? = nil) {
        self.module = module
        self.pin = pin
        self.way = way
    }
}

/// Private keys that stay in a token: a smart card, a hardware security module, or SoftHSM, which plays one.
public enum TokenKey {
    private struct State {
        var module: TokenModule?
        var keys: [TokenURI: SigningKey] = [:]
        /// Digests of the PIN that a token took, and of the last one that it did not.
        var taken: [TokenModule.Token: Digest] = [:]
        var refused: [TokenModule.Token: Digest] = [:]
    }

    // Calls out while it is locked, unlike other locks: keys are loaded when a program starts and when the key of a hub
    // is exchanged, and which PIN the library tries is a setting of the process.
    private static let state = Mutex(State())

    /// Finds a key, opens its token, and has it sign once, to see that it is whole.
    ///
    /// Each key is loaded once in a process and kept. It may be used from several threads: the module is asked to lock,
    /// and the engine gives each signature under way a session of its own. A PIN that a token did not take is not tried
    /// again in this process, since tokens lock after a few.
    ///
    /// - Throws: `configuration.invalid` if the module cannot be loaded or another one is in use, no token or several
    ///   fit, the PIN is wrong or locked, or there is no such key; `envelope.key_unusable` for a key of another
    ///   kind than those of `KeyKind`, or one that does not sign.
    public static func load(_ uri: TokenURI, by access: TokenAccess) throws(HubError) -> SigningKey {
        do throws(HubError) {
            return try Self.state.withLock { state throws(HubError) in try Self.load(uri, by: access, &state) }
        } catch {
            throw error.adding(ErrorDetail("key", uri))
        }
    }

    private static func load(
        _ uri: TokenURI, by access: TokenAccess, _ state: inout State
    ) throws(HubError) -> SigningKey {
        guard !access.pin.isEmpty, !access.pin.contains(0) else { throw Self.wrongPIN() }
        let token = try Self.token(of: uri, in: try Self.module(access.module, &state))
        let pin = SHA256.hash(access.pin)
        // A token is open for the whole process, so it would not ask for the PIN a second time.
        if let taken = state.taken[token], taken != pin { throw Self.wrongPIN() }
        if state.refused[token] == pin { throw Self.wrongPIN() }
        if let key = state.keys[uri] { return key }
        guard !token.isPINLocked else {
            throw HubError(.configurationInvalid, "The token has locked its PIN after too many wrong ones.")
        }
        let handle: KeyHandle
        switch try KeyHandle.find(uri, module: access.module, pin: access.pin, by: access.way) {
        case .found(let found): handle = found
        case .wrongPIN(let cause):
            state.refused[token] = pin
            throw Self.wrongPIN(cause)
        case .absent(let cause):
            throw HubError(.configurationInvalid, "There is no such private key in the token.", cause: cause)
        }
        state.taken[token] = pin
        let key = try SigningKey(inToken: handle)
        state.keys[uri] = key
        return key
    }

    private static func module(_ path: String, _ state: inout State) throws(HubError) -> TokenModule {
        if let module = state.module {
            guard module.path == path else {
                throw HubError(
                    .configurationInvalid, "A process can use one PKCS #11 module, and has another already.",
                    details: [ErrorDetail("module", path), ErrorDetail("used", module.path)]
                )
            }
            return module
        }
        let module = try TokenModule(path: path)
        state.module = module
        return module
    }

    private static func token(of uri: TokenURI, in module: TokenModule) throws(HubError) -> TokenModule.Token {
        let all = try module.tokens()
        let fitting = all.filter(uri.fits)
        guard let token = fitting.first else {
            throw HubError(
                .configurationInvalid, "There is no such token.",
                details: [
                    ErrorDetail("module", module.path),
                    ErrorDetail("tokens", all.map(\.label).joined(separator: ", ")),
                ]
            )
        }
        guard fitting.count == 1 else {
            throw HubError(
                .configurationInvalid, "Several tokens fit; name one by its serial.",
                details: [ErrorDetail("serials", fitting.map(\.serial).joined(separator: ", "))]
            )
        }
        return token
    }

    private static func wrongPIN(_ cause: (any Error)? = nil) -> HubError {
        HubError(.configurationInvalid, "The token does not take the PIN.", cause: cause)
    }
}
