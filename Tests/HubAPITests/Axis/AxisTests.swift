import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A document system on the axis", .timeLimit(.minutes(5)))
struct AxisTests {
    private func document(_ number: Int = 1) -> [UInt8] {
        EdocText.document(to: ["000.00.11.H44"], number: number)
    }

    @Test("hands in a document, and hears the id that the hub gave it")
    func send() async throws {
        try await HubBench.run { bench in
            let body = try bench.signed(self.document())
            let answer = try await AxisCaller(bench).send(body)
            #expect(answer.code == nil)
            #expect(answer.reply.isOK)
            #expect(answer.reply.errorCode == "0")
            #expect(answer.reply.problem == nil)
            let id = try #require(answer.reply.docID.flatMap(MessageID.init))
            let stored = try #require(await bench.journal.message(id))
            #expect(stored.message.digest == SHA256.hash(body))
            #expect(stored.message.sender.description == HubBench.documents)
            #expect(stored.message.type == .edocDocument)
            #expect(await bench.refusals().isEmpty)
        }
    }

    @Test("hands in the same again, and hears the first id")
    func repeated() async throws {
        try await HubBench.run { bench in
            let body = try bench.signed(self.document())
            let caller = AxisCaller(bench)
            let first = try await caller.send(body)
            bench.clock.advance(by: .seconds(60))
            let again = try await caller.send(body)
            #expect(again.reply.isOK)
            #expect(again.reply.docID == first.reply.docID)
            #expect(await bench.journal.totals().messages == 1)
        }
    }

    @Test("need not say which kind of packet it hands in, and its own id of it travels along")
    func kinds() async throws {
        try await HubBench.run { bench in
            let status = try bench.signed(EdocText.status(from: "000.00.13.H44", to: "000.00.11.H44"))
            let answer = try await AxisCaller(bench).send(status) { $0.docID = "VB-17" }
            #expect(answer.reply.isOK, "\(answer.http.text)")
            let id = try #require(answer.reply.docID.flatMap(MessageID.init))
            let message = await bench.journal.message(id)?.message
            #expect(message?.type == .edocStatus)
            #expect(message?.correlation == "VB-17")
        }
    }

    @Test("hears what is odd about what it hands in, and operators see where the document stands")
    func warnings() async throws {
        try await HubBench.run { bench in
            try await bench.accept(EdocText.document(to: ["000.00.11.H44"]), from: HubBench.documents)
            let status = EdocText.status(from: "000.00.11.H44", to: "000.00.13.H44", code: "05")
            let answer = try await AxisCaller(bench, HubBench.finance).send(try bench.signed(status, by: HubBench.finance)) {
                $0.messageType = .status
            }
            #expect(answer.reply.isOK, "\(answer.http.text)")
            #expect(answer.reply.warnings.compactMap { $0["code"]?.string } == ["check.status_transition"])
            let id = try #require(answer.reply.docID)
            let admin = [HubBench.bearer(HubBench.adminToken)]
            let view = try await bench.admin.get("/admin/v1/messages/\(id)", admin).json
            #expect(view["warnings"]?.array?.compactMap(\.string) == ["check.status_transition"])
            #expect(view["course"]?["status"]?.string == "05")

            let course = try await bench.admin.get("/admin/v1/course?matter=000.00.13.H44,2024/03/15,412/STTTT-VP", admin)
            #expect(course.status == 200)
            let receiver = try course.json["receivers"]?.array?.first
            #expect(receiver?["recipient"]?.string == "000.00.11.H44" && receiver?["status"]?.string == "05")
            try await bench.admin.get("/admin/v1/course?matter=none", admin).expectProblem(404, .messageNotFound)
            try await bench.admin.get("/admin/v1/course", admin).expectProblem(400, .apiRequestMalformed)
            try await bench.admin.get("/admin/v1/course?matter=none").expectProblem(401, .accessUnauthenticated)
        }
    }

    @Test("is not asked twice: what nobody answered for is on a list")
    func unanswered() async throws {
        try await HubBench.run { bench in
            try await bench.accept(EdocText.document(to: ["000.00.11.H44"]), from: HubBench.documents)
            let admin = [HubBench.bearer(HubBench.adminToken)]
            func list(_ query: String) async throws -> [String?]? {
                try await bench.admin.get("/admin/v1/unanswered?\(query)", admin).json["unanswered"]?.array?
                    .map { $0["recipient"]?.string }
            }
            #expect(try await list("hours=1") == [])
            bench.clock.advance(by: .seconds(3601))
            #expect(try await list("hours=1") == ["000.00.11.H44"])
            bench.clock.advance(by: .seconds(2 * 86_400))
            #expect(try await list("hours=1&days=1") == [])
            try await bench.admin.get("/admin/v1/unanswered?hours=-1", admin).expectProblem(400, .apiRequestMalformed)
        }
    }

    @Test("finds in its list what came for it, fetches it, and says that it is done")
    func receive() async throws {
        try await HubBench.run { bench in
            let body = try bench.signed(self.document())
            #expect(try await AxisCaller(bench).send(body).reply.isOK)
            let receiver = AxisCaller(bench, HubBench.finance)
            let entries = try await receiver.list()
            #expect(entries.count == 1)
            let entry = try #require(entries.first)
            #expect(entry.messageType == .edoc)
            #expect(entry.from == "000.00.13.H44")
            #expect(entry.to == ["000.00.11.H44"])
            #expect(entry.status == .inbox)
            // Fifteen o'clock in Viet Nam is eight o'clock in Greenwich.
            #expect(entry.createdTime == "2025/10/09 15:53:20")
            #expect(try await receiver.fetch(entry.docID).reply.document() == body)
            // Until it is done, it waits.
            #expect(try await receiver.update(entry.docID, .processing).reply.isOK)
            #expect(try await receiver.list() == entries)
            let done = try await receiver.update(entry.docID, .done)
            #expect(done.reply.isOK)
            #expect(done.reply.docID == entry.docID)
            #expect(try await receiver.list().isEmpty)
            let totals = await bench.journal.totals()
            #expect(totals.delivered == 1)
            #expect(totals.deadLettered == 0)
        }
    }

    @Test("may say that it will not have a document, which is then a dead letter")
    func fail() async throws {
        try await HubBench.run { bench in
            #expect(try await AxisCaller(bench).send(try bench.signed(self.document())).reply.isOK)
            let receiver = AxisCaller(bench, HubBench.finance)
            let id = try #require(try await receiver.list().first?.docID)
            #expect(try await receiver.update(id, .fail).reply.isOK)
            #expect(try await receiver.list().isEmpty)
            let message = try #require(DeliveryID(id)).message
            let state = await bench.journal.message(message)?.deliveries.first
            #expect(state?.phase == .deadLettered)
            #expect(state?.code == .deliveryRefused)
        }
    }

    @Test("is told when there is no such document for it, whatever it wants with it")
    func unknown() async throws {
        try await HubBench.run { bench in
            #expect(try await AxisCaller(bench).send(try bench.signed(self.document())).reply.isOK)
            let receiver = AxisCaller(bench, HubBench.finance)
            let id = try #require(try await receiver.list().first?.docID)
            let stranger = AxisCaller(bench, HubBench.documents)
            for id in [id, "01a20bf6-00f9-7557-a328-73a26fc97371.0", "VB-17", "../../etc/passwd"] {
                var answers = [try await stranger.fetch(id)]
                for status in [AxisTransportStatus.done, .fail] {
                    answers.append(try await stranger.update(id, status))
                }
                for answer in answers {
                    #expect(answer.reply.errorCode == "10")
                    #expect(answer.code == "mailbox.lease_unknown")
                }
            }
            // For whom it is, it is still there.
            #expect(try await receiver.update(id, .done).reply.isOK)
            #expect(try await receiver.update(id, .done).reply.errorCode == "10")
            #expect(try await receiver.fetch(id).reply.errorCode == "10")
        }
    }

    @Test("hears no yes to the progress of a document that it does not have")
    func progressOfNothing() async throws {
        try await HubBench.run { bench in
            let answer = try await AxisCaller(bench).update(
                "01a20bf6-00f9-7557-a328-73a26fc97371.0", .processing)
            #expect(answer.reply.errorCode == "10")
            #expect(answer.code == "mailbox.lease_unknown")
        }
    }

    @Test("must say which status is meant, and of what")
    func incomplete() async throws {
        try await HubBench.run { bench in
            #expect(try await AxisCaller(bench).send(try bench.signed(self.document())).reply.isOK)
            let receiver = AxisCaller(bench, HubBench.finance)
            let id = try #require(try await receiver.list().first?.docID)
            let answer = try await receiver.update(id, nil)
            #expect(answer.code == "api.request_malformed")
            #expect(answer.reply.errorCode == "22")
            for path in [AxisPath.getEdoc, AxisPath.updateStatus] {
                let answer = try await receiver.call(path, try receiver.headers { $0.status = .done })
                #expect(answer.code == "mailbox.lease_unknown")
            }
        }
    }

    @Test("may ask for one kind of packet alone")
    func filter() async throws {
        try await HubBench.run { bench async throws in
            let sender = AxisCaller(bench)
            #expect(try await sender.send(try bench.signed(self.document(1))).reply.isOK)
            let status = EdocText.status(from: "000.00.13.H44", to: "000.00.11.H44", number: 9)
            #expect(try await sender.send(try bench.signed(status)) { $0.messageType = .status }.reply.isOK)
            let receiver = AxisCaller(bench, HubBench.finance)
            #expect(try await receiver.list(.edoc).map(\.messageType) == [.edoc])
            #expect(try await receiver.list(.status).map(\.messageType) == [.status])
            #expect(try await receiver.list().count == 2)
        }
    }

    @Test("finds a document also behind many packets of the kind that it does not ask for")
    func filterBehindMany() async throws {
        try await HubBench.run { bench async throws in
            let sender = AxisCaller(bench)
            for number in 1...101 {
                let status = EdocText.status(from: "000.00.13.H44", to: "000.00.11.H44", number: number)
                #expect(
                    try await sender.send(try bench.signed(status)) { $0.messageType = .status }.reply.isOK)
            }
            #expect(try await sender.send(try bench.signed(self.document(500))).reply.isOK)
            #expect(try await AxisCaller(bench, HubBench.finance).list(.edoc).count == 1)
        }
    }

    @Test("may call with GET what it need not send anything for")
    func methods() async throws {
        try await HubBench.run { bench in
            #expect(try await AxisCaller(bench).send(try bench.signed(self.document())).reply.isOK)
            let receiver = AxisCaller(bench, HubBench.finance)
            let list = try await bench.exchange.get(AxisPath.getReceivedEdocList, try receiver.headers())
            let id = try #require(try AxisReply.parse(list.body).entries().first?.docID)
            let document = try await bench.exchange.get(
                AxisPath.getEdoc, try receiver.headers { $0.docID = id })
            #expect(try AxisReply.parse(document.body).document().isEmpty == false)
            let headers = try receiver.headers { ($0.docID, $0.status) = (id, .done) }
            let update = try await bench.exchange.get(AxisPath.updateStatus, headers)
            #expect(try AxisReply.parse(update.body).isOK)
        }
    }
}
