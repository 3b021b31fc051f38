import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("What became of a message", .timeLimit(.minutes(5)))
struct MessageViewTests {
    private func bearer(_ bench: HubBench, _ system: String) async throws -> Caller.Headers {
        [HubBench.bearer(try await bench.token(of: system))]
    }

    @Test("is seen by who sent it and who receives it, and by nobody else")
    func readers() async throws {
        try await HubBench.run { bench in
            let document = EdocText.document(to: ["000.00.11.H44"])
            let id = try await bench.accept(document)
            let body = try await bench.journal.payload(of: id)
            for system in [HubBench.documents, HubBench.finance] {
                let reply = try await bench.exchange.get(
                    "/v1/messages/\(id)", try await self.bearer(bench, system))
                #expect(reply.status == 200)
                let view = try reply.json
                #expect(view["id"]?.string == id.description)
                #expect(view["type"]?.string == "edoc/document/1")
                #expect(view["sender"]?.string == HubBench.documents)
                #expect(view["agency"]?.string == "000.00.13.H44")
                #expect(view["digest"]?.string == SHA256.hash(body).description)
                #expect(view["size"]?.int == body.count)
                #expect(view["signature"]?["verdict"]?.string == "valid")
                let delivery = try #require(view["deliveries"]?.array?.first)
                #expect(delivery["destination"]?.string == "mailbox:" + HubBench.finance)
                #expect(delivery["recipient"]?.string == "000.00.11.H44")
                #expect(delivery["phase"]?.string == "pending")
                #expect(delivery["attempts"]?.int == 0)
                #expect(delivery["history"]?.array?.isEmpty == true)
            }
            for path in ["/v1/messages/\(id)", "/v1/messages/\(id)/receipt"] {
                try await bench.exchange.get(path, try await self.bearer(bench, HubBench.oneStop))
                    .expectProblem(404, .messageNotFound)
            }
        }
    }

    @Test("for a stranger is what it is for a message that there is not, to the letter")
    func noDifference() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(EdocText.document(to: ["000.00.11.H44"]))
            let bearer = try await self.bearer(bench, HubBench.oneStop)
            let foreign = try await bench.exchange.get("/v1/messages/\(id)", bearer)
            let missing = try await bench.exchange.get(
                "/v1/messages/01a20bf6-00f9-7557-a328-73a26fc97371", bearer)
            #expect(foreign.body == missing.body)
        }
    }

    @Test("is seen by a system to which a copy of it is pushed")
    func subscriber() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(EdocText.document(to: ["000.00.11.H44"]))
            let reply = try await bench.exchange.get(
                "/v1/messages/\(id)", try await self.bearer(bench, HubBench.centre)
            )
            #expect(reply.status == 200)
        }
    }

    @Test("is shown whichever way its id is written")
    func spelling() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(EdocText.document(to: ["000.00.11.H44"]))
            let path = "/v1/messages/\(id.description.uppercased())"
            let reply = try await bench.exchange.get(path, try await self.bearer(bench, HubBench.documents))
            #expect(try reply.json["id"]?.string == id.description)
        }
    }

    @Test("can be proved: the receipt is the one that was sent")
    func receipt() async throws {
        try await HubBench.run { bench in
            let accepted = try await bench.submit(DossierText.sync())
            let id = try #require(try accepted.json["id"]?.string)
            let bearer = try await self.bearer(bench, HubBench.oneStop)
            let reply = try await bench.exchange.get("/v1/messages/\(id)/receipt", bearer)
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "application/json")
            #expect(try reply.json == (try accepted.json["receipt"]))
            let record = try Receipt(json: try reply.json).verified(with: bench.hubKey).record
            guard case .accepted(let message) = record else { throw Province.Missing(what: "an acceptance") }
            #expect(message.id.description == id)
        }
    }

    @Test("tells how it ended, with every attempt")
    func history() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(EdocText.document(to: ["000.00.11.H44"]))
            let delivery = DeliveryID(message: id, ordinal: 0)
            _ = try await bench.journal.append(
                .delivery(
                    DeliveryEvent(
                        delivery: delivery, at: bench.clock.now, kind: .postponed, attempt: 1,
                        code: .deliveryUnavailable, notBefore: bench.clock.now.advanced(by: .seconds(5)),
                        answer: "fort"
                    )
                ),
                payload: nil
            )
            let poller = try await self.bearer(bench, HubBench.finance)
            bench.clock.advance(by: .seconds(9))
            #expect(try await bench.exchange.post("/v1/mailbox/\(delivery)/ack", poller).status == 204)
            let view = try await bench.exchange.get(
                "/v1/messages/\(id)", try await self.bearer(bench, HubBench.documents)
            ).json
            let state = try #require(view["deliveries"]?.array?.first)
            #expect(state["phase"]?.string == "delivered")
            #expect(state["answer"]?.string == "ack")
            #expect(state["at"]?.string == bench.clock.now.description)
            let kinds = state["history"]?.array?.map { $0["kind"]?.string ?? "" }
            #expect(kinds == ["postponed", "delivered"])
            #expect(state["history"]?[0]?["code"]?.string == "delivery.unavailable")
            #expect(state["history"]?[0]?["answer"]?.string == "fort")
            #expect(state["history"]?[1]?["code"]?.isNull == true)
            // The copy for the operations centre has a story of its own.
            #expect(view["deliveries"]?[1]?["history"]?.array?.isEmpty == true)
        }
    }
}
