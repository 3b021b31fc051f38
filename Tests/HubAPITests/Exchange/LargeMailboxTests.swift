import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A large message in a mailbox", .timeLimit(.minutes(3)))
struct LargeMailboxTests {
    /// Runs a hub over a journal on disk, with a message in the mailbox of whoever polls.
    private static func run(
        _ body: (HubBench, DiskJournal, MailboxTests.Poller, MessageID) async throws -> Void
    ) async throws {
        try await DiskJournal.run { disk in
            try await HubBench.run(FileMessage.settings(over: disk.journal)) { bench in
                let reply = try await bench.submit(FileMessage.text)
                let id = try #require(try reply.json["id"]?.string.flatMap(MessageID.init), "\(reply.text)")
                try await body(bench, disk, try await MailboxTests.Poller(bench), id)
            }
        }
    }

    /// Checks that an answer has the message, all of it.
    private static func expectWhole(
        _ reply: Reply, _ id: MessageID, _ location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            reply.status == 200 && reply.header("Content-Type") == "application/json",
            sourceLocation: location)
        #expect(reply.header("Content-Length") == String(reply.body.count), sourceLocation: location)
        let delivery = try #require(try reply.json["deliveries"]?.array?.first, sourceLocation: location)
        #expect(delivery["message"]?.string == id.description, sourceLocation: location)
        let payload = try #require(
            delivery["payload"]?.string.flatMap { Base64.bytes($0) }, sourceLocation: location)
        #expect(payload.count == FileMessage.text.count, sourceLocation: location)
        #expect(SHA256.hash(payload) == SHA256.hash(FileMessage.text), sourceLocation: location)
    }

    @Test("is given byte for byte, also to whoever asks for a part, and is gone once it is acknowledged")
    func whole() async throws {
        try await Self.run { bench, disk, poller, id in
            let reply = try await bench.exchange.get(
                "/v1/mailbox", poller.headers + [("Range", "bytes=1000-1999")])
            try Self.expectWhole(reply, id)
            #expect(try await poller.settle("\(id).0", "ack").status == 204)
            bench.clock.advance(by: .seconds(300))
            #expect(try await poller.messages().isEmpty)
            #expect(try await disk.journal.message(id)?.deliveries.map(\.phase) == [.delivered])
        }
    }

    @Test("stays lent when its poller vanishes in the middle, and is given whole to the next")
    func vanished() async throws {
        try await Self.run { bench, disk, poller, id in
            let connection = try RawConnection(port: bench.exchange.port)
            let bearer = poller.headers[0]
            try await connection.send(
                "GET /v1/mailbox HTTP/1.1\r\nHost: hub\r\n\(bearer.name): \(bearer.value)\r\n\r\n")
            _ = try await bench.eventually("the beginning of an answer") { connection.hasAnswer ? true : nil }
            connection.hangUp()
            bench.clock.advance(by: .seconds(59))
            #expect(try await poller.messages().isEmpty, "a lease is over when its time is")
            #expect(try await disk.journal.attempts(of: id).isEmpty)
            #expect(try await disk.journal.message(id)?.deliveries.map(\.phase) == [.pending])
            bench.clock.advance(by: .seconds(1))
            try Self.expectWhole(try await poller.reply(), id)
            #expect(try await poller.settle("\(id).0", "nack").status == 204)
            try Self.expectWhole(try await poller.reply(), id)
        }
    }
}
