/// How strict a trust store is.
public struct TrustSettings: Hashable, Sendable {
    /// What a store asks of the issuers about revoked certificates.
    public enum RevocationPolicy: String, CaseIterable, Codable, Sendable {
        /// Revocation is not looked at.
        case off
        /// What the store has counts, however old; what it does not have is not missed.
        case ifPresent = "if-present"
        /// Of each certificate below the root there must be a fresh CRL or OCSP response.
        case required
    }

    public var revocation: RevocationPolicy
    /// How far clocks may be apart: added at both ends of every validity.
    public var clockSkew: Duration
    /// Whether certificates of a test authority are good here, as they are on loopback and nowhere else.
    public var allowsTestAuthority: Bool
    /// How many authorities may stand between a certificate and its root.
    public var intermediateLimit: Int

    public init(
        revocation: RevocationPolicy = .ifPresent, clockSkew: Duration = .seconds(60),
        allowsTestAuthority: Bool = false, intermediateLimit: Int = 6
    ) {
        self.revocation = revocation
        self.clockSkew = clockSkew
        self.allowsTestAuthority = allowsTestAuthority
        self.intermediateLimit = intermediateLimit
    }
}
