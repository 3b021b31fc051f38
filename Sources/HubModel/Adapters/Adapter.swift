/// What the hub knows about one system: what it sends and receives, and how.
///
/// Read from `adapters/<system>/adapter.yaml`. Addresses and secrets are not part of it; they belong to the deployment.
public struct Adapter: Hashable, Sendable {
    public let system: SystemID
    public let title: Bilingual
    public let kind: SystemKind
    /// The agencies on whose behalf the system sends, and for which it receives.
    public let agencies: [AgencyCode]
    public let speaks: Dialect
    public let sends: [SendRule]
    public let receives: [ReceiveRule]
    public let subscribes: [SubscribeRule]
    /// Names of services that the system may call.
    public let uses: [String]
    /// Services that the system answers.
    public let provides: [ProvidedService]
    /// Processes over several services that a message to this system starts.
    public let orchestrates: [ProcessRule]
    /// How often the system may hand in messages and call services, all together; `nil` for as often as it likes.
    public let limits: CallLimits?

    /// The language between a system and the hub.
    public enum Dialect: String, CaseIterable, Hashable, Sendable {
        /// The hub's own exchange API.
        case exchange
        /// The document axis (DOMAIN 1.6).
        case axis
        /// The national platform: the axis and the dossier portal, spoken by the hub as their client.
        case national
        /// Services behind the gateway of the national platform, called by the hub on behalf of the province's systems.
        case gateway
        /// Nobody: the hub itself, which runs the processes that the adapter declares.
        case process

        /// Whether there is a system that signs in at the hub, with a secret, keys and agencies of its own.
        public var hasAccount: Bool {
            switch self {
            case .exchange, .axis: true
            case .national, .gateway, .process: false
            }
        }
    }

    public init(
        system: SystemID, title: Bilingual, kind: SystemKind, agencies: [AgencyCode], speaks: Dialect,
        sends: [SendRule] = [], receives: [ReceiveRule] = [], subscribes: [SubscribeRule] = [],
        uses: [String] = [],
        provides: [ProvidedService] = [], orchestrates: [ProcessRule] = [], limits: CallLimits? = nil
    ) {
        self.system = system
        self.title = title
        self.kind = kind
        self.agencies = agencies
        self.speaks = speaks
        self.sends = sends
        self.receives = receives
        self.subscribes = subscribes
        self.uses = uses
        self.provides = provides
        self.orchestrates = orchestrates
        self.limits = limits
    }

    /// The rule for sending `type`, or `nil` when the system may not send it.
    public func sendRule(for type: MessageType) -> SendRule? {
        self.sends.first { $0.message == type }
    }

    /// The rule for receiving `type`, or `nil` when the system does not take it.
    public func receiveRule(for type: MessageType) -> ReceiveRule? {
        self.receives.first { $0.message == type }
    }
}

/// What a system is for. Shown to people; nothing is decided by it.
public enum SystemKind: String, CaseIterable, Hashable, Sendable {
    case documentManagement = "document-management"
    case oneStop = "one-stop"
    case operationsCentre = "operations-centre"
    case nationalPlatform = "national"
    case civilStatus = "civil-status"
    case criminalRecord = "criminal-record"
    case socialInsurance = "social-insurance"
    case enterpriseRegistry = "enterprise-registry"
    case population
    case sharedCatalogues = "shared-catalogue"
    case post
    case payment
    case budgetUnits = "budget-unit"
    case officials
    case land
    case reporting
    case orchestration
}

/// A type of message that a system sends.
public struct SendRule: Hashable, Sendable {
    public let message: MessageType
    public let signature: SignaturePolicy
    /// Names of fields of the type's form; two messages of one sender whose fields are equal are one message.
    ///
    /// `[SendRule.content]` alone means the digest of the payload.
    public let identity: [String]
    /// The field whose value keeps messages in order, or `nil` when order does not matter.
    public let orderBy: String?

    /// Whether messages must come encrypted for the hub, and go on encrypted for each receiver.
    public let isConfidential: Bool
    /// Whether messages are refused while no timestamp authority vouches for the hub's time.
    public let needsTimestamp: Bool
    public let profile: ReadingProfile
    /// Who may be addressed; nobody unless it is said.
    public let receivers: ReceiverScope

    /// Stands in `identity` for the digest of the whole payload.
    public static let content = "content"

    /// Whether two messages are one only when all their bytes are equal.
    public var identifiesByContent: Bool { self.identity == [Self.content] }

    public init(
        message: MessageType, signature: SignaturePolicy = .required,
        identity: [String] = [Self.content], orderBy: String? = nil, isConfidential: Bool = false,
        needsTimestamp: Bool = false, profile: ReadingProfile = .strict, receivers: ReceiverScope = .nobody
    ) {
        self.profile = profile
        self.receivers = receivers
        self.isConfidential = isConfidential
        self.needsTimestamp = needsTimestamp
        self.message = message
        self.signature = signature
        self.identity = identity
        self.orderBy = orderBy
    }
}

/// Which agencies a system may address with messages of a type.
public enum ReceiverScope: Hashable, Sendable {
    /// Every agency of the directory.
    case all
    /// These, each with all below it.
    case within([AgencyCode])

    public static let nobody = Self.within([])

    public func contains(_ agency: AgencyCode) -> Bool {
        switch self {
        case .all: true
        case .within(let agencies): agencies.contains { agency.isWithin($0) }
        }
    }
}

/// How strictly a payload is held to its schema (DESIGN 4).
public enum ReadingProfile: String, CaseIterable, Hashable, Sendable {
    /// What does not fit is refused.
    case strict
    /// Known deviations are mended for reading only and reported as warnings; receivers get the bytes as they came.
    case tolerant
}

/// What is asked of the signature of a message.
public enum SignaturePolicy: String, CaseIterable, Hashable, Sendable {
    /// It must be there and be valid.
    case required
    /// It must be there and be valid, but may be made with SHA-1, for software of the first years of edXML that an
    /// operator has vouched for. Such a message is marked for ever in its record.
    case legacy
    /// It may be absent; if it is there, it must be valid.
    case optional
    /// It is not looked at.
    case none
}

/// A type of message that a system receives.
public struct ReceiveRule: Hashable, Sendable {
    public let message: MessageType
    public let by: DeliveryRoad

    public init(message: MessageType, by: DeliveryRoad) {
        self.message = message
        self.by = by
    }
}

/// How a message reaches a system.
public enum DeliveryRoad: Hashable, Sendable {
    /// The system fetches it.
    case mailbox
    /// The hub posts it to `path` at an endpoint that the deployment knows by this name.
    case http(endpoint: String, path: String)
    /// The hub hands it to a transport that was built in or added, which knows what `path` means at the endpoint.
    case transport(name: String, endpoint: String, path: String)

    /// The endpoint that the deployment must have an address for; `nil` for a mailbox.
    public var endpoint: String? {
        switch self {
        case .mailbox: nil
        case .http(let endpoint, _), .transport(_, let endpoint, _): endpoint
        }
    }
}

/// A process that a message starts (docs/processes.md).
public struct ProcessRule: Hashable, Sendable {
    public let message: MessageType
    /// The file of the process, relative to the adapter's folder.
    public let process: String

    public init(message: MessageType, process: String) {
        self.message = message
        self.process = process
    }
}

/// A copy of what passes through the hub, in another form, for a system that is not among the receivers.
public struct SubscribeRule: Hashable, Sendable {
    /// What is watched.
    public let message: MessageType
    /// What is delivered; the payload that was watched never is.
    public let target: MessageType
    /// The mapping's file, relative to the adapter's folder.
    public let mapping: String
    public let by: DeliveryRoad
    /// Which messages of the type are meant; all of them without it.
    public let when: SubscriptionFilter?

    public init(
        message: MessageType, target: MessageType, mapping: String, by: DeliveryRoad,
        when: SubscriptionFilter? = nil
    ) {
        self.message = message
        self.target = target
        self.mapping = mapping
        self.by = by
        self.when = when
    }
}

/// Which messages of a type a subscription means, by one field of their form.
public struct SubscriptionFilter: Hashable, Sendable {
    public let field: String
    public let test: Test

    public enum Test: Hashable, Sendable {
        case equals(String)
        case differs(from: String)
    }

    public init(field: String, _ test: Test) {
        self.field = field
        self.test = test
    }

    /// - Parameter text: The field's text; an absent field has the empty one.
    public func holds(for text: String) -> Bool {
        switch self.test {
        case .equals(let expected): text == expected
        case .differs(let unwanted): text != unwanted
        }
    }
}
