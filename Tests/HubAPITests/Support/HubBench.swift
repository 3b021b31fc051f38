import AsyncHTTPClient
import HubAPI
import HubCore
import HubEnvelope
import HubModel
import HubTesting

/// A hub with both listeners on free ports, over a journal in memory and a clock that stands still.
struct HubBench: Sendable {
    let province: Province
    let journal: InMemoryJournal
    /// After the mergers of July 2025.
    let clock: ManualClock
    let exchange: Caller
    let admin: Caller

    static let issuer = "lgsp-hub:H44"
    static let adminToken = "chỉ người vận hành biết"
    /// May send dossiers and look things up; speaks the exchange API.
    static let oneStop = "mot-cua-h44"
    /// The document systems of two departments; both speak the axis and have a mailbox.
    static let documents = "qlvb-so-tttt-h44"
    static let finance = "qlvb-so-tc-h44"
    /// Sends nothing, is called by the hub, and may look nothing up.
    static let centre = "ioc-h44"

    /// Runs a hub for as long as `body` takes.
    static func run(
        _ change: (inout HubSettings) -> Void = { _ in }, _ body: (HubBench) async throws -> Void
    ) async throws {
        var settings = HubSettings()
        change(&settings)
        let province = try Province.shared.get()
        let clock = ManualClock(start: Timestamp(seconds: 1_760_000_000))
        let key = province.hubKey
        let journal = InMemoryJournal(hub: "H44", key: key.publicKey.fingerprint, clock: clock) {
            bytes throws(HubError) in try key.sign(bytes)
        }
        let parts = try HubParts(settings, province: province, journal: settings.journal ?? journal, clock: clock)
        let client = Self.client()
        do {
            try await Self.serve(parts) { exchange, admin in
                try await body(
                    HubBench(
                        province: province, journal: journal, clock: clock,
                        exchange: Caller(port: exchange, client: client),
                        admin: Caller(port: admin, client: client)
                    )
                )
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private static func client() -> HTTPClient {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.connectionPool.retryConnectionEstablishment = false
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    private static func serve(
        _ parts: HubParts, _ body: (_ exchange: Int, _ admin: Int) async throws -> Void
    ) async throws {
        let (doors, announce) = AsyncStream.makeStream(of: (isAdmin: Bool, port: Int).self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                defer { announce.finish() }
                try await parts.exchangeServer { announce.yield((false, $0)) }.run()
            }
            group.addTask {
                defer { announce.finish() }
                try await parts.adminServer { announce.yield((true, $0)) }.run()
            }
            var ports: [Bool: Int] = [:]
            for await door in doors {
                ports[door.isAdmin] = door.port
                guard let exchange = ports[false], let admin = ports[true] else { continue }
                try await body(exchange, admin)
                return
            }
            throw Province.Missing(what: "a listener that stays open")
        }
    }
}

extension HubBench {
    /// Receipts and replies are checked with it.
    var hubKey: PublicKey { self.province.hubKey.publicKey }

    /// Every refusal in the journal, newest first.
    func refusals() async -> [Refusal] {
        await self.journal.refusals(before: nil, limit: 1000).map(\.refusal)
    }

    /// Asks until there is an answer, a minute at most: the machine may be busy with other tests.
    func eventually<Value>(_ what: String, _ body: () async throws -> Value?) async throws -> Value {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            if let value = try await body() { return value }
            try await clock.sleep(for: .milliseconds(2))
        }
        throw Province.Missing(what: what)
    }

    /// Returns once somebody in the hub has begun to sleep for the `count`th time.
    ///
    /// Unlike the clock's own way to wait, this ends also when nobody ever does.
    func waitForSleep(_ count: Int) async throws {
        let clock = self.clock
        _ = try await self.eventually("a hub that waits") { clock.slept >= count ? true : nil }
    }
}
