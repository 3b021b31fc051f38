internal import HubCore
public import HubModel

extension SegmentJournal {
    /// Removes payloads by policy. Records, digests, signatures and proofs stay, so every receipt stays true.
    ///
    /// The journal must not be open. Only closed segments are touched, and only messages whose deliveries have all ended.
    /// Order of effects: the decision is written to the chain and synced → segments are written anew without the payloads
    /// → spooled files that nothing refers to any more are removed. A run that was killed in between is finished by the
    /// next one, whatever its policy.
    ///
    /// - Throws: `configuration.invalid` if there is no journal in the folder, `journal.unavailable` if a hub has it or
    ///   the disk refuses, `journal.damaged` naming the place in a segment that is not sound.
    public static func forget(
        _ policy: ForgettingPolicy, in configuration: JournalConfiguration
    ) async throws(HubError) -> ForgettingReport {
        guard try Folder.exists(configuration.segmentsFolder) else {
            throw HubError(
                .configurationInvalid, "There is no journal in this folder.",
                details: [ErrorDetail("path", configuration.folder)]
            )
        }
        let journal = try await Self.open(configuration)
        let report: Result<ForgettingReport, HubError>
        do throws(HubError) {
            report = .success(try await journal.forget(policy, configuration))
        } catch {
            report = .failure(error)
        }
        await journal.close()
        return try report.get()
    }

    private func forget(
        _ policy: ForgettingPolicy, _ configuration: JournalConfiguration
    ) async throws(HubError) -> ForgettingReport {
        let (files, projection, spool) = (self.files, self.projection, self.spool)
        await self.backlog.settled()
        let plan = try await self.threads.spool.run { () throws(HubError) in
            try ForgettingPlan(policy, files, projection)
        }
        var report = plan.report
        _ = try await self.announceRestore(at: configuration.clock.now)
        for removal in plan.removals {
            let operation = Operation(
                at: configuration.clock.now, actor: policy.actor, action: PayloadRemoval.action,
                subject: removal.subject, reason: policy.reason
            )
            guard
                case .committed(_, let sequence) = try await self.append(.operation(operation), payload: nil)
            else {
                throw HubError(.internalFault, "An operation was taken for a repeat.")
            }
            report.records.append(sequence)
        }
        await self.backlog.settled()
        report.segments = plan.segments.count
        let orphans = try await self.threads.spool.run { () throws(HubError) in
            let rewriting = SegmentRewriting(files, configuration.disk)
            for number in plan.segments {
                try rewriting.remove(plan.all, sparing: plan.unfinished, from: number)
                try Folder.sync(files.folder, with: configuration.disk)
            }
            return try spool.orphans(in: SpoolListing(spool.folder), projection)
        }
        // What the chain needs and the database does not know stays, and the next start tells it.
        report.files = try await self.remove(orphans: orphans).removed
        return report
    }
}
