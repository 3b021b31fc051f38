internal import HubCore
public import HubEnvelope
public import HubModel

extension SegmentJournal {
    /// Drops the first month of a journal that is not open; what comes of it is that of `drop(_:)`.
    ///
    /// The database gives its free pages back afterwards, when they are many.
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
            _ = try await journal.announceRestore(at: configuration.clock.now)
            let dropped = try await journal.drop(terms)
            let projection = journal.projection
            try await journal.threads.upkeep.run { () throws(HubError) in projection.compact() }
            outcome = .success(dropped)
        } catch {
            outcome = .failure(error)
        }
        await journal.close()
        return try outcome.get()
    }

    /// Drops the first month: its segments, and what the database says of its messages.
    ///
    /// Beside everything else that the journal does. Only a month that is over, of which every delivery has ended and an
    /// archive is given that verifies and holds the same blocks. Order of effects: nothing of the month begins anew any more →
    /// the decision is written to the chain and synced → the base is written, synced and named: from then on the journal
    /// begins behind the month → rows leave the database → segments, timestamps and spooled payloads are removed. A start,
    /// or the same call, finishes what a crash cut off.
    ///
    /// - Throws: `journal.unavailable` if the disk refuses or the archive cannot be read, `journal.damaged`, `journal.closed`
    ///   when the task is cancelled, or the journal closed: the next start finishes then what was decided.
    public func drop(_ terms: DropTerms) async throws(HubError) -> DropOutcome {
        let (hub, now) = (self.configuration.hub, self.clock.now)
        await self.backlog.settled()
        let found = try await self.aside { journal throws(HubError) in
            try DropPlan.make(terms, journal, hub: hub, now: now)
        }
        switch found {
        case .plan(let plan): return try await self.carryOut(plan, terms, at: now)
        case .refused(let refusal): return .refused(refusal)
        case .done(let month):
            var report = DropReport(month: month)
            report.isRepeated = true
            return .dropped(report)
        }
    }

    private func carryOut(_ plan: DropPlan, _ terms: DropTerms, at now: Timestamp) async throws(HubError)
        -> DropOutcome
    {
        let (projection, folder, hub) = (self.projection, self.folder, self.configuration.hub)
        guard let before = try await self.close(before: plan.chain.end.nextSequence) else {
            // Begun anew since it was looked at.
            let refusal = try await self.threads.upkeep.run { () throws(HubError) in
                try plan.needed(terms, projection, now)
            }
            return .refused(refusal ?? .unfinished(1, []))
        }
        let base: JournalBase
        var report: DropReport
        do throws(HubError) {
            let unsigned = try await self.threads.upkeep.run { () throws(HubError) in
                try plan.base(projection, hub: hub, now: now)
            }
            guard let month = unsigned.months.last else {
                throw HubError(.internalFault, "A drop was planned of no month.")
            }
            report = DropReport(month: month)
            report.record = try await self.decide(unsigned, terms, at: now)
            base = try unsigned.signed(by: self.configuration.signer())
        } catch {
            await self.reopen(from: before)
            throw error
        }
        await self.backlog.settled()
        let disk = self.disk
        // A fault from here on leaves it to the next run, or the next start, whether the month is there: nothing begins anew.
        try await self.threads.upkeep.run { () throws(HubError) in try base.write(in: folder, with: disk) }
        self.begin(with: base)
        try await self.remove(base, &report)
        return .dropped(report)
    }

    /// Finishes a drop that a fault of the disk held up since the start.
    /// - Throws: `journal.unavailable`, `journal.damaged`, `journal.closed`.
    func finishDrop() async throws(HubError) {
        guard let base = self.base, let month = base.months.last else { return }
        let (projection, folder) = (self.projection, self.folder)
        let isLeft = try await self.threads.upkeep.run { () throws(HubError) in
            if try projection.awaitsDrop(base) { return true }
            return try DroppedFiles(base, folder).areLeft()
        }
        guard isLeft else { return }
        var report = DropReport(month: month)
        try await self.remove(base, &report)
    }

    /// Takes away what is before the base, which is on disk.
    private func remove(_ base: JournalBase, _ report: inout DropReport) async throws(HubError) {
        let (projection, folder, disk) = (self.projection, self.folder, self.disk)
        let (messages, removed, digests) = try await self.threads.upkeep.run {
            [weak self] () throws(HubError) in
            let digests = try projection.spooled(before: base.chain.nextSequence)
            let messages = try projection.removeDropped(base, while: { self?.isOpen ?? false })
            guard self?.isOpen ?? false else { throw HubError(.journalClosed, "The journal is closed.") }
            return (messages, try DroppedFiles(base, folder).remove(with: disk), digests)
        }
        (report.messages, report.segments, report.bytes) = (messages, removed.segments, removed.bytes)
        report.files = try await self.removeUnneeded(digests).removed
    }

    /// Writes a month of the journal into one file that verifies alone, beside everything else that the journal does.
    ///
    /// - Parameters:
    ///   - folder: Where the archive goes; made when it is absent.
    ///   - keys: Public keys of the hub.
    /// - Throws: As `JournalArchive.write`; `journal.closed` when the task is cancelled, and the file may be written all the same.
    public func archive(
        _ month: CivilMonth, to folder: String, keys: [PublicKey]
    ) async throws(HubError) -> JournalArchive.Outcome {
        await self.backlog.settled()
        return try await self.aside { journal throws(HubError) in
            try JournalArchive.write(month, of: journal.folder, to: folder, keys: keys)
        }
    }

    /// The month of the first block; `nil` when there is none.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    public func firstMonth() async throws(HubError) -> CivilMonth? {
        let files = self.files
        return try await self.threads.upkeep.run { () throws(HubError) in
            guard let first = try files.numbers().first else { return nil }
            return try SegmentScan(first, in: files).firstTime().map { CivilMonth($0) }
        }
    }

    /// Runs what reads for minutes, and changes nothing, on a thread of its own.
    ///
    /// - Throws: What `body` throws; `journal.closed` at once when the task is cancelled, and `body` ends by itself.
    private func aside<Value: Sendable>(
        _ body: @escaping @Sendable (SegmentJournal) throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        let thread = try WorkerThread.start()
        defer { thread.stop() }
        return try await thread.runUnlessCancelled { () throws(HubError) in try body(self) }
    }

    private func close(before end: Int64) async throws(HubError) -> Int64? {
        let writer = self.writer
        return try await self.threads.writer.run { () throws(HubError) in
            try writer.assumeIsolated { writer in Result { () throws(HubError) in try writer.close(before: end) } }.get()
        }
    }

    private func reopen(from first: Int64) async {
        let writer = self.writer
        _ = try? await self.threads.writer.run { () throws(HubError) in
            writer.assumeIsolated { $0.reopen(from: first) }
        }
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
