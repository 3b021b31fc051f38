public import HubModel

/// Timestamps as they are kept: tokens of RFC 3161 with the identifiers of RFC 5816.
public enum TimestampToken {
    /// No authority sends more; its whole chain fits in.
    public static let maxBytes = 64 << 10

    /// What a token must satisfy beside being genuine.
    public struct Demands: Sendable {
        /// The allowed policies as dotted decimals; all if `nil`.
        public var policies: Set<String>?
        /// How far the time may be off at most, if the authority says how far.
        ///
        /// One that says nothing is accepted.
        public var accuracy: Duration
        /// Whether something else than the token proves that it existed in its time, such as the journal.
        ///
        /// Only then does it outlive the key of the authority falling into other hands.
        public var isMomentProven: Bool

        public init(
            policies: Set<String>? = nil, accuracy: Duration = .seconds(60), isMomentProven: Bool = false
        ) {
            self.policies = policies
            self.accuracy = accuracy
            self.isMomentProven = isMomentProven
        }
    }

    /// Whether a token proves that a digest existed at its time.
    ///
    /// The form is strict: DER, nothing after the end, one signer, SHA-256 or better, the signed attributes
    /// of RFC 3161. The certificate of the authority must be good for timestamping at the time in the token.
    ///
    /// - Parameters:
    ///   - digest: the SHA-256 the timestamp is over.
    ///   - nonce: that of the request; `nil` when a kept token is verified later.
    ///   - trust: a store for `TrustPurpose.timestamping`.
    ///   - now: a token of a later time is refused; the skew of the store is tolerated.
    /// - Throws: `configuration.invalid` for a store of another purpose, `envelope.crypto_failed` if there
    ///   is no memory.
    public static func verify(
        _ der: [UInt8], digest: Digest, nonce: [UInt8]?, trust: TrustStore, demands: Demands = Demands(),
        now: Timestamp
    ) throws(HubError) -> TimestampVerdict {
        guard trust.purpose == .timestamping else {
            throw HubError(
                .configurationInvalid, "Timestamps are verified with a trust store for timestamping.",
                details: [ErrorDetail("purpose", trust.purpose.rawValue)]
            )
        }
        guard der.count <= Self.maxBytes, let handle = TimestampTokenHandle(der: der) else {
            return .refused(TimestampRefusal(.malformed))
        }
        let content = handle.content
        if let refusal = Self.refusal(
            of: content, digest, nonce, demands, now.advanced(by: trust.settings.clockSkew))
        {
            return .refused(refusal)
        }
        guard let signer = handle.signer(among: trust.intermediates) else {
            return .refused(TimestampRefusal(.certificateMissing))
        }
        let verdict = try trust.verify(
            signer, digest: SHA256.hash(signer.der), chain: { () throws(HubError) in handle.certificates },
            at: content.time, isMomentProven: demands.isMomentProven
        )
        guard case .valid(let until, let chain) = verdict else {
            return .refused(TimestampRefusal(verdict.refusal.map { .untrusted($0) } ?? .certificateMissing))
        }
        if let refusal = try handle.signatureRefusal(
            signer: signer, roots: trust.roots, others: trust.intermediates)
        {
            return .refused(refusal)
        }
        return .valid(
            TimestampFacts(
                time: content.time, accuracy: content.accuracy, serial: content.serial,
                policy: content.policy,
                authority: signer.subject, chain: chain, trustedUntil: until
            )
        )
    }

    /// What does not fit in what the token says, whoever signed it.
    private static func refusal(
        of content: TimestampContent, _ digest: Digest, _ nonce: [UInt8]?, _ demands: Demands,
        _ latest: Timestamp
    ) -> TimestampRefusal? {
        guard content.digest == digest else { return TimestampRefusal(.digest) }
        if let nonce, content.nonce != nonce { return TimestampRefusal(.nonce) }
        if let policies = demands.policies, !policies.contains(content.policy) {
            return TimestampRefusal(.policy, content.policy)
        }
        guard !content.hasCriticalExtension else { return TimestampRefusal(.criticalExtension) }
        guard content.time <= latest else { return TimestampRefusal(.future, content.time.description) }
        if let accuracy = content.accuracy, accuracy > demands.accuracy {
            return TimestampRefusal(.accuracy, "\(accuracy)")
        }
        return nil
    }
}

/// What a token says, before anyone asks who signed it.
struct TimestampContent {
    /// `nil` if it is not SHA-256.
    let digest: Digest?
    let time: Timestamp
    let accuracy: Duration?
    let serial: [UInt8]
    let policy: String
    let nonce: [UInt8]?
    let hasCriticalExtension: Bool
}
