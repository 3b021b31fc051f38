public import HubModel

/// What became of payloads in the spool of which the database knows no message.
public struct OrphanReport: Sendable, Hashable {
    /// Files that went.
    public internal(set) var removed = 0
    /// Files that messages in the chain need all the same, as `spool/ab/abcdef…`: the database is damaged, and is to be made
    /// anew.
    public internal(set) var needed: [String] = []
}

extension SegmentJournal {
    /// Removes payloads of which the database knew no message at the start, when the chain knows none either.
    ///
    /// A crash leaves such a file when it comes between the payload and the block; so does a damaged database, and then it
    /// is the only copy. The whole chain is read for it, beside the writer; without such files nothing is.
    ///
    /// - Throws: `journal.damaged` for a chain or a database that cannot be read, `journal.unavailable`, `journal.closed`;
    ///   what was not removed is found by the next start.
    public func removeOrphans() async throws(HubError) -> OrphanReport {
        try await self.remove(orphans: self.orphans)
    }

    func remove(orphans: Set<Digest>) async throws(HubError) -> OrphanReport {
        guard !orphans.isEmpty else { return OrphanReport() }
        var (needed, copies) = try await self.threads.upkeep.runUnlessCancelled { () throws(HubError) in
            var search = SpoolSearch(orphans)
            // The base is asked here: a drop before it in the queue may have changed it.
            return try search.needed(self.files, self.base, in: self.folder) { !self.isOpen }
        }
        let removed = try await self.removeUnneeded(orphans.subtracting(needed).subtracting(copies)).removed
        // What a sender has handed in again since, the database knows by now.
        await self.backlog.settled()
        needed.subtract(
            try await self.threads.read { [needed] () throws(HubError) in try self.projection.spooled(among: Array(needed)) })
        return OrphanReport(removed: removed, needed: needed.map { Spool.name($0) }.sorted())
    }
}
