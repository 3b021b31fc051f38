internal import Foundation
internal import HubAPI
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubModel

/// Changes the keys of a hub, in its files and, while it runs, in its ring. Every change is a record of the journal.
actor KeyKeeper {
    private let configuration: HubConfiguration
    private let files: HubKeys
    private let ring: KeyRing
    private let journal: any Journal
    private let clock: any HubClock
    private var isBusy = false

    init(_ configuration: HubConfiguration, ring: KeyRing, journal: any Journal, clock: any HubClock) {
        self.configuration = configuration
        self.files = HubKeys(configuration)
        self.ring = ring
        self.journal = journal
        self.clock = clock
    }

    /// The key that a hub is to sign with next.
    enum Successor: Sendable {
        /// A new one in the file; of the kind of the present one when none is named.
        case new(KeyKind?)
        /// One that somebody has made in a token.
        case inToken(TokenURI)
    }

    /// Gives the hub another key to sign with.
    ///
    /// The old key signs the record that names the new one, so whoever trusts the old key can follow. Then the file is
    /// replaced, which ends the old private key, and the next block is signed with the new one. Tokens that the
    /// old key signed are good until their end.
    ///
    /// For a key in a token the file is that of the configuration, in which the line of the key is changed. A private
    /// key that was in a file is deleted then; one in a token stays there.
    ///
    /// - Parameter actor: Who wants it, for the record.
    /// - Throws: `configuration.invalid` for files that cannot be written, another change under way, a new key for a
    ///   hub whose key is in a token, or a key that the hub has already; `journal.…`; what loading a key from a token throws.
    func rotate(to successor: Successor, actor: String, reason: String) async throws(HubError) -> KeyRotation {
        try self.begin()
        defer { self.isBusy = false }
        let before = self.ring.current
        let old = before.own.publicKey
        let place = self.configuration.keyFile
        let (key, file) = try self.prepare(successor, before.own)
        let next = file + ".next"
        let receipt = try await self.record(KeyAnnouncement.action, "\(key.publicKey.fingerprint)", actor: actor, reason)
        try self.keepEarlier(old)
        try KeyFile.replace(file, with: next)
        if key.isInToken { _ = unlink(place) }
        try KeysDesk.overwrite(KeysDesk.publicPath(place), key.publicKey.pem)
        if let receipt { try KeysDesk.overwrite(self.announcementFile, receipt.json.serialised(pretty: true)) }
        var after = self.ring.current
        after.own = key
        after.earlier.insert(KeyRing.EarlierKey(old, until: self.clock.now), at: 0)
        self.ring.exchange(after)
        return KeyRotation(before: old.fingerprint, after: key.publicKey.fingerprint, receipt: receipt)
    }

    /// Reads the keys of systems and agencies and the stores of trust again; the running ones stay when something is
    /// wrong with the files.
    ///
    /// - Returns: What is new and what is gone, an owner and a fingerprint each.
    /// - Throws: What `HubKeys.load` throws, `journal.…`.
    func reload(actor: String, reason: String) async throws(HubError) -> KeyChanges {
        try self.begin()
        defer { self.isBusy = false }
        let before = self.ring.current
        var after = try self.files.load(own: before.own)
        after.earlier = before.earlier
        let (old, new) = (Self.names(before.registry), Self.names(after.registry))
        let changes = KeyChanges(
            added: new.filter { !old.contains($0) }, removed: old.filter { !new.contains($0) }, known: new.count
        )
        for name in changes.added { _ = try await self.record("keys.register", name, actor: actor, reason) }
        for name in changes.removed { _ = try await self.record("keys.retire", name, actor: actor, reason) }
        if changes.isEmpty { _ = try await self.record("keys.reload", "\(new.count)", actor: actor, reason) }
        self.ring.exchange(after)
        return changes
    }

    /// The receipt of the record by which the key before the current one names it; `nil` before the first rotation.
    nonisolated var announcement: [UInt8]? {
        FileManager.default.contents(atPath: self.announcementFile).map { Array($0) }
    }

    /// What the admin API does with the keys.
    nonisolated var operations: KeyOperations {
        KeyOperations(
            rotate: { kind, uri, reason async throws(HubError) in
                if let uri {
                    guard kind == nil else {
                        throw HubError(.apiRequestMalformed, "A key in a token has its kind; give kind or key.")
                    }
                    let successor = Successor.inToken(try TokenURI(uri))
                    return try await self.rotate(to: successor, actor: "admin", reason: reason).json.serialised()
                }
                guard kind.map({ KeysDesk.kinds.contains($0) }) ?? true else {
                    throw HubError(
                        .apiRequestMalformed, "There is no such kind of key.",
                        details: [ErrorDetail("known", KeysDesk.kinds.joined(separator: ", "))]
                    )
                }
                let rotation = try await self.rotate(to: .new(kind.flatMap(KeyKind.init)), actor: "admin", reason: reason)
                return rotation.json.serialised()
            },
            reload: { reason async throws(HubError) in
                try await self.reload(actor: "admin", reason: reason).json.serialised()
            }
        )
    }

    private nonisolated var announcementFile: String {
        (self.configuration.keyFile as NSString).deletingPathExtension + ".announcement.json"
    }

    /// The next key, with what is to take the place of a file written beside it under the ending `.next`.
    private func prepare(
        _ successor: Successor, _ present: SigningKey
    ) throws(HubError) -> (key: SigningKey, file: String) {
        switch successor {
        case .new(let kind):
            guard !present.isInToken else {
                throw HubError(
                    .configurationInvalid,
                    "The key of this hub is in a token; make the new one there and name it (lgsp keys rotate --key)."
                )
            }
            let place = self.configuration.keyFile
            let key = try SigningKey.generate(kind ?? present.kind)
            // Of a change that a crash cut short: it was never signed with.
            _ = unlink(place + ".next")
            try KeyFile.store(key, at: place + ".next", passphrase: self.configuration.keyPassphrase)
            return (key, place)
        case .inToken(let uri):
            let file = self.configuration.file
            let key: SigningKey
            do throws(HubError) {
                key = try self.key(at: uri, present, ConfigurationKey.prepare(uri, in: file))
            } catch {
                _ = unlink(file + ".next")
                throw error
            }
            return (key, file)
        }
    }

    /// The key in a token that the changed configuration names.
    private func key(
        at uri: TokenURI, _ present: SigningKey, _ changed: HubConfiguration
    ) throws(HubError) -> SigningKey {
        guard let tokens = changed.tokens, changed.keyFile == self.configuration.keyFile else {
            throw HubError(
                .configurationInvalid,
                "A hub can go over to a token when its key is keys/hub.pem, beside its configuration.",
                details: [ErrorDetail("key", self.configuration.keyFile)]
            )
        }
        let key = try TokenKey.load(uri, by: tokens)
        guard key.publicKey != present.publicKey, !self.ring.current.earlier.contains(where: { $0.key == key.publicKey })
        else {
            throw HubError(
                .configurationInvalid, "The hub signs with this key, or did before.", details: [ErrorDetail("key", uri)]
            )
        }
        return key
    }

    private func begin() throws(HubError) {
        guard !self.isBusy else {
            throw HubError(.configurationInvalid, "The keys are being changed already; try again when that is done.")
        }
        self.isBusy = true
    }

    private func record(
        _ action: String, _ subject: String, actor: String, _ reason: String
    ) async throws(HubError) -> Receipt? {
        let operation = Operation(
            at: self.clock.now, actor: actor, action: action, subject: subject, reason: reason.prefix(bytes: 500)
        )
        switch try await self.journal.append(.operation(operation), payload: nil) {
        case .committed(let receipt, _): return receipt
        case .repeated: return nil
        }
    }

    private func keepEarlier(_ key: PublicKey) throws(HubError) {
        let path = "\(self.files.earlierFolder)/\(key.fingerprint.description.prefix(16)).pem"
        do {
            try FileManager.default.createDirectory(atPath: self.files.earlierFolder, withIntermediateDirectories: true)
        } catch {
            throw KeysDesk.failure(error, path)
        }
        try KeysDesk.overwrite(path, key.pem)
    }

    private static func names(_ registry: KeyRegistry) -> [String] {
        registry.all.map { "\($0.owner) \($0.key.fingerprint)" }
    }

}

/// What changing the hub's own key led to.
struct KeyRotation: Sendable {
    let before: Digest
    let after: Digest
    /// Of the record that names the new key, signed with the old one.
    let receipt: Receipt?

    var json: JSONValue {
        .object([
            "before": .string(self.before.description), "after": .string(self.after.description),
            "receipt": self.receipt?.json ?? .null,
        ])
    }
}

/// What reading the registered keys again led to.
struct KeyChanges: Sendable {
    let added: [String]
    let removed: [String]
    let known: Int

    var isEmpty: Bool { self.added.isEmpty && self.removed.isEmpty }

    var json: JSONValue {
        .object([
            "added": .array(self.added.map { .string($0) }), "removed": .array(self.removed.map { .string($0) }),
            "known": .init(integerLiteral: self.known),
        ])
    }
}
