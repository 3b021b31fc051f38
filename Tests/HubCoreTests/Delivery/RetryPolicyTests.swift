import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("Retries")
struct RetryPolicyTests {
    /// A source that always gives the same.
    private struct Constant: RandomSource {
        let value: UInt64
        func next() -> UInt64 { self.value }
    }

    private static let largest = Constant(value: .max)
    private static let smallest = Constant(value: 0)

    @Test(
        "wait at most twice as long each time, up to the longest wait",
        arguments: [(1, 0.5), (2, 1), (3, 2), (4, 4), (7, 32), (8, 60), (9, 60), (64, 60), (1_000_000, 60)]
    )
    func bounds(attempt: Int, seconds: Double) {
        let wait = RetryPolicy().wait(after: attempt, asked: nil, random: Self.largest)
        #expect(wait <= .seconds(seconds))
        #expect(wait > .seconds(seconds * 0.99))
    }

    @Test("never wait no time at all", arguments: [-5, 0, 1, 2, 50])
    func floor(attempt: Int) {
        #expect(RetryPolicy().wait(after: attempt, asked: nil, random: Self.smallest) == .milliseconds(10))
    }

    @Test("are spread over the whole of the wait", arguments: 1...5)
    func jitter(seed: Int) {
        let random = SeededRandom(seed: UInt64(seed))
        let waits = (0..<2000).map { _ in RetryPolicy().wait(after: 8, asked: nil, random: random) }
        #expect(waits.allSatisfy { $0 >= .milliseconds(10) && $0 < .seconds(60) })
        for quarter in 0..<4 {
            let range = Duration.seconds(15 * quarter)..<Duration.seconds(15 * (quarter + 1))
            let share = waits.count { range.contains($0) }
            #expect((400...600).contains(share), "\(share) waits in \(range)")
        }
    }

    @Test("wait at least as long as the receiver asked for, and that at most an hour")
    func retryAfter() {
        let policy = RetryPolicy()
        #expect(policy.wait(after: 1, asked: .seconds(120), random: Self.largest) == .seconds(120))
        #expect(policy.wait(after: 9, asked: .seconds(1), random: Self.largest) > .seconds(59))
        #expect(policy.wait(after: 1, asked: .seconds(86_400), random: Self.smallest) == .seconds(3600))
        #expect(policy.wait(after: 1, asked: .seconds(Int64.max), random: Self.smallest) == .seconds(3600))
        #expect(policy.wait(after: 1, asked: .zero, random: Self.smallest) >= .zero)
    }
}

/// A state machine by reference, so that it can be asked inside an expectation.
private final class Breaker {
    private var machine: BreakerStateMachine

    init(threshold: Int = 3, longest: Duration = .seconds(4)) {
        self.machine = BreakerStateMachine(threshold: threshold, longest: longest)
    }

    var wakes: Duration? { self.machine.wakes }

    func allows(at uptime: Duration, running: Int) -> Bool { self.machine.allows(at: uptime, running: running) }
    func succeeded() { self.machine.succeeded() }
    func failed(at uptime: Duration, jitter: Double) { self.machine.failed(at: uptime, jitter: jitter) }
}

@Suite("A breaker")
struct BreakerStateMachineTests {
    private func opened(at uptime: Duration = .zero, jitter: Double = 1) -> Breaker {
        let breaker = Breaker()
        for _ in 0..<3 { breaker.failed(at: uptime, jitter: jitter) }
        return breaker
    }

    @Test("opens after so many failures in a row and not before")
    func opens() {
        let breaker = Breaker()
        for _ in 0..<2 { breaker.failed(at: .zero, jitter: 0) }
        #expect(breaker.allows(at: .zero, running: 5))
        breaker.succeeded()
        for _ in 0..<2 { breaker.failed(at: .zero, jitter: 0) }
        #expect(breaker.allows(at: .zero, running: 5))
        breaker.failed(at: .zero, jitter: 0)
        #expect(!breaker.allows(at: .zero, running: 0))
    }

    @Test("lets exactly one through when its wait is over")
    func probe() throws {
        let breaker = self.opened()
        let until = try #require(breaker.wakes)
        #expect(!breaker.allows(at: until - .nanoseconds(1), running: 0))
        #expect(breaker.allows(at: until, running: 0))
        #expect(!breaker.allows(at: until, running: 1))
        #expect(breaker.wakes == nil)
        breaker.succeeded()
        #expect(breaker.allows(at: until, running: 7))
    }

    @Test("waits for what is under way before it probes")
    func drainsFirst() throws {
        let breaker = self.opened()
        let until = try #require(breaker.wakes)
        #expect(!breaker.allows(at: until, running: 2))
        #expect(breaker.allows(at: until, running: 0))
    }

    @Test("stays open twice as long after each probe that fails, up to its limit")
    func longer() throws {
        let breaker = self.opened()
        var uptime = try #require(breaker.wakes)
        #expect(uptime == .milliseconds(500))
        for seconds in [1.0, 2, 4, 4, 4] {
            #expect(breaker.allows(at: uptime, running: 0))
            breaker.failed(at: uptime, jitter: 1)
            let next = try #require(breaker.wakes)
            #expect(next - uptime == .seconds(seconds))
            uptime = next
        }
    }

    @Test("spreads its probes over half of the wait")
    func jitter() {
        #expect(self.opened(jitter: 0).wakes == .milliseconds(250))
        #expect(self.opened(jitter: 0.5).wakes == .milliseconds(375))
    }

    @Test("does not wait longer for failures of what was under way when it opened")
    func stragglers() {
        let breaker = self.opened()
        let until = breaker.wakes
        for _ in 0..<5 { breaker.failed(at: .milliseconds(100), jitter: 1) }
        #expect(breaker.wakes == until)
    }
}
