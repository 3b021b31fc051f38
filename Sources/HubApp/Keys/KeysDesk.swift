internal import Foundation
internal import HubEnvelope
public import HubJSON
public import HubModel

/// Makes keys, asks for certificates, and says which keys a hub knows, for the command line.
public struct KeysDesk: Sendable {
    public init() {}

    /// What a key is called in a certificate or a request for one.
    public struct Name: Sendable {
        public var commonName: String
        public var organisation: String?
        public var unit: String?

        public init(_ commonName: String, organisation: String? = nil, unit: String? = nil) {
            self.commonName = commonName
            self.organisation = organisation
            self.unit = unit
        }

        var certificateName: CertificateName {
            CertificateName(self.commonName, organisation: self.organisation, unit: self.unit, country: "VN")
        }
    }

    public static var now: Timestamp { SystemClock().now }

    /// The kinds of key, as they are named on the command line.
    public static var kinds: [String] { KeyKind.allCases.map(\.rawValue) }

    /// Makes a key in a new file with mode 0600, and its public key beside it.
    ///
    /// - Parameters:
    ///   - certificate: Where a certificate goes that the key issues to itself; `nil` for none.
    ///   - days: How long that is valid.
    ///   - passphrase: The file of a passphrase that encrypts the key; `nil` for a key that only its mode protects.
    /// - Returns: The fingerprint.
    /// - Throws: `configuration.invalid` for an unknown kind, a file that exists or cannot be written.
    public func make(
        _ kind: String, at path: String, certificate: String?, name: Name, days: Int, passphrase: String? = nil
    ) throws(HubError) -> Digest {
        let key = try SigningKey.generate(Self.kind(kind))
        try KeyFile.store(key, at: path, passphrase: try passphrase.map(KeyFile.passphrase))
        try Self.write(key.publicKey.pem, to: Self.publicPath(path))
        if let certificate {
            let made = try Certificate.selfSigned(key: key, commonName: name.commonName, days: days)
            try Self.write(made.pem, to: certificate)
        }
        return key.publicKey.fingerprint
    }

    /// A request for a certificate (PKCS#10, RFC 2986) in PEM, to be taken to an authority.
    ///
    /// - Parameter place: Of the private key: a file, or the URI of one in a token.
    public func request(
        key place: String, passphrase: String? = nil, tokens: TokenPlace? = nil, name: Name
    ) throws(HubError) -> [UInt8] {
        let key = try TokenPlace.key(place, passphrase: passphrase, tokens: tokens)
        return try CertificateRequest.make(name.certificateName, key: key).pem
    }

    /// - Throws: `configuration.invalid` for a kind that is not in `kinds`.
    static func kind(_ name: String) throws(HubError) -> KeyKind {
        guard let kind = KeyKind(rawValue: name) else {
            throw HubError(
                .configurationInvalid, "There is no such kind of key.",
                details: [ErrorDetail("given", name), ErrorDetail("known", Self.kinds.joined(separator: ", "))]
            )
        }
        return kind
    }

    // MARK: The keys of a hub

    /// A key that a hub has or knows.
    public struct Entry: Sendable {
        /// `hub`, `earlier` (of the hub), `system`, `agency` or `retired`.
        public let role: String
        /// The system or agency; empty for the hub.
        public let owner: String
        public let file: String
        public let kind: String
        public let fingerprint: Digest
        /// Of its certificate; `nil` for a bare key.
        public let subject: String?
        public let notAfter: Timestamp?

        public var json: JSONValue {
            .object([
                "role": .string(self.role), "owner": .string(self.owner), "file": .string(self.file),
                "kind": .string(self.kind), "fingerprint": .string(self.fingerprint.description),
                "subject": self.subject.map { .string($0) } ?? .null,
                "not_after": self.notAfter.map { .string($0.description) } ?? .null,
            ])
        }
    }

    /// Every key in the folders of a hub.
    ///
    /// - Throws: `configuration.invalid`, `envelope.key_unusable`, with the path.
    public func list(_ configuration: HubConfiguration) throws(HubError) -> [Entry] {
        let files = HubKeys(configuration)
        let hub = try files.signingKey().publicKey
        var entries = [
            Entry(
                role: "hub", owner: "", file: configuration.keyToken?.description ?? configuration.keyFile, kind: hub.kind.rawValue,
                fingerprint: hub.fingerprint, subject: nil, notAfter: nil)
        ]
        let trust = configuration.trustFolder
        for (role, path) in [
            ("earlier", files.earlierFolder), ("system", trust + "/systems"), ("agency", trust + "/agencies"),
            ("retired", trust + "/retired"),
        ] {
            for file in Self.names(in: path) where file.hasSuffix(".pem") {
                entries.append(
                    try Self.entry(role, path + "/" + file, owner: role == "earlier" ? "" : Self.owner(of: file))
                )
            }
        }
        return entries
    }

    /// Registers the key of a system or an agency; a second key of one owner is known beside the first.
    ///
    /// A running hub knows it when it is told to `reload`.
    ///
    /// - Parameters:
    ///   - file: A certificate or public key in PEM.
    ///   - owner: The name of a system or the code of an agency.
    ///   - moment: A certificate must be valid then.
    /// - Returns: Where it was put.
    /// - Throws: `configuration.invalid` for an owner that is neither, a certificate that is not valid now, or a key that
    ///   is known already; `envelope.key_unusable`.
    public func register(
        _ file: String, for owner: String, _ configuration: HubConfiguration, at moment: Timestamp
    ) throws(HubError) -> String {
        let folder: String
        if AgencyCode(owner) != nil {
            folder = "agencies"
        } else if SystemID(owner) != nil {
            folder = "systems"
        } else {
            throw HubError(
                .configurationInvalid, "That is neither the name of a system nor the code of an agency.",
                details: [ErrorDetail("given", owner)]
            )
        }
        let pem = try Self.read(file)
        let key = try PublicKey(pem: pem)
        if let certificate = Self.certificate(pem), !certificate.isValid(at: moment) {
            throw HubError(
                .configurationInvalid, "The certificate is not valid now.",
                details: [
                    ErrorDetail("certificate", certificate.subject), ErrorDetail("from", certificate.notBefore),
                    ErrorDetail("until", certificate.notAfter),
                ]
            )
        }
        if let known = try self.list(configuration).first(where: { $0.fingerprint == key.fingerprint }) {
            throw HubError(
                .configurationInvalid, "This key is known already, and a key says who signed only if it has one owner.",
                details: [ErrorDetail("file", known.file), ErrorDetail("fingerprint", key.fingerprint)]
            )
        }
        let place = configuration.trustFolder + "/" + folder
        let path =
            (["\(place)/\(owner).pem"] + (2...9).map { "\(place)/\(owner).\($0).pem" })
            .first { !FileManager.default.fileExists(atPath: $0) }
        guard let path else {
            throw HubError(
                .configurationInvalid, "This owner has nine keys already; retire one.", details: [ErrorDetail("owner", owner)]
            )
        }
        try Self.write(pem, to: path)
        return path
    }

    /// Takes a registered key out of use, and keeps it where evidence of the past finds it.
    ///
    /// - Parameter fingerprint: Of the key, or the beginning of it, at least eight digits.
    /// - Returns: Where it was and where it is now.
    /// - Throws: `configuration.invalid` unless exactly one registered key has it.
    public func retire(
        _ fingerprint: String, _ configuration: HubConfiguration
    ) throws(HubError) -> (from: String, to: String) {
        let found = try self.list(configuration).filter {
            ["system", "agency"].contains($0.role) && $0.fingerprint.description.hasPrefix(fingerprint.lowercased())
        }
        guard fingerprint.count >= 8, found.count == 1, let entry = found.first else {
            throw HubError(
                .configurationInvalid, "No one registered key begins so; lgsp keys list shows them.",
                details: [ErrorDetail("given", fingerprint), ErrorDetail("found", found.count)]
            )
        }
        let folder = configuration.trustFolder + "/retired"
        let path = "\(folder)/\(entry.owner).\(entry.fingerprint.description.prefix(16)).pem"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: entry.file, toPath: path)
        } catch {
            throw Self.failure(error, path)
        }
        return (entry.file, path)
    }

    private static func entry(_ role: String, _ path: String, owner: String) throws(HubError) -> Entry {
        do throws(HubError) {
            let pem = try Self.read(path)
            let key = try PublicKey(pem: pem)
            let certificate = Self.certificate(pem)
            return Entry(
                role: role, owner: owner, file: path, kind: key.kind.rawValue, fingerprint: key.fingerprint,
                subject: certificate?.subject, notAfter: certificate?.notAfter
            )
        } catch {
            throw error.adding(ErrorDetail("path", path))
        }
    }

    private static func certificate(_ pem: [UInt8]) -> Certificate? {
        do throws(HubError) { return try Certificate(pem: pem) } catch { return nil }
    }

    /// `qlvb-so-tc-h44` of `qlvb-so-tc-h44.2.pem`.
    private static func owner(of file: String) -> String {
        let name = file.dropLast(4)
        guard let dot = name.lastIndex(of: "."), SystemID(String(name[..<dot])) != nil,
            Int(name[name.index(after: dot)...]).map({ $0 < 10 }) ?? (name.distance(from: dot, to: name.endIndex) == 17)
        else { return String(name) }
        return String(name[..<dot])
    }

    // MARK: Files

    static func publicPath(_ path: String) -> String {
        (path.hasSuffix(".pem") ? String(path.dropLast(4)) : path) + ".pub.pem"
    }

    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    static func read(_ path: String) throws(HubError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HubError(.configurationInvalid, "A file cannot be read.", details: [ErrorDetail("path", path)])
        }
        return Array(data)
    }

    static func write(_ bytes: [UInt8], to path: String) throws(HubError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw Self.failure(error, path)
        }
    }

    /// Puts bytes in the place of a file, whole or not at all.
    ///
    /// - Throws: `configuration.invalid`.
    static func overwrite(_ path: String, _ bytes: [UInt8]) throws(HubError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Self.failure(error, path)
        }
    }

    static func failure(_ error: any Error, _ path: String) -> HubError {
        HubError(
            .configurationInvalid, "A file cannot be written.",
            details: [ErrorDetail("path", path), ErrorDetail("reason", (error as NSError).localizedDescription)],
            cause: error
        )
    }
}
