public import HubModel

/// What a check of the whole chain found.
public struct JournalAudit: Sendable, Hashable {
    /// Something that is not as it was written.
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// What it is about, so that a program can tell what helps.
        public enum Kind: String, Sendable, Hashable {
            case segmentMissing = "segment-missing"
            /// The segment is of a format that this version does not know.
            case format
            /// A block, its place in the chain, or a record in it.
            case block
            case signature
            case keyUnknown = "key-unknown"
            case payloadMissing = "payload-missing"
            case payloadChanged = "payload-changed"
            case receipt
            /// What says where the journal begins, from which months were dropped.
            case base
            /// Something in an archive that is not in a journal.
            case archive
        }

        public let kind: Kind
        /// File name of the segment, or of what else in an archive it is about; `receipt` for one that was given.
        public let segment: String
        /// Of the block in its segment.
        public let offset: Int
        /// The sequence number of the record that does not fit; `nil` when it is the block, or when nobody can say.
        public let record: Int64?
        /// The message that the record is about; `nil` when it is about none, or cannot be read.
        public let message: MessageID?
        /// What is wrong, in English.
        public let what: String
        /// The number of the block; of one that cannot be read, the number that comes next in the chain.
        public let block: Int64?
        /// The sequence numbers of records that are not there any more, because their blocks are not.
        public let lost: Range<Int64>?
        /// Where the payload of the record stands below the journal's folder, when it is not in the block.
        public let file: String?

        init(
            _ kind: Kind = .archive, segment: String, offset: Int, record: Int64? = nil, message: MessageID? = nil,
            block: Int64? = nil, lost: Range<Int64>? = nil, file: String? = nil, what: String
        ) {
            self.kind = kind
            self.block = block
            self.lost = lost
            self.file = file
            self.segment = segment
            self.offset = offset
            self.record = record
            self.message = message
            self.what = what
        }

        public var description: String {
            var place = "\(self.segment) at \(self.offset)"
            if let record = self.record { place += ", record \(record)" }
            if let message = self.message { place += " (message \(message))" }
            return "\(place): \(self.what)"
        }
    }

    public internal(set) var hub = ""
    public internal(set) var segments = 0
    public internal(set) var blocks = 0
    public internal(set) var records = 0
    public internal(set) var payloadBytes = 0
    /// Messages whose payload was removed by policy, as a record in the chain says.
    public internal(set) var forgotten = 0
    /// Of the first block; what the one before has is `previousDigest`.
    public internal(set) var firstBlock: Int64 = 0
    /// Digest of the header before the first block; zero for block 0.
    public internal(set) var previousDigest = Digest.zero
    /// Digest of the last header that was read: whoever keeps it can later tell that nothing was cut off.
    public internal(set) var lastDigest = Digest.zero
    /// Of the last block that was read; -1 when there is none.
    public internal(set) var lastBlock: Int64 = -1
    /// How many records came before the end of the last block that was read.
    public internal(set) var nextSequence: Int64 = 0
    /// Bytes behind the last block that are not a block, nor the head of a segment: it is being written now, or a
    /// crash cut it off.
    public internal(set) var tornBytes = 0
    /// Keys that a record of the chain announced, signed with a key before; blocks behind it may be signed with them.
    public internal(set) var followed: [Digest] = []
    /// Receipts that name a block of this chain.
    public internal(set) var receipts = 0
    /// Months that were dropped before the first block, as the base says, which the hub signed.
    public internal(set) var dropped: [DroppedMonth] = []
    /// In the order of the chain; payloads that are missing, and what is wrong with receipts, come last.
    public internal(set) var faults: [Fault] = []
}
