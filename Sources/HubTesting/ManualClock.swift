public import HubCore
public import HubModel
internal import Synchronization

/// A clock that stands still until a test moves it on.
///
/// Whoever sleeps is woken when the clock has been moved far enough, so a test decides what happens before what.
public final class ManualClock: HubClock {
    private struct Sleeper {
        let until: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var slept = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let start: Timestamp

    public init(start: Timestamp = JournalSamples.time(0)) {
        self.start = start
    }

    public var now: Timestamp { self.start.advanced(by: self.uptime) }

    public var uptime: Duration { self.state.withLock(\.elapsed) }

    /// How often anybody has begun to sleep.
    public var slept: Int { self.state.withLock(\.slept) }

    /// When the first of those who sleep is to wake.
    public var firstWake: Duration? { self.state.withLock { $0.sleepers.values.map(\.until).min() } }

    public func sleep(for duration: Duration) async throws {
        let id = self.state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isOver, ready) = self.state.withLock {
                    state -> (Bool?, [CheckedContinuation<Void, Never>]) in
                    state.slept += 1
                    let ready = state.watchers.filter { $0.count <= state.slept }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= state.slept }
                    if state.cancelled.remove(id) != nil { return (nil, ready) }
                    guard duration > .zero else { return (true, ready) }
                    state.sleepers[id] = Sleeper(until: state.elapsed + duration, continuation: continuation)
                    return (false, ready)
                }
                for watcher in ready { watcher.resume() }
                switch isOver {
                case nil: continuation.resume(throwing: CancellationError())
                case true?: continuation.resume()
                case false?: break
                }
            }
        } onCancel: {
            let sleeper = self.state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock on and wakes whoever has slept long enough.
    public func advance(by duration: Duration) {
        let woken = self.state.withLock { state in
            state.elapsed += duration
            let due = state.sleepers.filter { $0.value.until <= state.elapsed }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.until < $1.until }.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Moves the clock on to the moment at which the first sleeper wakes.
    ///
    /// Does nothing when nobody sleeps.
    public func advanceToNextSleeper() {
        let wait = self.state.withLock { state in
            state.sleepers.values.map(\.until).min().map { max(.zero, $0 - state.elapsed) }
        }
        if let wait { self.advance(by: wait) }
    }

    /// Returns once somebody has begun to sleep for the `count`th time.
    public func waitForSleep(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = self.state.withLock { state in
                if state.slept >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
