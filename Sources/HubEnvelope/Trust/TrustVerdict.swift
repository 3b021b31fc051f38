public import HubModel

/// Whether a certificate is good for the purpose of a store at a moment.
///
/// A "no" is an answer, not an error.
public enum TrustVerdict: Hashable, Sendable {
    /// - Parameters:
    ///   - until: the end of what it rests on: the first certificate of the chain that expires, or the next
    ///     update of a CRL or OCSP response.
    ///   - chain: the names from the certificate to the root.
    case valid(until: Timestamp, chain: [String])
    case refused(TrustRefusal)

    /// Why it is refused; `nil` for a valid one.
    public var refusal: TrustRefusal? {
        switch self {
        case .valid: nil
        case .refused(let refusal): refusal
        }
    }
}

/// Why a certificate is not trusted, and which certificate of the chain is to blame.
public struct TrustRefusal: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// No chain leads to a root of the store.
        case chainUnknown
        /// The issuer did not sign it.
        case signature
        case expired
        case notYetValid
        /// Key usage or extended key usage do not allow it.
        case purpose
        /// It issued a certificate and is no authority.
        case notAuthority
        /// More authorities follow than one of them, or the store, allows.
        case pathTooLong
        /// A name lies outside what an authority may issue for.
        case nameConstraint
        /// A critical extension that nobody here understands.
        case criticalExtension
        /// It is built in a way that RFC 5280 does not allow.
        case malformed
        case revoked(Revocation)
        /// There is no CRL and no OCSP response for it.
        case revocationMissing
        /// What there is was outdated at the moment.
        case revocationStale
        /// What there is cannot be used: not signed by the issuer, or beyond what is understood.
        case revocationUnusable
        case weakKey
        case weakAlgorithm
        /// A test authority issued it, and the store is not for loopback.
        case testAuthority
    }

    public let reason: Reason
    /// The name of the certificate to blame.
    public let certificate: String
    /// The library's own words, or what exactly is missing.
    public let detail: String

    public init(_ reason: Reason, certificate: String, detail: String = "") {
        self.reason = reason
        self.certificate = certificate
        self.detail = detail
    }

    public var code: ErrorCode {
        switch self.reason {
        case .chainUnknown, .signature: .trustChainUnknown
        case .expired: .trustExpired
        case .notYetValid: .trustNotYetValid
        case .purpose: .trustPurpose
        case .notAuthority, .pathTooLong, .nameConstraint, .criticalExtension, .malformed: .trustConstraint
        case .revoked: .trustRevoked
        case .revocationMissing, .revocationStale, .revocationUnusable: .trustRevocationUnknown
        case .weakKey, .weakAlgorithm: .trustWeak
        case .testAuthority: .trustTestAuthority
        }
    }

    /// The refusal as an error, for a caller that cannot go on.
    public var error: HubError {
        var details = [ErrorDetail("certificate", self.certificate)]
        if case .revoked(let revocation) = self.reason {
            details.append(ErrorDetail("revoked", revocation.date))
            if let reason = revocation.reason { details.append(ErrorDetail("reason", "\(reason)")) }
        }
        if !self.detail.isEmpty { details.append(ErrorDetail("detail", self.detail)) }
        return HubError(self.code, self.summary, details: details)
    }

    private var summary: StaticString {
        switch self.reason {
        case .chainUnknown: "The certificate leads to no root of the trust store."
        case .signature: "The certificate was not signed by its issuer."
        case .expired: "The certificate had expired."
        case .notYetValid: "The certificate was not valid yet."
        case .purpose: "The certificate is not made for this purpose."
        case .notAuthority: "The certificate issued another one and is no authority."
        case .pathTooLong: "The chain has more authorities than allowed."
        case .nameConstraint: "The name lies outside what the authority may issue for."
        case .criticalExtension: "The certificate has a critical extension that is not understood."
        case .malformed: "The certificate is not built as RFC 5280 asks."
        case .revoked: "The certificate was revoked."
        case .revocationMissing: "There is no CRL and no OCSP response for the certificate."
        case .revocationStale: "The CRL or OCSP response for the certificate was outdated."
        case .revocationUnusable: "The CRL or OCSP response for the certificate cannot be used."
        case .weakKey: "The key of the certificate is too weak."
        case .weakAlgorithm: "The certificate is signed with an algorithm that is too weak."
        case .testAuthority: "The certificate comes from a test authority."
        }
    }
}
