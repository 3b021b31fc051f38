public import HubModel

/// One thing that happened and is never forgotten: a leaf of the evidence chain.
public enum JournalRecord: Sendable, Hashable {
    /// A message was taken on. Its payload stands beside the record; the record holds its digest.
    case accepted(AcceptedMessage)
    /// Something was refused.
    case refused(Refusal)
    /// A delivery was tried, or ended.
    case delivery(DeliveryEvent)
    /// A synchronous request was answered.
    case lookup(Lookup)
    /// An operator changed what the hub does.
    case operation(Operation)
}

/// A message as it was accepted, without its payload.
public struct AcceptedMessage: Sendable, Hashable {
    public let id: MessageID
    public let receivedAt: Timestamp
    public let sender: SystemID
    /// The sending agency as the message names it.
    public let agency: String
    public let type: MessageType
    /// Two messages of one sender with the same identity are one message. At most 1024 bytes.
    public let identity: String
    /// SHA-256 of the payload.
    public let digest: Digest
    /// Bytes of the payload.
    public let size: Int
    public let contentType: String
    /// Messages with the same key reach a receiver one after the other, in the order of their acceptance; the order of
    /// two that were handed in at the same time is open.
    public let orderKey: String
    /// 0 … 4 as in edXML (DOMAIN 1.7).
    public let priority: UInt8
    /// What the sender gave to tie messages together; empty when it gave nothing.
    public let correlation: String
    public let signature: SignatureNote
    /// Codes of the warnings that the sender was told.
    public let warnings: [String]
    public let deliveries: [PlannedDelivery]
    /// What it says about the course of a document or dossier; `nil` for types without such a thing.
    public let course: CourseNote?

    public init(
        id: MessageID, receivedAt: Timestamp, sender: SystemID, agency: String, type: MessageType, identity: String,
        digest: Digest, size: Int, contentType: String, orderKey: String, priority: UInt8, correlation: String,
        signature: SignatureNote, warnings: [String], deliveries: [PlannedDelivery], course: CourseNote? = nil
    ) {
        self.course = course
        self.id = id
        self.receivedAt = receivedAt
        self.sender = sender
        self.agency = agency
        self.type = type
        self.identity = identity
        self.digest = digest
        self.size = size
        self.contentType = contentType
        self.orderKey = orderKey
        self.priority = priority
        self.correlation = correlation
        self.signature = signature
        self.warnings = warnings
        self.deliveries = deliveries
    }
}

/// What was found out about the signature of a message, kept for ever.
public struct SignatureNote: Sendable, Hashable {
    /// `valid`, `invalid`, `not-verifiable` or `absent`.
    public let verdict: String
    /// Empty when there is none.
    public let algorithm: String
    /// Fingerprint of the key that verified it.
    public let key: Digest?
    /// A detached signature as it came, to go on to the receivers with the payload; empty when the signature is
    /// inside the payload or absent.
    public let detached: String

    public init(verdict: String, algorithm: String = "", key: Digest? = nil, detached: String = "") {
        self.verdict = verdict
        self.algorithm = algorithm
        self.key = key
        self.detached = detached
    }
}

/// One receiver of a message.
public struct PlannedDelivery: Sendable, Hashable {
    public let destination: DestinationID
    /// The receiving agency as the message names it, or the receiving system for a subscription.
    public let recipient: String
    /// The mapping that makes the delivered form, `SYSTEM/NAME`; empty when the payload goes as it came.
    public let mapping: String
    /// The type of what is delivered; differs from the message's when it is mapped.
    public let type: MessageType

    public init(destination: DestinationID, recipient: String, mapping: String = "", type: MessageType) {
        self.destination = destination
        self.recipient = recipient
        self.mapping = mapping
        self.type = type
    }

    /// The same, sent elsewhere.
    public func at(_ destination: DestinationID) -> PlannedDelivery {
        PlannedDelivery(destination: destination, recipient: self.recipient, mapping: self.mapping, type: self.type)
    }
}

/// Something that was not accepted, and why.
public struct Refusal: Sendable, Hashable {
    public let at: Timestamp
    /// Who sent it, as far as that was known; empty when nobody was recognised.
    public let sender: String
    /// Its message type, as far as that was known.
    public let type: String
    /// SHA-256 of what came; all zero when it was not read to its end.
    public let digest: Digest
    public let size: Int
    public let code: ErrorCode
    /// Where in the input, as `line:column path`; empty when it does not apply.
    public let place: String

    public init(
        at: Timestamp, sender: String, type: String, digest: Digest, size: Int, code: ErrorCode, place: String
    ) {
        self.at = at
        self.sender = sender
        self.type = type
        self.digest = digest
        self.size = size
        self.code = code
        self.place = place
    }
}

/// What became of one attempt to deliver.
public struct DeliveryEvent: Sendable, Hashable {
    /// Written to the journal, so raw values never change.
    public enum Kind: UInt8, Sendable, Hashable {
        /// The receiver has it. Final.
        case delivered = 1
        /// It failed for now and is tried again.
        case postponed = 2
        /// It was refused for good, or became too old. Final, unless an operator sends it again.
        case deadLettered = 3
        /// An operator sends it again: pending as on the first day, and its age counts from here.
        case redriven = 4
        /// An operator sends it to another destination, which stands in `answer`: pending there, as after `redriven`.
        case redirected = 5
    }

    public let delivery: DeliveryID
    public let at: Timestamp
    public let kind: Kind
    /// From 1.
    public let attempt: Int
    /// Why it failed; `nil` for a delivered one.
    public let code: ErrorCode?
    /// When it is tried again; `nil` unless postponed.
    public let notBefore: Timestamp?
    /// What the receiver answered, in short: its own id for the message, or its error text. At most 200 characters.
    public let answer: String

    public init(
        delivery: DeliveryID, at: Timestamp, kind: Kind, attempt: Int, code: ErrorCode? = nil,
        notBefore: Timestamp? = nil, answer: String = ""
    ) {
        self.delivery = delivery
        self.at = at
        self.kind = kind
        self.attempt = attempt
        self.code = code
        self.notBefore = notBefore
        self.answer = answer.prefix(bytes: 200)
    }
}

/// A synchronous request and its answer, journaled as a pair of digests.
public struct Lookup: Sendable, Hashable {
    public let id: MessageID
    public let at: Timestamp
    public let sender: SystemID
    public let agency: String
    /// Such as `dan-cu/xac-thuc/1`.
    public let service: String
    public let request: Digest
    /// All zero when there was no reply.
    public let reply: Digest
    public let took: Duration
    /// `nil` when it succeeded.
    public let code: ErrorCode?

    public init(
        id: MessageID, at: Timestamp, sender: SystemID, agency: String, service: String, request: Digest,
        reply: Digest, took: Duration, code: ErrorCode?
    ) {
        self.id = id
        self.at = at
        self.sender = sender
        self.agency = agency
        self.service = service
        self.request = request
        self.reply = reply
        self.took = took
        self.code = code
    }
}

/// What an operator did, or the hub on its own account (`start`, `stop`).
public struct Operation: Sendable, Hashable {
    public let at: Timestamp
    public let actor: String
    /// `start`, `stop`, `redrive`, `payload.forget`, …
    public let action: String
    public let subject: String
    public let reason: String

    public init(at: Timestamp, actor: String, action: String, subject: String, reason: String) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.reason = reason
    }
}
