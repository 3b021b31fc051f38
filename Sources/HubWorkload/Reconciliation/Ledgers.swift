public import HubModel

/// What one system handed in, and what it was told: a `submit` line of its ledger with the `answered` line for it.
public struct Submission: Sendable, Hashable {
    /// How the answer read.
    public struct Answer: Sendable, Hashable {
        public var at: Timestamp
        public var accepted: Bool
        /// The hub's id, for an accepted message.
        public var id: String?
        /// The code of the refusal.
        public var code: String?

        public init(at: Timestamp, accepted: Bool, id: String? = nil, code: String? = nil) {
            self.at = at
            self.accepted = accepted
            self.id = id
            self.code = code
        }
    }

    /// The system whose ledger this is from.
    public var sender: String
    /// The sender's own name for it, unique in its ledger.
    public var key: String
    public var label: String
    public var type: String
    /// SHA-256 of the bytes as they were sent, in hexadecimal.
    public var digest: String
    /// Digests of the records in it, for platforms that register records and not packets.
    public var records: [String]
    /// What belongs together and must arrive in order: the id of the document or dossier.
    public var order: String
    /// Agencies or, for what goes to one platform, its destination such as `national:dossier`.
    public var recipients: [String]
    public var at: Timestamp
    /// `nil` when the sender never learnt what became of it.
    public var answer: Answer?

    public init(
        sender: String, key: String, label: String = "", type: String, digest: String, records: [String] = [],
        order: String = "", recipients: [String], at: Timestamp, answer: Answer? = nil
    ) {
        self.sender = sender
        self.key = key
        self.label = label
        self.type = type
        self.digest = digest
        self.records = records
        self.order = order
        self.recipients = recipients
        self.at = at
        self.answer = answer
    }
}

/// What a receiver wrote down when something arrived.
public struct Arrival: Sendable, Hashable {
    /// The ledger this is from: a system, or the platform for what the national platform and its ministries got.
    public var receiver: String
    /// The agency it came to, where the receiver has several.
    public var to: String?
    /// The id under which it came, where it carries one.
    public var message: String?
    public var delivery: String?
    public var type: String
    public var digest: String
    /// The agency it is from, the document or dossier it is about, and the status it tells, where it has them.
    public var from: String?
    public var about: String?
    public var status: String?
    /// The receiver recognised it as a repeat and did nothing with it.
    public var isRepeat: Bool
    public var at: Timestamp

    public init(
        receiver: String, to: String? = nil, message: String? = nil, delivery: String? = nil,
        type: String = "",
        digest: String, from: String? = nil, about: String? = nil, status: String? = nil,
        isRepeat: Bool = false,
        at: Timestamp
    ) {
        self.receiver = receiver
        self.to = to
        self.message = message
        self.delivery = delivery
        self.type = type
        self.digest = digest
        self.from = from
        self.about = about
        self.status = status
        self.isRepeat = isRepeat
        self.at = at
    }
}

/// A message as a hub's ledger has it.
public struct HubMessage: Sendable, Hashable {
    /// One receiver of it.
    public struct Delivery: Sendable, Hashable {
        public var ordinal: Int
        /// `mailbox:SYSTEM`, `push:SYSTEM`, `national:SERVICE`.
        public var destination: String
        public var recipient: String
        public var type: String
        public var phase: Phase
        public var code: String?

        public init(
            ordinal: Int, destination: String, recipient: String, type: String, phase: Phase,
            code: String? = nil
        ) {
            self.ordinal = ordinal
            self.destination = destination
            self.recipient = recipient
            self.type = type
            self.phase = phase
            self.code = code
        }
    }

    /// Where a delivery stands.
    public enum Phase: String, Sendable, Hashable {
        case pending
        case delivered
        case deadLettered = "dead-lettered"
    }

    public var hub: String
    public var id: String
    public var sender: String
    public var type: String
    public var identity: String
    public var digest: String
    public var deliveries: [Delivery]

    public init(
        hub: String, id: String, sender: String, type: String, identity: String = "", digest: String,
        deliveries: [Delivery]
    ) {
        self.hub = hub
        self.id = id
        self.sender = sender
        self.type = type
        self.identity = identity
        self.digest = digest
        self.deliveries = deliveries
    }
}

/// A refusal as a hub's ledger has it.
public struct HubRefusal: Sendable, Hashable {
    public var hub: String
    /// Empty when the sender could not be told.
    public var sender: String
    public var code: String
    public var digest: String?

    public init(hub: String, sender: String, code: String, digest: String? = nil) {
        self.hub = hub
        self.sender = sender
        self.code = code
        self.digest = digest
    }
}

/// Everything that senders, hubs and receivers wrote down, each for itself.
///
/// The order inside `submissions` of one sender and inside `arrivals` of one receiver is that of its ledger.
public struct Ledgers: Sendable {
    public var submissions: [Submission] = []
    public var arrivals: [Arrival] = []
    public var messages: [HubMessage] = []
    public var refusals: [HubRefusal] = []
    /// The agencies whose messages arrive in the ledger of a system.
    ///
    /// All others are the national platform's.
    public var agencies: [String: [AgencyCode]] = [:]
    /// Digests that the national platform still holds for someone.
    public var heldByNational: Set<String> = []
    /// Look-ups: how many were asked, and how many were answered.
    public var lookupsAsked = 0
    public var lookupsAnswered = 0
    /// Digests of look-up requests, which hubs list among their messages though nobody waits for their arrival.
    public var lookupDigests: Set<String> = []

    public init() {}

    /// The name of the ledger in which what is sent to the national platform and to ministries arrives.
    public static let national = "national"
}
