import HubCore
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

    @Test("lets through what the rate allows, whatever the pauses", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func model(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        let limits = CallLimits(rate: 1 + Int(random.next() % 50), burst: 1 + Int(random.next() % 100))
        var bucket = TokenBucket(limits, at: Self.noon, uptime: .zero)
        var uptime = Duration.zero
        var taken = 0
        for _ in 0..<5000 {
            uptime += .microseconds(Int64(random.next() % 60_000))
            if bucket.take(at: Self.noon, uptime: uptime) == .taken { taken += 1 }
            let allowed = Double(limits.burst) + uptime / .seconds(1) * Double(limits.rate)
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
