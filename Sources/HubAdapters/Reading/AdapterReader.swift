import HubJSON
import HubMapping
import HubModel
import HubSchema
import HubYAML

/// An adapter as its file says it, with the places that checks across adapters point to. What one fault leaves readable is
/// looked at all the same, so that all faults are told together.
struct AdapterDraft {
    /// The name of its folder.
    let name: String
    let file: String
    /// `nil` when its own files have faults.
    let adapter: Adapter?
    let mappings: [String: Mapping]
    let processes: [ProcessDraft]
    let systemPlace: SourcePlace
    let agencies: [(code: AgencyCode, place: SourcePlace)]
    let receives: [MessageType]
    let uses: [(service: String, place: SourcePlace)]
    let provides: [ProvidedName]
    /// Whether every service that it provides could be read. Otherwise one may seem to have no provider.
    let namesAllServices: Bool
}

/// What an entry of `provides` says about others.
struct ProvidedName {
    let service: String
    let place: SourcePlace
    let successor: String?
}

/// Reads one adapter's folder and checks it against the schemas and forms.
struct AdapterReader {
    static let format = "adapter-1"

    let schemas: SchemaCatalogue
    let forms: FormCatalogue

    /// - Returns: What could be read, `nil` for a file that is no YAML, and all faults.
    func read(folder: String, name: String) -> (draft: AdapterDraft?, faults: [SettingsFault]) {
        let file = "\(folder)/adapter.yaml"
        let tree: SettingsTree
        switch YAMLReader.read(file: file) {
        case .failure(let faults): return (nil, faults.faults)
        case .success(let found): tree = found
        }
        let reader = SettingsReader(tree, file: file)
        reader.refuseOtherFormat(than: Self.format)
        let system = self.system(reader, folderName: name)
        let title = reader.bilingual("title")
        let kind = reader.requiredOption("kind", SystemKind.self)
        let speaks = reader.requiredOption("speaks", Adapter.Dialect.self)
        let agencies = self.agencies(reader, speaks)
        let rules = RuleReader(schemas: self.schemas, forms: self.forms, dialect: speaks)
        let (sending, receiving) = (reader.maps("sends"), reader.maps("receives"))
        let sends = sending.compactMap { rules.sendRule($0) }
        let receives = receiving.compactMap { rules.receiveRule($0) }
        rules.refuseRepeats(in: sending)
        rules.refuseRepeats(in: receiving)
        var mappings = MappingFolder(folder: folder, system: name, schemas: self.schemas)
        let subscribes = reader.maps("subscribes").compactMap { rules.subscribeRule($0, &mappings) }
        let uses = self.services(reader)
        let services = ServiceReader(rules: rules)
        let providing = reader.maps("provides")
        let provides = providing.compactMap { services.service($0, &mappings) }
        let orchestrates = reader.maps("orchestrates").compactMap { rules.processRule($0) }
        let limits = reader.callLimits("limits")
        self.refuseForeign(to: speaks, reader)
        rules.refuseRepeats(in: reader.maps("orchestrates"))
        reader.refuseOtherKeys()
        let processReader = ProcessReader(rules: rules, folder: folder)
        var (processes, processFaults): ([ProcessDraft], [SettingsFault]) = ([], [])
        for rule in orchestrates {
            let (draft, found) = processReader.read(rule, &mappings)
            if let draft { processes.append(draft) }
            processFaults += found
        }
        let own = reader.faults + processFaults
        let faults = own + mappings.finish(noteUnused: own.isEmpty)
        var adapter: Adapter?
        if faults.isEmpty, let system, let title, let kind, let speaks {
            adapter = Adapter(
                system: system, title: title, kind: kind, agencies: agencies.map(\.code), speaks: speaks, sends: sends,
                receives: receives, subscribes: subscribes, uses: uses.map(\.service), provides: provides,
                orchestrates: orchestrates, limits: limits
            )
        }
        let names = providing.compactMap(Self.providedName)
        let draft = AdapterDraft(
            name: name, file: file, adapter: adapter, mappings: mappings.compiled, processes: processes,
            systemPlace: reader.tree("system")?.place ?? reader.place, agencies: agencies,
            receives: receives.map(\.message), uses: uses, provides: names, namesAllServices: names.count == providing.count
        )
        return (draft, faults)
    }

    private static func providedName(_ reader: SettingsReader) -> ProvidedName? {
        guard case .scalar(let service, let place)? = reader.tree("service"), RuleReader.isServiceName(service) else { return nil }
        guard case .scalar(let successor, _)? = reader.tree("successor") else {
            return ProvidedName(service: service, place: place, successor: nil)
        }
        return ProvidedName(service: service, place: place, successor: successor)
    }

    /// Sections that an adapter of this dialect has no use for.
    private func refuseForeign(to dialect: Adapter.Dialect?, _ reader: SettingsReader) {
        let foreign: [String] =
            switch dialect {
            case .gateway?: ["sends", "receives", "subscribes", "uses", "orchestrates", "limits"]
            case .process?: ["sends", "receives", "subscribes", "provides", "limits"]
            case .exchange?, .axis?, .national?: ["orchestrates"]
            case nil: []
            }
        for key in foreign {
            guard let tree = reader.tree(key), let dialect else { continue }
            reader.note("'speaks: \(dialect.rawValue)' has no '\(key)'.", at: tree.place)
        }
    }

    private func system(_ reader: SettingsReader, folderName: String) -> SystemID? {
        let system = reader.requiredParsed(
            "system", expected: "a name of lower-case letters, digits, hyphens and dots", SystemID.init
        )
        if let system, system.description != folderName, let place = reader.tree("system")?.place {
            reader.note(
                "The system is named as its folder, '\(folderName)'.", at: place, suggestion: folderName)
        }
        return system
    }

    private func agencies(
        _ reader: SettingsReader, _ dialect: Adapter.Dialect?
    ) -> [(code: AgencyCode, place: SourcePlace)] {
        let agencies = reader.codes("agencies")
        switch dialect {
        case .gateway?, .process?:
            if let tree = reader.tree("agencies") {
                reader.note("Only a system of the province speaks for agencies.", at: tree.place)
            }
        case .national?: break
        case .exchange?, .axis?, nil:
            if case .list([], _)? = reader.tree("agencies") ?? .list([], at: reader.place) {
                reader.note(
                    "A system needs at least one agency.", at: reader.tree("agencies")?.place ?? reader.place)
            }
        }
        return agencies
    }

    private func services(_ reader: SettingsReader) -> [(service: String, place: SourcePlace)] {
        reader.strings("uses").compactMap { text, place in
            guard RuleReader.isServiceName(text) else {
                reader.note("'\(text)' is not a service name such as dan-cu/xac-thuc/1.", at: place)
                return nil
            }
            return (text, place)
        }
    }
}
