import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@Suite("A message that is fit")
struct AcceptanceTests {
    @Test("goes all its roads at once: inside the province, to the national platform, and to who subscribed")
    func roads() async throws {
        let bench = try IntakeBench()
        let to = ["000.00.11.H55", "000.00.00.G14", "000.00.11.H44"]
        let submission = try bench.xml(EdocText.document(to: to))
        let (message, receipt) = try await bench.accepted(submission)
        #expect(message.type == .edocDocument)
        #expect(message.agency == "000.00.13.H44")
        #expect(message.priority == 1)
        #expect(message.orderKey == "000.00.13.H44,2024/03/15,412/STTTT-VP")
        #expect(message.digest == submission.digest)
        #expect(message.signature.verdict == "valid")
        #expect(message.signature.key == (try bench.landscape.key("qlvb-so-tttt-h44").publicKey.fingerprint))
        let plan = message.deliveries.map { "\($0.destination) \($0.recipient) \($0.type) \($0.mapping)" }
        #expect(
            plan == [
                "national:axis 000.00.11.H55 edoc/document/1 ", "national:axis 000.00.00.G14 edoc/document/1 ",
                "mailbox:qlvb-so-tc-h44 000.00.11.H44 edoc/document/1 ",
                "push:ioc-h44 ioc-h44 indicator/event/1 ioc-h44/mapping/edoc-document.yaml",
            ]
        )
        let (_, record) = try receipt.verified(with: bench.hubKey)
        #expect(record == .accepted(message))
        // The receiver gets the very bytes that were signed.
        let mailbox = try #require(SystemID("qlvb-so-tc-h44").flatMap { bench.outbox.mailbox(of: $0) })
        #expect(try await mailbox.fetch(limit: 5, wait: .zero).map(\.payload.inMemory) == [submission.body.inMemory])
    }

    @Test("keeps the detached signature, which goes on with it")
    func detached() async throws {
        let bench = try IntakeBench()
        let submission = try bench.json(DossierText.sync(7))
        let (message, _) = try await bench.accepted(submission)
        #expect(message.type == .dossierSync)
        #expect(message.orderKey == DossierText.code(7))
        #expect(message.signature.detached == submission.signature)
        #expect(message.signature.algorithm == "RS256")
        #expect(message.deliveries.map(\.destination.description) == ["national:dossier", "push:ioc-h44"])
    }

    @Test("is one message however often it comes, with the first receipt each time")
    func repeated() async throws {
        let bench = try IntakeBench()
        let submission = try bench.xml(EdocText.document())
        let (message, first) = try await bench.accepted(submission)
        for _ in 0..<3 {
            guard case .repeated(let id, let receipt) = try await bench.intake.submit(submission) else {
                Issue.record("a repeat was taken for a new message")
                return
            }
            #expect(id == message.id)
            #expect(receipt == first)
        }
        #expect(await bench.journal.totals().messages == 1)
        #expect(await bench.journal.totals().refusals.isEmpty)
    }

    @Test("is the same message when there is no way for it any more, and other content is a conflict all the same")
    func repeatedWithoutWay() async throws {
        let bench = try IntakeBench()
        let submission = try bench.xml(EdocText.document(to: ["000.00.01.H55"]))
        let (message, first) = try await bench.accepted(submission)
        let cutOff = try IntakeBench(isConnected: false, journal: bench.journal)
        guard case .repeated(let id, let receipt) = try await cutOff.intake.submit(submission) else {
            Issue.record("a repeat was taken for a new message")
            return
        }
        #expect(id == message.id)
        #expect(receipt == first)
        let other = try bench.xml(EdocText.document(to: ["000.00.01.H55"], subject: "Nội dung khác"))
        await #expect { _ = try await cutOff.intake.submit(other) } throws: { error in
            (error as? HubError)?.code == .intakeIdentityConflict
        }
        let new = try bench.xml(EdocText.document(to: ["000.00.01.H55"], number: 77))
        await #expect { _ = try await cutOff.intake.submit(new) } throws: { error in
            (error as? HubError)?.code.rawValue.hasPrefix("route.") == true
        }
    }

    @Test("is one message when many bring it at once")
    func race() async throws {
        let bench = try IntakeBench()
        let submission = try bench.xml(EdocText.document(to: ["000.00.11.H44"]))
        let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    if case .accepted = try await bench.intake.submit(submission) { true } else { false }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(accepted == 1)
        let mailbox = try #require(SystemID("qlvb-so-tc-h44").flatMap { bench.outbox.mailbox(of: $0) })
        #expect(try await mailbox.fetch(limit: 50, wait: .zero).count == 1)
    }

    @Test("is another message when another agency of the same system writes the same number")
    func agencies() async throws {
        let bench = try IntakeBench(home: "H55")
        for agency in ["000.00.11.H55", "000.00.12.H55"] {
            _ = try await bench.accepted(
                try bench.xml(
                    EdocText.document(from: agency, to: ["000.00.13.H44"]), as: "qlvb-so-tc-h55",
                    signer: "qlvb-so-tc-h55"
                )
            )
        }
        #expect(await bench.journal.totals().messages == 2)
    }

    @Test("is told from others by its content, or by the sender's own id, where the adapter says so")
    func byContent() async throws {
        let bench = try IntakeBench()
        _ = try await bench.accepted(try bench.json(DossierText.sync(1)))
        _ = try await bench.accepted(try bench.json(DossierText.sync(2)))
        _ = try await bench.accepted(try bench.json(DossierText.sync(3), messageID: "ma-1"))
        guard case .repeated = try await bench.intake.submit(try bench.json(DossierText.sync(3), messageID: "ma-1"))
        else {
            Issue.record("a repeat was taken for a new message")
            return
        }
        #expect(await bench.journal.totals().messages == 3)
    }

    @Test("is recognised without being named, and keeps its order with what belongs to it")
    func recognised() async throws {
        let bench = try IntakeBench()
        let (document, _) = try await bench.accepted(try bench.xml(EdocText.document()))
        let (progress, _) = try await bench.accepted(try bench.json(DossierText.progress(4)))
        let (sync, _) = try await bench.accepted(try bench.json(DossierText.sync(4)))
        #expect([document.type, progress.type, sync.type] == [.edocDocument, .dossierProgress, .dossierSync])
        #expect(progress.orderKey == sync.orderKey)
    }

    @Test("may be for an agency below one that has a system, for a code in either form, or for one that moved")
    func receivers() async throws {
        let bench = try IntakeBench()
        let cases = [
            ("H44.11", "mailbox:qlvb-so-tc-h44"), ("000.00.11.H44", "mailbox:qlvb-so-tc-h44"),
            ("H44.STC", "mailbox:qlvb-so-tc-h44"), ("000.00.10.H44", "mailbox:qlvb-so-tc-h44"),
            ("000.00.00.H03", "national:axis"), ("000.00.01.H03", "national:axis"), ("H55.11", "national:axis"),
        ]
        for (number, (receiver, destination)) in cases.enumerated() {
            let (message, _) = try await bench.accepted(
                try bench.xml(EdocText.document(to: [receiver], number: number + 1))
            )
            #expect(message.deliveries.first?.destination.description == destination, "\(receiver)")
            #expect(message.deliveries.first?.recipient == receiver)
        }
    }

    @Test("is delivered once to a system that speaks for two of its receivers")
    func oneSystem() async throws {
        let bench = try IntakeBench(home: "H55")
        let document = EdocText.document(from: "000.00.11.H55", to: ["000.00.11.H55", "000.00.12.H55", "H55.11"])
        let (message, _) = try await bench.accepted(
            try bench.xml(document, as: "qlvb-so-tc-h55", signer: "qlvb-so-tc-h55")
        )
        #expect(message.deliveries.map(\.destination.description) == ["mailbox:qlvb-so-tc-h55"])
    }

    @Test("reaches a subscriber only when the subscription's filter holds")
    func filtered() async throws {
        let system = try #require(SystemID("theo-doi-h44"))
        func subscriber(_ test: SubscriptionFilter.Test) -> Adapter {
            Adapter(
                system: system, title: Bilingual(vi: "", en: ""), kind: .operationsCentre, agencies: [],
                speaks: .exchange,
                subscribes: [
                    SubscribeRule(
                        message: .edocDocument, target: .indicatorEvent, mapping: "mapping/a.yaml", by: .mailbox,
                        when: SubscriptionFilter(field: "Priority", test)
                    )
                ]
            )
        }
        for (test, isWanted) in [
            (SubscriptionFilter.Test.equals("1"), true), (.equals("4"), false), (.differs(from: "1"), false),
        ] {
            let bench = try IntakeBench(extra: [subscriber(test)])
            let (message, _) = try await bench.accepted(try bench.xml(EdocText.document()))
            #expect(message.deliveries.contains { $0.destination == .mailbox(system) } == isWanted)
        }
    }

    @Test("may name its identity at any length")
    func longIdentity() async throws {
        let adapter = try Landscape.shared.get().adapter("qlvb-so-tttt-h44")
        let long = Adapter(
            system: adapter.system, title: adapter.title, kind: adapter.kind, agencies: adapter.agencies,
            speaks: .axis,
            sends: [SendRule(message: .edocDocument, identity: ["DocumentId", "Subject"], orderBy: "Subject", receivers: .all)]
        )
        let bench = try IntakeBench()
        var identities: Set<String> = []
        for subject in ["a", "b"] {
            let text = String(repeating: subject, count: 450)
            let body = try bench.xml(EdocText.document(subject: text)).body
            let (message, _) = try await bench.accepted(
                Submission(sender: long, body: body, contentType: "application/xml")
            )
            #expect(message.identity.utf8.count <= 512)
            #expect(message.orderKey.utf8.count <= 200)
            identities.insert(message.identity)
        }
        #expect(identities.count == 2)
    }
}
