import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("Waits and breakers, against models")
struct RetryModelTests {
    @Test("every wait is within its bounds, after any number of attempts and for any configuration", arguments: 0..<200)
    func waits(seed: Int) {
        let random = SeededRandom(seed: UInt64(seed))
        let spans: [Duration] = [
            .zero, .milliseconds(1), .milliseconds(500), .seconds(60), .seconds(86_400 * 1_000_000_000), .seconds(Int64.max),
        ]
        for _ in 0..<50 {
            var policy = RetryPolicy()
            policy.first = random.any(of: spans)
            policy.longest = random.any(of: spans)
            let attempt = random.any(of: [.min, .min + random.below(3), -1, 1 + random.below(70), .max - random.below(3), .max])
            let asked = random.any(of: [nil, nil] + spans.map(Optional.some))
            // The same by repeated doubling.
            var bound = policy.first
            for _ in 0..<(max(1, min(attempt, 21)) - 1) where bound < policy.longest { bound = bound + bound }
            bound = min(bound, policy.longest)
            let least = asked.map { min($0, .seconds(3600)) } ?? .milliseconds(10)
            let wait = policy.wait(after: attempt, asked: asked, random: random)
            #expect(wait >= least && wait <= max(bound, least), "seed \(seed): \(wait) after \(attempt) attempts")
        }
    }

    @Test("a breaker does what its model does, wherever its counters begin", arguments: 0..<200)
    func breaker(seed: Int) {
        var world = BreakerWorld(seed: UInt64(seed))
        for step in 0..<300 {
            if let fault = world.step() {
                Issue.record("seed \(seed), step \(step): \(fault)")
                return
            }
        }
    }
}

/// A breaker, and the same by counting in words: how many failures in a row, how many openings, how many successes since.
private struct BreakerWorld {
    private let random: SeededRandom
    private let threshold: Int
    private let longest: Duration = .seconds(5)
    private var breaker: BreakerStateMachine
    private var uptime: Duration
    /// Failures that are left until it opens.
    private var left: Int
    /// Half the wait and the whole, while it is open.
    private var open: (from: Duration, through: Duration)?
    private var isProbing = false
    private var openings: Int
    private var most: Int

    init(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        self.random = random
        self.uptime = random.any(of: [.zero, .seconds(Int64.max)])
        let start = self.uptime
        if random.chance(50) {
            self.threshold = random.any(of: [1, 2, 5, .max])
            self.openings = .max - random.below(3)
            self.most = .max - random.below(3)
            self.open = (start, start)
            self.left = self.threshold
            self.breaker = BreakerStateMachine(
                threshold: self.threshold, longest: self.longest, state: .open(until: start, times: self.openings),
                opened: self.most
            )
        } else {
            self.threshold = random.any(of: [3, .max])
            self.left = 1 + random.below(3)
            self.openings = 0
            self.most = .max - random.below(3)
            self.breaker = BreakerStateMachine(
                threshold: self.threshold, longest: self.longest, state: .closed(failures: self.threshold - self.left),
                opened: self.most
            )
        }
    }

    /// - Returns: What went wrong.
    mutating func step() -> String? {
        switch self.random.below(10) {
        case 0..<3: self.uptime += .milliseconds(self.random.below(3000))
        case 3..<6: if let fault = self.ask() { return fault }
        case 6..<8: self.succeed()
        default: self.fail()
        }
        guard self.breaker.opened == self.most else { return "\(self.breaker.opened) at once instead of \(self.most)" }
        guard let open = self.open, !self.isProbing else {
            return self.breaker.wakes == nil ? nil : "it waits and is not open"
        }
        guard let wakes = self.breaker.wakes, wakes >= open.from, wakes <= open.through else {
            return "it wakes at \(String(describing: self.breaker.wakes)) and not within \(open)"
        }
        return nil
    }

    private mutating func ask() -> String? {
        let running = self.random.below(2)
        let isOver = self.breaker.wakes.map { self.uptime >= $0 } ?? true
        let mayStart = self.open == nil || (isOver && running == 0)
        if self.open != nil, isOver { self.isProbing = true }
        let allows = self.breaker.allows(at: self.uptime, running: running)
        return allows == mayStart ? nil : "it allows \(allows) with \(running) under way"
    }

    private mutating func succeed() {
        self.breaker.succeeded()
        self.most = self.open == nil ? (self.most == .max ? .max : self.most + 1) : 2
        (self.open, self.isProbing, self.left) = (nil, false, self.threshold)
        self.openings = 0
    }

    private mutating func fail() {
        self.breaker.failed(at: self.uptime, jitter: self.random.fraction())
        if self.open == nil {
            self.left -= 1
            guard self.left == 0 else { return }
        } else if !self.isProbing {
            return
        }
        self.openings = self.openings == .max ? .max : self.openings + 1
        let wait = self.openings > 4 ? self.longest : min(self.longest, .milliseconds(250 << self.openings))
        self.open = (self.uptime + wait / 2, self.uptime + wait)
        (self.isProbing, self.most, self.left) = (false, 1, self.threshold)
    }
}
