public import HubMapping
public import HubModel
public import HubSchema
internal import Synchronization

/// What a hub goes by that is described in files: schemas, forms, adapters, services, rules, agencies.
///
/// One value that never changes; a change of the files makes another one. Whoever handles a message asks once, so that
/// all of it is decided by the same contracts.
public final class Contracts: Sendable {
    public let schemas: SchemaCatalogue
    public let forms: [MessageType: MessageForm]
    public let router: Router
    public let adapters: [SystemID: Adapter]
    public let services: [String: OfferedService]
    /// By their full name, `SYSTEM/mapping/FILE`.
    public let mappings: [String: Mapping]
    /// By the system that declares them and the message that starts them.
    package let processes: [SystemID: [MessageType: ProcessPlan]]
    /// The schema files of types that services name, and of those that they use, as they are written.
    public let schemaTexts: [MessageType: [UInt8]]
    /// In the order in which a payload is held against them.
    let recognitionOrder: [MessageForm]

    /// - Parameters:
    ///   - environment: Of the hub; a service of the sandbox is not offered in production.
    ///   - mappings: By `SYSTEM/mapping/FILE`.
    package init(
        environment: ServiceTerms.Environment = .production, schemas: SchemaCatalogue,
        forms: [MessageType: MessageForm], router: Router, adapters: [Adapter],
        mappings: [String: Mapping] = [:], processes: [SystemID: [MessageType: ProcessPlan]] = [:],
        schemaTexts: [MessageType: [UInt8]] = [:]
    ) {
        self.schemaTexts = schemaTexts
        self.processes = processes
        self.schemas = schemas
        self.forms = forms
        self.router = router
        self.adapters = Dictionary(adapters.map { ($0.system, $0) }) { first, _ in first }
        self.mappings = mappings
        self.recognitionOrder = forms.values.sorted { $0.type < $1.type }
        var services: [String: OfferedService] = [:]
        for adapter in adapters {
            for service in adapter.provides where services[service.service] == nil {
                func mapping(_ file: String?) -> Mapping? { file.flatMap { mappings["\(adapter.system)/\($0)"] } }
                services[service.service] = OfferedService(
                    provider: adapter, service: service, requestMapping: mapping(service.requestMapping),
                    replyMapping: mapping(service.replyMapping),
                    isElsewhere: environment == .production && service.terms.environment == .sandbox
                )
            }
        }
        self.services = services
    }
}

extension Contracts {
    /// The media type of payloads of a type; `nil` for a type without a schema.
    public func mediaType(of type: MessageType) -> String? {
        (try? self.schemas.schema(for: type))?.mediaType.rawValue
    }
}

/// A service with its provider and its compiled mappings.
public struct OfferedService: Sendable {
    public let provider: Adapter
    public let service: ProvidedService
    public let requestMapping: Mapping?
    public let replyMapping: Mapping?
    /// Whether the service belongs to the sandbox, and this hub does not.
    let isElsewhere: Bool

    /// - Throws: `service.unknown` for a draft and for what belongs to the sandbox, `service.retired` with the successor.
    func checkIsOffered(at now: Timestamp) throws(HubError) {
        guard !self.isElsewhere else {
            throw HubError(
                .serviceUnknown, "The service is offered by hubs of the sandbox only.",
                details: [ErrorDetail("environment", ServiceTerms.Environment.sandbox.rawValue)]
            )
        }
        switch self.service.terms.state(on: CivilTime(now, offset: CivilTime.vietnamOffset).date) {
        case .draft:
            throw HubError(
                .serviceUnknown, "The service is described and not published yet.", details: [ErrorDetail("state", "draft")]
            )
        case .retired:
            throw HubError(
                .serviceRetired, "The service is retired.",
                details: [ErrorDetail("service", self.service.service)]
                    + (self.service.terms.successor.map { [ErrorDetail("successor", $0)] } ?? [])
            )
        case .published, .deprecated: break
        }
    }

    package init(
        provider: Adapter, service: ProvidedService, requestMapping: Mapping?, replyMapping: Mapping?, isElsewhere: Bool = false
    ) {
        self.isElsewhere = isElsewhere
        self.provider = provider
        self.service = service
        self.requestMapping = requestMapping
        self.replyMapping = replyMapping
    }
}

/// The contracts that hold at present. They are exchanged as one while messages pass.
public final class ContractRing: Sendable {
    private let value: Mutex<Contracts>

    public init(_ contracts: Contracts) {
        self.value = Mutex(contracts)
    }

    public var current: Contracts { self.value.withLock { $0 } }

    /// Messages that are under way keep the contracts that they began with.
    public func replace(with contracts: Contracts) {
        self.value.withLock { $0 = contracts }
    }
}
