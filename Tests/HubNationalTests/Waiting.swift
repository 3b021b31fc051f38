import HubTesting

/// Waits until the task is cancelled, as a server does that has forgotten its client.
func untilCancelled() async {
    for await _ in AsyncStream<Void>.makeStream().stream {}
}

/// Ends `body` when it takes too long, so that a test fails instead of hanging.
func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(for: limit)
            throw TooLate(limit: limit)
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw TooLate(limit: limit) }
        return value
    }
}

extension ManualClock {
    /// Lets time pass whenever somebody waits for it, until `condition` holds.
    ///
    /// - Throws: `TooLate` when that takes longer than anything in a test may take.
    func pass(until condition: () async throws -> Bool) async throws {
        let limit = Duration.seconds(30)
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
        let limit = Duration.seconds(10)
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
