public import HubEnvelope
public import HubModel
internal import Synchronization

/// The keys in use, exchanged as one while the hub runs.
///
/// Whoever does one thing with keys takes `current` once and keeps to it: between two looks they may have changed.
public final class KeyRing: Sendable {
    /// A key that the hub no longer signs with.
    public struct EarlierKey: Sendable {
        public let key: PublicKey
        /// Until when the hub signed with it; `nil` when that was before its start.
        public let until: Timestamp?

        public init(_ key: PublicKey, until: Timestamp?) {
            self.key = key
            self.until = until
        }
    }

    /// A key with the certificate by which senders encrypt for it.
    public struct ConfidentialKey: Sendable {
        public let key: SigningKey
        public let certificate: Certificate

        public init(key: SigningKey, certificate: Certificate) {
            self.key = key
            self.certificate = certificate
        }
    }

    /// All keys of one moment.
    public struct Keys: Sendable {
        /// What the hub signs with.
        public var own: SigningKey
        /// Those of systems and agencies.
        public var registry: KeyRegistry
        /// Keys of systems and agencies that were taken out of use; what they signed still has to be proved.
        public var retired: [PublicKey]
        /// Those that the hub signed with before, the latest first.
        public var earlier: [EarlierKey]

        /// Those that confidential messages are encrypted for, the one that senders are told first.
        public var confidential: [ConfidentialKey] = []

        public init(
            own: SigningKey, registry: KeyRegistry, retired: [PublicKey] = [], earlier: [EarlierKey] = []
        ) {
            self.own = own
            self.registry = registry
            self.retired = retired
            self.earlier = earlier
        }

        /// A key that is or was known, whoever it belongs to.
        public func key(of fingerprint: Digest) -> PublicKey? {
            if self.own.publicKey.fingerprint == fingerprint { return self.own.publicKey }
            return self.registry.key(of: fingerprint)
                ?? (self.earlier.map(\.key) + self.retired).first { $0.fingerprint == fingerprint }
        }
    }

    private let keys: Mutex<Keys>

    public init(_ keys: Keys) {
        self.keys = Mutex(keys)
    }

    public var current: Keys { self.keys.withLock { $0 } }

    /// Puts other keys in place of the current ones; what is under way goes on with those it has.
    public func exchange(_ keys: Keys) { self.keys.withLock { $0 = keys } }
}
