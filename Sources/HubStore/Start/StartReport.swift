/// What a journal found when it was opened; for the log.
public struct StartReport: Sendable, Hashable {
    /// Whether the database was made anew from the segments.
    public internal(set) var isRebuilt = false
    /// Blocks that were in the segments and not yet in the database.
    public internal(set) var replayedBlocks = 0
    public internal(set) var replayedRecords = 0
    /// Bytes of a last block that a crash had cut off.
    ///
    /// They were never acknowledged.
    public internal(set) var tornBytes = 0
    /// Where these bytes were put.
    public internal(set) var tornFile: String?
    /// Files of the spool that were not finished, or that nothing referred to.
    public internal(set) var removedOrphans = 0
    /// Spooled payloads of which the database knows no message; `SegmentJournal.removeOrphans()` asks the chain.
    public internal(set) var orphans = 0
    /// What is known of the backup that the journal was made of, until the hub has written it to the chain.
    public internal(set) var restored: String?
    /// The last block of the chain; -1 for an empty journal.
    public internal(set) var lastBlock: Int64 = -1
}
