public import HubModel

/// What the hub promises to disk.
///
/// Whatever `append` has answered for is synced: a crash at any later moment loses nothing of it. Everything else
/// here reads, and reads what was appended before.
public protocol Journal: Sendable {
    /// Writes one record, with its payload if it is an accepted message, and answers once both are on disk.
    ///
    /// An accepted message whose identity its sender has used before is not written again: the answer then names
    /// the first message. An identity is free again once all deliveries of its message were given up. Two callers that race with one identity get one commit and one repeat. The same holds for
    /// an id that exists.
    ///
    /// A caller that is cancelled does not take its record back.
    ///
    /// - Throws: `journal.overloaded` when too much waits to be written, `journal.closed` after shutdown,
    ///   `journal.unavailable` when the disk refuses. In each case nothing was accepted, and after
    ///   `journal.unavailable` nothing will be until the hub is started again.
    func append(_ record: JournalRecord, payload: [UInt8]?) async throws(HubError) -> AppendResult

    /// A place for a payload that is too large to be held, before it is known what it is.
    ///
    /// - Parameter count: Bytes that are announced; 0 when nobody knows.
    /// - Throws: `journal.overloaded` when there is no room for so many, and what keeps the journal from answering.
    func reception(of count: Int) async throws(HubError) -> any PayloadReception

    /// The same as `append` for an accepted message whose payload was taken by a `reception` of this journal.
    func append(_ message: AcceptedMessage, large payload: any LargePayload) async throws(HubError) -> AppendResult

    /// The payload of a message to be read piece by piece; all of it was held against its digest before.
    ///
    /// - Throws: `message.not_found`, `message.payload_forgotten`, `journal.damaged`, what keeps the journal from answering.
    func largePayload(of id: MessageID) async throws(HubError) -> any LargePayload

    /// Writes what became of several deliveries, and answers once all of it is on disk.
    ///
    /// - Throws: As `append`; a part may have been written then, and writing it again changes nothing.
    func record(_ outcomes: [DeliveryEvent]) async throws(HubError)

    /// A message and the state of its deliveries, or `nil` if there is none with this id.
    func message(_ id: MessageID) async throws(HubError) -> StoredMessage?

    /// The message that a sender was accepted with last under this identity, or `nil` if there is none.
    func message(from sender: SystemID, identity: String) async throws(HubError) -> AcceptedMessage?

    /// The bytes that were accepted, checked against their digest; of each message by itself.
    ///
    /// What is wrong with one is `message.not_found`, `message.payload_forgotten` or `journal.damaged`.
    ///
    /// - Throws: What keeps the journal from answering at all.
    func payloads(of ids: [MessageID]) async throws(HubError) -> [Result<[UInt8], HubError>]

    /// The receipt, made anew from the block that holds the message; equal to the one that was sent.
    /// - Throws: `message.not_found`, `journal.damaged`.
    func receipt(of id: MessageID) async throws(HubError) -> Receipt

    /// The receipts of every record about a message: of its acceptance first, then of the attempts to deliver it in
    /// the order in which they were written, and of the operation that removed its payload, if there was one.
    /// - Throws: `message.not_found`, `journal.damaged`.
    func receipts(of id: MessageID) async throws(HubError) -> [Receipt]

    /// The last block: its number and the digest of its header; `nil` before the first.
    func head() async throws(HubError) -> (number: Int64, digest: Digest)?

    /// The signed headers of the blocks from one number to another, both included; fewer when there are not so many.
    /// - Throws: `journal.damaged`.
    func headers(from first: Int64, through last: Int64) async throws(HubError) -> [[UInt8]]

    /// Every recorded attempt to deliver this message, oldest first.
    func attempts(of id: MessageID) async throws(HubError) -> [DeliveryEvent]

    /// Unfinished deliveries of one destination in the order of acceptance, beginning after `position`.
    func pending(
        for destination: DestinationID, after position: DeliveryPosition, limit: Int
    ) async throws(HubError) -> [PendingDelivery]

    /// Deliveries that are selected, in the order of acceptance, beginning after `position`.
    ///
    /// One answer may be shorter than `limit` and not the last: `next` says where to go on.
    func deliveries(
        _ selection: DeliverySelection, after position: DeliveryPosition, limit: Int
    ) async throws(HubError) -> DeliveryPage

    /// Where operators hold deliveries back: those of the destination from this position on are not started.
    func holds() async throws(HubError) -> [DestinationID: DeliveryPosition]

    /// The destinations that have unfinished deliveries, with how many.
    func pendingCounts() async throws(HubError) -> [DestinationID: Int]

    /// Messages, newest first, beginning before `id`.
    func messages(before id: MessageID?, limit: Int) async throws(HubError) -> [StoredMessage]

    /// What was said about a document or dossier, in the order of acceptance.
    func course(of matter: String) async throws(HubError) -> [CourseStep]

    /// The messages that began or changed a matter, newest first, beginning before record `sequence`.
    func openings(
        before sequence: Int64?, limit: Int
    ) async throws(HubError) -> [(sequence: Int64, message: StoredMessage)]

    /// Refusals, newest first, beginning before `sequence`.
    func refusals(before sequence: Int64?, limit: Int) async throws(HubError) -> [(sequence: Int64, refusal: Refusal)]

    /// Totals over the whole journal.
    func totals() async throws(HubError) -> JournalTotals

    /// Whether records are still being written, and why not.
    func health() async -> JournalHealth
}

extension Journal {
    /// The bytes that were accepted, checked against their digest.
    /// - Throws: `message.not_found`, `message.payload_forgotten`, `journal.damaged`, what keeps the journal from answering.
    public func payload(of id: MessageID) async throws(HubError) -> [UInt8] {
        guard let payload = try await self.payloads(of: [id]).first else {
            throw HubError(.internalFault, "The journal did not answer for a message.")
        }
        return try payload.get()
    }
}

/// For journals that keep everything in memory anyway, and those around another one.
extension Journal {
    public func reception(of count: Int) async throws(HubError) -> any PayloadReception { MemoryReception() }

    public func append(
        _ message: AcceptedMessage, large payload: any LargePayload
    ) async throws(HubError) -> AppendResult {
        try await self.append(.accepted(message), payload: try payload.read(payload.count, at: 0))
    }

    public func largePayload(of id: MessageID) async throws(HubError) -> any LargePayload {
        MemoryPayload(bytes: try await self.payload(of: id))
    }
}

/// Where a delivery stands in the order of acceptance.
///
/// The sequence number of its record and 12 bits for its place in the plan share 64 bits, so a journal ends with record
/// `lastSequence`: with 100,000 records a second that is after 700 years. A chain that says that it is longer is refused
/// when it is read, as damage.
public struct DeliveryPosition: Sendable, Hashable, Comparable {
    public let value: Int64

    public init(value: Int64) {
        self.value = value
    }

    /// - Parameters:
    ///   - sequence: Of the record that planned it, or one behind the last; a number that no record can have is taken for the
    ///     last that one can have.
    ///   - ordinal: Below `limit`.
    public init(sequence: Int64, ordinal: UInt16) {
        self.value = min(sequence, Self.lastSequence) << 12 | Int64(ordinal)
    }

    /// The largest sequence number that a record can have.
    public static let lastSequence = Int64.max >> 12

    /// One message may have this many deliveries.
    public static let limit = 4096

    public static let start = DeliveryPosition(value: -1)

    public static func < (left: DeliveryPosition, right: DeliveryPosition) -> Bool { left.value < right.value }
}

/// The answer to an append.
public enum AppendResult: Sendable {
    /// On disk, as record number `sequence` of the whole journal, counted from 0.
    case committed(Receipt, sequence: Int64)
    /// The sender has used this identity before.
    case repeated(first: MessageID, sameContent: Bool)
}

/// A message as the journal remembers it.
public struct StoredMessage: Sendable {
    public let message: AcceptedMessage
    /// In the order of the plan.
    public let deliveries: [DeliveryState]

    public init(message: AcceptedMessage, deliveries: [DeliveryState]) {
        self.message = message
        self.deliveries = deliveries
    }
}

/// How far one delivery has come.
public struct DeliveryState: Sendable, Hashable {
    public enum Phase: String, Sendable, Hashable {
        case pending
        case delivered
        case deadLettered = "dead-lettered"
    }

    public let plan: PlannedDelivery
    public let phase: Phase
    public let attempts: Int
    /// Of the last attempt; `nil` before the first.
    public let at: Timestamp?
    public let code: ErrorCode?
    public let answer: String

    public init(
        plan: PlannedDelivery, phase: Phase, attempts: Int, at: Timestamp?, code: ErrorCode?, answer: String
    ) {
        self.plan = plan
        self.phase = phase
        self.attempts = attempts
        self.at = at
        self.code = code
        self.answer = answer
    }
}

/// An unfinished delivery: all that is needed to plan it, without its payload.
public struct PendingDelivery: Sendable {
    public let id: DeliveryID
    public let position: DeliveryPosition
    public let plan: PlannedDelivery
    public let sender: SystemID
    public let agency: String
    public let type: MessageType
    public let digest: Digest
    public let size: Int
    public let contentType: String
    public let orderKey: String
    public let priority: UInt8
    public let correlation: String
    /// The detached signature that goes on with the payload; empty when there is none.
    public let detachedSignature: String
    public let acceptedAt: Timestamp
    public let attempts: Int
    /// Not to be tried before this; `nil` for at once.
    public let notBefore: Timestamp?
    /// From when its age counts: its acceptance, or when an operator sent it again.
    public let since: Timestamp
    /// When `notBefore` was decided, on the same clock.
    public let decidedAt: Timestamp

    public init(
        id: DeliveryID, position: DeliveryPosition, plan: PlannedDelivery, sender: SystemID, agency: String,
        type: MessageType, digest: Digest, size: Int, contentType: String, orderKey: String, priority: UInt8,
        correlation: String, detachedSignature: String, acceptedAt: Timestamp, attempts: Int, notBefore: Timestamp?,
        since: Timestamp? = nil, decidedAt: Timestamp? = nil
    ) {
        self.since = since ?? acceptedAt
        self.decidedAt = decidedAt ?? acceptedAt
        self.id = id
        self.position = position
        self.plan = plan
        self.sender = sender
        self.agency = agency
        self.type = type
        self.digest = digest
        self.size = size
        self.contentType = contentType
        self.orderKey = orderKey
        self.priority = priority
        self.correlation = correlation
        self.detachedSignature = detachedSignature
        self.acceptedAt = acceptedAt
        self.attempts = attempts
        self.notBefore = notBefore
    }

    /// The number of the attempt that comes next. A counter that is at its end stays there; it says how often, and decides
    /// nothing but the wait, which stopped growing long before.
    var nextAttempt: Int { self.attempts < .max ? self.attempts + 1 : .max }

    /// A delivery of a message that was just accepted as record `sequence`.
    public init(_ message: AcceptedMessage, ordinal: UInt16, sequence: Int64) {
        self.init(
            id: DeliveryID(message: message.id, ordinal: ordinal),
            position: DeliveryPosition(sequence: sequence, ordinal: ordinal),
            plan: message.deliveries[Int(ordinal)], sender: message.sender, agency: message.agency,
            type: message.type, digest: message.digest, size: message.size, contentType: message.contentType,
            orderKey: message.orderKey, priority: message.priority, correlation: message.correlation,
            detachedSignature: message.signature.detached, acceptedAt: message.receivedAt, attempts: 0,
            notBefore: message.scheduledFor
        )
    }

    /// The same after another attempt, at another destination, or sent again.
    public func after(
        attempts: Int, notBefore: Timestamp? = nil, at destination: DestinationID? = nil, since: Timestamp? = nil,
        decidedAt: Timestamp? = nil
    ) -> PendingDelivery {
        PendingDelivery(
            id: self.id, position: self.position, plan: destination.map(self.plan.at) ?? self.plan, sender: self.sender,
            agency: self.agency, type: self.type, digest: self.digest, size: self.size, contentType: self.contentType,
            orderKey: self.orderKey, priority: self.priority, correlation: self.correlation,
            detachedSignature: self.detachedSignature, acceptedAt: self.acceptedAt, attempts: attempts,
            notBefore: notBefore, since: since ?? self.since, decidedAt: decidedAt ?? self.decidedAt
        )
    }
}

/// Totals over the whole journal.
public struct JournalTotals: Sendable {
    public var messages = 0
    public var refusals: [ErrorCode: Int] = [:]
    public var pending = 0
    public var delivered = 0
    public var deadLettered = 0
    public var lookups = 0
    public var blocks: Int64 = 0
    public var records: Int64 = 0

    public init() {}
}

/// Whether the journal can take records.
public struct JournalHealth: Sendable {
    /// `nil` when all is well; otherwise what is wrong and what to do.
    public let fault: HubError?
    /// Records waiting for the writer.
    public let waiting: Int
    /// Bytes free on the disk that holds the segments.
    public let freeBytes: Int64

    public init(fault: HubError?, waiting: Int, freeBytes: Int64) {
        self.fault = fault
        self.waiting = waiting
        self.freeBytes = freeBytes
    }
}
