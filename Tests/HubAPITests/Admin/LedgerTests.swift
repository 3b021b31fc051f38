import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("The ledger", .timeLimit(.minutes(5)))
struct LedgerTests {
    private func lines(_ bench: HubBench) async throws -> [JSONValue] {
        let reply = try await bench.admin.get("/admin/v1/ledger", [HubBench.bearer(HubBench.adminToken)])
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "application/x-ndjson")
        #expect(reply.body.isEmpty || reply.body.last == 0x0A)
        return try reply.body.split(separator: 0x0A).map { try JSONDocument.parse(Array($0)).value }
    }

    @Test("of a hub that has seen nothing is empty")
    func empty() async throws {
        try await HubBench.run { bench async throws in
            #expect(try await self.lines(bench).isEmpty)
        }
    }

    @Test("has a line for every message and then for every refusal, newest first, with how it stands")
    func lines() async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let first = try #require(try await bench.submit(body).json["id"]?.string)
            let second = try await bench.accept(EdocText.document(to: ["000.00.11.H44"])).description
            _ = try await bench.submit(Array("{".utf8))
            bench.clock.advance(by: .seconds(1))
            _ = try await bench.exchange.post("/v1/messages", [("Lgsp-Service", "a/b/1")])
            let poller = HubBench.bearer(try await bench.token(of: HubBench.finance))
            _ = try await bench.exchange.post("/v1/mailbox/\(second).0/ack", [poller])
            let lines = try await self.lines(bench)
            try #require(lines.map { $0["id"]?.string } == [second, first, nil, nil])
            let document = lines[0]
            #expect(document["sender"]?.string == HubBench.documents)
            #expect(document["type"]?.string == "edoc/document/1")
            #expect(document["deliveries"]?[0]?["phase"]?.string == "delivered")
            #expect(document["deliveries"]?[0]?["at"]?.int == Int(bench.clock.now.nanoseconds))
            #expect(document["deliveries"]?[0]?["destination"]?.string == "mailbox:" + HubBench.finance)
            #expect(document["deliveries"]?[1]?["phase"]?.string == "pending")
            #expect(document["deliveries"]?[1]?["at"]?.isNull == true)
            let dossier = lines[1]
            #expect(dossier["digest"]?.string == SHA256.hash(body).description)
            #expect(dossier["order_key"]?.string == DossierText.code(1))
            #expect(dossier["signature"]?.string == "valid")
            #expect(
                lines.dropFirst(2).map { $0["code"]?.string } == ["access.unauthenticated", "json.malformed"])
            #expect(lines[2]["type"]?.string == "a/b/1")
            #expect(lines[2]["refused_at"]?.int == Int(bench.clock.now.nanoseconds))
            #expect(lines[3]["sender"]?.string == HubBench.oneStop)
            #expect(lines[3]["size"]?.int == 1)
            #expect(lines[3]["place"]?.string?.isEmpty == false)
        }
    }

    @Test(
        "has each once, however many pages they fill",
        arguments: [(199, 499), (200, 500), (201, 501), (650, 1100)])
    func pages(messages: Int, refusals: Int) async throws {
        try await HubBench.run { bench in
            for number in 0..<messages {
                let payload = JournalSamples.payload(number, count: 8)
                _ = try await bench.journal.append(
                    .accepted(JournalSamples.message(number, payload: payload)), payload: payload
                )
            }
            for number in 0..<refusals {
                _ = try await bench.journal.append(.refused(JournalSamples.refusal(number)), payload: nil)
            }
            let lines = try await self.lines(bench)
            #expect(lines.count == messages + refusals)
            let ids = lines.prefix(messages).map { $0["id"]?.string }
            #expect(ids == (0..<messages).reversed().map { JournalSamples.id($0).description })
            let sizes = lines.dropFirst(messages).map { $0["size"]?.int }
            #expect(sizes == (0..<refusals).reversed().map { $0 })
        }
    }
}
