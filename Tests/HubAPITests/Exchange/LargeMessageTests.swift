import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A large message in JSON", .timeLimit(.minutes(3)))
struct LargeMessageTests {
    /// Runs a hub over a journal on disk.
    private static func run(_ body: (HubBench, DiskJournal) async throws -> Void) async throws {
        try await DiskJournal.run { disk in
            try await HubBench.run(FileMessage.settings(over: disk.journal)) { bench in
                try await body(bench, disk)
            }
        }
    }

    private static func accept(_ bench: HubBench) async throws -> MessageID {
        let reply = try await bench.submit(FileMessage.text)
        guard reply.status == 202, let id = try reply.json["id"]?.string.flatMap(MessageID.init) else {
            throw Province.Missing(what: "an acceptance: \(reply.text)")
        }
        return id
    }

    @Test("is accepted with the signature beside it, and kept as it came")
    func accepted() async throws {
        #expect(FileMessage.text.count > Payload.longestWhole)
        try await Self.run { bench, disk in
            let id = try await Self.accept(bench)
            let message = try #require(try await disk.journal.message(id)).message
            #expect(message.size == FileMessage.text.count && message.digest == SHA256.hash(FileMessage.text))
            #expect(message.signature.verdict == "valid")
            #expect(try await disk.spool(of: 1) == [SHA256.hash(FileMessage.text)])
        }
    }

    @Test("is refused when one character of its long value is another one, and nothing is left of it")
    func changed() async throws {
        try await Self.run { bench, disk in
            let headers = try bench.headers(of: FileMessage.text, token: try await bench.token())
            var forged = FileMessage.text
            let index = forged.count / 2
            forged[index] = forged[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let reply = try await bench.exchange.post("/v1/messages", headers, forged)
            try reply.expectProblem(403, .envelopeSignatureInvalid)
            #expect(try await disk.spool(of: 0).isEmpty)
            #expect(try await disk.journal.totals().messages == 0)
            let refusal = try #require(try await disk.journal.refusals(before: nil, limit: 2).first).refusal
            #expect(refusal.code == .envelopeSignatureInvalid && refusal.sender == HubBench.oneStop)
            #expect(refusal.size == forged.count && refusal.digest == SHA256.hash(forged))
        }
    }
}
