internal import HubCore
public import HubEnvelope
public import HubModel

/// An examination of a whole journal: segments, spool and projection.
///
/// Reads only, and may run beside a hub. Damage at one place hides nothing at another: everything is listed.
public struct JournalCheck: Sendable {
    /// What is to be examined, and against what.
    public struct Terms: Sendable {
        /// The journal's.
        public var folder: String
        /// The hub's public keys; it may have had several one after the other.
        public var keys: [PublicKey]
        /// Keys that count once a record announces them.
        public var announced: [PublicKey] = []
        /// The name that its blocks must bear; any, but one, when it is `nil`.
        public var hub: String?
        /// A folder with room for a second projection, with which every row is compared; without one, rows are not.
        public var scratch: String?

        public init(folder: String, keys: [PublicKey], hub: String? = nil) {
            self.folder = folder
            self.keys = keys
            self.hub = hub
        }
    }

    /// Something that is not as it should be, or that is good to know.
    public struct Finding: Sendable, Hashable {
        /// What it is about, so that a program can tell what helps.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            case segmentMissing = "segment-missing"
            case format
            case block
            case signature
            case keyUnknown = "key-unknown"
            case payloadMissing = "payload-missing"
            case payloadChanged = "payload-changed"
            /// What says where the journal begins, from which months were dropped.
            case base
            /// The projection knows blocks that the segments do not hold.
            case projectionAhead = "projection-ahead"
            case projectionDamaged = "projection-damaged"
            case projectionDiffers = "projection-differs"
            /// It could not be looked at, so nothing is known about it.
            case projectionUnreadable = "projection-unreadable"
            // From here on nothing is damaged.
            case projectionMissing = "projection-missing"
            case projectionBehind = "projection-behind"
            case projectionVersion = "projection-version"
            case tornTail = "torn-tail"
            case tornFile = "torn-file"
            case orphan
            /// A file that was being written, now or when a crash came.
            case unfinished
            case stranger

            /// Whether the journal, or what is made from it, is not whole.
            public var isDamage: Bool {
                switch self {
                case .segmentMissing, .format, .block, .signature, .keyUnknown, .payloadMissing,
                    .payloadChanged, .base,
                    .projectionAhead, .projectionDamaged, .projectionDiffers, .projectionUnreadable:
                    true
                case .projectionMissing, .projectionBehind, .projectionVersion, .tornTail, .tornFile, .orphan,
                    .unfinished, .stranger:
                    false
                }
            }
        }

        public let kind: Kind
        /// Below the journal's folder.
        public let file: String
        /// In the file.
        public var offset: Int?
        public var block: Int64?
        /// The sequence number of the record that does not fit.
        public var record: Int64?
        /// The messages that are hit, at most `mostMessages`.
        public var messages: [MessageID] = []
        /// How many messages are hit, as far as anyone can say.
        public var messageCount = 0
        /// What is wrong, in English.
        public let what: String

        static let mostMessages = 20
    }

    /// What the check of the chain found.
    public internal(set) var audit = JournalAudit()
    /// In the order of the chain, then the projection, then other files.
    public internal(set) var findings: [Finding] = []
    public internal(set) var spooledFiles = 0
    /// The last block that the projection has; `nil` when there is none that can be asked.
    public internal(set) var appliedBlock: Int64?
    /// Unfinished deliveries, as the projection has them.
    public internal(set) var pending: Int?
    /// Whether every row of the projection was compared with the segments.
    public internal(set) var isCompared = false

    public var isSound: Bool { !self.findings.contains { $0.kind.isDamage } }

    /// - Parameter progress: Told the number of records now and then.
    /// - Throws: `configuration.invalid` when there is no journal in the folder, `journal.unavailable` when a file cannot be
    ///   looked at.
    public static func run(
        _ terms: Terms, progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> JournalCheck {
        guard try Folder.isFolder(terms.folder + "/segments") else {
            throw Self.noJournal(terms.folder)
        }
        return try JournalBase.steadily(in: terms.folder) { () throws(HubError) in
            var run = try JournalCheckRun(terms)
            try run.run(progress)
            return run.check
        }
    }

    /// The name of the hub in the first block of a journal; `nil` when there is none that can be read.
    /// - Throws: `configuration.invalid` when there is no journal in the folder, `journal.unavailable`.
    public static func hub(of folder: String) throws(HubError) -> String? {
        guard try Folder.isFolder(folder + "/segments") else { throw Self.noJournal(folder) }
        let journal = JournalFolder(folder, base: try JournalBase.load(in: folder))
        guard let first = try journal.segments().first else { return nil }
        var scan = SegmentScan(first, in: try journal.segment(first))
        guard case .block(let block) = try scan.next() else { return nil }
        return block.header.hub
    }

    static func noJournal(_ folder: String) -> HubError {
        HubError(
            .configurationInvalid, "There is no journal in this folder.",
            details: [ErrorDetail("path", folder)])
    }
}
