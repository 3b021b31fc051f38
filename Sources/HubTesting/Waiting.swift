/// Waits until the task is cancelled, as a server does that has forgotten its client.
public func untilCancelled() async {
    for await _ in AsyncStream<Void>.makeStream().stream {}
}

/// Ends `body` when it takes too long, so that a test fails instead of hanging.
public func within<Value: Sendable>(
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

/// What a test waits for did not come.
public struct TooLate: Error, CustomStringConvertible {
    public let limit: Duration

    public init(limit: Duration) {
        self.limit = limit
    }

    public var description: String { "It took longer than \(self.limit)." }
}
