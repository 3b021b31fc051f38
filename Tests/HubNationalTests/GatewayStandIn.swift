import HTTPTypes
import HubDialects
import HubJSON
import HubNational
import Hummingbird
import Synchronization

extension GatewayCallTests {
    /// A gateway that gives out `token-1`, `token-2` and so on, and answers everything else with `respond`.
    static func withStandIn(
        _ respond: @escaping @Sendable (StandInServer.Received) async throws -> Response,
        change: @escaping @Sendable (inout NationalConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (NationalServices, StandInServer) async throws -> Void
    ) async throws {
        let tokens = Mutex(0)
        try await StandInServer.run(answering: { request in
            guard request.path == GatewayPath.token else { return try await respond(request) }
            let number = tokens.withLock { number in
                number += 1
                return number
            }
            return .json(["access_token": .string("token-\(number)"), "expires_in": 3600])
        }) { server in
            var national = PlatformBench.national(at: server.url)
            change(&national)
            try await Self.withServices(national) { try await body($0, server) }
        }
    }

    /// The services of a platform, with a client of their own.
    static func withServices<Value>(
        _ national: NationalConfiguration, _ body: (NationalServices) async throws -> Value
    ) async throws -> Value {
        try await withClient { client in
            try await body(
                NationalServices(
                    national, portal: DossierConnector(national, client: client), client: client
                )
            )
        }
    }
}
