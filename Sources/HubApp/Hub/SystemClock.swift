internal import FoundationEssentials
public import HubCore
public import HubModel

/// The clocks of the machine.
public struct SystemClock: HubClock {
    /// 2001-01-01T00:00:00Z.
    private static let referenceDate: Int64 = 978_307_200_000_000_000
    private let start = ContinuousClock.now

    public init() {}

    public var now: Timestamp {
        // A double of seconds since 2001 resolves about a tenth of a microsecond.
        let seconds = Date.now.timeIntervalSinceReferenceDate
        return Timestamp(nanoseconds: Int64(seconds * 1_000_000_000) + Self.referenceDate)
    }

    public var uptime: Duration { self.start.duration(to: .now) }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}

/// Random bits of the machine.
public struct SystemRandom: RandomSource {
    public init() {}

    public func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}
