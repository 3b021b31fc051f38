/// A synchronous service that a system answers through the hub.
public struct ProvidedService: Hashable, Sendable {
    /// Domain, name and version, such as `dan-cu/xac-thuc/1`.
    public let service: String
    public let title: Bilingual
    /// The type of the request, against which a call is validated before it leaves the hub.
    public let request: MessageType
    /// The type of what the caller gets, against which the answer is validated; `nil` when it goes back as it came.
    public let reply: MessageType?
    public let call: ServiceCall
    /// The mapping's file that makes what the provider is sent, relative to the adapter's folder; `nil` for the request as
    /// it came.
    public let requestMapping: String?
    /// The mapping's file that makes the reply from what the provider answered.
    public let replyMapping: String?
    /// Whether requests must come encrypted for the hub; replies go back encrypted for the caller.
    public let isConfidential: Bool
    public let terms: ServiceTerms

    /// Those of its request and, if that has one, of its reply.
    public var types: [MessageType] { [self.request, self.reply].compactMap(\.self) }

    public init(
        service: String, title: Bilingual, request: MessageType, reply: MessageType? = nil, call: ServiceCall,
        requestMapping: String? = nil, replyMapping: String? = nil, isConfidential: Bool = false,
        terms: ServiceTerms = ServiceTerms()
    ) {
        self.service = service
        self.title = title
        self.request = request
        self.reply = reply
        self.call = call
        self.requestMapping = requestMapping
        self.replyMapping = replyMapping
        self.isConfidential = isConfidential
        self.terms = terms
    }
}

/// What a service is called under: who answers for it, how long it lives, who may call it and how often.
public struct ServiceTerms: Hashable, Sendable {
    /// Where a service stands in its life.
    public enum State: String, CaseIterable, Hashable, Sendable {
        /// Described, and not called yet.
        case draft
        case published
        /// Still called; callers are told to move on.
        case deprecated
        /// Not called any more.
        case retired
    }

    /// What stands behind a service.
    public enum Environment: String, CaseIterable, Hashable, Sendable {
        case production
        /// Invented data, to try things out.
        case sandbox
    }

    /// How sure the contract is: seen in a source, in a secondary one, general knowledge, or a contract of our own.
    public enum Source: String, CaseIterable, Hashable, Sendable {
        case seen = "S"
        case secondary = "S2"
        case known = "K"
        case own
    }

    /// The agency that answers for the service.
    public var owner: AgencyCode?
    public var state: State
    /// The last day on which a deprecated service is called; `nil` while there is none.
    public var until: CivilDate?
    /// The service to be called instead.
    public var successor: String?
    public var environment: Environment
    /// Whether an operator must approve each system that wants to call it.
    public var needsApproval: Bool
    public var source: Source?
    /// How often one system may call it; `nil` for as often as it likes.
    public var limits: CallLimits?

    public init(
        owner: AgencyCode? = nil, state: State = .published, until: CivilDate? = nil, successor: String? = nil,
        environment: Environment = .production, needsApproval: Bool = false, source: Source? = nil,
        limits: CallLimits? = nil
    ) {
        self.owner = owner
        self.state = state
        self.until = until
        self.successor = successor
        self.environment = environment
        self.needsApproval = needsApproval
        self.source = source
        self.limits = limits
    }

    /// Where the service stands on a day: a deprecated one whose last day is over is retired.
    public func state(on day: CivilDate) -> State {
        if self.state == .deprecated, let until = self.until, until < day { return .retired }
        return self.state
    }
}

/// How often a client may call.
public struct CallLimits: Hashable, Sendable {
    /// Calls a second, on the average; from 1.
    public let rate: Int
    /// Calls at once after a pause; at least one.
    public let burst: Int
    /// Calls between two midnights of Viet Nam; `nil` for any number.
    public let perDay: Int?

    public init(rate: Int, burst: Int? = nil, perDay: Int? = nil) {
        self.rate = rate
        self.burst = burst ?? rate
        self.perDay = perDay
    }
}

/// What the hub calls to have a service answered.
public enum ServiceCall: Hashable, Sendable {
    /// A request to the national gateway (DOMAIN 4).
    case gateway(path: String, method: Method, query: [QueryParameter])
    /// A SOAP 1.1 service behind the national gateway, posted with this `SOAPAction`.
    case soap(path: String, action: String)
    /// A system of the province, at an endpoint that the deployment knows by this name.
    case http(endpoint: String, path: String, method: Method, query: [QueryParameter])
    /// A service of the dossier portal by its name in the packets, such as `TraCuuHoSo` (DOMAIN 3.1).
    case dossierPortal(service: String)

    /// What REST services are called with. A `GET` has no body, its request travels in the query.
    public enum Method: String, CaseIterable, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
    }
}

/// One parameter of a query, with its value taken from the request.
public struct QueryParameter: Hashable, Sendable {
    public let name: String
    /// A JSON Pointer (RFC 6901) into the request.
    public let pointer: String

    public init(name: String, pointer: String) {
        self.name = name
        self.pointer = pointer
    }
}
