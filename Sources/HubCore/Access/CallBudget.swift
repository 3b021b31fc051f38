public import HubModel
internal import Synchronization

/// Counts what each system calls against its limits: of the system as a whole, and of each service.
public final class CallBudget: Sendable {
    private struct Key: Hashable {
        let system: SystemID
        /// Empty for the system as a whole.
        let service: String
    }

    private struct State {
        var buckets: [Key: TokenBucket] = [:]
        /// From before a restart; of buckets that nobody has asked for yet.
        var earlier: [Key: (day: Int64, calls: Int)] = [:]
    }

    /// The calls of one day that count against a daily limit.
    public struct Tally: Hashable, Sendable {
        public let system: SystemID
        /// Empty for the system as a whole.
        public let service: String
        /// Counted from 1970-01-01, by Viet Nam's clock.
        public let day: Int64
        public let calls: Int

        public init(system: SystemID, service: String, day: Int64, calls: Int) {
            self.system = system
            self.service = service
            self.day = day
            self.calls = calls
        }
    }

    private let state = Mutex(State())

    /// - Parameter tallies: Those of `tallies` before a restart.
    public init(_ tallies: [Tally] = []) {
        self.state.withLock { state in
            for tally in tallies {
                state.earlier[Key(system: tally.system, service: tally.service)] = (tally.day, tally.calls)
            }
        }
    }

    /// What has to be known after a restart, in a fixed order.
    public var tallies: [Tally] {
        self.state.withLock { state in
            let counted = state.buckets.compactMap { key, bucket in
                bucket.limits.perDay == nil
                    ? nil : Tally(system: key.system, service: key.service, day: bucket.day, calls: bucket.today)
            }
            let earlier = state.earlier.map { key, tally in
                Tally(system: key.system, service: key.service, day: tally.day, calls: tally.calls)
            }
            return (counted + earlier).sorted { ($0.system.description, $0.service) < ($1.system.description, $1.service) }
        }
    }

    /// Takes one call of a system as a whole.
    ///
    /// - Throws: `access.rate_limited`, `access.quota_exceeded`, with `retry-after` in whole seconds.
    package func take(_ sender: Adapter, at now: Timestamp, uptime: Duration) throws(HubError) {
        guard let limits = sender.limits else { return }
        try self.take(Key(system: sender.system, service: ""), limits, at: now, uptime: uptime)
    }

    /// Takes one call of a service.
    ///
    /// - Throws: As for a system.
    func take(_ service: ProvidedService, for sender: Adapter, at now: Timestamp, uptime: Duration) throws(HubError) {
        guard let limits = service.terms.limits else { return }
        try self.take(Key(system: sender.system, service: service.service), limits, at: now, uptime: uptime)
    }

    private func take(_ key: Key, _ limits: CallLimits, at now: Timestamp, uptime: Duration) throws(HubError) {
        let answer = self.state.withLock { state in
            if state.buckets[key] == nil {
                let earlier = state.earlier.removeValue(forKey: key)
                state.buckets[key] = TokenBucket(limits, at: now, uptime: uptime, counted: earlier)
            } else if state.buckets[key]?.limits != limits {
                state.buckets[key]?.change(limits, uptime: uptime)
            }
            return state.buckets[key]?.take(at: now, uptime: uptime) ?? .taken
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
