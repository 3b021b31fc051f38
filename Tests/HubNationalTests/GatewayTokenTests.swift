import HTTPTypes
import HubCore
import HubDialects
import HubJSON
import HubModel
import HubNational
import HubTesting
import Hummingbird
import Testing

/// How the hub signs in at the national gateway.
@Suite(.timeLimit(.minutes(1))) struct GatewayTokenTests {
    private static let request: JSONValue = ["msdn": "2600123456"]

    private static func services(_ bench: PlatformBench) -> NationalServices {
        NationalServices(
            bench.national, portal: DossierConnector(bench.national, client: bench.client),
            client: bench.client
        )
    }

    @Test func `one token serves many calls`() async throws {
        try await PlatformBench.run { bench in
            let services = Self.services(bench)
            for _ in 1...3 { _ = try await services.call(GatewayCallTests.enterprise, request: Self.request) }
            #expect(try await bench.ledger("credential.given").count == 1)
        }
    }

    @Test func `a token that expires in the middle of a batch is renewed once`() async throws {
        try await PlatformBench.run { bench in
            let services = Self.services(bench)
            for round in 1...4 {
                if round == 3 { try await bench.order("expire-tokens") }
                _ = try await services.call(GatewayCallTests.enterprise, request: Self.request)
            }
            #expect(try await bench.ledger("credential.refused").count == 1)
            #expect(try await bench.ledger("credential.given").count == 2)
            #expect(try await bench.ledger("gateway.looked_up").count == 4)
        }
    }

    @Test func `calls that are made at once sign in once`() async throws {
        try await PlatformBench.run { bench in
            let services = Self.services(bench)
            for round in 1...2 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...8 {
                        group.addTask {
                            _ = try await services.call(GatewayCallTests.enterprise, request: Self.request)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await bench.ledger("credential.given").count == round)
                try await bench.order("expire-tokens")
            }
        }
    }

    @Test(
        arguments: [
            #"{"fault":{"code":900901,"message":"Invalid Credentials"}}"#,
            #"{"fault":{"code":"900903","message":"Access Token Expired"}}"#,
            String(decoding: GatewayFault.invalidCredentials.xml(), as: UTF8.self),
            #"{"licenseInfo":"invalid"}"#,
        ]
    )
    func `a refused token is renewed in whatever form the gateway says so`(fault: String) async throws {
        try await GatewayCallTests.withStandIn({ request in
            request.header("Authorization") == ["Bearer token-1"] ? .plain(401, fault) : .json(["ok": true])
        }) { services, server in
            let reply = try await services.call(GatewayCallTests.citizen, request: [:])
            #expect(try JSONDocument.parse(reply.body).value == ["ok": true])
            #expect(server.count(GatewayPath.token) == 2 && server.count(GatewayPath.citizen) == 2)
        }
    }

    @Test func `a gateway that takes no token is asked twice and then left alone`() async throws {
        try await GatewayCallTests.withStandIn({ _ in .plain(401) }) { services, server in
            let error = await #expect(throws: HubError.self) {
                try await services.call(GatewayCallTests.citizen, request: [:])
            }
            #expect(error?.code == .serviceUnavailable)
            #expect(server.count(GatewayPath.token) == 2 && server.count(GatewayPath.citizen) == 2)
        }
    }

    @Test(
        arguments: [
            (401, ""), (400, #"{"error":"invalid_client"}"#), (403, ""), (500, "<html>500</html>"), (200, ""),
            (200, "<html>đăng nhập</html>"), (200, #"{"access_token":"","expires_in":3600}"#),
            (200, #"{"access_token":"có dấu cách","expires_in":3600}"#), (200, #"{"access_token":"a"}"#),
        ]
    )
    func `without a token no service is asked, and the caller may try again`(status: Int, body: String)
        async throws
    {
        try await StandInServer.run(answering: { _ in .plain(status, body) }) { server in
            try await GatewayCallTests.withServices(PlatformBench.national(at: server.url)) { services in
                let error = await #expect(throws: HubError.self) {
                    try await services.call(GatewayCallTests.citizen, request: [:])
                }
                #expect(error.map { [.serviceUnavailable, .serviceFailed].contains($0.code) } == true)
            }
            #expect(server.count(GatewayPath.token) == 1 && server.received.count == 1)
        }
    }
}
