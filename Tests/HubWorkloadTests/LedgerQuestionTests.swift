import HubJSON
import HubModel
import Testing

@testable import HubWorkload

@Suite("Waiting for something in the ledgers")
struct LedgerQuestionTests {
    static func question(_ story: Story, _ label: String = "document") throws -> LedgerQuestion {
        let submission = try #require(story.ledgers.submissions.first { $0.label == label })
        return LedgerQuestion(ledgers: story.ledgers, submission: submission)
    }

    @Test("sees a delivery at every receiver, and names the one that lacks it")
    func delivered() throws {
        var story = Story()
        #expect(try Self.question(story).missing(.delivered) == [])
        #expect(try Self.question(story).missing(.notDelivered).count == 3)
        story.ledgers.arrivals.removeAll { $0.receiver == "qlvb-so-tc-h55" }
        #expect(try Self.question(story).missing(.delivered) == ["has not arrived at 000.00.11.H55"])
    }

    @Test("sees statuses from each receiver, told after the message was sent and about the same document")
    func statuses() throws {
        var story = Story()
        let wanted = Suite.Await.Event.statuses(["15"], from: ["000.00.11.H55", "G14"])
        #expect(
            try Self.question(story).missing(wanted) == [
                "no status 15 from 000.00.11.H55", "no status 15 from G14",
            ])
        for (digest, from, about) in [("a", "H55.11", "D1"), ("b", "000.00.00.G14", "D2")] {
            story.ledgers.arrivals.append(
                Arrival(
                    receiver: "qlvb-so-tttt-h44", to: "H44.13", delivery: digest, type: "edoc/status/1",
                    digest: digest,
                    from: from, about: about, status: "15", at: story.tick()))
        }
        #expect(try Self.question(story).missing(wanted) == ["no status 15 from G14"])
        // A recall sent later must have answers of its own.
        story.send(
            "recall", from: "qlvb-so-tttt-h44", to: ["000.00.11.H55"], order: "D1",
            deliveries: [("national:axis", "000.00.11.H55")])
        let later = Suite.Await.Event.statuses(["15"], from: [])
        #expect(try Self.question(story, "recall").missing(later) == ["no status 15 from 000.00.11.H55"])
    }

    @Test("takes a copy for one only if it is not the payload itself")
    func copy() throws {
        var story = Story()
        story.arrive("document", at: "ioc-h44", to: nil, delivery: "id-document.3", message: "id-document")
        #expect(
            try Self.question(story).missing(.copy(at: "ioc-h44")) == ["the payload itself is at ioc-h44"])
        story.ledgers.arrivals.removeLast()
        #expect(try Self.question(story).missing(.copy(at: "ioc-h44")) == ["no copy at ioc-h44"])
        story.arrive("indicator", at: "ioc-h44", to: nil, delivery: "id-document.3", message: "id-document")
        #expect(try Self.question(story).missing(.copy(at: "ioc-h44")) == [])
    }

    @Test("compares an answer with what was expected")
    func answers() {
        let violation: JSONValue = [
            "line": 23, "path": "/edXML/a/PromulgationDate", "message": ["en": "wrong"],
        ]
        func compare(_ accepted: Bool, _ code: String, _ expectation: Suite.Expectation) -> [String] {
            SuiteStage.compare(
                label: "x", accepted: accepted, code: code, violations: [violation], detail: nil,
                with: expectation)
        }
        #expect(compare(true, "", .accepted) == [])
        #expect(compare(false, "xml.malformed", .accepted).count == 1)
        let refused = Suite.Expectation.refused(
            code: "schema.payload_invalid", line: 23, path: "PromulgationDate")
        #expect(compare(false, "schema.payload_invalid", refused) == [])
        #expect(compare(true, "", refused) == ["x: accepted, though schema.payload_invalid was expected"])
        #expect(
            compare(false, "xml.malformed", refused) == [
                "x: refused with xml.malformed, not with schema.payload_invalid"
            ])
        let elsewhere = Suite.Expectation.refused(code: "schema.payload_invalid", line: 24, path: nil)
        #expect(compare(false, "schema.payload_invalid", elsewhere).count == 1)
    }
}

@Suite("The national platform's ledger")
struct NationalLedgerTests {
    static func read(_ lines: [String]) -> LedgerReader {
        var reader = LedgerReader()
        reader.addNational(ndjson: Array(lines.map { $0 + "\n" }.joined().utf8))
        return reader
    }

    @Test("gives arrivals at ministries and the statuses they send")
    func ministries() throws {
        let reader = Self.read([
            #"{"at":1000000,"kind":"ministry.received","docId":"p1","digest":"d1","system":"G14","from":"H44.13","to":["000.00.00.G14"],"messageType":"edoc","documentId":"D"}"#,
            #"{"at":2000000,"kind":"ministry.repeated","docId":"p1","digest":"d1","system":"G14","messageType":"edoc"}"#,
            #"{"at":3000000,"kind":"ministry.answered","system":"G14","answers":"p1","step":1,"statusCode":"01","documentId":"D","to":["H44.13"],"digest":"s1"}"#,
            #"{"at":4000000,"kind":"ministry.answered","system":"G14","answers":"p1","step":2,"statusCode":"03","detail":"nobody to tell"}"#,
        ])
        #expect(reader.faults == [])
        #expect(reader.ledgers.arrivals.map(\.isRepeat) == [false, true])
        #expect(reader.ledgers.arrivals.first?.to == "G14")
        #expect(reader.ledgers.arrivals.first?.at == Timestamp(nanoseconds: 1_000_000))
        #expect(reader.ledgers.submissions.map(\.digest) == ["s1"])
        #expect(reader.ledgers.submissions.first?.recipients == ["H44.13"])
        #expect(reader.ledgers.submissions.first?.answer?.accepted == true)
    }

    @Test("knows what lies in an inbox until it is taken")
    func inbox() {
        let lines = [
            #"{"at":1,"kind":"axis.accepted","docId":"p1","digest":"d1","system":"00.44.W00"}"#,
            #"{"at":2,"kind":"axis.queued","docId":"p1","digest":"d1","system":"00.55.W00"}"#,
        ]
        #expect(Self.read(lines).ledgers.heldByNational == ["d1"])
        let done = #"{"at":3,"kind":"axis.done","docId":"p1","system":"00.55.W00"}"#
        #expect(Self.read(lines + [done]).ledgers.heldByNational.isEmpty)
    }

    @Test("counts an update that changes nothing as a repeat")
    func dossiers() {
        let reader = Self.read([
            #"{"at":1,"kind":"dossier.created","dossier":"H","digest":"a"}"#,
            #"{"at":2,"kind":"dossier.updated","dossier":"H","digest":"a"}"#,
            #"{"at":3,"kind":"dossier.updated","dossier":"H","digest":"b"}"#,
            #"{"at":4,"kind":"dossier.progressed","dossier":"H","digest":"c"}"#,
            #"{"at":5,"kind":"dossier.progress_repeated","dossier":"H","digest":"c"}"#,
        ])
        #expect(reader.ledgers.arrivals.map(\.isRepeat) == [false, true, false, false, true])
        #expect(
            reader.ledgers.arrivals.map(\.type).prefix(4) == [
                "dossier/sync/1", "dossier/sync/1", "dossier/sync/1", "dossier/progress/1",
            ])
    }

    @Test("finds a dossier packet by the records in it")
    func records() {
        var ledgers = Self.read([#"{"at":20000000,"kind":"dossier.created","dossier":"H","digest":"r"}"#])
            .ledgers
        ledgers.submissions.append(
            Submission(
                sender: "mot-cua-h44", key: "k", type: "dossier/sync/1", digest: "packet", records: ["r"],
                order: "H",
                recipients: ["national:dossier"], at: Timestamp(nanoseconds: 10_000_000),
                answer: .init(at: Timestamp(nanoseconds: 11_000_000), accepted: true, id: "m")))
        let result = Reconciliation(ledgers)
        #expect(result.delivered == 1)
        #expect(result.transit(at: 0.5) == .milliseconds(10))
        #expect(result.lost.isEmpty)
        #expect(result.disagreements.isEmpty)
    }
}
