public import HubModel

/// How failed deliveries are tried again: exponential back-off with full jitter, limited by age and not by a count.
public struct RetryPolicy: Sendable {
    /// The upper bound of the first wait.
    public var first = Duration.milliseconds(500)
    /// The upper bound of every wait.
    public var longest = Duration.seconds(60)
    /// A delivery that is older is dead-lettered with `delivery.expired`.
    public var giveUpAfter = Duration.seconds(3 * 86_400)
    /// The same for types of messages that are worth less, or more, after a time.
    public var giveUpByType: [MessageType: Duration] = [:]

    public init() {}

    func age(of type: MessageType) -> Duration { self.giveUpByType[type] ?? self.giveUpAfter }

    /// The wait after `attempt` (from 1) failed: random below `first × 2^(attempt−1)`, at most `longest`, but no
    /// shorter than what the receiver asked for, and that at most an hour.
    ///
    /// The number of attempts only grows the wait up to its limit, so any number will do.
    func wait(after attempt: Int, asked: Duration?, random: any RandomSource) -> Duration {
        let factor = attempt > 1 ? 1 << min(attempt - 1, 20) : 1
        // Asked this way round, no configured wait is too long to be doubled.
        let bound = self.first > self.longest / factor ? self.longest : min(self.longest, self.first * factor)
        let jittered = bound * random.fraction()
        guard let asked else { return max(jittered, .milliseconds(10)) }
        return max(jittered, min(asked, .seconds(3600)))
    }
}

/// Stops calling a destination that keeps failing, and feels its way back.
///
/// Closed → open after `threshold` failures in a row; open → half-open when the wait is over; half-open lets one
/// delivery through: a success closes the breaker, a failure opens it for longer.
///
/// Its counters stop at their ends. None gets there by running: `failures` ends at the threshold, and `times` and `opened`
/// grow by one with each probe or success. Beyond ten openings the wait grows no longer anyway.
struct BreakerStateMachine: Sendable {
    enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until: Duration, times: Int)
        case halfOpen(times: Int)
    }

    private(set) var state = State.closed(failures: 0)
    let threshold: Int
    let longest: Duration

    /// - Parameter threshold: From 1.
    init(threshold: Int = 5, longest: Duration = .seconds(5)) {
        self.threshold = max(1, threshold)
        self.longest = longest
    }

    /// One that has come this far.
    init(threshold: Int, longest: Duration, state: State, opened: Int) {
        self.init(threshold: threshold, longest: longest)
        self.state = state
        self.opened = opened
    }

    /// Whether a delivery may start at `uptime`, with `running` under way.
    mutating func allows(at uptime: Duration, running: Int) -> Bool {
        switch self.state {
        case .closed: return true
        case .open(let until, let times):
            guard uptime >= until else { return false }
            self.state = .halfOpen(times: times)
            return running == 0
        case .halfOpen: return running == 0
        }
    }

    mutating func succeeded() {
        switch self.state {
        case .closed: if self.opened < .max { self.opened += 1 }
        case .open, .halfOpen: self.opened = 2
        }
        self.state = .closed(failures: 0)
    }

    /// How many may be under way at once: after an outage one, and one more for each success, which doubles it from round to
    /// round. Whoever comes back would be pushed over again by all that has waited.
    private(set) var opened = Int.max

    mutating func failed(at uptime: Duration, jitter: Double) {
        switch self.state {
        case .closed(let failures):
            if failures >= self.threshold - 1 {
                self.open(at: uptime, times: 1, jitter: jitter)
            } else {
                self.state = .closed(failures: failures + 1)
            }
        case .halfOpen(let times): self.open(at: uptime, times: times < .max ? times + 1 : .max, jitter: jitter)
        case .open: break
        }
    }

    /// When to look again; `nil` while nothing waits for the breaker.
    var wakes: Duration? {
        if case .open(let until, _) = self.state { return until }
        return nil
    }

    private mutating func open(at uptime: Duration, times: Int, jitter: Double) {
        self.opened = 1
        let wait = min(self.longest, .milliseconds(250) * (1 << min(times, 10)))
        // Between half and the whole wait: all hubs of a country must not knock at once.
        self.state = .open(until: uptime + wait * (0.5 + jitter / 2), times: times)
    }
}
