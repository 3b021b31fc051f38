internal import HubModel
public import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// One HTTP/1 listener, for as long as its task runs: what the hub, the mock national platform and the simulated
/// systems have in common.
public struct HTTPListener: Sendable {
    private let host: String
    private let port: Int
    private let listen: @Sendable (_ ready: @escaping @Sendable (Int) async -> Void) async throws -> Void

    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - connections: Taken at once; further ones wait in the backlog of the operating system.
    ///   - idle: After so long without a request, or within one without a byte that ends its head, a connection is
    ///     closed.
    public init<Responder: HTTPResponder>(
        host: String, port: Int, connections: Int = 4096, idle: Duration = .seconds(75), responder: Responder
    ) where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        self.host = host
        self.port = port
        self.listen = { ready in
            var logger = Logger(label: "http")
            // What it says below that is connections that peers cut.
            logger.logLevel = .critical
            let application = Application(
                responder: responder,
                server: HTTPServerBuilder { responder in
                    SteadyChannel(HTTP1Channel(responder: responder, configuration: .init(idleTimeout: .init(idle))))
                },
                configuration: .init(
                    address: .hostname(host, port: port), serverName: nil,
                    availableConnectionsDelegate: MaximumAvailableConnections(connections)
                ),
                onServerRunning: { await ready($0.localAddress?.port ?? port) }, logger: logger
            )
            try await application.run()
        }
    }

    /// Listens until graceful shutdown, or until the task is cancelled, which cuts every connection.
    ///
    /// - Parameter ready: Told the port once connections are taken.
    /// - Throws: `configuration.invalid` when the address cannot be listened on.
    public func run(ready: @escaping @Sendable (Int) async -> Void) async throws {
        do {
            try await self.listen(ready)
        } catch let error as IOError {
            throw HubError(
                .configurationInvalid,
                "The address cannot be listened on; end the program that uses the port or choose another.",
                details: [
                    ErrorDetail("address", "\(self.host):\(self.port)"), ErrorDetail("error", error.errnoCode),
                    ErrorDetail("reason", String(describing: error)),
                ],
                cause: error
            )
        }
    }
}
