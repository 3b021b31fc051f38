package import HubModel

/// How much a client may still call now: a bucket that fills at a steady rate, and a count for the day.
///
/// A value without clocks: it is told what time it is. The level stays below `burst` calls, which an adapter limits to 10⁶;
/// the calls of a day stop at the end of their counter, which only a file that was written by hand can hold, and so does time.
package struct TokenBucket: Sendable {
    package enum Answer: Hashable, Sendable {
        case taken
        /// The bucket is empty; there is a call in it again after this.
        case tooFast(wait: Duration)
        /// The day's calls are used up; the next day begins after this.
        case usedUp(wait: Duration)
    }

    private static let nanosecondsADay: Int64 = 86_400_000_000_000

    private(set) var limits: CallLimits
    /// Calls that may be made now, in billionths.
    private var level: Int64
    private var filledAt: Duration
    /// Counted from 1970-01-01, by Viet Nam's clock.
    private(set) var day: Int64
    /// Calls of that day.
    private(set) var today: Int

    /// - Parameter counted: What is known of the calls of a day, from before a restart.
    package init(_ limits: CallLimits, at now: Timestamp, uptime: Duration, counted: (day: Int64, calls: Int)? = nil) {
        self.limits = limits
        self.level = Int64(limits.burst) * 1_000_000_000
        self.filledAt = uptime
        let day = Self.day(of: now).number
        self.day = day
        self.today = counted.map { $0.day == day ? $0.calls : 0 } ?? 0
    }

    /// Other limits begin with a full bucket; the calls of the day stay counted.
    mutating func change(_ limits: CallLimits, uptime: Duration) {
        self.limits = limits
        self.level = Int64(limits.burst) * 1_000_000_000
        self.filledAt = uptime
    }

    /// - Parameters:
    ///   - now: Decides which day it is, in Viet Nam.
    ///   - uptime: Decides how far the bucket has filled; a clock that was set cannot fill it.
    package mutating func take(at now: Timestamp, uptime: Duration) -> Answer {
        let (day, left) = Self.day(of: now)
        if day != self.day { (self.day, self.today) = (day, 0) }
        if let perDay = self.limits.perDay, self.today >= perDay { return .usedUp(wait: .nanoseconds(left)) }
        self.fill(uptime)
        guard self.level >= 1_000_000_000 else {
            let rate = Int64(self.limits.rate)
            return .tooFast(wait: .nanoseconds((1_000_000_000 - self.level + rate - 1) / rate))
        }
        self.level -= 1_000_000_000
        if self.today < .max { self.today += 1 }
        return .taken
    }

    private mutating func fill(_ uptime: Duration) {
        let passed = uptime - self.filledAt
        guard passed > .zero else { return }
        self.filledAt = uptime
        let full = Int64(self.limits.burst) * 1_000_000_000
        // Whoever was away for long enough finds a full bucket; the product below cannot overflow then.
        guard passed < .seconds(1 + self.limits.burst / self.limits.rate) else {
            self.level = full
            return
        }
        let (seconds, attoseconds) = passed.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        self.level = min(full, self.level + nanoseconds * Int64(self.limits.rate))
    }

    /// The number of the day in Viet Nam, and the nanoseconds that are left of it.
    private static func day(of now: Timestamp) -> (number: Int64, left: Int64) {
        // Seven hours before the end of time the day in Viet Nam could not be told any more.
        let latest = Int64.max - Int64(CivilTime.vietnamOffset) * 1_000_000_000
        let local = min(now.nanoseconds, latest) + Int64(CivilTime.vietnamOffset) * 1_000_000_000
        var (number, passed) = local.quotientAndRemainder(dividingBy: Self.nanosecondsADay)
        if passed < 0 { (number, passed) = (number - 1, passed + Self.nanosecondsADay) }
        return (number, Self.nanosecondsADay - passed)
    }
}
