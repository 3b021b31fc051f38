public import HubEnvelope
public import HubModel

/// Which public keys belong to whom. Signatures are checked with these and never with a key that a message brings.
public struct KeyRegistry: Sendable {
    /// Who a key belongs to.
    public enum Owner: Sendable, Hashable {
        case system(SystemID)
        /// An agency of another province or a ministry, whose messages come through the national platform.
        case agency(AgencyCode)
    }

    /// A registered key.
    public struct Entry: Sendable {
        public let owner: Owner
        public let key: PublicKey
        /// The certificate that it was registered with and those that lead on from there; empty for a bare key.
        public let certificates: [Certificate]

        public init(owner: Owner, key: PublicKey, certificates: [Certificate] = []) {
            self.owner = owner
            self.key = key
            self.certificates = certificates
        }
    }

    private let keys: [Owner: [PublicKey]]
    private let entries: [Digest: Entry]
    private let signers: TrustStore?

    /// - Parameter signers: Where certificates of signers must lead; `nil` when a registered key is enough.
    /// - Throws: `configuration.invalid` when one key is registered for two owners: it could not say who signed.
    public init(_ entries: [Entry], signers: TrustStore? = nil) throws(HubError) {
        var keys: [Owner: [PublicKey]] = [:]
        var known: [Digest: Entry] = [:]
        for entry in entries {
            keys[entry.owner, default: []].append(entry.key)
            if let other = known.updateValue(entry, forKey: entry.key.fingerprint), other.owner != entry.owner {
                throw HubError(
                    .configurationInvalid, "One public key is registered for two owners.",
                    details: [
                        ErrorDetail("key", entry.key.fingerprint), ErrorDetail("owners", "\(other.owner), \(entry.owner)"),
                    ]
                )
            }
        }
        self.keys = keys
        self.entries = known
        self.signers = signers
    }

    /// Every registered key, in the order of owners and fingerprints.
    public var all: [Entry] {
        self.entries.values.sorted {
            ("\($0.owner)", $0.key.fingerprint.description) < ("\($1.owner)", $1.key.fingerprint.description)
        }
    }

    /// The keys of a system.
    func keys(of system: SystemID) -> [PublicKey] { self.keys[.system(system)] ?? [] }

    /// The keys of an agency, or else of the nearest one above it that has any.
    func keys(of agency: AgencyCode) -> [PublicKey] {
        var code: AgencyCode? = agency
        while let current = code {
            if let found = self.keys[.agency(current)] { return found }
            code = current.parent
        }
        return []
    }

    /// The key with this fingerprint, whoever it belongs to.
    public func key(of fingerprint: Digest) -> PublicKey? { self.entries[fingerprint]?.key }

    /// The key with this fingerprint, its owner and its certificates.
    func entry(of fingerprint: Digest) -> Entry? { self.entries[fingerprint] }

    /// The registered key that a CMS signature means: that of the certificate it encloses or names, or else the only one
    /// of its sender.
    func key(of signer: CMSSigner, sender: SystemID) -> PublicKey? {
        if let fingerprint = signer.fingerprint { return self.key(of: fingerprint) }
        let own = self.keys(of: sender)
        let named = own.first { key in
            self.entries[key.fingerprint]?.certificates.first.map(signer.isName(of:)) ?? false
        }
        return named ?? (own.count == 1 ? own.first : nil)
    }

    /// What evidence shows of the owner of a key: its certificates, the authorities that lead on from there, and the lists of
    /// revoked certificates that the hub has.
    public func certificates(of fingerprint: Digest) -> EvidenceCertificates? {
        guard let entry = self.entries[fingerprint], !entry.certificates.isEmpty else { return nil }
        return EvidenceCertificates(
            certificates: entry.certificates + (self.signers?.intermediateCertificates ?? []),
            lists: self.signers?.lists ?? []
        )
    }

    /// A certificate that content can be encrypted for, so that this system can open it.
    func recipient(_ system: SystemID) -> Certificate? {
        self.keys(of: system).lazy
            .filter { $0.kind != .ed25519 }
            .compactMap { self.entries[$0.fingerprint]?.certificates.first }
            .first
    }

    /// Whether the certificate of a registered key was good for signing at a moment, where the hub asks for that.
    ///
    /// - Throws: `trust.…` for what is wrong with it, `trust.chain_unknown` for a key without a certificate.
    func vouch(for entry: Entry, at moment: Timestamp) throws(HubError) {
        guard let signers = self.signers else { return }
        guard let certificate = entry.certificates.first else {
            throw HubError(
                .trustChainUnknown, "The key is registered without a certificate, and this hub asks for one.",
                details: [ErrorDetail("owner", entry.owner), ErrorDetail("key", entry.key.fingerprint)]
            )
        }
        let verdict = try signers.verify(
            certificate, chain: Array(entry.certificates.dropFirst()), at: moment, isMomentProven: true
        )
        if let refusal = verdict.refusal { throw refusal.error.adding(ErrorDetail("owner", entry.owner)) }
    }
}

extension KeyRegistry.Owner: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let system): "system \(system)"
        case .agency(let agency): "agency \(agency)"
        }
    }
}
