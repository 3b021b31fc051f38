public import HubCore
public import HubEnvelope
public import HubModel

/// Reads segments with nothing but the hub's public key; the database is not looked at.
public enum SegmentReader {
    /// Checks everything that can be checked: checksums, numbers, predecessors, roots, signatures, records
    /// and payloads. Where months were dropped, it begins with the base, which the hub must have signed.
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
        try JournalBase.steadily(in: folder) { () throws(HubError) in
            let (base, fault) = try JournalBase.examined(in: folder)
            let (carried, lost) = try JournalBase.carried(by: base, in: folder)
            var run = AuditRun(
                JournalFolder(folder, base: base), base: base, carried: carried, keys: keys, hub: hub,
                receipts: receipts, offered: offered, memory: memory
            )
            for fault in [fault, lost] { if let fault { run.note(base: fault) } }
            try run.run(progress)
            return run.audit
        }
    }

    /// The same, with the archives of months that were dropped before: whether the journal goes on where they end.
    ///
    /// - Parameters:
    ///   - archives: Files in any order; a key that one of them announces is good for what follows.
    ///   - receipts: Those of dropped months must be found in the archives.
    ///   - timestamps: The authorities whose timestamps are believed; `nil` to leave those in the archives aside.
    ///   - now: A timestamp of a later time is refused.
    /// - Throws: `evidence.invalid` for a file that is not laid out as an archive, `journal.unavailable`.
    public static func verify(
        folder: String, behind archives: [String], keys: [PublicKey], offered: [PublicKey] = [], hub: String? = nil,
        receipts: [Receipt] = [], timestamps: TrustStore? = nil, now: Timestamp = Timestamp(nanoseconds: .max),
        memory: ProjectionMemory? = nil, progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> (archives: [ArchiveAudit], journal: JournalAudit) {
        let base = try JournalBase.examined(in: folder).base
        var files: [ArchiveFile] = []
        for path in archives { files.append(try ArchiveFile(path)) }
        // Of the others the journal says in which archive their blocks are.
        let old = receipts.filter { receipt in
            (try? BlockHeader(bytes: receipt.header)).flatMap { base?.month(of: $0.number) } != nil
                && files.contains { $0.holds(receipt) }
        }
        let before = try ArchiveReader.verify(
            archives, keys: keys, hub: hub, receipts: old, timestamps: timestamps, now: now, progress: progress)
        var known = keys
        let followed = Set(before.flatMap(\.audit.followed))
        for file in files { known += try file.keys().filter { followed.contains($0.fingerprint) } }
        var journal = try Self.verify(
            folder: folder, keys: known, offered: offered, hub: hub, receipts: receipts.filter { !old.contains($0) },
            memory: memory, progress: progress
        )
        if let base, let last = before.last?.audit,
            last.lastBlock != base.chain.number || last.lastDigest != base.chain.digest
        {
            journal.faults.insert(
                JournalAudit.Fault(
                    .archive, segment: JournalBase.name, offset: 0,
                    what:
                        "the journal begins behind block \(base.chain.number), and the last archive ends with another block \(last.lastBlock)"
                ), at: 0)
        }
        return (before, journal)
    }
}
