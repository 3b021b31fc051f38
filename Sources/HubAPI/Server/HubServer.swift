internal import HubModel
internal import Hummingbird
internal import Logging
internal import NIOCore
public import ServiceLifecycle

/// One HTTP listener of the hub.
public struct HubServer: Service {
    private let listen: @Sendable () async throws -> Void

    /// The listener for systems: exchange API, the axis dialect and health.
    ///
    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - onListening: Told the port, once connections are taken.
    public static func exchange(
        host: String, port: Int, exchange: ExchangeAPI, axis: AxisAPI, health: AdminAPI,
        onListening: @escaping @Sendable (Int) async -> Void
    ) -> HubServer {
        HubServer(host: host, port: port, onListening: onListening) { router in
            exchange.addRoutes(to: router)
            axis.addRoutes(to: router)
            health.addHealthRoutes(to: router)
        }
    }

    /// The listener for operators and testers: admin API, metrics and health.
    public static func admin(
        host: String, port: Int, admin: AdminAPI, onListening: @escaping @Sendable (Int) async -> Void
    ) -> HubServer {
        HubServer(host: host, port: port, onListening: onListening) { router in
            admin.addRoutes(to: router)
            admin.addHealthRoutes(to: router)
        }
    }

    private init(
        host: String, port: Int, onListening: @escaping @Sendable (Int) async -> Void,
        routes: @Sendable (Hummingbird.Router<HubContext>) -> Void
    ) {
        let router = Hummingbird.Router(context: HubContext.self)
        router.add(middleware: ProblemMiddleware())
        routes(router)
        var logger = Logger(label: "hub.server")
        logger.logLevel = .error
        let application = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [], idleTimeout: .seconds(75))),
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger
        )
        self.listen = {
            do {
                try await application.run()
            } catch let error as IOError {
                throw HubError(
                    .configurationInvalid,
                    "The address cannot be listened on; end the program that uses the port or choose another.",
                    details: [
                        ErrorDetail("address", "\(host):\(port)"), ErrorDetail("error", error.errnoCode),
                        ErrorDetail("reason", String(describing: error)),
                    ],
                    cause: error
                )
            }
        }
    }

    public func run() async throws {
        try await self.listen()
    }
}
