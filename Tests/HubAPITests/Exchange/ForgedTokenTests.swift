import HubEnvelope
import HubModel
import Testing

@Suite("A token that this hub did not issue", .timeLimit(.minutes(5)))
struct ForgedTokenTests {
    @Test("opens nothing", arguments: ForgedToken.signed + ForgedToken.altered)
    func refused(token: ForgedToken) async throws {
        try await HubBench.run { bench in
            let text = try token.make(
                bench.province.hubKey, bench.province.key(of: Province.stranger), try await bench.token()
            )
            let reply = try await bench.exchange.get("/v1/services", [HubBench.bearer(text)])
            try reply.expectProblem(401, .accessUnauthenticated)
            #expect(reply.header("WWW-Authenticate") == #"Bearer realm="lgsp""#)
        }
    }

    @Test("is told from one that it did, made in the same way")
    func counterCheck() async throws {
        try await HubBench.run { bench in
            let token = try JWS.signCompact(ForgedToken.claims(), with: bench.province.hubKey)
            #expect(try await bench.exchange.get("/v1/services", [HubBench.bearer(token)]).status == 200)
        }
    }

    static let closedDoors = [
        "POST /v1/messages", "GET /v1/messages/01a20bf6-00f9-7557-a328-73a26fc97371",
        "GET /v1/messages/01a20bf6-00f9-7557-a328-73a26fc97371/receipt", "GET /v1/mailbox",
        "POST /v1/mailbox/01a20bf6-00f9-7557-a328-73a26fc97371.0/ack",
        "POST /v1/mailbox/01a20bf6-00f9-7557-a328-73a26fc97371.0/nack", "GET /v1/services",
        "POST /v1/services/dan-cu/xac-thuc/1",
    ]

    @Test("is as good as none: without one, every door is closed", arguments: closedDoors)
    func absent(door: String) async throws {
        let parts = door.split(separator: " ").map(String.init)
        try await HubBench.run { bench in
            for headers: Caller.Headers in [
                [], [HubBench.basic(HubBench.oneStop)], [("Authorization", "Bearer")],
            ] {
                try await bench.exchange.send(parts[0], parts[1], headers).expectProblem(
                    401, .accessUnauthenticated)
            }
        }
    }
}
