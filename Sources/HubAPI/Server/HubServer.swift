internal import HubHTTP
internal import Hummingbird
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
        HubServer(host: host, port: port, onListening: onListening) { routes in
            exchange.addRoutes(to: routes)
            axis.addRoutes(to: routes)
            health.addHealthRoutes(to: routes)
        }
    }

    /// The listener for operators and testers: admin API, metrics and health.
    public static func admin(
        host: String, port: Int, admin: AdminAPI, onListening: @escaping @Sendable (Int) async -> Void
    ) -> HubServer {
        HubServer(host: host, port: port, onListening: onListening) { routes in
            admin.addRoutes(to: routes)
            admin.addHealthRoutes(to: routes)
        }
    }

    private init(
        host: String, port: Int, onListening: @escaping @Sendable (Int) async -> Void,
        routes: (RouteTable) -> Void
    ) {
        let table = RouteTable()
        routes(table)
        let listener = HTTPListener(host: host, port: port, responder: table.responder())
        self.listen = { try await listener.run(ready: onListening) }
    }

    public func run() async throws {
        try await self.listen()
    }
}
