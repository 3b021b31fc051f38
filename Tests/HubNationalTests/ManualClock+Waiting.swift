import HubTesting

extension ManualClock {
    /// Lets time pass whenever somebody waits for it, until `condition` holds.
    ///
    /// - Throws: `TooLate` when that takes longer than anything in a test may take.
    func pass(until condition: () async throws -> Bool) async throws {
        let limit = Duration.seconds(60)
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw TooLate(limit: limit) }
            self.advanceToNextSleeper()
            // Between two looks, so that the others get the processor.
            try await ContinuousClock().sleep(for: .milliseconds(2))
        }
    }

    /// Waits until somebody sleeps, without letting time pass.
    func untilAsleep() async throws {
        let limit = Duration.seconds(60)
        let deadline = ContinuousClock.now + limit
        while self.firstWake == nil {
            guard ContinuousClock.now < deadline else { throw TooLate(limit: limit) }
            try await ContinuousClock().sleep(for: .milliseconds(2))
        }
    }
}

struct TooLate: Error, CustomStringConvertible {
    let limit: Duration
    var description: String { "It took longer than \(self.limit)." }
}
