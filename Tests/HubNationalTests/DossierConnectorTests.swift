import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubNational
import HubTesting
import Testing

/// What the hub brings to the dossier portal, seen from the portal's side.
@Suite(.timeLimit(.minutes(1))) struct DossierConnectorTests {
    private static func connector(_ bench: PlatformBench) -> DossierConnector {
        DossierConnector(bench.national, client: bench.client)
    }

    private static func digest(_ packet: [UInt8]) throws -> String {
        let record = try #require(try JSONDocument.parse(packet).value["data"]?[0])
        return SHA256.hash(record.serialised(sortedKeys: true)).description
    }

    @Test func `a new dossier is created at the portal as it was written`() async throws {
        try await PlatformBench.run { bench in
            let outcome = await Self.connector(bench).deliver(Parcels.dossier())
            #expect(outcome == .delivered(answer: "Thành công"))
            let created = try await bench.ledger("dossier.created")
            let event = try #require(created.first)
            #expect(created.count == 1 && event["dossier"]?.string == DossierText.code(1))
            #expect(event["from"] == "000.00.00.H44" && event["system"] == "h44")
            #expect(event["digest"]?.string == (try Self.digest(DossierText.sync())))
        }
    }

    @Test func `a dossier that the portal has goes there again as an update`() async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            #expect(await connector.deliver(Parcels.dossier()).verdict == .delivered)
            let changed = String(decoding: DossierText.sync(), as: UTF8.self)
                .replacing("Trần Thị Mẫu", with: "Trần Thị Mẫu Sửa")
            let outcome = await connector.deliver(Parcels.dossier(Array(changed.utf8), number: 2))
            #expect(outcome.verdict == .delivered && outcome.answer.contains("đã tồn tại"))
            #expect(try await bench.ledger("dossier.created").count == 1)
            let updated = try await bench.ledger("dossier.updated").map { $0["digest"]?.string }
            #expect(updated == [try Self.digest(Array(changed.utf8))])
        }
    }

    @Test func `a dossier whose answer was lost is there once and up to date`() async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            try await bench.order(fault: "cut-off", at: DossierPath.services)
            guard case .tryLater = await connector.deliver(Parcels.dossier()) else {
                Issue.record("a reply that breaks off is no answer")
                return
            }
            #expect(await connector.deliver(Parcels.dossier()).verdict == .delivered)
            #expect(try await bench.ledger("dossier.created").count == 1)
        }
    }

    @Test func `steps of a dossier are brought, and one that comes twice does no harm`() async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            #expect(await connector.deliver(Parcels.dossier()).verdict == .delivered)
            for (number, state) in ["4", "9", "9"].enumerated() {
                let step = Parcels.dossier(
                    DossierText.progress(state: state), number: 10 + number, type: .dossierProgress
                )
                #expect(await connector.deliver(step).verdict == .delivered)
            }
            let steps = try await bench.ledger("dossier.progressed")
            #expect(steps.map { $0["statusCode"] } == ["4", "9"])
            #expect(try await bench.ledger("dossier.progress_repeated").count == 1)
        }
    }

    @Test func `what the portal will never take is refused in its own words`() async throws {
        try await PlatformBench.run { bench in
            let step = Parcels.dossier(DossierText.progress(7), type: .dossierProgress)
            let outcome = await Self.connector(bench).deliver(step)
            #expect(outcome.verdict == .refused(.deliveryRefused))
            #expect(outcome.answer.hasPrefix("6 ") && outcome.answer.contains(DossierText.code(7)))
        }
    }

    @Test(
        arguments: [
            ("{", .refused(.jsonMalformed)), (#"{"service":"a","service":"b"}"#, .refused(.jsonDuplicateKey)),
            ("[]", .refused(.apiRequestMalformed)), (#"{"data":[]}"#, .refused(.apiRequestMalformed)),
        ] as [(String, DeliveryOutcome.Verdict)]
    )
    func `what is no packet is refused without asking the portal`(
        payload: String, verdict: DeliveryOutcome.Verdict
    ) async throws {
        try await PlatformBench.run { bench in
            let outcome = await Self.connector(bench).deliver(Parcels.dossier(Array(payload.utf8)))
            #expect(outcome.verdict == verdict)
            let sessions = try await bench.ledger("credential.given")
            #expect(sessions.isEmpty)
        }
    }

    @Test(
        arguments: [
            ("text", .tryLater(.deliveryReplyUnreadable)), ("empty", .tryLater(.deliveryReplyUnreadable)),
            ("error", .tryLater(.deliveryUnavailable)),
        ] as [(String, DeliveryOutcome.Verdict)],
        [DossierPath.login, DossierPath.services]
    )
    func `a portal out of order is tried again until it takes the dossier`(
        fault: (kind: String, verdict: DeliveryOutcome.Verdict), path: String
    ) async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            try await bench.order(fault: fault.kind, at: path)
            #expect(await connector.deliver(Parcels.dossier()).verdict == fault.verdict)
            #expect(try await bench.ledger("dossier.created").isEmpty)
            #expect(await connector.deliver(Parcels.dossier()).verdict == .delivered)
        }
    }

    @Test func `a portal that is not there is tried again`() async throws {
        let port = try ClosedPort()
        try await withClient { client in
            let connector = DossierConnector(PlatformBench.national(at: port.url), client: client)
            #expect(await connector.deliver(Parcels.dossier()).verdict == .tryLater(.deliveryUnavailable))
        }
    }
}
