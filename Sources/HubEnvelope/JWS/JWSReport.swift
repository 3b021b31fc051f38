import HubModel

/// The three ways of writing a JWS (RFC 7515, 7).
public enum JWSSerialisation: String, CaseIterable, Sendable {
    /// `header.payload.signature`: one signature, everything in its header protected.
    case compact
    /// A JSON object with one signature.
    case flattened
    /// A JSON object with one to eight signatures.
    case general
}

/// When a JWS with several signatures is valid.
///
/// There is no default: who checks must say it.
public enum JWSPolicy: Sendable {
    /// Every signature that is there is valid.
    case every
    /// At least one signature is valid, and none is invalid. Those whose key is not known do not count, for or against;
    /// one that a known key did not make, or by an algorithm that is not accepted, spoils the whole.
    case oneKnown
}

/// What was found out about a JWS.
public struct JWSReport: Hashable, Sendable {
    /// What was found out about one of its signatures.
    public struct Signature: Hashable, Sendable {
        public let report: SignatureReport
        /// The `kid` of its header, 256 code points of it at most; empty when it names none.
        public let keyID: String
        /// The names of the header members that are not protected, in their order.
        ///
        /// Anybody may have put them there. At most 32, and 64 code points of each.
        public let unprotected: [String]
    }

    /// The verdict under the policy that was asked for.
    ///
    /// `valid` names the key of the first valid signature; anything
    /// else is the report of the first signature that is in the way.
    public let overall: SignatureReport
    /// `nil` for what is not a JWS.
    public let serialisation: JWSSerialisation?
    /// One for each signature in their order; none if the form is refused.
    public let signatures: [Signature]
    /// What was signed, inside or beside; only there if `overall` is `valid`.
    public let payload: [UInt8]?

    init(malformed reason: Bilingual) {
        self.overall = .malformed(reason)
        self.serialisation = nil
        self.signatures = []
        self.payload = nil
    }

    init(_ form: JWSForm, _ signatures: [Signature], payload: [UInt8], policy: JWSPolicy) {
        self.overall = Self.overall(signatures.map(\.report), policy)
        self.serialisation = form.serialisation
        self.signatures = signatures
        self.payload = self.overall.verdict == .valid ? payload : nil
    }

    private static func overall(_ reports: [SignatureReport], _ policy: JWSPolicy) -> SignatureReport {
        let obstacle: SignatureReport? =
            switch policy {
            case .every: reports.first { $0.verdict != .valid }
            case .oneKnown:
                reports.first { $0.verdict != .valid && $0.verdict != .notVerifiable }
            }
        let found = obstacle ?? reports.first { $0.verdict == .valid } ?? reports.first
        return found ?? .absent(Bilingual(vi: "Không có chữ ký JWS.", en: "There is no JWS signature."))
    }
}
