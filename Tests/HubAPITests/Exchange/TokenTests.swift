import HubCore
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A token", .timeLimit(.minutes(5)))
struct TokenTests {
    private static let grant = Array("grant_type=client_credentials".utf8)

    @Test("is given for the right secret, and opens the hub until it is over")
    func given() async throws {
        try await HubBench.run { bench in
            let reply = try await bench.exchange.post(
                "/oauth2/token", [HubBench.basic(HubBench.oneStop)], Self.grant
            )
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "application/json")
            #expect(try reply.json["token_type"]?.string == "Bearer")
            #expect(try reply.json["expires_in"]?.int == 900)
            let token = try #require(try reply.json["access_token"]?.string)
            #expect(try await bench.exchange.get("/v1/services", [HubBench.bearer(token)]).status == 200)
            bench.clock.advance(by: .seconds(899))
            #expect(try await bench.exchange.get("/v1/services", [HubBench.bearer(token)]).status == 200)
            bench.clock.advance(by: .seconds(1))
            try await bench.exchange.get("/v1/services", [HubBench.bearer(token)])
                .expectProblem(401, .accessUnauthenticated)
            #expect(await bench.refusals().isEmpty)
        }
    }

    @Test("that nobody has shown before it was over is refused as well")
    func unused() async throws {
        try await HubBench.run { bench in
            let token = try await bench.token()
            bench.clock.advance(by: .seconds(900))
            let reply = try await bench.exchange.get("/v1/services", [HubBench.bearer(token)])
            try reply.expectProblem(401, .accessUnauthenticated)
        }
    }

    @Test("may be asked for with the name of the method in any case, and with more parameters")
    func spellings() async throws {
        try await HubBench.run { bench in
            let basic = HubBench.basic(HubBench.oneStop)
            let spelled = ("authorization", basic.value.replacing("Basic", with: "bASIC"))
            let reply = try await bench.exchange.post(
                "/oauth2/token", [spelled], Array("scope=a&grant_type=client_credentials&x=%20".utf8)
            )
            #expect(reply.status == 200)
        }
    }

    static let strangers: [Stranger] = [
        Stranger("a wrong secret", [HubBench.basic(HubBench.oneStop, secret: Array("falsch".utf8))]),
        Stranger(
            "the secret of another",
            [HubBench.basic(HubBench.oneStop, secret: Province.secret(of: "ioc-h44"))]),
        Stranger("no secret", [HubBench.basic(HubBench.oneStop, secret: [])]),
        Stranger(
            "a secret with a byte more",
            [
                HubBench.basic(HubBench.oneStop, secret: Province.secret(of: HubBench.oneStop) + [0])
            ]),
        Stranger("a name that nobody has", [HubBench.basic("mot-cua-h99")]),
        Stranger("a name that cannot be one", [HubBench.basic("../Mot Cua\n")]),
        Stranger("no name", [HubBench.basic("", secret: [])]),
        Stranger(
            "zeros for a name that nobody has",
            [
                HubBench.basic("mot-cua-h99", secret: [UInt8](repeating: 0, count: 32))
            ]),
        Stranger("no header", []),
        Stranger("another scheme", [("Authorization", "Bearer abc")]),
        Stranger("no base64", [("Authorization", "Basic !!!!")]),
        Stranger("no colon", [("Authorization", "Basic " + Base64.text(Array("mot-cua-h44".utf8)))]),
        Stranger("nothing behind the scheme", [("Authorization", "Basic ")]),
    ]

    @Test("is not given for anything else, which is recorded once", arguments: strangers)
    func refused(stranger: Stranger) async throws {
        try await HubBench.run { bench in
            let reply = try await bench.exchange.post("/oauth2/token", stranger.headers, Self.grant)
            try reply.expectProblem(401, .accessUnauthenticated)
            #expect(reply.header("WWW-Authenticate") == #"Basic realm="lgsp""#)
            #expect(await bench.refusals().map(\.code) == [.accessUnauthenticated])
        }
    }

    @Test("is refused with the word of RFC 6749 beside the hub's own code")
    func wordOfTheStandard() async throws {
        try await HubBench.run { bench in
            let reply = try await bench.exchange.post("/oauth2/token", [HubBench.basic("nobody")], Self.grant)
            #expect(try reply.json["error"]?.string == "invalid_client")
        }
    }

    @Test(
        "is not given for another grant",
        arguments: [
            "", "grant_type=password", "grant_type=client_credentials2", "x=grant_type=client_credentials",
        ]
    )
    func grant(body: String) async throws {
        try await HubBench.run { bench in
            let reply = try await bench.exchange.post(
                "/oauth2/token", [HubBench.basic(HubBench.oneStop)], Array(body.utf8)
            )
            #expect(reply.status == 400)
            #expect(try reply.json["error"]?.string == "unsupported_grant_type")
            #expect(try reply.json["access_token"] == nil)
        }
    }

    @Test("is not given for another grant, and says so with a code as every refusal does")
    func grantCode() async throws {
        try await HubBench.run { bench in
            let reply = try await bench.exchange.post(
                "/oauth2/token", [HubBench.basic(HubBench.oneStop)], Array("grant_type=password".utf8)
            )
            try reply.expectProblem(400, .apiRequestMalformed)
        }
    }

    @Test("is not given to who sends a whole book to get it")
    func book() async throws {
        try await HubBench.run { bench in
            let reply = try await bench.exchange.post(
                "/oauth2/token", [HubBench.basic(HubBench.oneStop)],
                Self.grant + [UInt8](repeating: 0x26, count: 5000)
            )
            try reply.expectProblem(413, .intakeTooLarge)
        }
    }

    /// Who asks for a token and must not get one.
    struct Stranger: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let headers: Caller.Headers

        init(_ name: String, _ headers: Caller.Headers) {
            self.testDescription = name
            self.headers = headers
        }
    }
}
