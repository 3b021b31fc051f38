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

    private let keys: [Owner: [PublicKey]]
    private let owners: [Digest: Owner]

    /// - Throws: `configuration.invalid` when one key is registered for two owners: it could not say who signed.
    public init(_ entries: [(owner: Owner, key: PublicKey)]) throws(HubError) {
        var keys: [Owner: [PublicKey]] = [:]
        var owners: [Digest: Owner] = [:]
        for (owner, key) in entries {
            keys[owner, default: []].append(key)
            if let other = owners.updateValue(owner, forKey: key.fingerprint), other != owner {
                throw HubError(
                    .configurationInvalid, "One public key is registered for two owners.",
                    details: [ErrorDetail("key", key.fingerprint), ErrorDetail("owners", "\(other), \(owner)")]
                )
            }
        }
        self.keys = keys
        self.owners = owners
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
    public func key(of fingerprint: Digest) -> PublicKey? { self.key(fingerprint)?.key }

    /// The key with this fingerprint and its owner.
    func key(_ fingerprint: Digest) -> (owner: Owner, key: PublicKey)? {
        guard let owner = self.owners[fingerprint],
            let key = self.keys[owner]?.first(where: { $0.fingerprint == fingerprint })
        else { return nil }
        return (owner, key)
    }
}
