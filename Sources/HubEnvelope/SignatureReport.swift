public import HubModel

/// How a signature was classified. What follows from it is for the service's policy to say.
public enum SignatureVerdict: String, Codable, Sendable {
    /// A known key signed exactly what was received.
    case valid
    /// There is a signature, and it does not hold or is not of an allowed form.
    case invalid
    /// There is something that may be a signature, and nobody here can tell: its key is not known, or it is of a kind
    /// that is not understood.
    case notVerifiable = "not-verifiable"
    /// There is none.
    case absent
}

/// What was found out about a signature. An expected "no" is a value, so nothing here is thrown.
public struct SignatureReport: Hashable, Sendable {
    public let verdict: SignatureVerdict
    /// Why the verdict is not `valid`; `nil` when it is.
    public let code: ErrorCode?
    /// The verdict in a sentence, for people.
    public let reason: Bilingual
    /// The name that the signature itself gives its algorithm: an identifier of JWS, or the URI of XML-DSig.
    public let algorithm: String?
    /// The fingerprint of the key it verified with; only ever set when the verdict is `valid`.
    public let key: Digest?
    /// The fingerprint that the signature claims (`KeyInfo`, `kid`). A hint for finding the right key, and no proof.
    public let claimedKey: Digest?
    /// What is out of date about the signature, whatever the verdict.
    public let legacy: Set<SignatureLegacy>
    /// The names of the attachments that it covers beside the document; only ever filled when the verdict is
    /// `valid`.
    public let attachments: [String]

    public init(
        _ verdict: SignatureVerdict, code: ErrorCode?, reason: Bilingual, algorithm: String? = nil,
        key: Digest? = nil, claimedKey: Digest? = nil, legacy: Set<SignatureLegacy> = [],
        attachments: [String] = []
    ) {
        self.verdict = verdict
        self.code = code
        self.reason = reason
        self.algorithm = algorithm
        self.key = key
        self.claimedKey = claimedKey
        self.legacy = legacy
        self.attachments = attachments
    }

    /// Whether anything about the signature is out of date.
    public var isLegacy: Bool { !self.legacy.isEmpty }

    /// The report as an error, for callers whose policy refuses this verdict; `nil` when it is `valid`.
    public var refusal: HubError? {
        guard let code else { return nil }
        var details = [ErrorDetail("verdict", self.verdict.rawValue), ErrorDetail("reason", self.reason.en)]
        if let claimedKey { details.append(ErrorDetail("claimed-key", claimedKey)) }
        if self.isLegacy {
            let notes = self.legacy.map(\.rawValue).sorted().joined(separator: " ")
            details.append(ErrorDetail("legacy", notes))
        }
        return HubError(code, "The signature was not accepted.", details: details)
    }
}
