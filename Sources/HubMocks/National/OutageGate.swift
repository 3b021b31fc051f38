import Synchronization

/// Lets a tester take the platform's listener away for a while.
final class OutageGate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let orders: AsyncStream<Duration>
    private let send: AsyncStream<Duration>.Continuation

    init() {
        // One outage at a time: an order that comes while another waits replaces it.
        (self.orders, self.send) = AsyncStream.makeStream(
            of: Duration.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether the platform accepts connections.
    var isOpen: Bool { self.state.withLock { $0.isOpen } }

    /// Orders an outage and waits until the listener is gone.
    ///
    /// - Returns: `false` when the platform is away already; nothing is ordered then.
    func order(_ duration: Duration) async -> Bool {
        guard self.isOpen else { return false }
        self.send.yield(duration)
        await withCheckedContinuation { continuation in
            let isGone = self.state.withLock { state in
                if state.isOpen { state.waiters.append(continuation) }
                return !state.isOpen
            }
            if isGone { continuation.resume() }
        }
        return true
    }

    /// The next order, or `nil` when the task is cancelled.
    func nextOrder() async -> Duration? {
        for await duration in self.orders { return duration }
        return nil
    }

    func opened() {
        self.state.withLock { $0.isOpen = true }
    }

    func closed() {
        let waiters = self.state.withLock { state in
            state.isOpen = false
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
