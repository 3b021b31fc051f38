internal import HubCore
internal import HubModel
internal import Synchronization

/// A clock on which time can be made to pass faster than it does, for measuring what takes hours.
final class QuickClock: HubClock {
    private struct State {
        var since = ContinuousClock.now
        var passed = Duration.zero
        var pace = 1
    }

    private let start = SystemClock().now
    private let state = Mutex(State())

    var uptime: Duration {
        self.state.withLock { $0.passed + $0.since.duration(to: .now) * $0.pace }
    }

    var now: Timestamp { self.start.advanced(by: self.uptime) }

    /// How many seconds pass in one.
    var pace: Int {
        get { self.state.withLock(\.pace) }
        set {
            self.state.withLock { state in
                let now = ContinuousClock.now
                state.passed += state.since.duration(to: now) * state.pace
                state.since = now
                state.pace = max(1, newValue)
            }
        }
    }

    func sleep(for duration: Duration) async throws {
        let end = self.uptime + duration
        // The pace may become another one meanwhile.
        while case let left = end - self.uptime, left > .zero {
            try await Task.sleep(for: min(left / self.pace, .milliseconds(200)))
        }
        try Task.checkCancellation()
    }
}
