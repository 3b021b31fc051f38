internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// Brings the projection up to date, block by block.
///
/// Belongs to the writer's thread.
struct ProjectionWriter {
    private let projection: Projection
    /// Names that have a row; filled as they are met.
    private var destinations: [DestinationID: Int64] = [:]

    init(_ projection: Projection) {
        self.projection = projection
    }

    /// A block on its way into the projection.
    struct Block {
        let chain: Chain
        let location: BlockLocation
        let firstSequence: Int64
        let records: [Record]
    }

    /// Shared, since a copy of a message is a copy of all its texts.
    final class Record: Sendable {
        let record: JournalRecord
        let bytes: [UInt8]
        /// Whether the payload stands in the spool.
        let isSpooled: Bool
        /// By what an accepted message is recognised; taken out once, since even a look at it is a copy.
        let subject: Subject?

        init(record: JournalRecord, bytes: [UInt8], isSpooled: Bool) {
            self.record = record
            self.bytes = bytes
            self.isSpooled = isSpooled
            if case .accepted(let message) = record { self.subject = Subject(message) } else { self.subject = nil }
        }
    }

    struct Subject: Sendable {
        let identity: IdentityKey
        let id: MessageID
        let digest: Digest

        init(_ message: AcceptedMessage) {
            self.identity = IdentityKey(message)
            self.id = message.id
            self.digest = message.digest
        }
    }

    /// Applies blocks in one transaction.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    mutating func apply(_ blocks: [Block]) throws(HubError) {
        guard let last = blocks.last else { return }
        var destinations = self.destinations
        try Projection.converting(self.projection.path) {
            try self.projection.pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    var application = try ProjectionApplication(database: database, destinations: destinations)
                    for block in blocks { try application.apply(block) }
                    try application.finish(last)
                    destinations = application.destinations
                    return .commit
                }
            }
        }
        self.destinations = destinations
    }
}

/// Records as they are kept in the database.
enum ProjectionRecord {
    static func message(_ bytes: Data) throws(HubError) -> AcceptedMessage {
        guard case .accepted(let message) = try Self.record(bytes) else { throw Self.unexpected }
        return message
    }

    static func event(_ bytes: Data) throws(HubError) -> DeliveryEvent {
        guard case .delivery(let event) = try Self.record(bytes) else { throw Self.unexpected }
        return event
    }

    static func refusal(_ bytes: Data) throws(HubError) -> Refusal {
        guard case .refused(let refusal) = try Self.record(bytes) else { throw Self.unexpected }
        return refusal
    }

    static func operation(_ bytes: Data) throws(HubError) -> HubCore.Operation {
        guard case .operation(let operation) = try Self.record(bytes) else { throw Self.unexpected }
        return operation
    }

    private static func record(_ bytes: Data) throws(HubError) -> JournalRecord {
        do throws(HubError) {
            return try JournalRecord(bytes: Array(bytes))
        } catch {
            throw HubError.projectionDamaged(
                "A record in the projection is unreadable. Stop the hub and rebuild the projection.",
                cause: error
            )
        }
    }

    private static var unexpected: HubError {
        HubError.projectionDamaged(
            "A record in the projection is of another kind than its table. Stop the hub and rebuild the projection."
        )
    }
}

/// The key of an identity: bytes, since two texts that look the same may be different identities.
struct IdentityKey: Hashable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ message: AcceptedMessage) {
        self.init(message.sender, message.identity)
    }

    init(_ sender: SystemID, _ identity: String) {
        let sender = sender.description.utf8
        let identity = identity.utf8
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sender.count + 1 + identity.count)
        bytes.append(contentsOf: sender)
        // No name of a system holds it, so the two parts cannot run together.
        bytes.append(0)
        bytes.append(contentsOf: identity)
        self.bytes = bytes
    }

    // An array is hashed byte by byte.
    func hash(into hasher: inout Hasher) {
        self.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
