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
    /// Beside everything else that the journal does. Only a month that is over, of which an archive is given that verifies and
    /// holds the same blocks. Order of effects: nothing of the month that has ended begins anew any more → payloads of messages
    /// that outlive it go into the spool, and what is known of them into a file → the decision is written to the chain and
    /// synced → the base is written, synced and named: from then on the journal begins behind the month → rows leave the
    /// database → segments, timestamps and spooled payloads are removed. A start finishes what a crash cut off, and a run of
    /// `retain` what a fault of the disk held up.
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

    private func carryOut(_ plan: DropPlan, _ terms: DropTerms, at: Timestamp) async throws(HubError)
        -> DropOutcome
    {
        let (projection, folder, hub, disk) = (self.projection, self.folder, self.configuration.hub, self.disk)
        let (before, now) = try await self.close(before: plan.chain.end.nextSequence)
        let base: JournalBase
        var report: DropReport
        var carried = CarriedMessages()
        do throws(HubError) {
            switch try await self.carry(now.sparing, of: plan) {
            case .carried(let messages): carried = messages
            case .refused(let refusal):
                await self.reopen(before)
                return .refused(refusal)
            }
            let messages = carried
            let unsigned = try await self.threads.upkeep.run { () throws(HubError) in
                let mark = try messages.write(in: folder, with: disk)
                return try plan.base(projection, messages, mark, hub: hub, now: at)
            }
            guard let month = unsigned.months.last else {
                throw HubError(.internalFault, "A drop was planned of no month.")
            }
            report = DropReport(month: month)
            report.carried = messages.messages.count
            report.record = try await self.decide(unsigned, terms, at: at)
            base = try unsigned.signed(by: self.configuration.signer())
        } catch {
            await self.reopen(before)
            await self.removeCopies(Set(carried.messages.lazy.compactMap(\.payload)))
            throw error
        }
        await self.backlog.settled()
        // A fault from here on leaves it to the next run, or the next start, whether the month is there: nothing begins anew.
        do throws(HubError) {
            try await self.threads.upkeep.run { () throws(HubError) in try base.write(in: folder, with: disk) }
        } catch {
            // One that has its name, and perhaps not on the disk, is for a start to believe or not: nothing may be done here
            // that fits to one of the two only.
            if (try? JournalBase.load(in: folder)) != .some(self.base) { self.stopAccepting(error) }
            throw error
        }
        self.begin(with: base)
        try await self.remove(base, carried, &report)
        return .dropped(report)
    }

    private enum Carrying: Sendable {
        case carried(CarriedMessages)
        case refused(DropRefusal)
    }

    /// Brings to the spool what messages that outlive their month carry, and finds out what the month says of them.
    ///
    /// - Throws: `journal.unavailable`, `journal.overloaded` when there is no room, `journal.damaged`, also when a payload is
    ///   missing: nothing goes then.
    private func carry(_ sequences: Set<Int64>, of plan: DropPlan) async throws(HubError) -> Carrying {
        guard !sequences.isEmpty else { return .carried(CarriedMessages()) }
        let (projection, folder) = (self.projection, self.folder)
        let end = plan.chain.end.nextSequence
        let found: Carrying = try await self.aside { _ throws(HubError) in
            if let refusal = try plan.uncarried(sequences, projection) { return .refused(refusal) }
            let earlier = try plan.before.map { base throws(HubError) in try CarriedMessages.load(base, in: folder) }
            return .carried(try projection.carried(sequences, before: end, from: earlier ?? CarriedMessages()))
        }
        guard case .carried(let carried) = found else { return found }
        var stored: Set<Digest> = []
        do throws(HubError) {
            for message in carried.messages {
                guard self.isOpen, !Task.isCancelled else { throw HubError(.journalClosed, "The journal is closed.") }
                if let digest = try await self.spoolPayload(of: message.id) { stored.insert(digest) }
            }
        } catch {
            await self.removeCopies(stored)
            throw error
        }
        return found
    }

    /// A copy of a payload that nobody knows of must not outlive what it was made of.
    ///
    /// A journal that has stopped accepting leaves that to the next start: its database may be behind.
    private func removeCopies(_ digests: Set<Digest>) async {
        guard self.isOpen else { return }
        _ = try? await self.removeUnneeded(digests)
    }

    /// Makes sure that the payload of a message is in the spool, whole.
    ///
    /// - Returns: Its digest, when it was brought there.
    private func spoolPayload(of id: MessageID) async throws(HubError) -> Digest? {
        let (projection, files, spool, room) = (self.projection, self.files, self.spool, self.room)
        let found: (digest: Digest, payload: [UInt8])? = try await self.threads.large.run { () throws(HubError) in
            let place = try projection.place(of: id)
            guard place.message.size > 0 else { return nil }
            var finder = PayloadFinder(files: files, spool: spool, projection: projection)
            guard try finder.largePayload(at: place) == nil else { return nil }
            return (place.message.digest, try finder.payload(at: place))
        }
        guard let (digest, payload) = found else { return nil }
        do throws(HubError) {
            try room.promise(payload.count)
        } catch {
            throw HubError(
                .journalOverloaded, "There is no room on the disk for the payloads of messages that outlive their month; make room.",
                details: error.details, cause: error
            )
        }
        defer { room.release(payload.count) }
        // On the thread that writes all others.
        try await self.threads.spool.run { () throws(HubError) in
            try spool.store(payload, digest)
            do throws(HubError) {
                _ = try spool.largePayload(digest)
            } catch {
                // One was there that is not what its name says; what it was for has the same bytes.
                guard error.code == .journalDamaged else { throw error }
                try Folder.remove(spool.path(digest))
                try spool.store(payload, digest)
            }
        }
        return digest
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
        let carried = try await self.threads.upkeep.run { () throws(HubError) in
            try CarriedMessages.load(base, in: folder)
        }
        try await self.remove(base, carried, &report)
    }

    /// Takes away what is before the base, which is on disk.
    private func remove(
        _ base: JournalBase, _ carried: CarriedMessages, _ report: inout DropReport
    ) async throws(HubError) {
        let (projection, folder, disk) = (self.projection, self.folder, self.disk)
        let (messages, removed, digests) = try await self.threads.upkeep.run {
            [weak self] () throws(HubError) in
            let digests = try projection.spooled(before: base.chain.nextSequence)
            let messages = try projection.removeDropped(base, carried, while: { self?.isOpen ?? false })
            guard self?.isOpen ?? false else { throw HubError(.journalClosed, "The journal is closed.") }
            try CarriedMessages.removeOthers(than: base, in: folder)
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

    private func close(
        before end: Int64
    ) async throws(HubError) -> (before: JournalWriter.Closed, now: JournalWriter.Closed) {
        let writer = self.writer
        return try await self.threads.writer.run { () throws(HubError) in
            try writer.assumeIsolated { writer in Result { () throws(HubError) in try writer.close(before: end) } }.get()
        }
    }

    private func reopen(_ closed: JournalWriter.Closed) async {
        let writer = self.writer
        _ = try? await self.threads.writer.run { () throws(HubError) in
            writer.assumeIsolated { $0.reopen(closed) }
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
