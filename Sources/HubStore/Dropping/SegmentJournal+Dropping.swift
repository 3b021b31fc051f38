internal import HubCore
public import HubModel

extension SegmentJournal {
    /// Drops the first month: its segments, and what the database says of its messages.
    ///
    /// The journal must not be open. Only a month that is over, of which every delivery has ended and an archive is given
    /// that verifies and holds the same blocks. Order of effects: the decision is written to the chain and synced → the base
    /// is written, synced and named: from then on the journal begins behind the month → rows leave the database → segments,
    /// timestamps and spooled payloads are removed. A start, or the same call, finishes what a crash cut off.
    ///
    /// - Throws: `configuration.invalid` if there is no journal in the folder, `journal.unavailable` if a hub has it, the disk
    ///   refuses or the archive cannot be read, `journal.damaged`.
    public static func drop(
        _ terms: DropTerms, in configuration: JournalConfiguration
    ) async throws(HubError) -> DropOutcome {
        guard try Folder.exists(configuration.segmentsFolder) else {
            throw JournalCheck.noJournal(configuration.folder)
        }
        let journal = try await Self.open(configuration)
        let outcome: Result<DropOutcome, HubError>
        do throws(HubError) {
            outcome = .success(try await journal.drop(terms, configuration))
        } catch {
            outcome = .failure(error)
        }
        await journal.close()
        return try outcome.get()
    }

    private func drop(
        _ terms: DropTerms, _ configuration: JournalConfiguration
    ) async throws(HubError) -> DropOutcome {
        let now = configuration.clock.now
        _ = try await self.announceRestore(at: now)
        await self.backlog.settled()
        let found = try await self.threads.upkeep.run { () throws(HubError) in
            try DropPlan.make(terms, self, hub: configuration.hub, now: now)
        }
        let plan: DropPlan
        switch found {
        case .plan(let made): plan = made
        case .refused(let refusal): return .refused(refusal)
        case .done(let month):
            var report = DropReport(month: month)
            report.isRepeated = true
            return .dropped(report)
        }
        guard let month = plan.base.months.last else {
            throw HubError(.internalFault, "A drop was planned of no month.")
        }
        var report = DropReport(month: month)
        report.record = try await self.decide(plan.base, terms, at: now)
        await self.backlog.settled()
        let base = try plan.base.signed(by: configuration.signer())
        let (projection, spool, disk, folder) = (self.projection, self.spool, self.disk, self.folder)
        let (messages, removed, files) = try await self.threads.upkeep.run { () throws(HubError) in
            try base.write(in: folder, with: disk)
            let messages = try projection.removeDropped(base)
            let removed = try DroppedFiles(base, folder).remove(with: disk)
            let files = try spool.removeOrphans { digests throws(HubError) in
                try projection.spooled(among: digests)
            }
            projection.compact()
            return (messages, removed, files)
        }
        (report.messages, report.segments, report.bytes, report.files) = (
            messages, removed.segments, removed.bytes, files
        )
        return .dropped(report)
    }

    /// Writes to the chain what is decided, unless a run that was killed has.
    /// - Returns: The sequence number of the record; `nil` when it is there.
    private func decide(_ base: JournalBase, _ terms: DropTerms, at now: Timestamp) async throws(HubError)
        -> Int64?
    {
        let (projection, subject) = (self.projection, base.subject)
        let isWritten = try await self.threads.upkeep.run { () throws(HubError) in
            try projection.hasOperation(JournalBase.action, subject, from: base.chain.nextSequence)
        }
        guard !isWritten else { return nil }
        let operation = Operation(
            at: now, actor: terms.actor, action: JournalBase.action, subject: subject, reason: terms.reason)
        guard case .committed(_, let sequence) = try await self.append(.operation(operation), payload: nil)
        else {
            throw HubError(.internalFault, "An operation was taken for a repeat.")
        }
        return sequence
    }
}
