internal import Synchronization

/// How many records may be made of what anyone can cause: some at once, then so many a second.
final class RecordAllowance: Sendable {
    private struct State {
        var left: Double
        var at: Duration?
    }

    private let perSecond: Double
    private let atOnce: Double
    private let state: Mutex<State>

    init(perSecond: Double, atOnce: Double) {
        self.perSecond = perSecond
        self.atOnce = atOnce
        self.state = Mutex(State(left: atOnce))
    }

    /// Takes one, if one is left at `uptime`.
    func allows(at uptime: Duration) -> Bool {
        self.state.withLock { state in
            let passed = state.at.map { max(.zero, uptime - $0) / .seconds(1) } ?? 0
            state.at = uptime
            state.left = min(self.atOnce, state.left + passed * self.perSecond)
            guard state.left >= 1 else { return false }
            state.left -= 1
            return true
        }
    }
}
