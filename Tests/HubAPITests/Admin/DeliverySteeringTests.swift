import HubCore
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("An operator at the admin API who steers deliveries", .timeLimit(.minutes(5)))
struct DeliverySteeringTests {
    private let token = HubBench.bearer(HubBench.adminToken)
    private static let mailbox = "mailbox:" + HubBench.finance

    private func document(_ number: Int) -> [UInt8] { EdocText.document(to: ["000.00.11.H44"], number: number) }

    private func post(_ bench: HubBench, _ path: String, _ body: String = "{}") async throws -> Reply {
        try await bench.admin.post("/admin/v1/" + path, [self.token], Array(body.utf8))
    }

    @Test("needs the token for every door")
    func token() async throws {
        try await HubBench.run { bench in
            for path in ["destinations", "deliveries"] {
                try await bench.admin.get("/admin/v1/" + path).expectProblem(401, .accessUnauthenticated)
            }
            for path in ["destinations/\(Self.mailbox)/pause", "deliveries/redrive"] {
                try await bench.admin.post("/admin/v1/" + path, [], Array("{}".utf8)).expectProblem(401, .accessUnauthenticated)
            }
        }
    }

    @Test("pauses a mailbox: messages are accepted and not shown, until it is resumed; its poller is counted")
    func pause() async throws {
        try await HubBench.run { bench in
            let paused = try await self.post(bench, "destinations/\(Self.mailbox)/pause", #"{"reason":"bảo trì"}"#)
            #expect(paused.status == 200, "\(paused.text)")
            #expect(try paused.json["state"]?.string == "paused")
            try await bench.accept(self.document(1))
            let poller = HubBench.bearer(try await bench.token(of: HubBench.finance))
            #expect(try await bench.exchange.get("/v1/mailbox", [poller]).json["deliveries"]?.array?.isEmpty == true)
            #expect(try await self.post(bench, "destinations/\(Self.mailbox)/resume").json["state"]?.string == "running")
            let fetched = try await bench.exchange.get("/v1/mailbox?lease=5", [poller]).json["deliveries"]?.array
            let id = try #require(fetched?.first?["delivery"]?.string)
            #expect(try await bench.exchange.post("/v1/mailbox/\(id)/extend?for=600", [poller]).status == 204)
            bench.clock.advance(by: .seconds(500))
            #expect(try await bench.exchange.get("/v1/mailbox", [poller]).json["deliveries"]?.array?.isEmpty == true)
            try await bench.exchange.post("/v1/mailbox/\(id)/extend?for=0", [poller]).expectProblem(400, .apiRequestMalformed)
            let states = try await bench.admin.get("/admin/v1/destinations", [self.token]).json["destinations"]?.array
            let state = try #require(states?.first { $0["destination"]?.string == Self.mailbox })
            #expect(state["pending"]?.int == 1 && state["poller"]?["outstanding"]?.int == 1 && state["poller"]?["extended"]?.int == 1)
            try await self.post(bench, "destinations/push:none/pause").expectProblem(404, .apiNotFound)
            try await self.post(bench, "destinations/\(Self.mailbox)/stop").expectProblem(404, .apiNotFound)
        }
    }

    @Test("gives deliveries up, finds them among the dead letters, and sends them again")
    func expireAndRedrive() async throws {
        try await HubBench.run { bench in
            for number in 1...3 { try await bench.accept(self.document(number)) }
            let wish = #"{"selection":{"phase":"pending","destination":"\#(Self.mailbox)"},"reason":"hết hạn"}"#
            #expect(try await self.post(bench, "deliveries/expire", wish).json["changed"]?.int == 3)
            let dead = try await bench.admin.get("/admin/v1/deliveries?code=delivery.expired&limit=2", [self.token]).json
            #expect(dead["deliveries"]?.array?.count == 2)
            let next = try #require(dead["next"]?.int)
            let rest = try await bench.admin.get("/admin/v1/deliveries?after=\(next)", [self.token]).json["deliveries"]?.array
            #expect(rest?.count == 1 && rest?.first?["answer"]?.string == "hết hạn")
            let id = try #require(rest?.first?["id"]?.string)
            #expect(try await self.post(bench, "deliveries/redrive", #"{"ids":["\#(id)"]}"#).json["changed"]?.int == 1)
            #expect(try await self.post(bench, "deliveries/redrive", #"{"selection":{}}"#).json["changed"]?.int == 2)
            let poller = HubBench.bearer(try await bench.token(of: HubBench.finance))
            #expect(try await bench.exchange.get("/v1/mailbox", [poller]).json["deliveries"]?.array?.count == 3)
            let message = try #require(id.split(separator: ".").first)
            let view = try await bench.admin.get("/admin/v1/messages/\(message)", [self.token]).json
            let kinds = view["deliveries"]?.array?.first?["history"]?.array?.compactMap { $0["kind"]?.string }
            #expect(kinds == ["deadLettered", "redriven"])
        }
    }

    @Test(
        "hears what is wrong with what it asks for",
        arguments: [
            ("deliveries/redrive", "{}"), ("deliveries/redrive", #"{"ids":[]}"#), ("deliveries/redrive", #"{"ids":["x"]}"#),
            ("deliveries/redrive", #"{"ids":["x"],"selection":{}}"#), ("deliveries/redrive", #"{"selektion":{}}"#),
            ("deliveries/redrive", #"{"selection":{"kode":"x"}}"#), ("deliveries/redrive", #"{"selection":{"code":"x"}}"#),
            ("deliveries/expire", #"{"selection":{"phase":"pending"}}"#), ("deliveries/redirect", #"{"selection":{}}"#),
            ("deliveries/redrive", #"{"selection":{"from":"yesterday"}}"#),
        ]
    )
    func malformed(path: String, body: String) async throws {
        try await HubBench.run { bench in
            try await self.post(bench, path, body).expectProblem(400, .apiRequestMalformed)
            #expect(await bench.journal.totals().records == 0)
        }
    }

    @Test("cannot send anything to a system that is not there")
    func nowhere() async throws {
        try await HubBench.run { bench in
            let reply = try await self.post(bench, "deliveries/redirect", #"{"selection":{},"to":"push:none"}"#)
            #expect(try reply.json["code"]?.string == "route.missing")
            try await bench.admin.get("/admin/v1/deliveries?phase=pending", [self.token]).expectProblem(400, .apiRequestMalformed)
            try await bench.admin.get("/admin/v1/deliveries?phase=gone", [self.token]).expectProblem(400, .apiRequestMalformed)
        }
    }
}
