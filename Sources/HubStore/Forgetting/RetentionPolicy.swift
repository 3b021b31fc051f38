public import HubEnvelope
public import HubModel

/// How long a journal keeps what it may do without.
public struct RetentionPolicy: Sendable, Hashable {
    /// Payloads of every type that is not in `payloadsByType`; for ever when it is `nil`.
    public var payloads: Duration?
    public var payloadsByType: [MessageType: Duration] = [:]
    /// Under which identities messages were accepted; for ever when it is `nil`.
    public var identities: Duration?
    /// Months as a whole, with the proof of what was accepted in them; for ever when it is `nil`.
    public var records: RecordPolicy?
    /// Stands in the chain for ever.
    public var actor = "hub"

    public init() {}

    public var keepsEverything: Bool {
        self.payloads == nil && self.payloadsByType.isEmpty && self.identities == nil
            && self.records == nil
    }
}

/// How long months stay in the journal, and where their archives go first.
public struct RecordPolicy: Sendable, Hashable {
    /// From the end of a month.
    public var period: Duration
    /// The folder of the archives.
    public var archives: String
    /// The hub's public keys; it may have had several one after the other.
    public var keys: [PublicKey]

    public init(period: Duration, archives: String, keys: [PublicKey] = []) {
        self.period = period
        self.archives = archives
        self.keys = keys
    }
}

/// What one run removed.
public struct RetentionReport: Sendable, Hashable {
    /// Messages whose payload was decided to go.
    public internal(set) var payloads = 0
    /// Of these payloads.
    public internal(set) var bytes = 0
    /// Messages that are old enough and keep their payload, since a delivery of theirs has not ended.
    public internal(set) var unfinished = 0
    /// Messages whose identity was forgotten.
    public internal(set) var identities = 0
    /// The sequence numbers of the records that say so.
    public internal(set) var records: [Int64] = []
    /// Segments that were written anew.
    public internal(set) var segments = 0
    /// Files that were removed from the spool.
    public internal(set) var files = 0
    /// Segments that could not be written anew: what was decided to go from them is there until a later run.
    public internal(set) var failures: [Failure] = []

    /// Months that were archived and dropped, the oldest first.
    public internal(set) var months: [DropReport] = []
    /// The month that is old enough and stays, and keeps those behind it.
    public internal(set) var refusal: RefusedMonth?

    /// Why a month was left where it is.
    public struct RefusedMonth: Sendable, Hashable {
        public let month: CivilMonth
        /// The file of its archive.
        public let archive: String
        public let reason: DropRefusal
    }

    /// Why a segment was left as it was.
    public struct Failure: Sendable, Hashable {
        /// Its file.
        public let segment: String
        public let code: ErrorCode
        public let summary: String
        public let details: [ErrorDetail]
    }
}

/// How far the runs before have come, so that the next one looks only at what is new.
///
/// Nothing that must outlive the process: the first run after a start finds it out from the database.
public struct RetentionMemory: Sendable {
    var policy: RetentionPolicy?
    var walks: [RetentionWalk] = []
    /// Every removal that was decided.
    var cover = RemovalCover()
    /// Hold payloads that were decided to go.
    var segments: Set<Int> = []
    /// Those among them that were written anew and kept payloads of messages that were being delivered again.
    var spared: [Int: Set<Int64>] = [:]
    /// Payloads in the spool that some message referred to.
    var digests: Set<Digest> = []
    /// The first message whose identity is still known.
    var firstIdentity: Int64 = 0

    public init() {}

    /// Lets go of segments that were dropped.
    mutating func forget(before first: Int) {
        self.segments = self.segments.filter { $0 >= first }
        self.spared = self.spared.filter { $0.key >= first }
    }
}
