public import HubModel

/// Time, as the hub sees it. Injected, so that tests and a simulated country can run on a clock of their own.
public protocol HubClock: Sendable {
    /// The wall clock. May jump.
    var now: Timestamp { get }

    /// Time since some fixed moment. Never jumps; what waits and time limits are measured with.
    var uptime: Duration { get }

    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws
}

/// Random bits, injected for the same reason. Not for keys.
public protocol RandomSource: Sendable {
    func next() -> UInt64
}

extension RandomSource {
    /// A number in `0 ..< 1`.
    func fraction() -> Double {
        Double(self.next() >> 11) * 0x1p-53
    }
}

/// Makes the ids of messages.
public struct MessageIDSource: Sendable {
    private let clock: any HubClock
    private let random: any RandomSource

    public init(clock: any HubClock, random: any RandomSource) {
        self.clock = clock
        self.random = random
    }

    public func next() -> MessageID {
        MessageID(at: self.clock.now, random: (self.random.next(), self.random.next()))
    }
}
