internal import HubModel
internal import Synchronization

/// Counts what each system calls against its limits: of the system as a whole, and of each service.
///
/// Counts live in memory: after a restart a day begins anew.
public final class CallBudget: Sendable {
    private struct Key: Hashable {
        let system: SystemID
        /// Empty for the system as a whole.
        let service: String
        /// Other limits are another bucket.
        let limits: CallLimits
    }

    private let buckets = Mutex<[Key: TokenBucket]>([:])

    public init() {}

    /// Takes one call of a system as a whole.
    ///
    /// - Throws: `access.rate_limited`, `access.quota_exceeded`, with `retry-after` in whole seconds.
    func take(_ sender: Adapter, at now: Timestamp, uptime: Duration) throws(HubError) {
        guard let limits = sender.limits else { return }
        try self.take(Key(system: sender.system, service: "", limits: limits), at: now, uptime: uptime)
    }

    /// Takes one call of a service.
    ///
    /// - Throws: As for a system.
    func take(_ service: ProvidedService, for sender: Adapter, at now: Timestamp, uptime: Duration) throws(HubError) {
        guard let limits = service.terms.limits else { return }
        try self.take(Key(system: sender.system, service: service.service, limits: limits), at: now, uptime: uptime)
    }

    private func take(_ key: Key, at now: Timestamp, uptime: Duration) throws(HubError) {
        let answer = self.buckets.withLock { buckets in
            buckets[key, default: TokenBucket(key.limits, at: now, uptime: uptime)].take(at: now, uptime: uptime)
        }
        let details = { (wait: Duration) in
            [
                ErrorDetail("system", key.system), ErrorDetail("service", key.service),
                ErrorDetail("retry-after", max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))),
            ]
        }
        switch answer {
        case .taken: return
        case .tooFast(let wait):
            throw HubError(.accessRateLimited, "The system calls faster than it may.", details: details(wait))
        case .usedUp(let wait):
            throw HubError(.accessQuotaExceeded, "The system has used up its calls of this day.", details: details(wait))
        }
    }
}
