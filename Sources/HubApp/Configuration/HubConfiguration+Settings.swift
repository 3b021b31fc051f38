internal import HubCore
internal import HubEnvelope
internal import HubModel
internal import HubStore
internal import HubNational

extension HubConfiguration {
    static let format = "hub-1"

    /// Reads every key of `hub.yaml`; all are listed in `docs/configuration.md`. Paths are relative to the file.
    static func read(_ reader: SettingsReader, file: String) throws(HubError) -> HubConfiguration {
        let base = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        func path(_ text: String) -> String { text.hasPrefix("/") ? text : base + "/" + text }
        if reader.requiredTree("format") != nil { _ = reader.choice("format", [Self.format]) }
        let home = reader.requiredTree("province").flatMap { _ in
            reader.parsed("province", expected: "the level-1 code of a province, such as H44") { text in
                AgencyCode(text).flatMap { $0 == $0.root ? $0 : nil }
            }
        }
        let title = reader.tree("title").flatMap { _ in reader.bilingual("title") }
        let environment = reader.choice("environment", ServiceTerms.Environment.allCases.map(\.rawValue))
        let listen = Self.address(reader, "listen")
        let admin = Self.address(reader, "admin")
        let data = path(reader.requiredString("data") ?? "data")
        let catalogue = reader.requiredTree("catalogue").map { reader.reader(of: $0) }
        let schemas = path(catalogue?.requiredString("schemas") ?? "")
        let adapters = path(catalogue?.requiredString("adapters") ?? "")
        let directory = catalogue?.strings("directory").map { path($0.text) } ?? []
        let routes = catalogue?.string("routes").map(path)
        if let catalogue, directory.isEmpty { catalogue.note("At least one directory file is needed.", at: catalogue.place) }
        catalogue?.refuseOtherKeys()
        let key = Self.key(reader, path)
        let keyPassphrase = reader.string("key-passphrase").map(path)
        let tokens = reader.map("pkcs11").map { TokenSettings($0, path) }
        if key.token != nil, tokens == nil {
            reader.note("A key in a token needs the section 'pkcs11'.", at: reader.tree("key")?.place ?? reader.place)
        }
        let trust = path(reader.requiredString("trust") ?? "")
        let confidential = reader.string("confidential").map(path)
        let signers = reader.map("signers").map { Self.signers($0, path) }
        let secretsFile = path(reader.requiredString("secrets") ?? "")
        var endpoints: [String: String] = [:]
        if let map = reader.map("endpoints") {
            for name in map.keys { endpoints[name] = Self.endpoint(map, name) }
        }
        let platform = reader.map("national").map { NationalSettings($0) }
        let timestamps = reader.map("timestamps").map { Self.timestamps($0, path) }
        let tune = Self.limits(reader)
        let (retention, interval) = Self.retention(reader, path)
        reader.refuseOtherKeys()
        guard let home, reader.faults.isEmpty else {
            throw SettingsFaults(reader.faults).error(.configurationInvalid, "The configuration of the hub has faults.")
        }
        var configuration = HubConfiguration(
            file: file, home: home, title: title ?? Bilingual(vi: "", en: ""), listen: listen,
            admin: admin, dataFolder: data, schemaFolder: schemas, adapterFolder: adapters, directoryFiles: directory,
            keyFile: key.file, trustFolder: trust, endpoints: endpoints, national: nil,
            secrets: Secrets(adminToken: "", systems: [:], axis: "", dossier: "", gateway: "")
        )
        tune(&configuration)
        configuration.retention = retention
        if let interval { configuration.retentionInterval = interval }
        configuration.environment = environment.flatMap(ServiceTerms.Environment.init) ?? .production
        // A test authority is good where nobody from outside can be taken in by it.
        let isLoopback = ["127.0.0.1", "::1", "localhost"].contains(listen.host)
        configuration.timestamps = timestamps
        configuration.timestamps?.allowsTestAuthority = isLoopback
        configuration.signers = signers
        configuration.confidentialFolder = confidential
        configuration.signers?.settings.allowsTestAuthority = isLoopback
        configuration.keyToken = key.token
        configuration.tokens = try tokens?.access()
        configuration.keyPassphrase = try keyPassphrase.map(KeyFile.passphrase)
        configuration.routeFolder = routes
        configuration.secretsFile = secretsFile
        configuration.secrets = try Secrets.load(file: secretsFile, endpoints: configuration.endpoints.keys)
        configuration.national = platform?.configuration(with: configuration.secrets)
        return configuration
    }

    /// The file that a key is in, or the place for what is public about one in a token.
    private static func key(
        _ reader: SettingsReader, _ path: (String) -> String
    ) -> (file: String, token: TokenURI?) {
        let text = reader.requiredString("key") ?? ""
        guard TokenURI.isOne(text) else { return (path(text), nil) }
        do throws(HubError) {
            return (path("keys/hub.pem"), try TokenURI(text))
        } catch {
            // Without the text, because there may be a PIN in it.
            reader.note("\(error.summary)", at: reader.tree("key")?.place ?? reader.place)
            return ("", nil)
        }
    }

    /// Reads the sections `limits` and `delivery`; the result writes what was given over the defaults.
    private static func limits(_ reader: SettingsReader) -> (inout HubConfiguration) -> Void {
        var changes: [(inout HubConfiguration) -> Void] = []
        func take<Value>(_ value: Value?, _ field: WritableKeyPath<HubConfiguration, Value>) {
            if let value { changes.append { $0[keyPath: field] = value } }
        }
        if let limits = reader.map("limits") {
            take(limits.byteCount("body"), \.bodyLimit)
            take(limits.duration("body-time"), \.bodyTime)
            take(limits.byteCount("bodies"), \.bodiesLimit)
            take(limits.duration("clock-skew"), \.clockSkew)
            take(limits.integer("waiting", in: 1...1 << 20), \.journalWaiting)
            limits.refuseOtherKeys()
        }
        if let delivery = reader.map("delivery") {
            take(delivery.integer("concurrency", in: 1...1024), \.delivery.concurrency)
            take(delivery.integer("window", in: 16...1 << 20), \.delivery.window)
            take(delivery.duration("lease"), \.delivery.lease)
            take(delivery.duration("timeout"), \.pushTimeout)
            take(delivery.duration("retry-first"), \.delivery.retry.first)
            take(delivery.duration("retry-longest"), \.delivery.retry.longest)
            take(delivery.duration("give-up-after"), \.delivery.retry.giveUpAfter)
            take(delivery.integer("outstanding", in: 1...1 << 20), \.delivery.outstanding)
            if let ages = delivery.map("give-up-by-type") {
                for key in ages.keys {
                    guard let type = MessageType(key) else {
                        ages.note("'\(key)' is not a message type such as edoc/status/1.", at: ages.tree(key)?.place ?? ages.place)
                        continue
                    }
                    if let age = ages.duration(key) { changes.append { $0.delivery.retry.giveUpByType[type] = age } }
                }
            }
            delivery.refuseOtherKeys()
        }
        return { configuration in for change in changes { change(&configuration) } }
    }

    /// Reads the section `journal`: what is kept how long, and how often what is not is looked for.
    private static func retention(
        _ reader: SettingsReader, _ path: (String) -> String
    ) -> (RetentionPolicy, interval: Duration?) {
        var retention = RetentionPolicy()
        guard let journal = reader.map("journal") else { return (retention, nil) }
        func days(_ reader: SettingsReader, _ key: String) -> Duration? {
            guard let period = reader.duration(key) else { return nil }
            guard period >= .seconds(86_400) else {
                reader.note("The value of '\(key)' is less than a day, 1d.", at: reader.tree(key)?.place ?? reader.place)
                return nil
            }
            return period
        }
        retention.payloads = days(journal, "keep-payloads")
        retention.identities = days(journal, "keep-identities")
        if let types = journal.map("keep-payloads-by-type") {
            for key in types.keys {
                guard let type = MessageType(key) else {
                    types.note("'\(key)' is not a message type such as edoc/status/1.", at: types.tree(key)?.place ?? types.place)
                    continue
                }
                retention.payloadsByType[type] = days(types, key)
            }
        }
        // Whoever may still repeat a message must be answered as one who does.
        let delivery = reader.map("delivery")
        let ages = delivery?.map("give-up-by-type")
        let window = ([delivery?.duration("give-up-after") ?? DeliveryConfiguration().retry.giveUpAfter]
            + (ages?.keys ?? []).compactMap { ages?.duration($0) }).max()
        if let window, let identities = retention.identities, identities <= window {
            journal.note(
                "Identities must be kept longer than deliveries are tried ('give-up-after', 'give-up-by-type').",
                at: journal.tree("keep-identities")?.place ?? journal.place
            )
        }
        retention.records = Self.records(journal, retention, path, period: days(journal, "keep-records"))
        let interval = journal.duration("look-every")
        if let interval, interval < .seconds(1) {
            journal.note(
                "The value of 'look-every' is less than a second, 1s.", at: journal.tree("look-every")?.place ?? journal.place)
        }
        journal.refuseOtherKeys()
        return (retention, interval)
    }

    /// Reads how long months stay, and where their archives go. The hub's keys are put in when it starts.
    private static func records(
        _ journal: SettingsReader, _ retention: RetentionPolicy, _ path: (String) -> String, period: Duration?
    ) -> RecordPolicy? {
        let place = journal.tree("keep-records")?.place ?? journal.place
        let archives = journal.string("archives")
        guard let period else {
            if archives != nil {
                journal.note("'archives' is where months go when 'keep-records' is over, which is not set.", at: place)
            }
            return nil
        }
        guard let archives else {
            journal.note("'keep-records' needs 'archives', the folder in which months are archived first.", at: place)
            return nil
        }
        // A month goes with the identities of its messages.
        guard let identities = retention.identities, identities <= period else {
            journal.note(
                "'keep-records' needs 'keep-identities', and must not be shorter: a month goes when its repeats need not be recognised any more.",
                at: place
            )
            return nil
        }
        return RecordPolicy(period: period, archives: path(archives))
    }

    private static func signers(_ reader: SettingsReader, _ path: (String) -> String) -> SignerTrust {
        var signers = SignerTrust(
            trustFolder: path(reader.requiredString("trust") ?? ""), settings: TrustSettings()
        )
        if let revocation = reader.choice("revocation", TrustSettings.RevocationPolicy.allCases.map(\.rawValue)) {
            signers.settings.revocation = TrustSettings.RevocationPolicy(rawValue: revocation) ?? .required
        }
        if let skew = reader.duration("clock-skew") { signers.settings.clockSkew = skew }
        reader.refuseOtherKeys()
        return signers
    }

    private static func timestamps(_ reader: SettingsReader, _ path: (String) -> String) -> TimestampConfiguration {
        let url = reader.requiredTree("url").flatMap { _ in
            reader.parsed("url", expected: "an address such as http://127.0.0.1:8080/tsa") { text in
                (text.hasPrefix("http://") || text.hasPrefix("https://")) && text.utf8.count > 8
                    && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
            }
        }
        var configuration = TimestampConfiguration(
            url: url ?? "", trustFolder: path(reader.requiredString("trust") ?? ""))
        if let every = reader.duration("every") { configuration.every = every }
        if let grace = reader.duration("grace") { configuration.grace = grace }
        if let timeout = reader.duration("timeout") { configuration.timeout = timeout }
        if let skew = reader.duration("clock-skew") { configuration.clockSkew = skew }
        configuration.policy = reader.parsed("policy", expected: "an object identifier such as 1.3.6.1.4.1.13762.3") { text in
            text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E } && text.contains(".") ? text : nil
        }
        reader.refuseOtherKeys()
        return configuration
    }

    private static func address(_ reader: SettingsReader, _ key: String) -> Address {
        guard let map = reader.requiredTree(key).map({ reader.reader(of: $0) }) else {
            return Address(host: "127.0.0.1", port: 0)
        }
        defer { map.refuseOtherKeys() }
        return Address(
            host: map.string("host") ?? "127.0.0.1",
            port: map.requiredTree("port").flatMap { _ in map.integer("port", in: 0...65_535) } ?? 0
        )
    }

    /// An address, or a folder for the transport of that name.
    static func endpoint(_ reader: SettingsReader, _ key: String) -> String? {
        reader.parsed(key, expected: "an address such as http://127.0.0.1:8080 or /folder, without a slash at the end") { text in
            Self.isEndpoint(text) ? text : nil
        }
    }

    /// An address of a server, or a folder.
    static func isEndpoint(_ text: String) -> Bool {
        (text.hasPrefix("/") && text.utf8.count > 1 && !text.hasSuffix("/")) || Self.isURL(text)
    }

    static func url(_ reader: SettingsReader, _ key: String) -> String? {
        reader.parsed(key, expected: "an address such as http://127.0.0.1:8080, without a path at the end") { text in
            Self.isURL(text) ? text : nil
        }
    }

    private static func isURL(_ text: String) -> Bool {
        (text.hasPrefix("http://") || text.hasPrefix("https://")) && !text.hasSuffix("/") && text.utf8.count > 8
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// The section `pkcs11` before its PIN is known.
private struct TokenSettings {
    let module: String
    let pinFile: String
    let way: TokenAccess.Way?

    init(_ reader: SettingsReader, _ path: (String) -> String) {
        self.module = path(reader.requiredString("module") ?? "")
        self.pinFile = path(reader.requiredString("pin") ?? "")
        self.way = reader.choice("through", TokenAccess.Way.allCases.map(\.rawValue)).flatMap(TokenAccess.Way.init)
        reader.refuseOtherKeys()
    }

    func access() throws(HubError) -> TokenAccess {
        TokenAccess(module: self.module, pin: try KeyFile.passphrase(self.pinFile), way: self.way)
    }
}

/// The section `national` before its secrets are known.
private struct NationalSettings {
    let axisURL: String
    let systemID: String
    let poll: Duration
    let dossierURL: String
    let username: String
    let gatewayURL: String
    let key: String
    let timeout: Duration?

    init(_ reader: SettingsReader) {
        let axis = reader.requiredTree("axis").map { reader.reader(of: $0) }
        self.axisURL = axis.flatMap { $0.requiredTree("url") == nil ? nil : HubConfiguration.url($0, "url") } ?? ""
        self.systemID = axis?.requiredString("system") ?? ""
        self.poll = axis?.duration("poll") ?? .seconds(5)
        axis?.refuseOtherKeys()
        let dossier = reader.requiredTree("dossier").map { reader.reader(of: $0) }
        self.dossierURL = dossier.flatMap { $0.requiredTree("url") == nil ? nil : HubConfiguration.url($0, "url") } ?? ""
        self.username = dossier?.requiredString("username") ?? ""
        dossier?.refuseOtherKeys()
        let gateway = reader.requiredTree("gateway").map { reader.reader(of: $0) }
        self.gatewayURL = gateway.flatMap { $0.requiredTree("url") == nil ? nil : HubConfiguration.url($0, "url") } ?? ""
        self.key = gateway?.requiredString("key") ?? ""
        gateway?.refuseOtherKeys()
        self.timeout = reader.duration("timeout")
        reader.refuseOtherKeys()
    }

    func configuration(with secrets: Secrets) -> NationalConfiguration {
        var configuration = NationalConfiguration(
            axis: .init(
                url: self.axisURL, systemID: self.systemID, secret: Array(secrets.axis.utf8), poll: self.poll
            ),
            dossier: .init(url: self.dossierURL, username: self.username, password: secrets.dossier),
            gateway: .init(url: self.gatewayURL, key: self.key, secret: secrets.gateway)
        )
        if let timeout = self.timeout { configuration.timeout = timeout }
        return configuration
    }
}
