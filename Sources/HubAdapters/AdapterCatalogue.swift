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
    /// The folder of each system.
    let folders: [SystemID: String]

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
        switch FormCatalogue.load(schemas) {
        case .failure(let faults): .failure(faults)
        case .success(let forms): self.load(folder: folder, replacing: replacing, schemas: schemas, forms: forms)
        }
    }

    /// The same with forms that were read before.
    public static func load(
        folder: String, replacing: [SystemID: String?] = [:], schemas: SchemaCatalogue, forms: FormCatalogue
    ) -> Result<AdapterCatalogue, SettingsFaults> {
        guard SettingsFolder.isFolder(folder) else {
            return .failure(SettingsFaults([SettingsFolder.fault("There is no such folder.", in: folder)]))
        }
        let reader = AdapterReader(schemas: schemas, forms: forms)
        var drafts: [AdapterDraft] = []
        var folders: [SystemID: String] = [:]
        var faults: [SettingsFault] = []
        var places = SettingsFolder.folders(in: folder).map { (name: $0, path: "\(folder)/\($0)") }
        for (system, path) in replacing.sorted(by: { $0.key < $1.key }) {
            places.removeAll { $0.name == system.description }
            if let path { places.append((system.description, path)) }
        }
        for (name, path) in places {
            let (draft, found) = reader.read(folder: path, name: name)
            faults += found
            if let draft {
                drafts.append(draft)
                folders[draft.adapter.system] = path
            }
        }
        let isComplete = faults.isEmpty
        faults += AdapterCrossCheck(drafts: drafts, isComplete: isComplete).faults()
        let services = Dictionary(
            drafts.flatMap(\.adapter.provides).map { ($0.service, $0) }, uniquingKeysWith: { first, _ in first }
        )
        var processes: [SystemID: [MessageType: ProcessPlan]] = [:]
        for draft in drafts where !draft.processes.isEmpty {
            let (plans, found) = draft.processPlans(services, isComplete: isComplete)
            processes[draft.adapter.system] = plans
            faults += found
        }
        guard faults.isEmpty else { return .failure(SettingsFaults(faults)) }
        return .success(
            AdapterCatalogue(
                adapters: drafts.map(\.adapter).sorted { $0.system < $1.system }, forms: forms,
                mappings: Dictionary(
                    drafts.map { ($0.adapter.system, $0.mappings) }, uniquingKeysWith: { first, _ in first }
                ),
                processes: processes, folders: folders
            )
        )
    }
}
