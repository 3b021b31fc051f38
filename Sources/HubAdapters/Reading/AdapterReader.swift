import HubJSON
import HubMapping
import HubModel
import HubSchema
import HubYAML

/// An adapter as its file says it, with the places that checks across adapters point to.
struct AdapterDraft {
    let adapter: Adapter
    let file: String
    let mappings: [String: Mapping]
    let systemPlace: SourcePlace
    let agencyPlaces: [AgencyCode: SourcePlace]
    let usePlaces: [(service: String, place: SourcePlace)]
    let providePlaces: [(service: String, place: SourcePlace)]
}

/// Reads one adapter's folder and checks it against the schemas and forms.
struct AdapterReader {
    static let format = "adapter-1"

    let schemas: SchemaCatalogue
    let forms: FormCatalogue

    /// - Returns: The adapter if its own files are sound, and all their faults.
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
        let title = reader.title("title")
        let kind = reader.requiredOption("kind", SystemKind.self)
        let speaks = reader.requiredOption("speaks", Adapter.Dialect.self)
        let agencies = self.agencies(reader, speaks)
        let rules = RuleReader(schemas: self.schemas, forms: self.forms, dialect: speaks)
        let (sending, receiving) = (reader.maps("sends"), reader.maps("receives"))
        let sends = sending.compactMap { rules.sendRule($0) }
        let receives = receiving.compactMap { rules.receiveRule($0) }
        rules.refuseRepeats(in: sending)
        rules.refuseRepeats(in: receiving)
        var mappings = MappingFolder(folder: folder, schemas: self.schemas)
        let subscribes = reader.maps("subscribes").compactMap { rules.subscribeRule($0, &mappings) }
        let uses = self.services(reader)
        let provides = reader.maps("provides").compactMap { rules.providedService($0) }
        reader.refuseOtherKeys()
        let faults = reader.faults + mappings.finish(noteUnused: reader.faults.isEmpty)
        guard faults.isEmpty, let system, let title, let kind, let speaks else { return (nil, faults) }
        let adapter = Adapter(
            system: system, title: title, kind: kind, agencies: agencies.map(\.code), speaks: speaks,
            sends: sends,
            receives: receives, subscribes: subscribes, uses: uses.map(\.service),
            provides: provides.map(\.service)
        )
        let draft = AdapterDraft(
            adapter: adapter, file: file, mappings: mappings.compiled,
            systemPlace: reader.tree("system")?.place ?? reader.place,
            agencyPlaces: Dictionary(
                agencies.map { ($0.code, $0.place) }, uniquingKeysWith: { first, _ in first }),
            usePlaces: uses, providePlaces: provides.map { ($0.service.service, $0.place) }
        )
        return (draft, [])
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
        let texts = reader.strings("agencies")
        if texts.isEmpty, dialect != .national {
            reader.note(
                "A system needs at least one agency.", at: reader.tree("agencies")?.place ?? reader.place)
        }
        var agencies: [(code: AgencyCode, place: SourcePlace)] = []
        for (text, place) in texts {
            guard let code = AgencyCode(text) else {
                reader.note("'\(text)' is not an agency code such as H44.13 or 000.00.13.H44.", at: place)
                continue
            }
            if let first = agencies.first(where: { $0.code == code }) {
                reader.note("The agency \(code) stands on line \(first.place.line) already.", at: place)
                continue
            }
            agencies.append((code, place))
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
