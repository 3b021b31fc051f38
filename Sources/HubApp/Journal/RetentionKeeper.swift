internal import HubCore
internal import HubModel
internal import HubStore
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Removes now and then what the journal need not keep any longer.
///
/// A run that fails is tried again after the same time; nothing that was accepted depends on it.
struct RetentionKeeper: Service {
    /// One run, which begins with what those before have learned.
    typealias Run = @Sendable (inout RetentionMemory) async throws(HubError) -> RetentionReport

    /// Until the first run at most, so that a hub that starts is not busy with what is old.
    static let delay = Duration.seconds(60)
    /// Unless hub.yaml has another one.
    static let interval = Duration.seconds(3600)

    var every = Self.interval
    let state: RetentionState
    let clock: any HubClock
    let retain: Run

    func run() async {
        var memory = RetentionMemory()
        var wait = min(Self.delay, self.every)
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let pause = wait
            wait = self.every
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
        do throws(HubError) {
            let report = try await self.retain(&memory)
            self.state.note(report, at: self.clock.now)
            self.tell(report)
        } catch {
            self.state.note(error)
            Logger(label: "hub.retention").error(
                "What the journal need not keep could not be removed; it is tried again.",
                metadata: ["code": "\(error.code.rawValue)", "error": "\(error.summary)"]
            )
        }
        return memory
    }

    private func tell(_ report: RetentionReport) {
        let log = Logger(label: "hub.retention")
        for failure in report.failures {
            var metadata: Logger.Metadata = [
                "segment": "\(failure.segment)", "code": "\(failure.code.rawValue)",
                "error": "\(failure.summary)",
            ]
            for detail in failure.details where metadata[detail.key] == nil {
                metadata[detail.key] = "\(detail.value)"
            }
            log.error(
                "Payloads that were to go could not be removed from a segment; it is tried again.",
                metadata: metadata
            )
        }
        for month in report.months {
            log.info(
                "A month is in its archive only from now on. Keep it in two places, and make a backup of the journal.",
                metadata: [
                    "month": "\(month.month.month)", "archive": "\(month.month.name)",
                    "sha256": "\(month.month.archive)", "messages": "\(month.messages)", "carried": "\(month.carried)",
                    "segments": "\(month.segments)", "bytes": "\(month.bytes)",
                ]
            )
        }
        if let refusal = report.refusal {
            log.log(
                level: refusal.isFault ? .error : .warning, "\(refusal.words.en)",
                metadata: ["month": "\(refusal.month)", "archive": "\(refusal.archive)"]
            )
        }
        guard !report.records.isEmpty || report.segments > 0 || report.files > 0 else { return }
        log.info(
            "What the journal need not keep was removed.",
            metadata: [
                "payloads": "\(report.payloads)", "bytes": "\(report.bytes)",
                "segments": "\(report.segments)",
                "files": "\(report.files)", "identities": "\(report.identities)",
                "unfinished": "\(report.unfinished)",
            ]
        )
    }
}

/// How retention stands, as `/readyz` and `/metrics` show it.
final class RetentionState: Sendable {
    struct Status: Sendable {
        /// When a run last removed everything that was due; the start counts as one.
        var wellAt: Timestamp
        /// Segments from which the last run could not take what was to go.
        var failures: [RetentionReport.Failure] = []
        /// The month that should have gone in the last run.
        var refusal: RetentionReport.RefusedMonth?
        /// Since the start.
        var months = 0
        /// Why the last run came to no end.
        var fault: HubError?

        var isWell: Bool { self.failures.isEmpty && self.fault == nil && self.refusal?.isFault != true }

        var isMonthUnfinished: Bool {
            if case .unfinished? = self.refusal?.reason { true } else { false }
        }

        /// What is wrong; empty when all is well.
        var reason: String {
            if let fault = self.fault {
                return "\(fault.summary) What is to be removed stays since \(self.wellAt)."
            }
            if let refusal = self.refusal, refusal.isFault {
                return "\(refusal.words.en). \(refusal.archive)"
            }
            guard let first = self.failures.first else { return "" }
            return "\(self.failures.count) segments keep what is to be removed since \(self.wellAt); "
                + "\(first.segment): \(first.summary)"
        }
    }

    private let status: Mutex<Status>

    init(start: Timestamp) {
        self.status = Mutex(Status(wellAt: start))
    }

    var current: Status { self.status.withLock { $0 } }

    func note(_ report: RetentionReport, at now: Timestamp) {
        self.status.withLock { status in
            status.fault = nil
            status.failures = report.failures
            status.refusal = report.refusal
            status.months += report.months.count
            if status.isWell { status.wellAt = now }
        }
    }

    func note(_ fault: HubError) {
        self.status.withLock { $0.fault = fault }
    }
}
