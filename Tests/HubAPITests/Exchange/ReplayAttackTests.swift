import HubAPI
import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

/// What someone can do who saw a request, byte for byte, and sends it again: each way by its name.
@Suite("A replay", .timeLimit(.minutes(5)))
struct ReplayAttackTests {
    private static func document(_ number: Int = 1) -> [UInt8] {
        EdocText.document(to: ["000.00.11.H44"], number: number)
    }

    @Test("of a packet of the axis inside the window is answered with the first id and carried once")
    func insideTheWindow() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let body = try bench.signed(Self.document())
            let headers = try caller.headers(body: body) { $0.messageType = .edoc }
            let first = try await caller.call(AxisPath.sendEdoc, headers, body)
            for step in [0, 1, 298] {
                bench.clock.advance(by: .seconds(step))
                let again = try await caller.call(AxisPath.sendEdoc, headers, body)
                #expect(again.reply.isOK && again.reply.docID == first.reply.docID)
            }
            #expect(await bench.journal.totals().messages == 1)
        }
    }

    @Test("of a packet of the axis outside the window is refused, before or behind, and recorded", arguments: [301, 86_400])
    func outsideTheWindow(seconds: Int) async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let body = try bench.signed(Self.document())
            let headers = try caller.headers(body: body) { $0.messageType = .edoc }
            bench.clock.advance(by: .seconds(seconds))
            let late = try await caller.call(AxisPath.sendEdoc, headers, body)
            #expect(!late.reply.isOK && late.code == "access.unauthenticated", "\(late.http.text)")
            let early = try caller.headers(body: body) {
                $0.messageType = .edoc
                $0.timestamp = bench.clock.now.advanced(by: .seconds(seconds))
            }
            #expect(try await caller.call(AxisPath.sendEdoc, early, body).code == "access.unauthenticated")
            let totals = await bench.journal.totals()
            #expect(totals.messages == 0 && totals.refusals[.accessUnauthenticated] == 2)
        }
    }

    @Test("of the headers of one packet over another is refused: they hold its hash")
    func otherBody() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let headers = try caller.headers(body: try bench.signed(Self.document(1))) { $0.messageType = .edoc }
            let other = try await caller.call(AxisPath.sendEdoc, headers, try bench.signed(Self.document(2)))
            #expect(other.code == "envelope.hash_mismatch", "\(other.http.text)")
            #expect(await bench.journal.totals().messages == 0)
        }
    }

    @Test("of the headers of one call at another address is refused or does nothing that was not signed for")
    func otherAddress() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let body = try bench.signed(Self.document())
            let sent = try await caller.call(AxisPath.sendEdoc, try caller.headers(body: body) { $0.messageType = .edoc }, body)
            #expect(sent.reply.isOK)
            let finance = AxisCaller(bench, HubBench.finance)
            let id = try #require(try await finance.list().first?.docID)
            // The headers of a look at the list say nothing about a document: nothing is marked as done with them.
            let list = try finance.headers()
            #expect(try await !finance.call(AxisPath.updateStatus, list).reply.isOK)
            #expect(try await finance.list().map(\.docID) == [id])
        }
    }

    @Test("of a message by another system is refused, although its signature is sound")
    func otherSender() async throws {
        try await HubBench.run { bench in
            let body = try bench.signed(Self.document(), by: HubBench.documents)
            let other = try await AxisCaller(bench, HubBench.finance).send(body)
            #expect(["envelope.signer_mismatch", "access.agency_not_own"].contains(other.code), "\(other.http.text)")
            #expect(await bench.journal.totals().messages == 0)
        }
    }

    @Test("of a token is good until its end, and refused from then on")
    func token() async throws {
        try await HubBench.run { bench in
            let token = try await bench.token()
            bench.clock.advance(by: .seconds(899))
            #expect(try await bench.exchange.get("/v1/services", [HubBench.bearer(token)]).status == 200)
            bench.clock.advance(by: .seconds(1))
            let late = try await bench.exchange.get("/v1/services", [HubBench.bearer(token)])
            #expect(late.status == 401 && late.header("Lgsp-Error") == "access.unauthenticated")
        }
    }

    @Test("of a token that another hub issued is refused, although a hub signed it")
    func foreignToken() async throws {
        try await HubBench.run { bench in
            let foreign = try SigningKey.generate(.p256)
            let keys = KeyRing(KeyRing.Keys(own: foreign, registry: try KeyRegistry([])))
            let clock = bench.clock
            let desk = TokenDesk(keys: keys, issuer: HubBench.issuer) { clock.now }
            let system = try #require(SystemID(HubBench.oneStop))
            let answer = try await bench.exchange.get("/v1/services", [HubBench.bearer(try desk.issue(to: system))])
            #expect(answer.status == 401)
            // Nor one that this hub signed for another purpose, such as a reply.
            let claims = Array(#"{"iss":"lgsp-hub:H44","aud":"lgsp-hub:H55","sub":"mot-cua-h44","exp":9999999999}"#.utf8)
            let other = try JWS.signCompact(claims, with: bench.province.hubKey)
            #expect(try await bench.exchange.get("/v1/services", [HubBench.bearer(other)]).status == 401)
        }
    }

    @Test("of a detached signature over another body is refused")
    func detached() async throws {
        try await HubBench.run { bench in
            let token = try await bench.token()
            let headers = try bench.headers(of: DossierText.progress(1), token: token)
            let answer = try await bench.exchange.post("/v1/messages", headers, DossierText.progress(2))
            #expect(answer.status == 403 && answer.header("Lgsp-Error") == "envelope.signature_invalid")
        }
    }

    @Test("of a whole signed message through the exchange API hears the first receipt, also years later")
    func yearsLater() async throws {
        try await HubBench.run { bench in
            let body = DossierText.progress()
            let first = try await bench.submit(body)
            #expect(first.status == 202)
            bench.clock.advance(by: .seconds(3 * 365 * 86_400))
            let again = try await bench.submit(body)
            #expect(again.status == 200 && again.header("Lgsp-Error") == nil)
            #expect(try again.json["id"] == first.json["id"] && again.json["receipt"] == first.json["receipt"])
            #expect(await bench.journal.totals().messages == 1)
        }
    }

    @Test("of a receipt of one hub as that of another is refused: key and name are in what is signed")
    func receipt() async throws {
        try await HubBench.run { bench in
            let answer = try await bench.submit(DossierText.progress())
            let receipt = try Receipt(json: try #require(try answer.json["receipt"]))
            #expect(try receipt.verified(with: bench.hubKey).block.hub == "H44")
            let other = try SigningKey.generate(.p256).publicKey
            #expect(throws: HubError.self) { try receipt.verified(with: other) }
            // With the name of the other hub in its block it is no longer what was signed.
            let place = try #require(receipt.header.indices.first { receipt.header[$0...].starts(with: Array("H44".utf8)) })
            var header = receipt.header
            header.replaceSubrange(place..<place + 3, with: Array("H55".utf8))
            let renamed = Receipt(
                record: receipt.record, proof: receipt.proof, header: header, signature: receipt.signature, key: receipt.key)
            #expect(throws: HubError.self) { try renamed.verified(with: bench.hubKey) }
        }
    }
}
