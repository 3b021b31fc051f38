import HubModel
import Synchronization

/// A server that can be started again on the port it had.
final class RecurringServer: Sendable {
    private let listener: PlatformListener
    private let configured: Int
    private let previous: Int?
    private let clock: any Clock<Duration>
    /// The port, once it has been open.
    private let port = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - previousPort: Tried first when any will do: clients may still know it.
    init(listener: PlatformListener, port: Int, previousPort: Int?, clock: any Clock<Duration>) {
        self.listener = listener
        self.configured = port
        self.previous = previousPort
        self.clock = clock
    }

    /// Listens until the task is cancelled or shut down gracefully.
    ///
    /// - Throws: `configuration.invalid` when the port is taken by someone else, after some patience if it was ours.
    func run(opened: @escaping @Sendable (Int) -> Void) async throws {
        if let port = self.port.withLock({ $0 }) {
            // Between two runs a connection of another program may hold the port for a moment.
            for _ in 0..<Self.patience {
                if try await self.listen(port, opened) { return }
                try await self.clock.sleep(for: .milliseconds(100))
            }
            throw self.taken(port)
        }
        if self.configured == 0, let previous, try await self.listen(previous, opened) { return }
        guard try await self.listen(self.configured, opened) else { throw self.taken(self.configured) }
    }

    private static let patience = 100

    /// - Returns: `false` when the port could not be had.
    private func listen(_ port: Int, _ opened: @escaping @Sendable (Int) -> Void) async throws -> Bool {
        let hasOpened = Mutex(false)
        do {
            try await self.listener.run(port: port) { actual in
                hasOpened.withLock { $0 = true }
                self.port.withLock { $0 = actual }
                opened(actual)
            }
            return true
        } catch {
            if Task.isCancelled || hasOpened.withLock({ $0 }) { throw error }
            return false
        }
    }

    private func taken(_ port: Int) -> HubError {
        HubError(
            .configurationInvalid, "The address cannot be listened on; does another program use the port?",
            details: [ErrorDetail("host", self.listener.host), ErrorDetail("port", port)]
        )
    }
}
