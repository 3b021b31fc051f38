internal import Foundation
internal import HubAdapters
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubMapping
internal import HubModel
internal import HubSchema
internal import HubXML

/// What a hub knows from its files: schemas, forms, adapters, rules, agencies. All of it is checked when it is read.
struct Catalogue: Sendable {
    let schemas: SchemaCatalogue
    let adapters: AdapterCatalogue
    let rules: [RoutingRule]
    let directory: AgencyDirectory

    /// - Parameter replacing: Folders to be read instead of those of some systems, or beside them; `nil` for a system
    ///   that is left out.
    /// - Throws: `schema.invalid`, `adapter.invalid`, `route.rule_invalid`, `directory.invalid`, `configuration.invalid`;
    ///   faults as details.
    static func load(
        _ configuration: HubConfiguration, replacing: [SystemID: String?] = [:]
    ) throws(HubError) -> Catalogue {
        let schemas = try SchemaCatalogue.load(folder: configuration.schemaFolder)
        let (adapters, adapterFaults) = AdapterCatalogue.read(
            folder: configuration.adapterFolder, replacing: replacing, schemas: schemas)
        let (rules, ruleFaults) = configuration.routeFolder.map { RouteReader(adapters).read(folder: $0) } ?? ([], [])
        // What is wrong with the rules is told with what is wrong with the adapters.
        guard adapterFaults.isEmpty else {
            throw SettingsFaults(adapterFaults + ruleFaults).error(.adapterInvalid, "The adapters have faults.")
        }
        guard ruleFaults.isEmpty else {
            throw SettingsFaults(ruleFaults).error(.routeRuleInvalid, "The routing rules have faults.")
        }
        return Catalogue(
            schemas: schemas, adapters: adapters, rules: rules, directory: try Self.directory(configuration.directoryFiles)
        )
    }

    var forms: [MessageType: MessageForm] {
        Dictionary(uniqueKeysWithValues: self.adapters.forms.all.map { ($0.type, $0) })
    }

    /// The adapter under which the national platform hands messages in.
    var national: Adapter? { self.adapters.adapters.first { $0.speaks == .national } }

    static func directory(_ files: [String]) throws(HubError) -> AgencyDirectory {
        switch DirectoryReader.load(files: files) {
        case .success(let directory): return directory
        case .failure(let faults): throw faults.error(.directoryInvalid, "The directory of agencies has faults.")
        }
    }

    /// What the adapters need of the configuration: an address for every endpoint, and time for processes to be taken back
    /// before their messages are given up.
    ///
    /// - Throws: `configuration.invalid`, naming the first that is wrong.
    func check(against configuration: HubConfiguration) throws(HubError) {
        for (system, plans) in self.adapters.processes {
            for (message, plan) in plans where plan.within * 2 > configuration.delivery.retry.giveUpAfter {
                throw HubError(
                    .configurationInvalid, "A process may take longer than half of delivery.give-up-after: it could not be taken back.",
                    details: [ErrorDetail("adapter", system), ErrorDetail("message", message), ErrorDetail("within", plan.within)]
                )
            }
        }
        for adapter in self.adapters.adapters {
            var endpoints = (adapter.receives.map(\.by) + adapter.subscribes.map(\.by)).compactMap(\.endpoint)
            for service in adapter.provides {
                if case .http(let endpoint, _, _, _) = service.call { endpoints.append(endpoint) }
            }
            for endpoint in endpoints where configuration.endpoints[endpoint] == nil {
                throw HubError(
                    .configurationInvalid, "An adapter names an endpoint that the configuration does not have.",
                    details: [
                        ErrorDetail("adapter", adapter.system), ErrorDetail("endpoint", endpoint),
                        ErrorDetail("file", configuration.file),
                    ]
                )
            }
        }
    }

    /// The same as what a running hub goes by.
    func contracts(_ configuration: HubConfiguration) -> Contracts {
        let adapters = self.adapters.adapters
        var mappings: [String: Mapping] = [:]
        for (system, files) in self.adapters.mappings {
            for (file, mapping) in files { mappings["\(system)/\(file)"] = mapping }
        }
        return Contracts(
            environment: configuration.environment, schemas: self.schemas, forms: self.forms,
            router: Router(
                directory: self.directory, home: configuration.home, adapters: adapters, rules: self.rules,
                isConnected: configuration.national != nil
            ),
            adapters: adapters, mappings: mappings, processes: self.adapters.processes,
            schemaTexts: self.schemas.texts(of: adapters.flatMap(\.provides).flatMap(\.types))
        )
    }

    /// Who is meant by the code of an agency, on the day of a moment.
    func resolver(at moment: Timestamp) -> (String) -> AgencyCode? {
        self.agencies(at: moment).resolve
    }

    func agencies(at moment: Timestamp) -> AgencyCheck { Self.agencies(of: self.directory, at: moment) }

    static func agencies(of directory: AgencyDirectory, at moment: Timestamp) -> AgencyCheck {
        AgencyCheck(directory, on: CivilTime(moment, offset: CivilTime.vietnamOffset).date)
    }
}

extension ContractRing {
    /// Makes the forms that subscriptions ask for: maps, checks against the schema of the target, seals.
    func transform(sealing keys: KeyRing) -> ParcelMaker.Transform {
        { payload, isXML, delivery throws(HubError) in
            let contracts = self.current
            guard let mapping = contracts.mappings[delivery.plan.mapping] else {
                // Whoever took it away can bring it back; until then the copy waits.
                throw HubError(
                    .routeMissing, "The mapping of this delivery is not there at present.",
                    details: [ErrorDetail("mapping", delivery.plan.mapping)]
                )
            }
            var document: Document =
                isXML ? .xml(try XMLDocument.parse(payload)) : .json(try JSONDocument.parse(payload))
            // Read as it was read when it was accepted.
            if contracts.adapters[delivery.sender]?.sendRule(for: delivery.type)?.profile == .tolerant {
                document = try contracts.schemas.schema(for: delivery.type).tolerantReading(of: document, limit: 1).document
            }
            let made = try MappedForm(
                mapping, of: document, context: CallFacts(delivery, correlation: delivery.correlation).context(secret: nil),
                schemas: contracts.schemas
            )
            return (
                made.bytes, made.document.mediaType.rawValue, try JWS.signDetached(made.bytes, with: keys.current.own)
            )
        }
    }
}
