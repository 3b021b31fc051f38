public import HubModel
import HubYAML

/// What `systems.yaml` says: the simulated shared-software systems of one province, which share a process.
public struct SystemsConfiguration: Sendable {
    /// How a system speaks to the hub.
    public enum Dialect: String, Sendable, CaseIterable {
        /// The document axis: documents and statuses as edXML, fetched by polling.
        case axis
        /// The exchange API: JSON with a detached signature, received by push.
        case exchange
    }

    /// Which statuses a document system answers, and in which order.
    public struct Answers: Sendable {
        /// To a new document.
        public var new = ["01", "03", "06"]
        /// To an update, a replacement.
        public var update = ["15"]
        /// To a recall.
        public var recall = ["15"]
        /// To a status 13, which asks for a document back.
        public var takeBack = ["15"]

        public init() {}
    }

    /// One system.
    public struct System: Sendable {
        public var id: SystemID
        /// The agencies it works for; the first is the one it signs and answers for by default.
        public var agencies: [AgencyCode]
        /// The name that its own messages give as the sender's.
        public var name: String
        public var speaks: Dialect
        /// The axis' HMAC secret, or the OAuth client secret.
        public var secret: String
        /// PEM files.
        public var keyFile: String
        public var certificateFile: String?
        /// Time between two looks at the inbox.
        public var poll: Duration
        public var answers: Answers
        /// Where it waits for pushes; `nil` for a system that gets none, 0 for a free port.
        public var listen: Int?
    }

    /// Ledgers, bodies and `ports.json` go here.
    public var folder: String
    public var host: String
    /// 0 for a free one.
    public var controlPort: Int
    /// Such as `http://127.0.0.1:8080`, without a slash at the end.
    public var hub: String
    /// The hub's public key, to check what it pushes and answers; `nil` to leave that unchecked.
    public var hubKeyFile: String?
    public var systems: [System]

    /// Reads the file.
    ///
    /// Relative paths in it are relative to its folder.
    ///
    /// - Throws: `configuration.invalid` with every fault of the file.
    public static func load(file: String) throws(HubError) -> SystemsConfiguration {
        let base = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        switch YAMLReader.read(file: file) {
        case .failure(let faults):
            throw faults.error(.configurationInvalid, "The file of the simulated systems has faults.")
        case .success(let tree):
            return try Self.read(tree, file: file, base: base)
        }
    }

    /// Reads what a file says.
    ///
    /// - Parameter base: The folder that relative paths start from.
    /// - Throws: `configuration.invalid` with every fault.
    public static func read(_ tree: SettingsTree, file: String, base: String) throws(HubError)
        -> SystemsConfiguration
    {
        let reader = SettingsReader(tree, file: file)
        func path(_ text: String) -> String { text.hasPrefix("/") ? text : base + "/" + text }
        if let format = reader.requiredString("format"), format != "systems-1" {
            reader.note("The format '\(format)' is not 'systems-1'.", at: reader.place)
        }
        let folder = path(reader.requiredString("folder") ?? "")
        var hub = reader.requiredString("hub") ?? ""
        while hub.hasSuffix("/") { hub.removeLast() }
        if !hub.isEmpty, !hub.hasPrefix("http://"), !hub.hasPrefix("https://") {
            reader.note(
                "The address '\(hub)' of 'hub' must begin with http:// or https://.", at: reader.place)
        }
        let hubKeyFile = reader.string("hub-key").map(path)
        var host = "127.0.0.1"
        var port = 0
        if let control = reader.map("control") {
            host = control.string("host") ?? host
            port = control.integer("port", in: 0...65_535) ?? port
            control.refuseOtherKeys()
        }
        var systems: [System] = []
        for item in reader.list("systems") {
            let system = reader.reader(of: item)
            if let read = Self.system(system, path: path) { systems.append(read) }
        }
        if reader.requiredTree("systems") != nil, systems.isEmpty, reader.faults.isEmpty {
            reader.note("At least one system is needed.", at: reader.place)
        }
        for (index, system) in systems.enumerated()
        where systems[..<index].contains(where: { $0.id == system.id }) {
            reader.note("The system '\(system.id)' stands twice.", at: reader.place)
        }
        reader.refuseOtherKeys()
        guard reader.faults.isEmpty else {
            throw SettingsFaults(reader.faults)
                .error(.configurationInvalid, "The file of the simulated systems has faults.")
        }
        return SystemsConfiguration(
            folder: folder, host: host, controlPort: port, hub: hub, hubKeyFile: hubKeyFile, systems: systems
        )
    }

    private static func system(_ reader: SettingsReader, path: (String) -> String) -> System? {
        let id = reader.requiredTree("id").flatMap { _ in
            reader.parsed("id", expected: "a name of a-z, 0-9, hyphen and dot", SystemID.init)
        }
        var agencies: [AgencyCode] = []
        for (text, place) in reader.strings("agencies") {
            if let code = AgencyCode(text) {
                agencies.append(code)
            } else {
                reader.note("'\(text)' is not an agency code.", at: place)
            }
        }
        if reader.requiredTree("agencies") != nil, agencies.isEmpty, reader.faults.isEmpty {
            reader.note("At least one agency is needed.", at: reader.place)
        }
        let name = reader.string("name")
        let dialect = reader.requiredTree("speaks").flatMap { _ in
            reader.choice("speaks", Dialect.allCases.map(\.rawValue)).flatMap(Dialect.init)
        }
        let secret = reader.requiredString("secret")
        let keyFile = reader.requiredString("key").map(path)
        let certificateFile = reader.string("certificate").map(path)
        let poll = reader.duration("poll") ?? .milliseconds(250)
        let listen = reader.integer("listen", in: 0...65_535)
        var answers = Answers()
        if let map = reader.map("answers") {
            func statuses(_ key: String, _ standard: [String]) -> [String] {
                guard map.tree(key) != nil else { return standard }
                return map.strings(key).map { item in
                    if item.text.utf8.count != 2 || !item.text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
                    {
                        map.note("The status '\(item.text)' must have two digits, in quotes.", at: item.place)
                    }
                    return item.text
                }
            }
            answers.new = statuses("new", answers.new)
            answers.update = statuses("update", answers.update)
            answers.recall = statuses("recall", answers.recall)
            answers.takeBack = statuses("status-13", answers.takeBack)
            map.refuseOtherKeys()
        }
        reader.refuseOtherKeys()
        guard let id, let dialect, let secret, let keyFile, !agencies.isEmpty else { return nil }
        return System(
            id: id, agencies: agencies, name: name ?? id.description, speaks: dialect, secret: secret,
            keyFile: keyFile, certificateFile: certificateFile, poll: poll, answers: answers, listen: listen
        )
    }
}
