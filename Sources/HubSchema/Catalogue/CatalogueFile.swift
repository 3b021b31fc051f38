import HubModel
import HubYAML

/// `catalogue.yaml`: all message types, by domain.
struct CatalogueFile {
    static let name = "catalogue.yaml"
    static let format = "catalogue-1"

    let domains: [CatalogueDomain]
    let entries: [MessageType: CatalogueEntry]

    /// Reads the file of a folder, and notes what is wrong with it.
    ///
    /// - Returns: What could be read; `nil` if it is no catalogue at all.
    static func read(_ path: String, _ faults: inout [SchemaFault]) -> CatalogueFile? {
        switch YAMLReader.read(file: path) {
        case .failure(let found):
            faults += found.faults.map(SchemaFault.init)
            return nil
        case .success(let tree):
            let reader = SettingsReader(tree, file: path)
            let file = CatalogueFile(reader)
            faults += SettingsFaults(reader.faults).faults.map(SchemaFault.init)
            return file
        }
    }

    private init(_ settings: SettingsReader) {
        if settings.requiredTree("format") != nil { _ = settings.choice("format", [Self.format]) }
        var domains: [CatalogueDomain] = []
        if settings.requiredTree("domains") != nil, let map = settings.map("domains") {
            for name in map.keys {
                if let domain = map.map(name).flatMap({ Self.domain(name, $0) }) { domains.append(domain) }
            }
        }
        settings.refuseOtherKeys()
        self.domains = domains
        self.entries = Dictionary(
            domains.flatMap(\.entries).map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
        self.checkUses(settings)
    }

    private static func domain(_ name: String, _ settings: SettingsReader) -> CatalogueDomain? {
        let (title, owner) = (settings.bilingual("title"), settings.bilingual("owner"))
        var entries: [CatalogueEntry] = []
        if settings.requiredTree("types") != nil, let map = settings.map("types") {
            for key in map.keys {
                guard let tree = map.tree(key) else { continue }
                let reader = map.reader(of: tree)
                if let type = MessageType("\(name)/\(key)") {
                    if let entry = Self.entry(type, reader) { entries.append(entry) }
                } else {
                    map.note("'\(key)' is not a type and its version, such as document/1.", at: tree.place)
                }
            }
        }
        settings.refuseOtherKeys()
        guard let title, let owner else { return nil }
        return CatalogueDomain(name: name, title: title, owner: owner, entries: entries)
    }

    private static func entry(_ type: MessageType, _ settings: SettingsReader) -> CatalogueEntry? {
        let status = settings.requiredTree("status").flatMap { _ in
            settings.choice("status", CatalogueEntry.Status.allCases.map(\.rawValue))
        }
        let form = settings.requiredTree("schema").flatMap { _ in
            settings.choice("schema", CatalogueEntry.Form.allCases.map(\.rawValue))
        }.flatMap(CatalogueEntry.Form.init(rawValue:))
        let assertsFormat = settings.boolean("format-assertion")
        if form == .xsd, let tree = settings.tree("format-assertion") {
            settings.note("'format-assertion' is for JSON Schemas.", at: tree.place)
        } else if form != nil, form != .xsd {
            _ = settings.requiredTree("format-assertion")
        }
        let uses = settings.strings("uses").compactMap { text, place -> MessageType? in
            if let used = MessageType(text) { return used }
            settings.note("'\(text)' is not a type such as edoc/document/1.", at: place)
            return nil
        }
        settings.refuseOtherKeys()
        guard let status = status.flatMap(CatalogueEntry.Status.init(rawValue:)), let form else { return nil }
        return CatalogueEntry(
            type: type, status: status, form: form, assertsFormat: assertsFormat ?? false, uses: uses,
            place: settings.place)
    }

    /// What a type uses must be there, be of the same form, and not lead back to it.
    private func checkUses(_ settings: SettingsReader) {
        for entry in self.domains.flatMap(\.entries) {
            for used in entry.uses {
                guard let other = self.entries[used] else {
                    settings.note(
                        "\(entry.type) uses \(used), which the catalogue does not have.", at: entry.place,
                        suggestion: SettingsReader.nearest(
                            to: used.description, among: self.entries.keys.map(\.description)))
                    continue
                }
                if (other.form == .xsd) != (entry.form == .xsd) {
                    settings.note("\(entry.type) uses \(used), which is of the other form.", at: entry.place)
                }
            }
            if self.closure(of: entry.uses).contains(entry.type) {
                settings.note("\(entry.type) uses itself, in a circle of 'uses'.", at: entry.place)
            }
        }
    }

    /// The types that some types use, with what those use in turn.
    func closure(of types: [MessageType]) -> Set<MessageType> {
        var found: Set<MessageType> = []
        var open = types
        while let type = open.popLast() {
            if found.insert(type).inserted { open += self.entries[type]?.uses ?? [] }
        }
        return found
    }
}
