internal import Foundation
internal import HubCore
internal import HubEnvelope
internal import HubModel
internal import HubStore

/// Reads the keys of a hub from its files.
struct HubKeys: Sendable {
    private let configuration: HubConfiguration

    init(_ configuration: HubConfiguration) {
        self.configuration = configuration
    }

    /// All keys, checked.
    ///
    /// - Parameter own: What the hub signs with, when that is in use already; read from its file otherwise.
    /// - Throws: `configuration.invalid`, `envelope.key_unusable`, what loading a trust store throws; with the path.
    func load(own: SigningKey? = nil) throws(HubError) -> KeyRing.Keys {
        let signing: SigningKey
        if let own { signing = own } else { signing = try self.signingKey() }
        var keys = KeyRing.Keys(
            own: signing, registry: try self.registry(),
            retired: try self.keys(in: self.configuration.trustFolder + "/retired")
        )
        keys.earlier = try self.keys(in: self.earlierFolder).map { KeyRing.EarlierKey($0, until: nil) }
        keys.confidential = try self.confidentialKeys()
        return keys
    }

    /// `1.pem` with `1.crt`, `2.pem` with `2.crt` and so on, the highest number first: senders are told that one.
    private func confidentialKeys() throws(HubError) -> [KeyRing.ConfidentialKey] {
        guard let folder = self.configuration.confidentialFolder else { return [] }
        let numbers = KeysDesk.names(in: folder).compactMap { $0.hasSuffix(".pem") ? Int($0.dropLast(4)) : nil }
        var keys: [KeyRing.ConfidentialKey] = []
        for number in numbers.sorted(by: >) {
            let path = "\(folder)/\(number)"
            let key = try KeyFile.load(path + ".pem", passphrase: self.configuration.keyPassphrase)
            let certificate = try Certificate(pem: try KeysDesk.read(path + ".crt"))
            guard certificate.fingerprint == key.publicKey.fingerprint, key.kind != .ed25519 else {
                throw HubError(
                    .configurationInvalid, "A key for confidential messages is RSA or ECDSA, with its certificate beside it.",
                    details: [ErrorDetail("path", path + ".pem")]
                )
            }
            keys.append(KeyRing.ConfidentialKey(key: key, certificate: certificate))
        }
        guard !keys.isEmpty else {
            throw HubError(
                .configurationInvalid, "There is no key for confidential messages (1.pem with 1.crt).",
                details: [ErrorDetail("path", folder)]
            )
        }
        return keys
    }

    /// What the hub signs with.
    func signingKey() throws(HubError) -> SigningKey {
        if let uri = self.configuration.keyToken, let tokens = self.configuration.tokens {
            return try TokenKey.load(uri, by: tokens)
        }
        return try KeyFile.load(self.configuration.keyFile, passphrase: self.configuration.keyPassphrase)
    }

    /// Public keys that the hub signed with before.
    var earlierFolder: String {
        (self.configuration.keyFile as NSString).deletingLastPathComponent + "/earlier"
    }

    /// The files with the public keys that blocks of this hub are signed with.
    ///
    /// That of a key in a token is written here when it is missing, as a token brings no file with it.
    ///
    /// - Throws: As `signingKey`, and `configuration.invalid` if it cannot be written.
    func publicFiles() throws(HubError) -> [String] {
        let folder = self.earlierFolder
        let path = KeysDesk.publicPath(self.configuration.keyFile)
        if self.configuration.keyToken != nil, !FileManager.default.fileExists(atPath: path) {
            try KeysDesk.write(try self.signingKey().publicKey.pem, to: path)
        }
        return [path]
            + KeysDesk.names(in: folder).filter { $0.hasSuffix(".pem") }.map { folder + "/" + $0 }
    }

    private func keys(in folder: String) throws(HubError) -> [PublicKey] {
        var keys: [PublicKey] = []
        for file in KeysDesk.names(in: folder) where file.hasSuffix(".pem") {
            keys += try PublicKey.all(pem: try KeysDesk.read("\(folder)/\(file)"))
        }
        return keys
    }

    /// Reads `systems/<system>.pem` and `agencies/<code>.pem`; a second key of one owner has a number behind its
    /// name, as in `qlvb-so-tc-h44.2.pem`. Certificates behind the first of a file lead on from there.
    func registry() throws(HubError) -> KeyRegistry {
        var entries: [KeyRegistry.Entry] = []
        for (kind, make) in [
            ("systems", { SystemID($0).map(KeyRegistry.Owner.system) }),
            ("agencies", { AgencyCode($0).map(KeyRegistry.Owner.agency) }),
        ] as [(String, (String) -> KeyRegistry.Owner?)] {
            let folder = self.configuration.trustFolder + "/" + kind
            for file in KeysDesk.names(in: folder) where file.hasSuffix(".pem") {
                let path = folder + "/" + file
                var name = String(file.dropLast(4))
                if let dot = name.lastIndex(of: "."), let number = Int(name[name.index(after: dot)...]), number < 10,
                    kind == "systems"
                {
                    name = String(name[..<dot])
                }
                guard let owner = make(name) else {
                    throw HubError(
                        .configurationInvalid, "The file of a public key is not named after a system or an agency.",
                        details: [ErrorDetail("path", path)]
                    )
                }
                do throws(HubError) {
                    let pem = try KeysDesk.read(path)
                    let key = try PublicKey(pem: pem)
                    let certificates = try Certificate.all(pem: pem)
                    let isNamed = certificates.first?.fingerprint == key.fingerprint
                    entries.append(.init(owner: owner, key: key, certificates: isNamed ? certificates : []))
                } catch {
                    throw error.adding(ErrorDetail("path", path))
                }
            }
        }
        return try KeyRegistry(entries, signers: try self.signers())
    }

    /// Where certificates of signers must lead, when the hub asks for that.
    private func signers() throws(HubError) -> TrustStore? {
        guard let signers = self.configuration.signers else { return nil }
        return try TrustStore.load(signers.trustFolder, purpose: .signing, settings: signers.settings)
    }
}

extension HubConfiguration {
    /// The journal of this hub, whose blocks are signed with the key that is in use when they are written.
    func journal(signedWith keys: KeyRing, clock: any HubClock) -> JournalConfiguration {
        var journal = JournalConfiguration(
            folder: self.dataFolder + "/journal", hub: self.home.text, clock: clock
        ) {
            let key = keys.current.own
            return BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) }
        }
        journal.isSigned = { header, signature, key in
            (try? keys.current.key(of: key)?.verifies(signature, of: header)) ?? false
        }
        journal.maxWaiting = self.journalWaiting
        return journal
    }
}
