public import HubCore
public import HubModel
internal import Synchronization

/// A clock that moves on by one millisecond whenever it is read, and by as much as anybody wants to sleep.
public final class SteppingClock: HubClock {
    private let elapsed = Mutex(Duration.zero)

    public init() {}

    public var now: Timestamp { JournalSamples.time(0).advanced(by: self.step()) }

    public var uptime: Duration { self.step() }

    /// Returns at once.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        self.elapsed.withLock { $0 += max(.zero, duration) }
    }

    private func step() -> Duration {
        self.elapsed.withLock { elapsed in
            elapsed += .milliseconds(1)
            return elapsed
        }
    }
}
