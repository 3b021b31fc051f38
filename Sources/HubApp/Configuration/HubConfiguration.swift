public import HubCore
public import HubEnvelope
public import HubModel
internal import HubStore
internal import HubTransports
public import HubNational
internal import HubYAML

/// Everything that `hub.yaml` and the secrets beside it say, checked.
public struct HubConfiguration: Sendable {
    /// Host and port of a listener.
    public struct Address: Sendable {
        public var host: String
        public var port: Int
    }

    /// The file this was read from.
    public var file: String
    public var home: AgencyCode
    public var title: Bilingual
    /// Whether the hub carries what is real, or tries things out.
    public var environment = ServiceTerms.Environment.production
    public var listen: Address
    public var admin: Address
    public var dataFolder: String
    public var schemaFolder: String
    public var adapterFolder: String
    public var directoryFiles: [String]
    /// Routing rules; `nil` for a hub without.
    public var routeFolder: String?
    /// The private key; for one in a token the place beside which its public half and earlier keys lie.
    public var keyFile: String
    /// The private key, when it is in a token.
    public var keyToken: TokenURI?
    /// How tokens are reached; `nil` for a hub that uses none.
    public var tokens: TokenAccess?
    /// Decrypts the key; `nil` for one that is not encrypted.
    public var keyPassphrase: [UInt8]?
    /// Keys that confidential messages are encrypted for, with their certificates; `nil` for a hub that takes none.
    public var confidentialFolder: String?
    public var trustFolder: String
    /// Where the certificates of signers must lead; `nil` when a registered key is enough.
    public var signers: SignerTrust?
    /// Addresses of the systems that messages are pushed to, by the names that adapters use.
    public var endpoints: [String: String]
    /// `nil` for a province on its own.
    public var national: NationalConfiguration?
    /// `nil` for a hub whose blocks nobody stamps.
    public var timestamps: TimestampConfiguration?
    /// Bytes of one request.
    public var bodyLimit = 128 << 20
    /// In which the body of a request must have come; one second more for every 64 KB of it.
    public var bodyTime = Duration.seconds(30)
    /// Bytes of all requests under way.
    public var bodiesLimit = 256 << 20
    /// How far the clock of a caller may be off.
    public var clockSkew = Duration.seconds(300)
    /// For one attempt to push a message to a system.
    public var pushTimeout = Duration.seconds(30)
    public var delivery = DeliveryConfiguration()
    /// Records that may wait for the journal's writer.
    public var journalWaiting = 4096
    /// How long the journal keeps what it may do without.
    var retention = RetentionPolicy()
    /// How often the journal is looked through for what need not be kept.
    var retentionInterval = RetentionKeeper.interval
    public var secretsFile = ""
    public var secrets: Secrets

    /// Reads a hub's configuration and its secrets.
    ///
    /// - Throws: `configuration.invalid` with every fault of the file as a detail `fault`, or `yaml.invalid`.
    public static func load(file: String) throws(HubError) -> HubConfiguration {
        switch YAMLReader.read(file: file) {
        case .failure(let faults):
            throw faults.error(.yamlInvalid, "The configuration of the hub cannot be read.")
        case .success(let tree):
            return try Self.read(SettingsReader(tree, file: file), file: file)
        }
    }
}

/// What certificates of signers are held against.
public struct SignerTrust: Sendable {
    /// A trust store for signing (docs/trust.md): `anchors/`, and what else it has.
    public var trustFolder: String
    public var settings: TrustSettings
}

/// What must not be in `hub.yaml`: read from a file that only its owner may read.
public struct Secrets: Sendable {
    public var adminToken: String
    public var systems: [SystemID: String]
    public var axis: String
    public var dossier: String
    public var gateway: String
    /// What services want for their checksums, by their names.
    public var services: [String: String] = [:]
    /// What every request to an endpoint carries, by its name.
    var headers: [String: [FixedHeader]] = [:]

    static let format = "secrets-1"

    /// - Parameter endpoints: The names that `hub.yaml` gives addresses; headers are for one of them.
    static func load(file: String, endpoints: some Collection<String>) throws(HubError) -> Secrets {
        let bytes = try KeyFile.contents(of: file)
        let reader: SettingsReader
        switch YAMLReader.read(bytes, file: file) {
        case .failure(let faults): throw faults.error(.yamlInvalid, "The file of the secrets cannot be read.")
        case .success(let tree): reader = SettingsReader(tree, file: file)
        }
        if reader.requiredTree("format") != nil { _ = reader.choice("format", [Self.format]) }
        let adminToken = reader.requiredString("admin-token") ?? ""
        var systems: [SystemID: String] = [:]
        if let map = reader.map("systems") {
            for key in map.keys {
                guard let system = SystemID(key) else {
                    map.note("'\(key)' is not the name of a system.", at: map.place)
                    continue
                }
                systems[system] = map.string(key)
            }
        }
        let national = reader.map("national")
        var services: [String: String] = [:]
        if let map = reader.map("services") {
            for name in map.keys { services[name] = map.string(name) }
        }
        var secrets = Secrets(
            adminToken: adminToken, systems: systems, axis: national?.string("axis") ?? "",
            dossier: national?.string("dossier") ?? "", gateway: national?.string("gateway") ?? ""
        )
        secrets.services = services
        secrets.headers = Self.headers(reader, Array(endpoints))
        national?.refuseOtherKeys()
        reader.refuseOtherKeys()
        let short = ([adminToken] + systems.values).contains { $0.utf8.count < 16 }
        if short { reader.note("A secret is shorter than 16 characters.", at: reader.place) }
        guard reader.faults.isEmpty else {
            throw SettingsFaults(reader.faults).error(.configurationInvalid, "The file of the secrets has faults.")
        }
        return secrets
    }

    /// `headers: { ENDPOINT: { NAME: VALUE } }`. A fault never shows a value.
    private static func headers(_ reader: SettingsReader, _ endpoints: [String]) -> [String: [FixedHeader]] {
        guard let map = reader.map("headers") else { return [:] }
        var headers: [String: [FixedHeader]] = [:]
        for endpoint in map.keys {
            guard let fields = map.map(endpoint) else { continue }
            if !endpoints.contains(endpoint) {
                map.note(
                    "hub.yaml has no endpoint '\(endpoint)'.", at: fields.place,
                    suggestion: SettingsReader.nearest(to: endpoint, among: endpoints.sorted())
                )
            }
            for name in fields.keys {
                guard let value = fields.string(name), let place = fields.tree(name)?.place else { continue }
                guard let header = FixedHeader(name: name, value: value) else {
                    fields.note("'\(name)' is a header that the hub sets itself, or its value or name has a character that no header has.", at: place)
                    continue
                }
                headers[endpoint, default: []].append(header)
            }
        }
        return headers
    }
}
