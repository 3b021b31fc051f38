import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("An operator", .timeLimit(.minutes(5)))
struct AdminTests {
    private let token = HubBench.bearer(HubBench.adminToken)

    static let doors = [
        "/admin/v1/messages/01a20bf6-00f9-7557-a328-73a26fc97371",
        "/admin/v1/messages/01a20bf6-00f9-7557-a328-73a26fc97371/receipt", "/admin/v1/totals",
        "/admin/v1/ledger",
    ]

    @Test("needs the token of the operators, and no other will do", arguments: doors)
    func token(door: String) async throws {
        try await HubBench.run { bench in
            let system = try await bench.token()
            let wrong: [Caller.Headers] = [
                [], [("Authorization", "Bearer ")], [("Authorization", "Bearer")], [HubBench.bearer(system)],
                [HubBench.bearer(HubBench.adminToken + "x")],
                [HubBench.bearer(String(HubBench.adminToken.dropLast()))],
                [HubBench.bearer(" " + HubBench.adminToken)], [("Authorization", HubBench.adminToken)],
                [("Authorization", "Basic " + HubBench.adminToken)], [("X-Authorization", self.token.value)],
            ]
            for headers in wrong {
                try await bench.admin.get(door, headers).expectProblem(401, .accessUnauthenticated)
            }
        }
    }

    @Test("sees any message and its receipt, whoever sent it")
    func message() async throws {
        try await HubBench.run { bench in
            let accepted = try await bench.submit(DossierText.sync())
            let id = try #require(try accepted.json["id"]?.string)
            let view = try await bench.admin.get("/admin/v1/messages/\(id)", [self.token])
            #expect(view.status == 200)
            #expect(try view.json["sender"]?.string == HubBench.oneStop)
            #expect(try view.json["deliveries"]?.array?.count == 2)
            let own = try await bench.exchange.get(
                "/v1/messages/\(id)", [HubBench.bearer(try await bench.token())])
            #expect(view.body == own.body)
            let receipt = try await bench.admin.get("/admin/v1/messages/\(id)/receipt", [self.token])
            #expect(try receipt.json == (try accepted.json["receipt"]))
        }
    }

    @Test("hears of a message that there is not")
    func unknown() async throws {
        try await HubBench.run { bench in
            for path in Self.doors.prefix(2) {
                try await bench.admin.get(path, [self.token]).expectProblem(404, .messageNotFound)
            }
        }
    }

    @Test("sees how much there is of everything")
    func totals() async throws {
        try await HubBench.run { bench in
            _ = try await bench.submit(DossierText.sync())
            for _ in 0..<2 { _ = try await bench.submit(Array("{".utf8)) }
            _ = try await bench.exchange.post("/v1/messages")
            let id = try await bench.accept(EdocText.document(to: ["000.00.11.H44"]))
            let poller = HubBench.bearer(try await bench.token(of: HubBench.finance))
            #expect(try await bench.exchange.post("/v1/mailbox/\(id).0/ack", [poller]).status == 204)
            let reply = try await bench.admin.get("/admin/v1/totals", [self.token])
            #expect(reply.status == 200)
            let totals = try reply.json
            #expect(totals["messages"]?.int == 2)
            #expect(totals["refusals"] == ["access.unauthenticated": 1, "json.malformed": 2])
            #expect(totals["pending"]?.int == 3)
            #expect(totals["delivered"]?.int == 1)
            #expect(totals["dead_lettered"]?.int == 0)
            #expect(totals["lookups"]?.int == 0)
            #expect(totals["blocks"]?.int == 6)
            #expect(totals["records"]?.int == 6)
        }
    }
}
