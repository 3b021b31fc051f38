@testable import HubCore
import HubModel
import HubTesting
import Testing

@Suite("A bucket of calls")
struct TokenBucketTests {
    private static let noon = Timestamp(seconds: 1_767_330_000)

    @Test("gives what fits in it at once, then one at a time")
    func burst() {
        var bucket = TokenBucket(CallLimits(rate: 2, burst: 3), at: Self.noon, uptime: .zero)
        for _ in 0..<3 { #expect(bucket.take(at: Self.noon, uptime: .zero) == .taken) }
        guard case .tooFast(let wait) = bucket.take(at: Self.noon, uptime: .zero) else {
            Issue.record("A fourth call was let through.")
            return
        }
        #expect(wait > .milliseconds(499) && wait <= .milliseconds(501))
        #expect(bucket.take(at: Self.noon, uptime: wait) == .taken)
        #expect(bucket.take(at: Self.noon, uptime: wait) != .taken)
    }

    @Test("never holds more than fits in it, however long nobody calls")
    func full() {
        var bucket = TokenBucket(CallLimits(rate: 100_000, burst: 1_000_000), at: Self.noon, uptime: .zero)
        #expect(bucket.take(at: Self.noon, uptime: .seconds(86_400 * 365 * 200)) == .taken)
        var small = TokenBucket(CallLimits(rate: 1, burst: 2), at: Self.noon, uptime: .zero)
        let later = Duration.seconds(1_000_000)
        #expect(small.take(at: Self.noon, uptime: later) == .taken)
        #expect(small.take(at: Self.noon, uptime: later) == .taken)
        #expect(small.take(at: Self.noon, uptime: later) != .taken)
    }

    @Test("is not filled by an uptime that goes back")
    func backwards() {
        var bucket = TokenBucket(CallLimits(rate: 1), at: Self.noon, uptime: .seconds(100))
        #expect(bucket.take(at: Self.noon, uptime: .seconds(100)) == .taken)
        #expect(bucket.take(at: Self.noon, uptime: .seconds(10)) != .taken)
        #expect(bucket.take(at: Self.noon, uptime: .seconds(100)) != .taken)
    }

    @Test("counts the day of Viet Nam, which begins at 17:00 of Greenwich")
    func day() throws {
        let evening = try #require(Timestamp(rfc3339: "2026-01-02T16:59:30Z"))
        var bucket = TokenBucket(CallLimits(rate: 1000, perDay: 2), at: evening, uptime: .zero)
        #expect(bucket.take(at: evening, uptime: .zero) == .taken)
        #expect(bucket.take(at: evening, uptime: .seconds(1)) == .taken)
        #expect(bucket.take(at: evening, uptime: .seconds(2)) == .usedUp(wait: .seconds(30)))
        #expect(bucket.take(at: evening.advanced(by: .seconds(30)), uptime: .seconds(32)) == .taken)
    }

    @Test("counts up to the end of its counters, and a day up to the end of time")
    func ends() {
        let last = Timestamp(nanoseconds: .max)
        let day = TokenBucket(CallLimits(rate: 1), at: last, uptime: .zero).day
        var bucket = TokenBucket(CallLimits(rate: 9), at: last, uptime: .zero, counted: (day, .max - 1))
        for _ in 0..<3 { #expect(bucket.take(at: last, uptime: .zero) == .taken) }
        #expect(bucket.today == .max)
        var limited = TokenBucket(CallLimits(rate: 9, perDay: .max), at: last, uptime: .zero, counted: (day, .max - 1))
        #expect(limited.take(at: last, uptime: .zero) == .taken)
        guard case .usedUp(let wait) = limited.take(at: last, uptime: .zero) else {
            Issue.record("A call beyond those of the day was let through.")
            return
        }
        #expect(wait > .zero && wait <= .seconds(86_400))
        // Days before 1970 have numbers too, and end.
        for nanoseconds in [Int64.min, -1, 0] {
            let moment = Timestamp(nanoseconds: nanoseconds)
            var early = TokenBucket(CallLimits(rate: 1, perDay: 1), at: moment, uptime: .zero)
            #expect(early.take(at: moment, uptime: .zero) == .taken)
            guard case .usedUp(let wait) = early.take(at: moment, uptime: .zero) else {
                Issue.record("A second call was let through.")
                continue
            }
            #expect(wait > .zero && wait <= .seconds(86_400))
        }
    }

    @Test(
        "lets through what the rate allows, whatever the pauses and however long it has been there",
        arguments: [1, 2, 3, 4, 5] as [UInt64], [0, .max / 2, .max - 1_000_000] as [Int64]
    )
    func model(seed: UInt64, start: Int64) {
        let random = SeededRandom(seed: seed)
        let limits = CallLimits(rate: 1 + Int(random.next() % 50), burst: 1 + Int(random.next() % 100))
        let start = Duration.seconds(start)
        var bucket = TokenBucket(limits, at: Self.noon, uptime: start)
        var uptime = start
        var taken = 0
        for _ in 0..<5000 {
            uptime += .microseconds(Int64(random.next() % 60_000))
            if bucket.take(at: Self.noon, uptime: uptime) == .taken { taken += 1 }
            let allowed = Double(limits.burst) + (uptime - start) / .seconds(1) * Double(limits.rate)
            #expect(Double(taken) <= allowed + 0.001)
        }
        // Whoever asks more often than that gets all of it.
        #expect(taken >= min(5000, limits.burst))
    }
}

@Suite("The budget of a system")
struct CallBudgetTests {
    private static let noon = Timestamp(seconds: 1_767_330_000)

    private static func adapter(_ limits: CallLimits) throws -> Adapter {
        Adapter(
            system: try #require(SystemID("qlvb-thu")), title: Bilingual(vi: "Thử", en: "Test"), kind: .documentManagement,
            agencies: [], speaks: .exchange, limits: limits
        )
    }

    @Test("goes on counting a day after a restart, and not the day before")
    func restart() throws {
        let adapter = try Self.adapter(CallLimits(rate: 100, perDay: 3))
        let before = CallBudget()
        for _ in 0..<2 { try before.take(adapter, at: Self.noon, uptime: .zero) }
        let tallies = before.tallies
        #expect(tallies.map(\.calls) == [2])

        let after = CallBudget(tallies)
        #expect(after.tallies == tallies)
        try after.take(adapter, at: Self.noon, uptime: .zero)
        let error = #expect(throws: HubError.self) { try after.take(adapter, at: Self.noon, uptime: .zero) }
        #expect(error?.code == .accessQuotaExceeded)

        let tomorrow = CallBudget(tallies)
        for _ in 0..<3 { try tomorrow.take(adapter, at: Self.noon.advanced(by: .seconds(86_400)), uptime: .zero) }
    }

    @Test("keeps the calls of the day when an operator changes the limits")
    func change() throws {
        let budget = CallBudget()
        for _ in 0..<5 { try budget.take(try Self.adapter(CallLimits(rate: 5, perDay: 10)), at: Self.noon, uptime: .zero) }
        let narrowed = try Self.adapter(CallLimits(rate: 50, perDay: 6))
        try budget.take(narrowed, at: Self.noon, uptime: .zero)
        let error = #expect(throws: HubError.self) { try budget.take(narrowed, at: Self.noon, uptime: .zero) }
        #expect(error?.code == .accessQuotaExceeded)
    }

    @Test("has nothing to keep of systems without a daily limit")
    func unlimited() throws {
        let budget = CallBudget()
        try budget.take(try Self.adapter(CallLimits(rate: 5)), at: Self.noon, uptime: .zero)
        #expect(budget.tallies.isEmpty)
    }
}
