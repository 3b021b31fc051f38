import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubXML
import Hummingbird
import Synchronization
import Testing

@testable import HubMocks

@Suite("A simulated document system")
struct SimulatedDocumentSystemTests {
    @Test("registers a document, confirms it, and answers 01, 03 and 06 in this order, signed")
    func answers() async throws {
        try await SystemsBench().run { bench, control in
            bench.hub.state.withLock { $0.inbox = [("d1", "000.00.13.H44", Sample.document())] }
            let sent = try await bench.eventually {
                let sent = bench.hub.state.withLock(\.sent)
                return sent.count == 3 ? sent : nil
            }
            let statuses = try sent.map { try EdocMessage.parse($0) }
            #expect(statuses.map(\.statusCode) == ["01", "03", "06"])
            for (status, bytes) in zip(statuses, sent) {
                #expect(status.from.id == "000.00.13.H44")
                #expect(status.responseFor.first?.organID == "000.00.01.H03")
                #expect(status.documentID == "000.00.01.H03,2024/03/15,412/VP-TH")
                let report = XMLSignature.verify(try XMLDocument.parse(bytes), with: [bench.key.publicKey])
                #expect(report.verdict == .valid)
            }
            #expect(bench.hub.state.withLock { $0.inbox.isEmpty })
            let received = try await control.events("docs", "received")
            #expect(received.map { $0["digest"]?.string } == [SHA256.hash(Sample.document()).description])
            #expect(received.first?["to"]?.string == "000.00.13.H44")
        }
    }

    @Test("answers an update and a recall with 15 each, under stamps that differ", arguments: ["1", "2"])
    func changes(business: String) async throws {
        try await SystemsBench().run { bench, control in
            bench.hub.state.withLock {
                $0.inbox = [
                    ("d1", "000.00.13.H44", Sample.document(business: business)),
                    ("d2", "000.00.13.H44", Sample.document(business: business, subject: "Lại")),
                ]
            }
            let sent = try await bench.eventually {
                let sent = bench.hub.state.withLock(\.sent)
                return sent.count == 2 ? sent : nil
            }
            let statuses = try sent.map { try EdocMessage.parse($0) }
            #expect(statuses.map(\.statusCode) == ["15", "15"])
            #expect(statuses[0].timestamp != statuses[1].timestamp)
        }
    }

    @Test("recognises what comes again, also under another id, and answers it once")
    func repeats() async throws {
        try await SystemsBench().run { bench, control in
            bench.hub.state.withLock {
                $0.forgetsConfirmations = true
                $0.inbox = [
                    ("d1", "000.00.13.H44", Sample.document()), ("d2", "000.00.13.H44", Sample.document()),
                ]
            }
            _ = try await bench.eventually {
                try await control.events("docs", "repeat").count > 3 ? true : nil
            }
            #expect(try await control.events("docs", "received").count == 1)
            #expect(try await control.events("docs", "submit").count == 3)
        }
    }

    @Test("leaves what waits while it is paused")
    func pause() async throws {
        try await SystemsBench().run { bench, control in
            _ = try await control.post("/docs/pause")
            bench.hub.state.withLock { $0.inbox = [("d1", "000.00.13.H44", Sample.document())] }
            // A submission goes through the whole process meanwhile.
            _ = try await control.post(
                "/docs/submit", ["key": "k", "body": .string(Base64.text(Sample.document(number: 9)))])
            #expect(try await control.events("docs", "received").isEmpty)
            _ = try await control.post("/docs/resume")
            _ = try await bench.eventually { try await control.events("docs", "received").first }
        }
    }

    @Test(
        "sends the same bytes again until it has an answer",
        arguments: [
            StandInHub.fail(.journalUnavailable), StandInHub.problem(.intakeOverloaded, .serviceUnavailable),
            StandInHub.json(Array("<html>".utf8), .badGateway),
        ])
    func retries(failure: Response) async throws {
        try await SystemsBench().run { bench, control in
            bench.hub.state.withLock { $0.answers = [failure, failure] }
            let answer = try await control.post(
                "/docs/submit",
                ["key": "k1", "label": "one", "body": .string(Base64.text(Sample.document()))])
            #expect(answer["accepted"]?.bool == true)
            #expect(answer["id"]?.string?.hasPrefix("id-") == true)
            let sent = bench.hub.state.withLock(\.sent)
            #expect(sent.count == 3)
            #expect(Set(sent).count == 1)
            #expect(try await control.events("docs", "submit").count == 1)
        }
    }

    @Test("gives the same answer to an order that is repeated, and sends nothing again")
    func sameOrder() async throws {
        try await SystemsBench().run { bench, control in
            let order: JSONObject = ["key": "k1", "body": .string(Base64.text(Sample.document()))]
            let first = try await control.post("/docs/submit", order)
            let second = try await control.post("/docs/submit", order)
            #expect(first == second)
            #expect(bench.hub.state.withLock { $0.sent.count } == 1)
        }
    }

    @Test("tells a refusal with its code and problem, and does not try again")
    func refusal() async throws {
        try await SystemsBench().run { bench, control in
            bench.hub.state.withLock { $0.answers = [StandInHub.fail(.routeReceiverUnknown)] }
            let answer = try await control.post(
                "/docs/submit", ["body": .string(Base64.text(Sample.document()))])
            #expect(answer["accepted"]?.bool == false)
            #expect(answer["code"]?.string == "route.receiver_unknown")
            #expect(answer["problem"]?["detail"]?.string == "No.")
            #expect(bench.hub.state.withLock { $0.sent.count } == 1)
        }
    }

    @Test("signs as it is told: with its own key, with a neighbour's, with damage, or not at all")
    func signatures() async throws {
        try await SystemsBench().run { bench, control in
            for (sign, damage) in [
                ("own", "none"), ("other", "none"), ("own", "break-signature"), ("none", "none"),
            ] {
                _ = try await control.post(
                    "/docs/submit",
                    [
                        "body": .string(Base64.text(Sample.document())), "sign": .string(sign),
                        "damage": .string(damage),
                    ])
            }
            let verdicts = try bench.hub.state.withLock(\.sent).map { bytes in
                XMLSignature.verify(
                    try XMLDocument.parse(bytes), with: [bench.key.publicKey, bench.otherKey.publicKey])
            }
            #expect(verdicts.map(\.verdict) == [.valid, .valid, .invalid, .absent])
            #expect(verdicts[0].key == bench.key.publicKey.fingerprint)
            #expect(verdicts[1].key == bench.otherKey.publicKey.fingerprint)
        }
    }

    @Test("goes on after a kill with the bytes it had, and reads a ledger whose last line is cut off")
    func restart() async throws {
        let bench = try SystemsBench()
        // Nobody listens there: the message stays unanswered.
        try await bench.runSystems(hub: "http://127.0.0.1:1") { bench, control in
            let answer = try await control.post(
                "/docs/submit",
                ["key": "k1", "patience_ms": 20, "body": .string(Base64.text(Sample.document()))])
            #expect(answer["pending"]?.bool == true)
        }
        try bench.appendToLedger("docs", #"{"at":"2026-01-02T03:04"#)
        try await bench.run { bench, control in
            let answer = try await control.post(
                "/docs/submit", ["key": "k1", "body": .string(Base64.text(Sample.document(number: 1)))])
            #expect(answer["accepted"]?.bool == true)
            let submitted = try await control.events("docs", "submit")
            #expect(submitted.count == 1)
            let sent = bench.hub.state.withLock(\.sent)
            #expect(sent.map { SHA256.hash($0).description } == submitted.map { $0["digest"]?.string })
        }
    }
}

@Suite("A simulated system of the exchange API")
struct SimulatedExchangeSystemTests {
    @Test("signs JSON, names the records for the reconciliation, and keeps the receipt")
    func submit() async throws {
        try await SystemsBench().run { bench, control in
            let answer = try await control.post(
                "/one-stop/submit",
                [
                    "type": "dossier/sync/1", "contentType": "application/json",
                    "body": .string(Base64.text(Sample.dossier)),
                ])
            #expect(answer["receipt"]?["format"]?.string == "receipt-1")
            let (sent, signatures) = bench.hub.state.withLock { ($0.sent, $0.signatures) }
            #expect(sent == [Sample.dossier])
            let report = JWS.verifyDetached(try #require(signatures.first), payload: Sample.dossier) { _ in
                bench.key.publicKey
            }
            #expect(report.verdict == .valid)
            let line = try #require(try await control.events("one-stop", "submit").first)
            #expect(line["order"]?.string == "H44.14-260101-0001")
            #expect(line["recipients"]?[0]?.string == "national:dossier")
            let record = Array(#"{"A":"2","B":"1","MaHoSo":"H44.14-260101-0001"}"#.utf8)
            #expect(line["records"]?[0]?.string == SHA256.hash(record).description)
        }
    }

    @Test("gets a new token when the hub no longer takes the old one")
    func token() async throws {
        try await SystemsBench().run { bench, control in
            let order: JSONObject = [
                "contentType": "application/json", "body": .string(Base64.text(Sample.dossier)),
            ]
            _ = try await control.post("/one-stop/submit", order)
            bench.hub.state.withLock { $0.tokenUses = 0 }
            let answer = try await control.post("/one-stop/submit", order)
            #expect(answer["accepted"]?.bool == true)
            #expect(bench.hub.state.withLock { $0.tokens } == 2)
        }
    }

    @Test("asks a service and checks the hub's signature of the reply")
    func lookup() async throws {
        try await SystemsBench().run { bench, control in
            let answer = try await control.post(
                "/one-stop/lookup",
                ["service": "dan-cu/xac-thuc/1", "body": .string(Base64.text(Array("{}".utf8)))])
            #expect(answer["accepted"]?.bool == true)
            #expect(answer["reply"]?["error_code"]?.string == "0")
            #expect(answer["reply_signature"]?.string == "valid")
            #expect(try await control.events("one-stop", "lookup").first?["message"]?.string == "lookup-1")
        }
    }

    @Test("is told that a body is too large even while it is still sending it")
    func oversized() async throws {
        try await SystemsBench().run { bench, control in
            let answer = try await control.post(
                "/one-stop/submit",
                [
                    "contentType": "application/json", "raw": true, "pad": .init(integerLiteral: 40 << 20),
                    "body": .string(Base64.text(Sample.dossier)),
                ])
            #expect(answer["accepted"]?.bool == false)
            #expect(answer["code"]?.string == "intake.too_large")
        }
    }

    @Test("takes a push once, recognises it when it comes again, and refuses one that the hub did not sign")
    func push() async throws {
        try await SystemsBench().run { bench, control in
            let body = Array(#"{"indicator":"edoc.sent"}"#.utf8)
            func push(_ signature: String) async throws -> Int {
                try await bench.http.send(
                    .post, control.push + "/indicators",
                    headers: [
                        ("Lgsp-Message-Id", "m1"), ("Lgsp-Delivery-Id", "m1.2"),
                        ("Lgsp-Service", "indicator/event/1"), ("Lgsp-Signature", signature),
                    ], body: body
                ).status
            }
            let signature = try JWS.signDetached(body, with: bench.hub.key)
            #expect(try await push(signature) == 200)
            #expect(try await push(signature) == 200)
            #expect(try await push(try JWS.signDetached(body, with: bench.otherKey)) == 401)
            #expect(try await push("") == 401)
            let received = try await control.events("ioc", "received")
            #expect(received.map { $0["delivery"]?.string } == ["m1.2"])
            #expect(received.first?["type"]?.string == "indicator/event/1")
            #expect(try await control.events("ioc", "repeat").count == 1)
        }
    }
}
