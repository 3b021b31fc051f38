public import HubEnvelope
public import HubModel

/// Which month is to be dropped from a journal, and who says so.
public struct DropTerms: Sendable {
    /// The first one that is in the journal.
    public var month: CivilMonth
    /// The file of its archive.
    public var archive: String
    /// The hub's public keys; it may have had several one after the other.
    public var keys: [PublicKey]
    /// How long the hub recognises a repeat; for ever when it is `nil`, and then nothing is dropped.
    public var identities: Duration?
    /// Both stand in the chain for ever.
    public var actor: String
    public var reason: String

    public init(
        month: CivilMonth, archive: String, keys: [PublicKey], identities: Duration?, actor: String,
        reason: String
    ) {
        self.month = month
        self.archive = archive
        self.keys = keys
        self.identities = identities
        self.actor = actor
        self.reason = reason
    }
}

/// What came of it.
public enum DropOutcome: Sendable, Hashable {
    case dropped(DropReport)
    case refused(DropRefusal)
}

/// What went.
public struct DropReport: Sendable, Hashable {
    public let month: DroppedMonth
    /// Whether it had been dropped before, and at most something was left to do.
    public internal(set) var isRepeated = false
    /// The first block that is in the journal now.
    public var firstBlock: Int64 { self.month.lastBlock + 1 }
    /// The sequence number of the record that says so; `nil` when an earlier run had written it.
    public internal(set) var record: Int64?
    public internal(set) var segments = 0
    /// Of these segments.
    public internal(set) var bytes = 0
    /// Payloads removed from the spool.
    public internal(set) var files = 0
    public internal(set) var messages = 0
    /// Messages that outlive the month, since a delivery of theirs has not ended.
    public internal(set) var carried = 0
}

/// Why nothing was dropped.
public enum DropRefusal: Sendable, Hashable {
    /// The journal begins with another month, which must go first; `nil` when it has none.
    case notFirst(CivilMonth?)
    /// No later segment with a block exists yet.
    case notOver
    /// The archive is of another month.
    case otherMonth(CivilMonth)
    /// The file is not an archive that verifies.
    case notSound([String])
    /// The file, or its folder, cannot be read or written: which, and what the system says.
    case unavailable(String)
    /// It verifies, and holds other blocks than would be dropped.
    case otherBlocks(String)
    /// The archive is in the journal's own folder.
    case inside
    /// Timestamps over blocks of the month came after the archive was made.
    case laterTimestamps([Int64])
    /// Nothing says for how long repeats must be recognised.
    case identitiesForEver
    /// The senders' repeats of some messages must still be recognised until then.
    case identities(until: Timestamp)
    /// Messages have not ended, and cannot outlive the month: how many, and the first of their deliveries. They are more than
    /// are carried, or begun anew after their payload was decided to go.
    case unfinished(Int, [UnfinishedDelivery])
}

/// A delivery that has not ended, and keeps its month in the journal.
public struct UnfinishedDelivery: Sendable, Hashable {
    public let id: DeliveryID
    public let destination: String
}
