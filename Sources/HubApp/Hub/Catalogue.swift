internal import HubAdapters
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubMapping
internal import HubModel
internal import HubSchema
internal import HubXML
internal import Foundation

/// What a hub knows from its files: schemas, forms, adapters, agencies. All of it is checked when it is read.
struct Catalogue: Sendable {
    let schemas: SchemaCatalogue
    let adapters: AdapterCatalogue
    let directory: AgencyDirectory

    /// - Throws: `schema.invalid`, `adapter.invalid`, `directory.invalid`, `configuration.invalid`; faults as details.
    static func load(_ configuration: HubConfiguration) throws(HubError) -> Catalogue {
        let schemas = try SchemaCatalogue.load(folder: configuration.schemaFolder)
        let adapters: AdapterCatalogue
        switch AdapterCatalogue.load(folder: configuration.adapterFolder, schemas: schemas) {
        case .success(let loaded): adapters = loaded
        case .failure(let faults): throw faults.error(.adapterInvalid, "The adapters have faults.")
        }
        return Catalogue(
            schemas: schemas, adapters: adapters, directory: try Self.directory(configuration.directoryFiles)
        )
    }

    var forms: [MessageType: MessageForm] {
        Dictionary(uniqueKeysWithValues: self.adapters.forms.all.map { ($0.type, $0) })
    }

    /// The adapter under which the national platform hands messages in.
    var national: Adapter? { self.adapters.adapters.first { $0.speaks == .national } }

    var services: [ProvidedService] { self.adapters.adapters.flatMap(\.provides) }

    static func directory(_ files: [String]) throws(HubError) -> AgencyDirectory {
        switch DirectoryReader.load(files: files) {
        case .success(let directory): return directory
        case .failure(let faults): throw faults.error(.directoryInvalid, "The directory of agencies has faults.")
        }
    }

    /// Makes the forms that subscriptions ask for: maps, checks against the schema of the target, seals.
    func transform(sealing keys: KeyRing) -> ParcelMaker.Transform {
        { payload, isXML, delivery throws(HubError) in
            let parts = delivery.plan.mapping.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, let system = SystemID(parts[0]),
                let mapping = self.adapters.mappings[system]?[parts[1]]
            else {
                throw HubError(
                    .mappingFailed, "The mapping of this delivery is not there any more.",
                    details: [ErrorDetail("mapping", delivery.plan.mapping)]
                )
            }
            let source: MappingSource =
                isXML ? .xml(try .parse(payload)) : .json(try JSONDocument.parse(payload).value)
            let mapped = try mapping.apply(
                to: source,
                context: [
                    MappingContext.id.rawValue: delivery.id.message.description,
                    MappingContext.type.rawValue: delivery.type.description,
                    MappingContext.time.rawValue: delivery.acceptedAt.description,
                    MappingContext.sender.rawValue: AgencyCode(delivery.agency)?.text ?? delivery.agency,
                    MappingContext.digest.rawValue: delivery.digest.description,
                ]
            ).serialised()
            let violations = try self.schemas.schema(for: delivery.plan.type)
                .violations(in: .json(try JSONDocument.parse(mapped)), limit: 10)
            guard violations.isEmpty else {
                throw HubError(
                    .mappingFailed, "What the mapping made does not fit the schema of its target.",
                    details: [ErrorDetail("mapping", delivery.plan.mapping)], violations: violations
                )
            }
            return (mapped, "application/json", try JWS.signDetached(mapped, with: keys.current.own))
        }
    }
}
