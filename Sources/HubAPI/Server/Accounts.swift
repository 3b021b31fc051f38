public import HubCore
internal import HubEnvelope
internal import HubJSON
public import HubModel
internal import Synchronization

/// Who may call, and with which secret.
public final class Accounts: Sendable {
    private let contracts: ContractRing
    private let secrets: Mutex<[SystemID: [UInt8]]>

    /// - Parameter secrets: One for each system, used for tokens and for the axis' header signatures.
    public init(contracts: ContractRing, secrets: [SystemID: [UInt8]]) {
        self.contracts = contracts
        self.secrets = Mutex(secrets)
    }

    /// The adapters that hold at present.
    var adapters: [SystemID: Adapter] { self.contracts.current.adapters }

    /// Exchanges the secrets, while systems call.
    public func replace(secrets: [SystemID: [UInt8]]) {
        self.secrets.withLock { $0 = secrets }
    }

    /// The adapter of a system that proved itself with its secret; `nil` otherwise. Takes the same time either way.
    func adapter(id: String, secret: [UInt8]) -> Adapter? {
        let system = SystemID(id)
        let known = system.flatMap { system in self.secrets.withLock { $0[system] } }
        let expected = known ?? [UInt8](repeating: 0, count: 32)
        let matches = HMACSHA256.isEqual(
            HMACSHA256.code(secret, key: expected), HMACSHA256.code(expected, key: expected)
        )
        guard matches, let system, known != nil else { return nil }
        return self.adapters[system]
    }

    func secret(of system: SystemID) -> [UInt8]? { self.secrets.withLock { $0[system] } }
}

/// Issues and reads the tokens of the exchange API: short-lived ES256 JWTs (RFC 7519) signed with the hub's key.
public final class TokenDesk: Sendable {
    /// Seconds that a token is good for.
    static let lifetime: Int64 = 900

    private let keys: KeyRing
    private let issuer: String
    private let now: @Sendable () -> Timestamp
    /// Tokens whose signature was checked, with their system and end: checking once is enough.
    private let seen = Mutex<[String: (system: SystemID, expires: Int64)]>([:])

    public init(keys: KeyRing, issuer: String, now: @escaping @Sendable () -> Timestamp) {
        self.keys = keys
        self.issuer = issuer
        self.now = now
    }

    package func issue(to system: SystemID) throws(HubError) -> String {
        let now = self.now().nanoseconds / 1_000_000_000
        let claims: JSONValue = .object([
            "iss": .string(self.issuer), "aud": .string(self.issuer), "sub": .string(system.description),
            "iat": .init(integerLiteral: Int(now)), "exp": .init(integerLiteral: Int(now + Self.lifetime)),
        ])
        return try JWS.signCompact(claims.serialised(), with: self.keys.current.own)
    }

    /// - Throws: `access.unauthenticated` for a token that is not ours, not valid or over.
    func system(of token: String) throws(HubError) -> SystemID {
        let now = self.now().nanoseconds / 1_000_000_000
        if let known = self.seen.withLock({ $0[token] }) {
            guard known.expires > now else { throw Self.over }
            return known.system
        }
        let keys = self.keys.current
        let (report, payload) = JWS.verifyCompact(token) { Self.key($0, among: keys, at: now) }
        guard report.verdict == .valid, let payload, let claims = try? JSONDocument.parse(payload).value,
            claims["iss"]?.string == self.issuer, claims["aud"]?.string == self.issuer,
            let system = claims["sub"]?.string.flatMap(SystemID.init), let expires = claims["exp"]?.int
        else {
            throw HubError(.accessUnauthenticated, "The token was not issued by this hub.")
        }
        guard Int64(expires) > now else { throw Self.over }
        self.seen.withLock { seen in
            if seen.count >= 4096 { seen = seen.filter { $0.value.expires > now } }
            if seen.count < 4096 { seen[token] = (system, Int64(expires)) }
        }
        return system
    }

    /// The key of the hub, or one that it signed with so lately that a token of it may still be good.
    private static func key(_ name: String, among keys: KeyRing.Keys, at now: Int64) -> PublicKey? {
        let own = keys.own.publicKey
        if name == own.fingerprint.description { return own }
        return keys.earlier.first { earlier in
            guard let until = earlier.until else { return false }
            return earlier.key.fingerprint.description == name && until.nanoseconds / 1_000_000_000 + Self.lifetime > now
        }?.key
    }

    private static let over = HubError(.accessUnauthenticated, "The token is over; get a new one at /oauth2/token.")
}
