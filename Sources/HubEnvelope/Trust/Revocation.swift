public import HubModel

/// What an issuer says of a certificate that it took back (RFC 5280, 5.3).
public struct Revocation: Hashable, Sendable {
    /// Why a certificate was taken back; the numbers are those of the standard.
    public enum Reason: Int, CaseIterable, Sendable {
        case unspecified = 0
        case keyCompromise = 1
        case authorityCompromise = 2
        case affiliationChanged = 3
        case superseded = 4
        case cessationOfOperation = 5
        case certificateHold = 6
        case removeFromList = 8
        case privilegeWithdrawn = 9
        case attributeAuthorityCompromise = 10
    }

    /// When the issuer took it back.
    public let date: Timestamp
    /// `nil` if the issuer gives none.
    public let reason: Reason?
    /// Since when the key is known or thought to be in other hands, if the issuer says so.
    public let invalidSince: Timestamp?

    public init(date: Timestamp, reason: Reason? = nil, invalidSince: Timestamp? = nil) {
        self.date = date
        self.reason = reason
        self.invalidSince = invalidSince
    }

    /// From which moment on a signature with this certificate no longer counts.
    ///
    /// A signature made before the revocation stays good. Not so when the key fell into other hands: whoever
    /// has it can write any date, so only a moment that others prove lies before anything.
    ///
    /// - Parameters:
    ///   - isMomentProven: whether someone other than the signer vouches for the moment of the signature.
    ///   - isTimestampSigner: a timestamp authority whose revocation has no reason is taken as compromised
    ///     (RFC 3161, 4.1).
    func start(isMomentProven: Bool, isTimestampSigner: Bool) -> Timestamp {
        let isKeyLost =
            switch self.reason {
            case .keyCompromise, .authorityCompromise, .attributeAuthorityCompromise: true
            case nil: isTimestampSigner
            default: false
            }
        if isKeyLost && !isMomentProven { return Timestamp(nanoseconds: .min) }
        return min(self.date, self.invalidSince ?? self.date)
    }
}
