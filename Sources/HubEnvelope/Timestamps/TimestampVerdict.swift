public import HubModel

/// Whether a timestamp proves that a digest existed at its time.
///
/// A "no" is an answer, not an error.
public enum TimestampVerdict: Hashable, Sendable {
    case valid(TimestampFacts)
    case refused(TimestampRefusal)

    /// Why it is refused; `nil` for a valid one.
    public var refusal: TimestampRefusal? {
        switch self {
        case .valid: nil
        case .refused(let refusal): refusal
        }
    }

    /// What it says; `nil` for a refused one.
    public var facts: TimestampFacts? {
        switch self {
        case .valid(let facts): facts
        case .refused: nil
        }
    }
}

/// What a timestamp says (RFC 3161, 2.4.2).
public struct TimestampFacts: Hashable, Sendable {
    /// When the authority saw the digest.
    public let time: Timestamp
    /// How far that may be off; `nil` if the authority does not say.
    public let accuracy: Duration?
    /// The number of the token, big-endian; unique with the authority.
    public let serial: [UInt8]
    /// The policy it was issued under, as dotted decimals.
    public let policy: String
    /// The name in the certificate of the authority (RFC 4514).
    public let authority: String
    /// The certificates from the authority to the root, by name.
    public let chain: [String]
    /// The end of what the trust in the authority rests on.
    public let trustedUntil: Timestamp
}

/// Why a timestamp proves nothing.
public struct TimestampRefusal: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// It is no token in DER, has bytes after its end, or is signed by none or by several.
        case malformed
        /// It is over something else, or with another hash function than SHA-256.
        case digest
        /// It answers another request.
        case nonce
        /// The authority followed a policy that is not among the allowed ones.
        case policy
        /// It has a critical extension; none is known.
        case criticalExtension
        /// Its time lies in the future.
        case future
        /// The authority does not know its time well enough.
        case accuracy
        /// The certificate of the authority is not in it and not known.
        case certificateMissing
        /// The authority is not trusted at that time.
        case untrusted(TrustRefusal)
        /// The certificate that the token names is not the one it was signed with (RFC 3161, 2.4.2; RFC
        /// 5816).
        case certificateIdentifier
        /// The authority did not sign it, did so weakly, or is not the one it names.
        case signature
    }

    public let reason: Reason
    /// What exactly does not fit.
    public let detail: String

    public init(_ reason: Reason, _ detail: String = "") {
        self.reason = reason
        self.detail = detail
    }

    /// That of the certificate if it is to blame, `timestamp.invalid` otherwise.
    public var code: ErrorCode {
        if case .untrusted(let refusal) = self.reason { refusal.code } else { .timestampInvalid }
    }

    /// The refusal as an error, for a caller that cannot go on.
    public var error: HubError {
        if case .untrusted(let refusal) = self.reason { return refusal.error }
        return HubError(
            .timestampInvalid, self.summary,
            details: self.detail.isEmpty ? [] : [ErrorDetail("detail", self.detail)]
        )
    }

    private var summary: StaticString {
        switch self.reason {
        case .malformed: "The timestamp does not have the form of RFC 3161."
        case .digest: "The timestamp is over something else."
        case .nonce: "The timestamp answers another request."
        case .policy: "The timestamp was issued under a policy that is not allowed."
        case .criticalExtension: "The timestamp has a critical extension that is not understood."
        case .future: "The time of the timestamp lies in the future."
        case .accuracy: "The timestamp is not accurate enough."
        case .certificateMissing: "The certificate of the timestamp authority is missing."
        case .untrusted: "The timestamp authority is not trusted."
        case .certificateIdentifier: "The timestamp names another certificate than the one that signed it."
        case .signature: "The timestamp was not signed by its authority."
        }
    }
}
