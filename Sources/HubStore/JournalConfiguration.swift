public import HubCore
public import HubModel

/// What signs the header of a block.
public struct BlockSigner: Sendable {
    /// Fingerprint of the key behind `sign`.
    public let key: Digest
    public let sign: @Sendable ([UInt8]) throws(HubError) -> [UInt8]

    public init(key: Digest, sign: @escaping @Sendable ([UInt8]) throws(HubError) -> [UInt8]) {
        self.key = key
        self.sign = sign
    }
}

/// Where a journal lives and how much it takes on at once.
public struct JournalConfiguration: Sendable {
    /// Made when it does not exist.
    ///
    /// One hub at a time may have it open.
    public var folder: String
    /// Stands in every block header.
    public var hub: String
    /// Who signs the next block.
    ///
    /// Asked on the writer's thread, once per commit, so that a hub can go over to another key.
    public var signer: @Sendable () -> BlockSigner
    /// Whether a signature over a block's header is that of the key with this fingerprint.
    public typealias Verifier = @Sendable (_ header: [UInt8], _ signature: [UInt8], _ key: Digest) -> Bool
    /// Checks a block before receipts are made from it; `nil` for a journal whose reader does so itself.
    public var isSigned: Verifier?
    /// Read once per commit, for the time in the block header.
    public var clock: any HubClock
    /// Records that may wait for the writer.
    ///
    /// One more is refused with `journal.overloaded`, unless it is the outcome of a delivery: those are as many as
    /// deliver at once.
    public var maxWaiting = 4096
    /// Records of one commit.
    public var maxBatch = 1024
    /// Bytes of one commit, unless a single record is larger.
    public var maxBatchBytes = 8 << 20
    /// How long after the last block began another one that is not alone may be held back for more records.
    public var gather = Duration.milliseconds(4)
    /// Records that are on disk and not in the database yet, before the writer waits for it.
    package var maxBehind = 4096
    /// Records that one transaction of the database is worth, when nobody waits for it.
    package var transactionLength = 512
    /// Records after which the log of the database is copied into it; a test makes it small.
    package var checkpointLength = 4096
    /// Bytes of payloads accepted last that are kept in memory, since most are delivered at once.
    public var recentBytes = 8 << 20
    /// Bytes set aside on disk for one segment.
    ///
    /// A block that is larger gets a segment of its size.
    public var segmentSize = 64 << 20
    /// Payloads above this many bytes go to files of their own.
    public var spoolThreshold = 256 << 10
    /// Records that are applied to the database in one transaction, at a start and behind the writer; a test makes it small.
    package var catchUpLength = 8192
    /// Bytes of segments that a start reads to its end when the database does not know of a payload in the spool: less than a
    /// second's worth.
    package var shortChain = 256 << 20
    /// The calls on which durability rests; a test makes them fail.
    package var disk = DiskCalls.system

    public init(
        folder: String, hub: String, clock: any HubClock, signer: @escaping @Sendable () -> BlockSigner
    ) {
        self.folder = folder
        self.hub = hub
        self.clock = clock
        self.signer = signer
    }

    /// - Throws: `configuration.invalid`, naming the value.
    public func validate() throws(HubError) {
        let ranges: [(String, Int, ClosedRange<Int>)] = [
            ("hub name in bytes", self.hub.utf8.count, 1...255),
            ("waiting records", self.maxWaiting, 1...1 << 20),
            ("records of a commit", self.maxBatch, 1...1 << 20),
            ("bytes of a commit", self.maxBatchBytes, 1...1 << 30),
            ("bytes of recent payloads", self.recentBytes, 0...1 << 30),
            ("bytes of a segment", self.segmentSize, 4096...1 << 40),
            ("bytes of an inline payload", self.spoolThreshold, 0...1 << 30),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw HubError(
                .configurationInvalid, "A setting of the journal is outside its range.",
                details: [
                    ErrorDetail("setting", name), ErrorDetail("allowed", range), ErrorDetail("given", value),
                ]
            )
        }
    }

    var segmentsFolder: String { self.folder + "/segments" }
    var spoolFolder: String { self.folder + "/spool" }
    var projectionPath: String { self.folder + "/projection.sqlite" }
    /// Where a rebuild makes the database that takes the place of the other.
    var rebuiltPath: String { self.folder + "/projection.sqlite.part" }
    var lockPath: String { self.folder + "/lock" }
}
