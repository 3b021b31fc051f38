import FoundationEssentials
public import HubModel
import HubYAML

extension NationalPlatformConfiguration {
    /// The version of the file format.
    static let format = "national-1"

    /// Reads `national.yaml`.
    ///
    /// A relative folder counts from where the file lies.
    ///
    /// - Throws: Every fault of the file at once.
    public static func read(file path: String) throws(SettingsFaults) -> NationalPlatformConfiguration {
        let settings = SettingsReader(try YAMLReader.read(file: path).get(), file: path)
        let base = URL(filePath: path).deletingLastPathComponent().path
        let configuration = Self.read(settings, base: base)
        guard settings.faults.isEmpty, let configuration else { throw SettingsFaults(settings.faults) }
        return configuration
    }

    private static func read(_ settings: SettingsReader, base: String) -> NationalPlatformConfiguration? {
        if settings.requiredTree("format") != nil { _ = settings.choice("format", [Self.format]) }
        let folder = settings.requiredString("folder")
        var configuration = NationalPlatformConfiguration(folder: "")
        if let folder { configuration.folder = folder.hasPrefix("/") ? folder : base + "/" + folder }
        if let host = settings.string("host") { configuration.host = host }
        if let port = settings.integer("port", in: 0...65535) { configuration.port = port }
        if let port = settings.integer("control-port", in: 0...65535) { configuration.controlPort = port }
        if let seed = settings.integer("seed", in: 0...Int(Int32.max)) { configuration.seed = seed }
        if let lifetime = settings.duration("token-lifetime") { configuration.tokenLifetime = lifetime }
        if let skew = settings.duration("clock-skew") { configuration.clockSkew = skew }
        if let behind = settings.duration("timestamps-behind") { configuration.timestampsBehind = behind }
        if let size = settings.byteCount("max-body") { configuration.maxBody = size }
        if settings.tree("payment-secret") != nil {
            configuration.paymentSecret = Self.secret("payment-secret", in: settings)
        }
        configuration.systems = settings.list("systems").compactMap { Self.system(settings.reader(of: $0)) }
        configuration.dossierAccounts = settings.list("dossier-accounts")
            .compactMap { Self.pair(settings.reader(of: $0), "username", "password") }
            .map { DossierAccount(username: $0.0, password: $0.1) }
        configuration.gatewayClients = settings.list("gateway-clients")
            .compactMap { Self.pair(settings.reader(of: $0), "key", "secret") }
            .map { GatewayClient(key: $0.0, secret: $0.1) }
        configuration.ministries = settings.list("ministries").compactMap {
            Self.ministry(settings.reader(of: $0))
        }
        settings.refuseOtherKeys()
        configuration.noteRepeats(in: settings)
        return folder == nil ? nil : configuration
    }

    private static func system(_ settings: SettingsReader) -> System? {
        let id = settings.requiredString("id")
        let secret = Self.secret("secret", in: settings)
        var codes: [AgencyCode] = []
        for (text, place) in settings.strings("codes") {
            if let code = Self.levelOne(text) {
                codes.append(code)
            } else {
                settings.note("'\(text)' is not an agency code of level 1.", at: place)
            }
        }
        if codes.isEmpty, settings.requiredTree("codes") != nil, settings.list("codes").isEmpty {
            settings.note("'codes' needs at least one agency code of level 1.", at: settings.place)
        }
        settings.refuseOtherKeys()
        guard let id, let secret else { return nil }
        return System(id: id, secret: secret, codes: codes)
    }

    private static func pair(_ settings: SettingsReader, _ name: String, _ secret: String) -> (
        String, String
    )? {
        let name = settings.requiredString(name)
        let secret = Self.secret(secret, in: settings)
        settings.refuseOtherKeys()
        guard let name, let secret else { return nil }
        return (name, secret)
    }

    /// A secret never appears in a fault.
    private static func secret(_ key: String, in settings: SettingsReader) -> String? {
        guard let text = settings.requiredString(key) else { return nil }
        guard !text.isEmpty else {
            settings.note("The value of '\(key)' is empty.", at: settings.place)
            return nil
        }
        return text
    }

    private static func ministry(_ settings: SettingsReader) -> Ministry? {
        let code = settings.requiredTree("code").flatMap { _ in
            settings.parsed("code", expected: "an agency code of level 1", Self.levelOne)
        }
        let name = settings.requiredString("name")
        let statuses = Self.steps("statuses", in: settings) ?? Ministry.usualStatuses
        let changes = Self.steps("change-statuses", in: settings) ?? Ministry.usualChangeStatuses
        settings.refuseOtherKeys()
        guard let code, let name else { return nil }
        return Ministry(code: code, name: name, statuses: statuses, changeStatuses: changes)
    }

    private static func steps(_ key: String, in settings: SettingsReader) -> [Ministry.Step]? {
        guard settings.tree(key) != nil else { return nil }
        return settings.list(key).compactMap { item in
            let step = settings.reader(of: item)
            let code = step.requiredTree("code").flatMap { _ in
                step.parsed("code", expected: "a status code of two digits") { text in
                    text.utf8.count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : nil
                }
            }
            let after = step.duration("after") ?? .milliseconds(50)
            step.refuseOtherKeys()
            return code.map { Ministry.Step(code: $0, after: after) }
        }
    }

    private static func levelOne(_ text: String) -> AgencyCode? {
        AgencyCode(text).flatMap { $0.root == $0 && $0.text.utf8.count == 3 ? $0 : nil }
    }

    /// Two owners of one code would make the way of a packet a matter of chance.
    private func noteRepeats(in settings: SettingsReader) {
        var seen: Set<String> = []
        let codes = self.systems.flatMap(\.codes).map(\.text) + self.ministries.map(\.code.text)
        for name in self.systems.map(\.id) + codes where !seen.insert(name).inserted {
            settings.note(
                "'\(name)' stands twice among systems, their codes and ministries.", at: settings.place)
        }
    }
}
