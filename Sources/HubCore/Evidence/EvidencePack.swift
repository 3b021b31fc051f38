public import HubEnvelope
public import HubModel

/// All that proves what became of one message, without the hub: the payload as it was signed, the records about it with
/// their receipts, and the public keys that they were signed with.
///
/// What makes it proof is checked by `report(trusting:)`; `docs/evidence.md` shows the same with `openssl` alone.
public struct EvidencePack: Sendable {
    /// The bytes that were accepted; `nil` when they were removed by policy, or are `large`.
    public let payload: [UInt8]?
    /// The same, when there are too many to be held; only in a pack that was not read from a file.
    let large: (any LargePayload)?
    /// A detached signature of the sender; empty when the signature is inside the payload or absent.
    public let detachedSignature: String
    /// Of the acceptance first, then of each attempt to deliver, then of the operation that removed the payload.
    public let receipts: [Receipt]
    /// `nil` when no block that covers these records was stamped.
    public let timestamp: EvidenceTimestamp?
    /// Of the sender, with what judges them; `nil` when only its key was known.
    public let certificates: EvidenceCertificates?
    /// The hub's and the sender's. That they are here says nothing about whose they are.
    public let keys: [PublicKey]

    /// The warning in the record of a message whose signature was accepted although it is made with SHA-1.
    static let legacyWarning = "envelope.legacy"

    init(
        payload: [UInt8]?, large: (any LargePayload)? = nil, detachedSignature: String, receipts: [Receipt], keys: [PublicKey],
        timestamp: EvidenceTimestamp? = nil, certificates: EvidenceCertificates? = nil
    ) {
        self.certificates = certificates
        self.timestamp = timestamp
        self.payload = payload
        self.large = large
        self.detachedSignature = detachedSignature
        self.receipts = receipts
        self.keys = keys.sorted { $0.fingerprint.description < $1.fingerprint.description }
    }

    /// Gathers the evidence about a message.
    ///
    /// - Parameters:
    ///   - key: Finds a public key by its fingerprint, the hub's own among them.
    ///   - certificates: Finds the certificates of the sender's key.
    ///   - token: Finds the first timestamp over a block or a later one.
    /// - Throws: `message.not_found`, `journal.damaged`, `envelope.key_unknown` when a key that the records name is not
    ///   known any more.
    public init(
        of id: MessageID, from journal: any Journal, key: (Digest) -> PublicKey?,
        certificates: (Digest) -> EvidenceCertificates? = { _ in nil },
        token: (Int64) throws(HubError) -> (block: Int64, token: [UInt8])? = { _ in nil }
    ) async throws(HubError) {
        let receipts = try await journal.receipts(of: id)
        guard let first = receipts.first, case .accepted(let message) = try JournalRecord(bytes: first.record) else {
            throw HubError(.journalDamaged, "The first record about a message is not its acceptance.")
        }
        var fingerprints: [Digest] = []
        for fingerprint in receipts.map(\.key) + [message.signature.key].compactMap(\.self)
        where !fingerprints.contains(fingerprint) {
            fingerprints.append(fingerprint)
        }
        var keys: [PublicKey] = []
        for fingerprint in fingerprints {
            guard let found = key(fingerprint) else {
                throw HubError(
                    .envelopeKeyUnknown, "A key that signed this message or its records is not known any more.",
                    details: [ErrorDetail("key", fingerprint)]
                )
            }
            keys.append(found)
        }
        var timestamp: EvidenceTimestamp?
        let last = try receipts.map { (receipt) throws(HubError) in try BlockHeader(bytes: receipt.header).number }.max()
        if let last, let found = try token(last), found.block - last <= EvidenceTimestamp.longest {
            let headers = try await journal.headers(from: last, through: found.block)
            timestamp = EvidenceTimestamp(token: found.token, headers: headers)
        }
        let isLarge = message.size > Payload.longestWhole
        self.init(
            payload: isLarge ? nil : try await Self.unlessForgotten { () async throws(HubError) in try await journal.payload(of: id) },
            large: isLarge
                ? try await Self.unlessForgotten { () async throws(HubError) in try await journal.largePayload(of: id) } : nil,
            detachedSignature: message.signature.detached,
            receipts: receipts, keys: keys, timestamp: timestamp,
            certificates: message.signature.key.flatMap(certificates)
        )
    }

    private static func unlessForgotten<Value>(
        _ read: () async throws(HubError) -> Value
    ) async throws(HubError) -> Value? {
        do throws(HubError) {
            return try await read()
        } catch {
            guard error.code == .messagePayloadForgotten else { throw error }
            return nil
        }
    }
}

/// A sender's certificates, and what judges them.
public struct EvidenceCertificates: Sendable {
    /// The sender's first, then those of authorities.
    public let certificates: [Certificate]
    /// Revocation lists as the hub had them when the pack was made.
    public let lists: [RevocationList]

    public init(certificates: [Certificate], lists: [RevocationList]) {
        self.certificates = certificates
        self.lists = lists
    }
}

/// A timestamp over a block at or behind the last record of a pack, and how the chain leads there.
public struct EvidenceTimestamp: Sendable, Hashable {
    /// RFC 3161, in DER.
    public let token: [UInt8]
    /// The headers from the block of the last record to the stamped one, both included; each names the digest of the one
    /// before.
    public let headers: [[UInt8]]

    /// Blocks between the two at most, so that no pack becomes a journal.
    package static let longest: Int64 = 50_000

    public init(token: [UInt8], headers: [[UInt8]]) {
        self.token = token
        self.headers = headers
    }
}
