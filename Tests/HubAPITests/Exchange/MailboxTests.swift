import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("The mailbox of a system", .timeLimit(.minutes(5)))
struct MailboxTests {
    /// A system that empties its mailbox.
    struct Poller {
        let bench: HubBench
        let headers: Caller.Headers

        init(_ bench: HubBench, _ system: String = HubBench.finance) async throws {
            self.bench = bench
            self.headers = [HubBench.bearer(try await bench.token(of: system))]
        }

        func reply(_ query: String = "") async throws -> Reply {
            try await self.bench.exchange.get("/v1/mailbox\(query)", self.headers)
        }

        func fetch(_ query: String = "") async throws -> [JSONValue] {
            let reply = try await self.reply(query)
            guard reply.status == 200, let deliveries = try reply.json["deliveries"]?.array else {
                throw Province.Missing(what: "deliveries: \(reply.text)")
            }
            return deliveries
        }

        func messages(_ query: String = "") async throws -> [String] {
            try await self.fetch(query).compactMap { $0["message"]?.string }
        }

        func settle(_ delivery: String, _ verb: String) async throws -> Reply {
            try await self.bench.exchange.post("/v1/mailbox/\(delivery)/\(verb)", self.headers)
        }
    }

    private func document(_ number: Int, subject: String = "Về việc phối hợp") -> [UInt8] {
        EdocText.document(to: ["000.00.11.H44"], number: number, subject: subject)
    }

    @Test("gives what came, byte for byte, with what was said of it")
    func fetch() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document(1))
            let delivery = try #require(try await Poller(bench).fetch().first)
            #expect(delivery["delivery"]?.string == "\(id).0")
            #expect(delivery["message"]?.string == id.description)
            #expect(delivery["type"]?.string == "edoc/document/1")
            #expect(delivery["from"]?.string == "000.00.13.H44")
            #expect(delivery["to"]?.string == "000.00.11.H44")
            #expect(delivery["sender"]?.string == HubBench.documents)
            #expect(delivery["contentType"]?.string == "application/xml")
            #expect(delivery["correlation"]?.string == "")
            #expect(delivery["signature"]?.string == "")
            #expect(delivery["accepted_at"]?.string == bench.clock.now.description)
            let payload = delivery["payload"]?.string.flatMap { Base64.bytes($0) }
            #expect(payload == (try await bench.journal.payload(of: id)))
        }
    }

    @Test("leases what it gives: nobody gets it again until the lease is over")
    func lease() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document(1)).description
            let poller = try await Poller(bench)
            #expect(try await poller.messages() == [id])
            bench.clock.advance(by: .seconds(59))
            #expect(try await poller.messages().isEmpty)
            bench.clock.advance(by: .seconds(1))
            #expect(try await Poller(bench).messages() == [id])
        }
    }

    @Test("settles many in one call and names those it does not have")
    func ackMany() async throws {
        try await HubBench.run { bench in
            var ids: [String] = []
            for number in 1...3 { ids.append("\(try await bench.accept(self.document(number))).0") }
            let poller = try await Poller(bench)
            _ = try await poller.fetch()
            func settle(_ text: String) async throws -> Reply {
                try await bench.exchange.post("/v1/mailbox/ack", poller.headers, Array(text.utf8))
            }
            let reply = try await settle("{\"deliveries\": [\"\(ids[0])\", \"\(ids[2])\", \"x\", \"\(ids[0])\"]}")
            #expect(reply.status == 200)
            #expect(try reply.json["acknowledged"]?.array?.map(\.string) == [ids[0], ids[2]])
            #expect(try reply.json["unknown"]?.array?.map(\.string) == ["x"])
            let again = try await settle("{\"deliveries\": [\"\(ids[0])\", \"\(ids[1])\"]}")
            #expect(try again.json["acknowledged"]?.array?.map(\.string) == [ids[1]])
            #expect(try again.json["unknown"]?.array?.map(\.string) == [ids[0]])
            for text in ["", "{}", "[]", "{\"deliveries\": []}", "{\"deliveries\": 1}"] {
                let refused = try await settle(text)
                #expect(refused.status == 400, "\(text)")
            }
        }
    }

    @Test("keeps what was acknowledged no longer")
    func ack() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document(1))
            let poller = try await Poller(bench)
            #expect(try await poller.messages() == [id.description])
            let reply = try await poller.settle("\(id).0", "ack")
            #expect(reply.status == 204)
            #expect(reply.body.isEmpty)
            #expect(reply.header("Lgsp-Error") == nil)
            bench.clock.advance(by: .seconds(300))
            #expect(try await poller.messages().isEmpty)
            #expect(await bench.journal.message(id)?.deliveries.first?.phase == .delivered)
        }
    }

    @Test("takes one acknowledgement and no second, nor anything else after it")
    func twice() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document(1))
            let poller = try await Poller(bench)
            _ = try await poller.fetch()
            #expect(try await poller.settle("\(id).0", "ack").status == 204)
            for verb in ["ack", "nack"] {
                try await poller.settle("\(id).0", verb).expectProblem(404, .mailboxLeaseUnknown)
            }
            #expect(await bench.journal.attempts(of: id).count == 1)
        }
    }

    @Test("gives again at once what was given back")
    func nack() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document(1))
            let poller = try await Poller(bench)
            try await poller.settle("\(id).0", "nack").expectProblem(404, .mailboxLeaseUnknown)
            #expect(try await poller.messages() == [id.description])
            #expect(try await poller.settle("\(id).0", "nack").status == 204)
            #expect(try await poller.messages() == [id.description])
            #expect(await bench.journal.message(id)?.deliveries.first?.phase == .pending)
        }
    }

    @Test("is nobody else's: what is in it cannot be settled by others, nor seen")
    func others() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document(1))
            let owner = try await Poller(bench)
            let other = try await Poller(bench, HubBench.documents)
            _ = try await owner.fetch()
            #expect(try await other.fetch().isEmpty)
            for verb in ["ack", "nack"] {
                try await other.settle("\(id).0", verb).expectProblem(404, .mailboxLeaseUnknown)
            }
            // The copy for the operations centre is a delivery of the same message.
            try await owner.settle("\(id).1", "ack").expectProblem(404, .mailboxLeaseUnknown)
            #expect(await bench.journal.message(id)?.deliveries.allSatisfy { $0.phase == .pending } == true)
            #expect(try await owner.settle("\(id).0", "ack").status == 204)
        }
    }

    @Test("does not exist for a system that receives nothing that way")
    func none() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench, "ioc-h44")
            try await poller.reply().expectProblem(403, .accessDenied)
            for verb in ["ack", "nack"] {
                try await poller.settle("01a20bf6-00f9-7557-a328-73a26fc97371.0", verb).expectProblem(
                    403, .accessDenied)
            }
        }
    }

    @Test("shows one of what belongs together, so that whoever works through it keeps the order")
    func order() async throws {
        try await HubBench.run { bench in
            let first = try await bench.accept(self.document(1)).description
            let status = EdocText.status(from: "000.00.13.H44", to: "000.00.11.H44", number: 9)
            let other = try await bench.accept(status).description
            let next = EdocText.status(from: "000.00.13.H44", to: "000.00.11.H44", number: 9, code: "03")
            let later = try await bench.accept(next).description
            let poller = try await Poller(bench)
            #expect(try await poller.messages("?max=100") == [first, other])
            #expect(try await poller.messages("?max=100").isEmpty)
            #expect(try await poller.settle("\(first).0", "ack").status == 204)
            #expect(try await poller.messages("?max=100").isEmpty)
            #expect(try await poller.settle("\(other).0", "ack").status == 204)
            #expect(try await poller.messages("?max=100") == [later])
        }
    }

    @Test("gives as many as are wanted, ten when nothing is said, in the order of acceptance")
    func limit() async throws {
        try await HubBench.run { bench in
            var ids: [String] = []
            for number in 1...13 { ids.append(try await bench.accept(self.document(number)).description) }
            let poller = try await Poller(bench)
            #expect(try await poller.messages("?max=2") == Array(ids[0..<2]))
            #expect(try await poller.messages() == Array(ids[2..<12]))
            #expect(try await poller.messages("?max=100") == [ids[12]])
        }
    }
}
