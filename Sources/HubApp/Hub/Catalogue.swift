internal import HubAdapters
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubMapping
internal import HubModel
internal import HubSchema
internal import HubXML
internal import Foundation

/// What a hub knows from its files: schemas, forms, adapters, agencies, keys. All of it is checked when it is read.
struct Catalogue: Sendable {
    let schemas: SchemaCatalogue
    let adapters: AdapterCatalogue
    let directory: AgencyDirectory
    let keys: KeyRegistry
    /// Keys that were taken out of use; what they signed still has to be proved.
    let retired: [PublicKey]

    /// - Throws: `schema.invalid`, `adapter.invalid`, `directory.invalid`, `configuration.invalid`; faults as details.
    static func load(_ configuration: HubConfiguration) throws(HubError) -> Catalogue {
        let schemas = try SchemaCatalogue.load(folder: configuration.schemaFolder)
        let adapters: AdapterCatalogue
        switch AdapterCatalogue.load(folder: configuration.adapterFolder, schemas: schemas) {
        case .success(let loaded): adapters = loaded
        case .failure(let faults): throw faults.error(.adapterInvalid, "The adapters have faults.")
        }
        return Catalogue(
            schemas: schemas, adapters: adapters, directory: try Self.directory(configuration.directoryFiles),
            keys: try Self.keys(in: configuration.trustFolder),
            retired: try Self.retiredKeys(in: configuration.trustFolder)
        )
    }

    /// A key that is or was known, whoever it belongs to.
    func key(of fingerprint: Digest) -> PublicKey? {
        self.keys.key(of: fingerprint) ?? self.retired.first { $0.fingerprint == fingerprint }
    }

    private static func retiredKeys(in folder: String) throws(HubError) -> [PublicKey] {
        var keys: [PublicKey] = []
        for file in KeysDesk.names(in: folder + "/retired") where file.hasSuffix(".pem") {
            keys += try PublicKey.all(pem: try KeysDesk.read("\(folder)/retired/\(file)"))
        }
        return keys
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

    /// Reads `systems/<system>.pem` and `agencies/<code>.pem`; a second key of one owner has a number behind its
    /// name, as in `qlvb-so-tc-h44.2.pem`.
    static func keys(in folder: String) throws(HubError) -> KeyRegistry {
        var entries: [(owner: KeyRegistry.Owner, key: PublicKey)] = []
        for (kind, make) in [
            ("systems", { SystemID($0).map(KeyRegistry.Owner.system) }),
            ("agencies", { AgencyCode($0).map(KeyRegistry.Owner.agency) }),
        ] as [(String, (String) -> KeyRegistry.Owner?)] {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(kind)")) ?? []
            for file in files.sorted() where file.hasSuffix(".pem") {
                let path = "\(folder)/\(kind)/\(file)"
                var name = String(file.dropLast(4))
                if let dot = name.lastIndex(of: "."), let number = Int(name[name.index(after: dot)...]), number < 10,
                    kind == "systems"
                {
                    name = String(name[..<dot])
                }
                guard let owner = make(name) else {
                    throw HubError(
                        .configurationInvalid, "The file of a public key is not named after a system or an agency.",
                        details: [ErrorDetail("path", path)]
                    )
                }
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw HubError(
                        .configurationInvalid, "The file of a public key cannot be read.",
                        details: [ErrorDetail("path", path)]
                    )
                }
                do throws(HubError) {
                    entries.append((owner, try PublicKey(pem: Array(data))))
                } catch {
                    throw error.adding(ErrorDetail("path", path))
                }
            }
        }
        return try KeyRegistry(entries)
    }

    /// Makes the forms that subscriptions ask for: maps, checks against the schema of the target, seals.
    func transform(sealing key: SigningKey) -> ParcelMaker.Transform {
        { payload, delivery throws(HubError) in
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
                delivery.contentType == "application/json"
                ? .json(try JSONDocument.parse(payload).value) : .xml(try .parse(payload))
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
            return (mapped, "application/json", try JWS.signDetached(mapped, with: key))
        }
    }
}
