internal import HubCore
internal import HubModel
internal import HubStore
internal import Logging
internal import ServiceLifecycle

/// Removes once an hour what the journal need not keep any longer.
///
/// A run that fails is tried again after the same time; nothing that was accepted depends on it.
struct RetentionKeeper: Service {
    /// Until the first run, so that a hub that starts is not busy with what is old.
    static let delay = Duration.seconds(60)
    static let interval = Duration.seconds(3600)

    let policy: RetentionPolicy
    let journal: SegmentJournal
    let clock: any HubClock

    func run() async {
        var memory = RetentionMemory()
        var wait = Self.delay
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let pause = wait
            wait = Self.interval
            do {
                try await cancelWhenGracefulShutdown { try await self.clock.sleep(for: pause) }
            } catch {
                continue
            }
            memory = await cancelWhenGracefulShutdown { [memory] in await self.once(memory) }
        }
    }

    /// - Returns: What the next run begins with.
    private func once(_ memory: RetentionMemory) async -> RetentionMemory {
        var memory = memory
        let log = Logger(label: "hub.retention")
        do throws(HubError) {
            let report = try await self.journal.retain(self.policy, &memory)
            guard !report.records.isEmpty || report.segments > 0 || report.files > 0 else { return memory }
            log.info(
                "What the journal need not keep was removed.",
                metadata: [
                    "payloads": "\(report.payloads)", "bytes": "\(report.bytes)", "segments": "\(report.segments)",
                    "files": "\(report.files)", "identities": "\(report.identities)", "unfinished": "\(report.unfinished)",
                ]
            )
        } catch {
            log.error(
                "What the journal need not keep could not be removed; it is tried again in an hour.",
                metadata: ["code": "\(error.code.rawValue)", "error": "\(error.summary)"]
            )
        }
        return memory
    }
}

extension HubConfiguration.Retention {
    var policy: RetentionPolicy {
        var policy = RetentionPolicy()
        policy.payloads = self.payloads
        policy.payloadsByType = self.payloadsByType
        policy.identities = self.identities
        return policy
    }
}
