internal import HubCore
public import HubModel

extension SegmentJournal {
    /// Messages that one record decides about, so that no record holds up the writer.
    static let retentionPage = 2048

    /// Removes what the policy does not keep, beside the writer.
    ///
    /// Only payloads in closed segments, of messages whose deliveries have all ended, and identities. Each decision is a
    /// record like any other; segments are written anew on a thread of their own, one after the other. A run that was
    /// killed or cancelled is finished by the next one. When nothing is due, nothing is written, and only the messages that
    /// have become old since the last run are looked at.
    ///
    /// A segment that cannot be written anew is left as it was and told in the report; the others are not kept waiting.
    ///
    /// - Parameter memory: Of the runs before; one that is new makes this one look at everything that is there.
    /// - Throws: `journal.unavailable`, `journal.closed`, `journal.overloaded`, `journal.damaged` for the database. What was
    ///   done before stays done, and `memory` knows it.
    public func retain(
        _ policy: RetentionPolicy, _ memory: inout RetentionMemory
    ) async throws(HubError) -> RetentionReport {
        var report = RetentionReport()
        // Before anything is decided about messages whose month is on its way out.
        try await self.finishDrop()
        // Also when the run that dropped them came to no end.
        memory.forget(before: self.files.first)
        guard let end = try await self.prepare(policy, &memory) else { return report }
        for place in memory.walks.indices {
            try await self.walk(place, before: end, &memory, &report)
        }
        if let period = policy.identities {
            try await self.forgetIdentities(olderThan: period, policy.actor, &memory, &report)
        }
        try await self.clear(&memory, &report)
        try await self.drop(policy, &report)
        return report
    }

    /// - Returns: The first record that is not in a closed segment; `nil` when there is no block.
    private func prepare(
        _ policy: RetentionPolicy, _ memory: inout RetentionMemory
    ) async throws(HubError) -> Int64? {
        let (files, projection) = (self.files, self.projection)
        let end: Int64? = try await self.keepUp { () throws(HubError) in
            guard let state = try projection.state() else { return nil }
            return try projection.start(of: state.last.segment, before: state.chain.nextSequence)
        }
        guard let end, memory.policy != policy else { return end }
        let (cover, segments, identity) = try await self.keepUp { () throws(HubError) in
            let removals = try projection.removals()
            let undone = try UndoneRemovals(files, projection, before: end).segments(removals)
            let identity = policy.identities == nil ? nil : try projection.lastIdentityRemoval()
            return (RemovalCover(removals.map(\.removal)), undone, identity)
        }
        memory.cover = cover
        memory.segments.formUnion(segments)
        memory.firstIdentity = identity.map { $0.sequences.upperBound + 1 } ?? 0
        memory.walks = RetentionWalk.all(policy)
        memory.policy = policy
        return end
    }

    /// Runs `body` on the thread for upkeep, when the database holds all that was answered before.
    private func keepUp<Value: Sendable>(
        _ body: @escaping @Sendable () throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        await self.backlog.settled()
        return try await self.threads.upkeep.run(body)
    }

    // MARK: Payloads

    private func walk(
        _ place: Int, before end: Int64, _ memory: inout RetentionMemory, _ report: inout RetentionReport
    ) async throws(HubError) {
        let projection = self.projection
        let now = self.clock.now
        let day = memory.walks[place].day(now)
        let moment = CivilTime(date: day, hour: 0, minute: 0, second: 0).timestamp(
            offset: CivilTime.vietnamOffset)
        memory.walks[place].begin(at: self.base?.chain.nextSequence ?? 0)
        let waiting = memory.walks[place].waiting.sorted()
        for first in stride(from: 0, to: waiting.count, by: Self.retentionPage) {
            let page = Array(waiting[first..<min(first + Self.retentionPage, waiting.count)])
            let rows = try await self.keepUp { () throws(HubError) in
                try projection.retained(page)
            }
            var walk = memory.walks[place]
            let decision = walk.takeWaiting(rows, before: moment)
            try await self.carryOut(decision, before: day, place, walk, &memory, &report)
        }
        while !Task.isCancelled {
            var walk = memory.walks[place]
            walk.skip(memory.cover)
            let next = walk.next
            let rows = try await self.keepUp { () throws(HubError) in
                try projection.retained(from: next, before: end, limit: Self.retentionPage)
            }
            let decision = walk.take(rows, before: moment, now: now, memory.cover)
            try await self.carryOut(decision, before: day, place, walk, &memory, &report)
            if decision.isOver || rows.isEmpty { break }
        }
        report.unfinished += memory.walks[place].waiting.count
    }

    private func carryOut(
        _ decision: RetentionWalk.Decision, before day: CivilDate, _ place: Int, _ walk: RetentionWalk,
        _ memory: inout RetentionMemory, _ report: inout RetentionReport
    ) async throws(HubError) {
        var walk = walk
        for first in stride(from: 0, to: decision.ranges.count, by: ForgettingPlan.rangesTogether) {
            let ranges = Array(
                decision.ranges[first..<min(first + ForgettingPlan.rangesTogether, decision.ranges.count)])
            let removal = PayloadRemoval(before: day, type: walk.type, sequences: ranges)
            let rows = decision.taken.filter { removal.covers($0.sequence, $0.message.type) }
            do throws(HubError) {
                let reason = "keep-payloads \(walk.period.components.seconds / 86_400)d"
                report.records.append(
                    try await self.decide(
                        PayloadRemoval.action, removal.subject, reason, memory.policy?.actor ?? ""))
            } catch  where error.code == .journalOverloaded {
                walk.putBack(rows)
                continue
            }
            memory.cover.add([removal])
            for segment in rows.lazy.filter({ !$0.isSpooled }).map(\.segment) {
                memory.segments.insert(segment)
                memory.spared[segment] = nil
            }
            memory.digests.formUnion(rows.lazy.filter(\.isSpooled).map(\.message.digest))
            report.payloads += rows.count
            report.bytes += rows.reduce(0) { $0 + $1.message.size }
        }
        memory.walks[place] = walk
    }

    /// Takes away what was decided to go.
    private func clear(_ memory: inout RetentionMemory, _ report: inout RetentionReport)
        async throws(HubError)
    {
        if report.payloads > 0 || !memory.segments.isEmpty { self.recent.removeAll() }
        for segment in memory.segments.sorted() {
            guard !Task.isCancelled else { return }
            do throws(HubError) {
                guard try await self.rewrite(segment, &memory) else { continue }
            } catch {
                report.failures.append(RetentionReport.Failure(segment, error))
                continue
            }
            try await self.settleFolder()
            report.segments += 1
        }
        let (removed, left) = try await self.removeUnneeded(memory.digests)
        memory.digests = left
        report.files += removed
    }

    /// Removes payloads from the spool that no message refers to any more.
    ///
    /// - Throws: `journal.unavailable` also when the database refused a block: a message in it has a claim no more, and no row.
    /// - Returns: How many went, and those about which nothing can be said before messages that are on their way have come in.
    func removeUnneeded(_ digests: Set<Digest>) async throws(HubError) -> (removed: Int, left: Set<Digest>) {
        guard !digests.isEmpty else { return (0, []) }
        let (spool, projection, claims, backlog) = (self.spool, self.projection, self.claims, self.backlog)
        await backlog.settled()
        return try await self.threads.spool.run { () throws(HubError) in
            // In this order: a message that is no longer on its way has come into the database before.
            let onTheirWay = claims.among(digests)
            guard !backlog.isOver else {
                throw HubError(.journalUnavailable, "The database does not follow, so nothing is removed. See the cause, then start the hub again.")
            }
            let free = digests.subtracting(onTheirWay)
            let needed = try projection.spooled(among: Array(free))
            var removed = 0
            for digest in free.subtracting(needed) where try Folder.exists(spool.path(digest)) {
                try Folder.remove(spool.path(digest))
                removed += 1
            }
            return (removed, onTheirWay)
        }
    }

    /// - Returns: `false` when there is nothing to take from it before some delivery ends.
    /// - Throws: What rewriting throws; the segment is then as it was.
    private func rewrite(_ segment: Int, _ memory: inout RetentionMemory) async throws(HubError) -> Bool {
        let (files, disk, projection) = (self.files, self.disk, self.projection)
        let (cover, before) = (memory.cover, memory.spared[segment])
        let left: Set<Int64>? = try await self.keepUp { () throws(HubError) in
            guard let end = try projection.state()?.chain.nextSequence else { return nil }
            let first = try projection.start(of: segment, before: end)
            let unfinished = try projection.unfinished(
                from: first, before: try projection.start(of: segment + 1, before: end))
            if let before, before.isSubset(of: unfinished) { return nil }
            let spared = try projection.retained(unfinished.sorted())
                .filter { cover.covers($0.sequence, $0.message.type) }
            try SegmentRewriting(files, disk).remove(cover, sparing: unfinished, from: segment)
            return Set(spared.map(\.sequence))
        }
        guard let left else { return false }
        memory.spared[segment] = left.isEmpty ? nil : left
        if left.isEmpty { memory.segments.remove(segment) }
        return true
    }

    // MARK: Months

    /// Archives and drops the months that are old enough, one after the other; the first that must stay ends it.
    private func drop(_ policy: RetentionPolicy, _ report: inout RetentionReport) async throws(HubError) {
        guard let records = policy.records else { return }
        while !Task.isCancelled, let month = try await self.firstMonth(),
            month < CivilMonth(self.clock.now.advanced(by: .zero - records.period))
        {
            let name: String
            do throws(HubError) {
                guard let path = try await self.archived(month, records) else { return }
                name = path
            } catch {
                // What another file system refuses is no fault of the journal's.
                guard [.journalUnavailable, .configurationInvalid].contains(error.code) else { throw error }
                report.refusal = RetentionReport.RefusedMonth(
                    month: month, archive: records.archives,
                    reason: .unavailable(error.diskFault.isEmpty ? "\(error.summary)" : error.diskFault))
                return
            }
            let terms = DropTerms(
                month: month, archive: name, keys: records.keys, identities: policy.identities, actor: policy.actor,
                reason: "keep-records \(records.period.components.seconds / 86_400)d"
            )
            switch try await self.drop(terms) {
            case .dropped(let month): report.months.append(month)
            case .refused(let refusal):
                report.refusal = RetentionReport.RefusedMonth(month: month, archive: name, reason: refusal)
                return
            }
        }
    }

    /// - Returns: The path of the month's archive, which is made when it is not there; `nil` while the month is not over.
    private func archived(_ month: CivilMonth, _ records: RecordPolicy) async throws(HubError) -> String? {
        let path = records.archives + "/" + JournalArchive.fileName(hub: self.configuration.hub, month)
        let isThere = try await self.keepUp { () throws(HubError) in try Folder.exists(path) }
        guard !isThere else { return path }
        guard case .written(let report) = try await self.archive(month, to: records.archives, keys: records.keys)
        else { return nil }
        return report.path
    }

    /// Brings to the disk that a segment was exchanged.
    ///
    /// The writer's next segment has its name in the same folder, and a sync that succeeds after one that failed says
    /// nothing: so a failure ends acceptance.
    private func settleFolder() async throws(HubError) {
        let (files, disk) = (self.files, self.disk)
        do throws(HubError) {
            try await self.keepUp { () throws(HubError) in
                try Folder.sync(files.folder, with: disk)
            }
        } catch {
            self.stopAccepting(error)
            throw error
        }
    }

    // MARK: Identities

    private func forgetIdentities(
        olderThan period: Duration, _ actor: String, _ memory: inout RetentionMemory,
        _ report: inout RetentionReport
    ) async throws(HubError) {
        let projection = self.projection
        let now = self.clock.now
        let moment = now.advanced(by: .zero - period)
        while !Task.isCancelled {
            let first = memory.firstIdentity
            let rows = try await self.keepUp { () throws(HubError) in
                try projection.times(from: first, limit: Self.retentionPage)
            }
            // A time that is still to come is a clock that was wrong; it goes with those around it.
            let due = rows.prefix { $0.receivedAt < moment || $0.receivedAt > now }
            guard let last = due.last(where: { $0.receivedAt < moment }) else { return }
            let removal = IdentityRemoval(first...last.sequence)
            let reason = "keep-identities \(period.components.seconds / 86_400)d"
            report.records.append(
                try await self.decide(IdentityRemoval.action, removal.subject, reason, actor))
            report.identities += due.count { $0.sequence <= last.sequence }
            memory.firstIdentity = last.sequence + 1
            if due.count < rows.count || rows.count < Self.retentionPage { return }
        }
    }

    private func decide(
        _ action: String, _ subject: String, _ reason: String, _ actor: String
    ) async throws(HubError) -> Int64 {
        let operation = Operation(
            at: self.clock.now, actor: actor, action: action, subject: subject, reason: reason)
        guard case .committed(_, let sequence) = try await self.append(.operation(operation), payload: nil)
        else {
            throw HubError(.internalFault, "An operation was taken for a repeat.")
        }
        return sequence
    }
}

extension RetentionReport.Failure {
    /// What the disk refuses here keeps nothing from being accepted, so it is told in other words than elsewhere.
    fileprivate init(_ segment: Int, _ error: HubError) {
        let summary: StaticString =
            error.code == .journalUnavailable
            ? "The disk refuses a segment that is written anew; make room or look at its rights. Messages are accepted as before."
            : error.summary
        self.init(
            segment: SegmentHeader.fileName(segment), code: error.code, summary: "\(summary)",
            details: error.details)
    }
}
