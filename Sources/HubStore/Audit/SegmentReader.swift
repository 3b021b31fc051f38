public import HubCore
public import HubEnvelope
public import HubModel

/// Reads segments with nothing but the hub's public key; the database is not looked at.
public enum SegmentReader {
    /// Checks everything that can be checked: checksums, numbers, predecessors, roots, signatures, records
    /// and payloads.
    ///
    /// A fault does not end the check; what stands behind it is read as well.
    ///
    /// May run while a hub writes.
    ///
    /// - Parameters:
    ///   - folder: The journal's, which holds `segments` and `spool`.
    ///   - keys: The hub's; it may have had several one after the other.
    ///   - offered: Keys that count once a record announces them, signed with one that counts.
    ///   - hub: The name that its blocks must bear; any, but one, when it is `nil`.
    ///   - receipts: Given out by this hub. Each must fit the chain: one that names a block which is not there shows that
    ///     the end was cut off.
    ///   - memory: The projection, which is asked only which of a block's records was changed.
    ///   - progress: Told the number of records now and then.
    /// - Throws: `journal.unavailable` if a file cannot be read.
    public static func verify(
        folder: String, keys: [PublicKey], offered: [PublicKey] = [], hub: String? = nil, receipts: [Receipt] = [],
        memory: ProjectionMemory? = nil, progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> JournalAudit {
        var run = AuditRun(
            JournalFolder(folder), keys: keys, hub: hub, receipts: receipts, offered: offered, memory: memory)
        try run.run(progress)
        return run.audit
    }
}
