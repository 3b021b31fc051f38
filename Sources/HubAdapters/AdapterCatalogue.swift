package import HubCore
public import HubMapping
public import HubModel
public import HubSchema

/// All adapters of a folder, checked against the schemas and against each other.
public struct AdapterCatalogue: Sendable {
    /// In order of their systems.
    public let adapters: [Adapter]
    /// The forms of all message types, which the adapters were checked against.
    public let forms: FormCatalogue
    /// The compiled mappings by the path that a rule names, for each system.
    public let mappings: [SystemID: [String: Mapping]]
    /// The compiled processes of each system that declares any.
    package let processes: [SystemID: [MessageType: ProcessPlan]]
    /// The folder of each system, also where it could not be read.
    let folders: [SystemID: String]
    /// What could be read, adapters with faults too.
    let drafts: [AdapterDraft]
    /// The types that somebody can send, also those whose forms have faults.
    let types: Set<MessageType>

    public func adapter(_ system: SystemID) -> Adapter? {
        self.adapters.first { $0.system == system }
    }

    /// The compiled mapping of a subscription.
    public func mapping(of rule: SubscribeRule, for system: SystemID) -> Mapping? {
        self.mappings[system]?[rule.mapping]
    }

    /// Reads every `<system>/adapter.yaml` below `folder`, with its mappings, and the forms beside the schemas.
    ///
    /// Samples are not run; `AdapterCheck` does that.
    ///
    /// - Returns: All faults of all files at once, if there is one.
    ///
    /// - Parameter replacing: Folders to be read instead of those of some systems, or beside them; `nil` for a system
    ///   that is left out.
    public static func load(
        folder: String, replacing: [SystemID: String?] = [:], schemas: SchemaCatalogue
    ) -> Result<AdapterCatalogue, SettingsFaults> {
        let (catalogue, faults) = self.read(folder: folder, replacing: replacing, schemas: schemas)
        return faults.isEmpty ? .success(catalogue) : .failure(SettingsFaults(faults))
    }

    /// The same as far as it can be read, for whoever looks for faults elsewhere too.
    ///
    /// - Returns: The adapters without faults of their own, and all faults.
    package static func read(
        folder: String, replacing: [SystemID: String?] = [:], schemas: SchemaCatalogue
    ) -> (catalogue: AdapterCatalogue, faults: [SettingsFault]) {
        let (found, formFaults) = schemas.forms()
        let forms = FormCatalogue(found)
        var faults = formFaults
        if !SettingsFolder.isFolder(folder) { faults.append(SettingsFolder.fault("There is no such folder.", in: folder)) }
        let reader = AdapterReader(schemas: schemas, forms: forms)
        var drafts: [AdapterDraft] = []
        var places = SettingsFolder.folders(in: folder).map { (name: $0, path: "\(folder)/\($0)") }
        for (system, path) in replacing.sorted(by: { $0.key < $1.key }) {
            places.removeAll { $0.name == system.description }
            if let path { places.append((system.description, path)) }
        }
        for (name, path) in places {
            let (draft, own) = reader.read(folder: path, name: name)
            faults += own
            if let draft { drafts.append(draft) }
        }
        let check = AdapterCrossCheck(drafts, isComplete: drafts.count == places.count)
        faults += check.faults()
        let adapters = drafts.compactMap(\.adapter)
        let services = Dictionary(
            adapters.flatMap(\.provides).map { ($0.service, $0) }, uniquingKeysWith: { first, _ in first }
        )
        var processes: [SystemID: [MessageType: ProcessPlan]] = [:]
        for draft in drafts where !draft.processes.isEmpty {
            let (plans, own) = draft.processPlans(services, provided: check.provided)
            if let adapter = draft.adapter { processes[adapter.system] = plans }
            faults += own
        }
        let catalogue = AdapterCatalogue(
            adapters: adapters.sorted { $0.system < $1.system }, forms: forms,
            mappings: Dictionary(
                drafts.compactMap { draft in draft.adapter.map { ($0.system, draft.mappings) } },
                uniquingKeysWith: { first, _ in first }
            ),
            processes: processes,
            folders: Dictionary(
                places.compactMap { place in SystemID(place.name).map { ($0, place.path) } },
                uniquingKeysWith: { first, _ in first }
            ),
            drafts: drafts, types: Set(schemas.types.filter(schemas.hasForm))
        )
        return (catalogue, faults)
    }
}
