internal import FoundationEssentials
public import HubCore
public import HubModel

/// The clocks of the machine.
public struct SystemClock: HubClock {
    /// 2001-01-01T00:00:00Z.
    private static let referenceDate: Int64 = 978_307_200_000_000_000
    private let start = ContinuousClock.now

    public init() {}

    /// A clock that somebody set to a year after 2262 stands at the end of what a timestamp can hold.
    public var now: Timestamp {
        // A double of seconds since 2001 resolves about a tenth of a microsecond.
        let seconds = Date.now.timeIntervalSinceReferenceDate
        return Self.timestamp(secondsSince2001: seconds)
    }

    static func timestamp(secondsSince2001 seconds: Double) -> Timestamp {
        guard let nanoseconds = Int64(exactly: (seconds * 1_000_000_000).rounded(.towardZero)) else {
            return Timestamp(nanoseconds: seconds < 0 ? .min : .max)
        }
        let (sum, isTooLate) = nanoseconds.addingReportingOverflow(Self.referenceDate)
        return Timestamp(nanoseconds: isTooLate ? .max : sum)
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
