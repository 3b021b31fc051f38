import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A message that is handed in", .timeLimit(.minutes(5)))
struct SubmissionTests {
    /// What a message was accepted as, by the record in its receipt.
    private func record(in reply: Reply, _ bench: HubBench) throws -> AcceptedMessage {
        let receipt = try Receipt(json: try #require(try reply.json["receipt"]))
        guard case .accepted(let message) = try receipt.verified(with: bench.hubKey).record else {
            throw Province.Missing(what: "the record of an acceptance")
        }
        return message
    }

    @Test("is accepted with a receipt that proves it to whoever has the key of the hub")
    func accepted() async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let reply = try await bench.submit(body)
            #expect(reply.status == 202)
            #expect(reply.header("Content-Type") == "application/json")
            #expect(reply.header("Lgsp-Error") == nil)
            let answer = try reply.json
            #expect(answer["status"]?.string == "accepted")
            #expect(answer["warnings"]?.array?.isEmpty == true)
            let message = try self.record(in: reply, bench)
            #expect(answer["id"]?.string == message.id.description)
            #expect(message.sender.description == HubBench.oneStop)
            #expect(message.type == .dossierSync)
            #expect(message.digest == SHA256.hash(body))
            #expect(message.size == body.count)
            #expect(message.signature.verdict == "valid")
            // On disk before it was said.
            #expect(try await bench.journal.payload(of: message.id) == body)
            #expect(await bench.refusals().isEmpty)
        }
    }

    @Test("has a receipt that proves nothing once a bit of it is changed, or to who has another key")
    func receipt() async throws {
        try await HubBench.run { bench in
            let json = try #require(try await bench.submit(DossierText.sync()).json["receipt"])
            let receipt = try Receipt(json: json)
            #expect(throws: HubError.self) {
                try receipt.verified(with: bench.province.key(of: Province.stranger).publicKey)
            }
            var record = receipt.record
            record[record.count / 2] ^= 1
            let changed = Receipt(
                record: record, proof: receipt.proof, header: receipt.header, signature: receipt.signature,
                key: receipt.key
            )
            #expect(throws: HubError.self) { try changed.verified(with: bench.hubKey) }
        }
    }

    @Test("is accepted once however often it comes, with the first id and the first receipt each time")
    func repeated() async throws {
        try await HubBench.run { bench in
            let first = try await bench.submit(DossierText.sync(1))
            #expect(first.status == 202)
            #expect(try await bench.submit(DossierText.sync(2)).status == 202)
            bench.clock.advance(by: .seconds(3600))
            for _ in 0..<2 {
                let again = try await bench.submit(DossierText.sync(1))
                #expect(again.status == 200)
                #expect(try again.json["status"]?.string == "repeated")
                #expect(try again.json["id"] == (try first.json["id"]))
                #expect(try again.json["receipt"] == (try first.json["receipt"]))
                #expect(again.header("Lgsp-Error") == nil)
            }
            #expect(await bench.journal.totals().messages == 2)
            #expect(await bench.refusals().isEmpty)
        }
    }

    @Test("is accepted once when many connections bring it at once")
    func race() async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let token = try await bench.token()
            let headers = try bench.headers(of: body, token: token)
            let exchange = bench.exchange
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<16 { group.addTask { try await exchange.post("/v1/messages", headers, body) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.map(\.status).sorted() == [Int](repeating: 200, count: 15) + [202])
            #expect(Set(try replies.map { try $0.json["id"]?.string }).count == 1)
            #expect(Set(try replies.map { try $0.json["receipt"] }).count == 1)
            #expect(await bench.journal.totals().messages == 1)
        }
    }

    @Test("with the identity of another and other content is told which one that was")
    func conflict() async throws {
        try await HubBench.run { bench in
            let first = try await bench.submit(DossierText.progress(1))
            let body = DossierText.progress(1, agency: "000.00.14.H44")
            let same = try await bench.submit(DossierText.progress(1))
            #expect([first.status, same.status] == [202, 200])
            let other = try await bench.submit(
                Array(
                    String(decoding: DossierText.progress(1), as: UTF8.self).replacing(
                        "Thẩm định", with: "Khác"
                    ).utf8)
            )
            let problem = try other.expectProblem(409, .intakeIdentityConflict)
            #expect(problem["first"] == (try first.json["id"]))
            #expect(await bench.refusals().map(\.code) == [.intakeIdentityConflict])
            // Another agency's of the same name is another message.
            #expect(try await bench.submit(body).status == 202)
        }
    }

    @Test("is known by the sender's own name for it, where the adapter identifies by content")
    func ownName() async throws {
        try await HubBench.run { bench in
            let name: Caller.Headers = [("Lgsp-Message-Id", "ma-1")]
            let first = try await bench.submit(DossierText.sync(1), name)
            #expect(first.status == 202)
            #expect(try await bench.submit(DossierText.sync(1), name).status == 200)
            let problem = try await bench.submit(DossierText.sync(2), name).expectProblem(
                409, .intakeIdentityConflict)
            #expect(problem["first"] == (try first.json["id"]))
            #expect(try await bench.submit(DossierText.sync(2), [("Lgsp-Message-Id", "ma-2")]).status == 202)
        }
    }

    @Test("keeps what its headers say of it")
    func headers() async throws {
        try await HubBench.run { bench in
            let correlation = String(repeating: "v", count: 250)
            let reply = try await bench.submit(
                DossierText.sync(),
                [("lgsp-service", "dossier/sync/1"), ("LGSP-CORRELATION-ID", correlation)]
            )
            #expect(reply.status == 202)
            let message = try self.record(in: reply, bench)
            #expect(message.correlation == String(correlation.prefix(200)))
            #expect(message.type == .dossierSync)
        }
    }

    @Test("may be an edXML with its signature inside, also under the older name of its media type")
    func edoc() async throws {
        try await HubBench.run { bench in
            for (number, mediaType) in ["application/xml", "text/xml; charset=UTF-8", "Application/XML"]
                .enumerated()
            {
                let body = try bench.signed(EdocText.document(to: ["000.00.11.H44"], number: number + 1))
                let token = try await bench.token(of: HubBench.documents)
                let reply = try await bench.exchange.post(
                    "/v1/messages", [HubBench.bearer(token), ("Content-Type", mediaType)], body
                )
                #expect(reply.status == 202, "\(mediaType): \(reply.text)")
                #expect(try self.record(in: reply, bench).digest == SHA256.hash(body))
            }
        }
    }

    @Test("may come in pieces whose number nobody announced")
    func chunked() async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let reply = try await bench.exchange.postUnannounced(
                "/v1/messages", try bench.headers(of: body, token: try await bench.token()),
                stride(from: 0, to: body.count, by: 100).map { Array(body[$0..<min($0 + 100, body.count)]) }
            )
            #expect(reply.status == 202)
            #expect(try self.record(in: reply, bench).digest == SHA256.hash(body))
        }
    }
}
