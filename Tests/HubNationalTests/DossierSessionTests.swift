import HubCore
import HubDialects
import HubJSON
import HubModel
import HubNational
import HubTesting
import Testing

/// How the hub signs in at the dossier portal.
@Suite(.timeLimit(.minutes(1))) struct DossierSessionTests {
    private static func connector(
        _ bench: PlatformBench, change: (inout NationalConfiguration) -> Void = { _ in }
    ) -> DossierConnector {
        var national = bench.national
        change(&national)
        return DossierConnector(national, client: bench.client)
    }

    @Test func `one session serves many dossiers`() async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            for number in 1...4 {
                let parcel = Parcels.dossier(DossierText.sync(number), number: number)
                #expect(await connector.deliver(parcel).verdict == .delivered)
            }
            let created = try await bench.ledger("dossier.created")
            #expect(created.count == 4)
            #expect(try await bench.ledger("credential.given").count == 1)
        }
    }

    @Test func `dossiers that are sent at once sign in once`() async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            try await Self.deliver(1...8, by: connector)
            #expect(try await bench.ledger("credential.given").count == 1)
            try await bench.order("expire-tokens")
            try await Self.deliver(9...16, by: connector)
            #expect(try await bench.ledger("credential.given").count == 2)
        }
    }

    private static func deliver(_ numbers: ClosedRange<Int>, by connector: DossierConnector) async throws {
        await withTaskGroup(of: DeliveryOutcome.self) { group in
            for number in numbers {
                group.addTask {
                    await connector.deliver(Parcels.dossier(DossierText.sync(number), number: number))
                }
            }
            for await outcome in group { #expect(outcome.verdict == .delivered) }
        }
    }

    @Test func `a session that ends in the middle is renewed once, and the dossier is delivered`()
        async throws
    {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            #expect(await connector.deliver(Parcels.dossier()).verdict == .delivered)
            try await bench.order("expire-tokens")
            let next = Parcels.dossier(DossierText.sync(2), number: 2)
            #expect(await connector.deliver(next).verdict == .delivered)
            #expect(try await bench.ledger("credential.refused").count == 1)
            #expect(try await bench.ledger("credential.given").count == 2)
            #expect(try await bench.ledger("dossier.created").count == 2)
        }
    }

    @Test func `a session that is too old by the portal's clock is renewed`() async throws {
        try await PlatformBench.run { bench in
            let connector = Self.connector(bench)
            #expect(await connector.deliver(Parcels.dossier()).verdict == .delivered)
            bench.clock.advance(by: .seconds(3601))
            let next = Parcels.dossier(DossierText.sync(2), number: 2)
            #expect(await connector.deliver(next).verdict == .delivered)
            let sessions = try await bench.ledger("credential.given")
            #expect(sessions.count == 2)
        }
    }

    @Test func `a portal that takes no session is asked twice and then left alone`() async throws {
        try await StandInServer.run(answering: { request in
            request.path == DossierPath.login
                ? .json(["error_code": 0, "session": "phiên"])
                : .json(["error_code": "-1", "message": "Phiên làm việc không hợp lệ", "result": ""])
        }) { server in
            try await withClient { client in
                let connector = DossierConnector(PlatformBench.national(at: server.url), client: client)
                #expect(await connector.deliver(Parcels.dossier()).verdict == .tryLater(.accessDenied))
            }
            #expect(server.count(DossierPath.login) == 2 && server.count(DossierPath.services) == 2)
        }
    }

    @Test func `with a wrong password dossiers wait until it is mended`() async throws {
        try await PlatformBench.run { bench in
            let stranger = Self.connector(bench) { $0.dossier.password = "sai" }
            #expect(await stranger.deliver(Parcels.dossier()).verdict == .tryLater(.accessDenied))
            let created = try await bench.ledger("dossier.created")
            #expect(created.isEmpty)
            #expect(await Self.connector(bench).deliver(Parcels.dossier()).verdict == .delivered)
        }
    }

    @Test func `a session that a system wrote into its packet is replaced by the hub's`() async throws {
        let foreign = String(decoding: DossierText.sync(), as: UTF8.self)
            .replacing(#""madonvi""#, with: #""session": "của người khác", "madonvi""#)
        try await PlatformBench.run { bench in
            let outcome = await Self.connector(bench).deliver(Parcels.dossier(Array(foreign.utf8)))
            #expect(outcome.verdict == .delivered)
        }
    }
}
