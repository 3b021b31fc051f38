internal import AsyncHTTPClient
internal import Foundation
internal import HubAdapters
internal import HubAPI
internal import HubCore
internal import HubEnvelope
public import HubModel
internal import HubNational
internal import HubSchema
internal import HubStore
public import HubTransports
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

/// One hub, put together from its configuration: the only place that knows every concrete type.
public struct Hub: Sendable {
    /// Told to whoever started the hub.
    public struct Started: Sendable {
        public let title: Bilingual
        public let home: AgencyCode
        public let exchange: HubConfiguration.Address
        public let admin: HubConfiguration.Address
        /// What was found and mended in the journal.
        public let notes: [String]
    }

    private let configuration: HubConfiguration
    private let transports: [String: any Transport]
    private let clock = SystemClock()
    private let random = SystemRandom()

    /// - Parameter transports: Ways of bringing messages to systems beside those that are built in.
    public init(_ configuration: HubConfiguration, transports: [any Transport] = []) {
        self.configuration = configuration
        let builtIn: [any Transport] = [FolderTransport()]
        self.transports = Dictionary((transports + builtIn).map { ($0.name, $0) }) { first, _ in first }
    }

    /// Checks every file that the configuration names, without opening the journal or a port.
    ///
    /// - Returns: What is there, for people.
    /// - Throws: The first thing that is wrong, with all faults of that kind as details.
    public func check() throws(HubError) -> (adapters: [SystemID], types: [MessageType], agencies: Int) {
        let catalogue = try Catalogue.load(self.configuration)
        _ = try HubKeys(self.configuration).load()
        if let timestamps = self.configuration.timestamps { _ = try Timestamper.store(timestamps) }
        try catalogue.check(against: self.configuration)
        return (
            catalogue.adapters.adapters.map(\.system), catalogue.schemas.types, catalogue.directory.all.count
        )
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameter onStart: Called once, when both listeners take connections.
    /// - Throws: What keeps the hub from starting or going on.
    public func run(onStart: @escaping @Sendable (Started) async -> Void) async throws {
        try AdapterShelf(folder: self.configuration.adapterFolder).recover(on: self.clock.now)
        let catalogue = try Catalogue.load(self.configuration)
        try catalogue.check(against: self.configuration)
        let keys = KeyRing(try HubKeys(self.configuration).load())
        let journal = try await SegmentJournal.open(self.configuration.journal(signedWith: keys, clock: self.clock))
        let client = HTTPClient(configuration: Self.clientConfiguration)
        do {
            try await self.serve(catalogue, keys: keys, journal: journal, client: client, onStart: onStart)
        } catch {
            try? await client.shutdown()
            await journal.close()
            throw error
        }
        try? await client.shutdown()
        await journal.close()
    }

    private static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)), decompression: .disabled
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // A connection that fails is for the delivery engine to try again; waits of the pool would come on top.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private func serve(
        _ catalogue: Catalogue, keys: KeyRing, journal: SegmentJournal, client: HTTPClient,
        onStart: @escaping @Sendable (Started) async -> Void
    ) async throws {
        let metrics = HubMetrics(clock: self.clock)
        let ring = ContractRing(catalogue.contracts(self.configuration))
        let settings = LiveSettings(self.configuration)
        let connection = ConnectionState()
        let ids = MessageIDSource(clock: self.clock, random: self.random)
        let connector = self.configuration.national.map { AxisConnector($0, client: client, clock: self.clock) }
        let portal = self.configuration.national.map { DossierConnector($0, client: client) }
        let provider = self.configuration.national.flatMap { national in
            portal.map { NationalServices(national, portal: $0, client: client) }
        }
        let caller = ServiceCaller(
            national: provider,
            local: LocalServices(
                client: client, timeout: self.configuration.pushTimeout, headers: { settings.current.secrets.headers[$0] ?? [] },
                endpoints: { settings.current.endpoints[$0] }
            ),
            secrets: { settings.current.secrets.services[$0] }
        )
        let outbox = Outbox(holds: try await journal.holds())
        let clock = self.clock
        let roads = Roads(
            Roads.Parts(
                journal: journal,
                parcels: ParcelMaker(journal: journal, keys: keys, transform: ring.transform(sealing: keys)),
                client: client, clock: clock, random: self.random, metrics: metrics, transports: self.transports,
                fixed: ([connector, portal] as [(any Destination)?]).compactMap(\.self),
                process: { system in
                    ProcessRunner(
                        system: system, contracts: ring, caller: caller, journal: journal, outbox: outbox, clock: clock, ids: ids
                    )
                },
                headers: { settings.current.secrets.headers[$0] ?? [] }, hold: { outbox.hold(of: $0) }
            )
        )
        roads.make(try roads.prepare(catalogue, self.configuration), in: outbox)
        let stamps = self.configuration.timestamps.map { TimestampState($0, start: self.clock.now) }
        let quotas = QuotaKeeper.file(in: self.configuration.dataFolder)
        let budget = QuotaKeeper.load(quotas)
        let intake = Intake(
            contracts: ring, keys: keys, budget: budget, journal: journal, outbox: outbox, clock: self.clock, ids: ids,
            metrics: metrics, stamps: { stamps.map { $0.lack(at: self.clock.now) } ?? Intake.noAuthority }
        )
        let approvals = try ApprovalDesk(
            file: self.configuration.dataFolder + "/approvals.json", ring: ring, journal: journal, clock: self.clock
        )
        let desk = ServiceDesk(
            contracts: ring, keys: keys, approvals: approvals.book, budget: budget, caller: caller, journal: journal,
            clock: self.clock, ids: ids, metrics: metrics
        )
        let shelf = TimestampShelf(journal: self.configuration.dataFolder + "/journal")
        let policy = self.configuration.retention
        let retention = policy.keepsEverything ? nil : RetentionState(start: self.clock.now)
        let health = HubHealth(
            journal: journal, outbox: outbox, connection: connection, timestamps: stamps, retention: retention,
            clock: self.clock
        )
        let live = Live(ring: ring, settings: settings, roads: roads, approvals: approvals)
        let servers = self.servers(
            live, shelf: shelf, keys: keys, intake: intake, desk: desk, outbox: outbox, journal: journal, metrics: metrics,
            health: health, onStart: onStart
        )
        _ = try await journal.announceRestore(at: self.clock.now)
        _ = try await journal.append(
            .operation(
                Operation(
                    at: self.clock.now, actor: "hub", action: "start", subject: self.configuration.home.text, reason: ""
                )
            ),
            payload: nil
        )
        var services: [any Service] = [
            outbox, QuotaKeeper(file: quotas, budget: budget, clock: self.clock),
            OrphanSweep { () throws(HubError) in try await journal.removeOrphans() },
        ]
        if let settings = self.configuration.timestamps, let stamps {
            services.append(
                try Timestamper(
                    settings, journal: journal, shelf: shelf, client: client, clock: self.clock, state: stamps
                )
            )
        }
        if let retention {
            services.append(
                RetentionKeeper(
                    every: self.configuration.retentionInterval, state: retention, clock: self.clock
                ) { [configuration] memory throws(HubError) in
                    var policy = policy
                    // Looked for each time, since the hub's key may change while it runs.
                    if policy.records != nil {
                        policy.records?.keys = try EvidenceDesk.keys(HubKeys(configuration).publicFiles())
                    }
                    return try await journal.retain(policy, &memory)
                }
            )
        }
        if let connector, let adapter = catalogue.national {
            services.append(connector.inbox(for: adapter, into: intake, state: connection))
        }
        try await Self.run(services + servers)
    }

    /// Services start in this order and stop in reverse: listeners first, so that nothing new comes in while what is
    /// under way is finished.
    private static func run(_ services: [any Service]) async throws {
        var logger = Logger(label: "hub.lifecycle")
        logger.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            // The time for an orderly end was over. What was still under way is pending in the journal.
            return
        }
    }

    /// What operators can change while the hub runs.
    private struct Live {
        let ring: ContractRing
        let settings: LiveSettings
        let roads: Roads
        let approvals: ApprovalDesk
    }

    private func servers(
        _ live: Live, shelf: TimestampShelf, keys: KeyRing, intake: Intake, desk: ServiceDesk, outbox: Outbox,
        journal: SegmentJournal, metrics: HubMetrics, health: HubHealth,
        onStart: @escaping @Sendable (Started) async -> Void
    ) -> [any Service] {
        let accounts = Accounts(
            contracts: live.ring, secrets: self.configuration.secrets.systems.mapValues { Array($0.utf8) }
        )
        let tokens = TokenDesk(keys: keys, issuer: "lgsp-hub:" + self.configuration.home.text) { self.clock.now }
        let bodies = BodyBudget(
            bodyLimit: self.configuration.bodyLimit, bodyTime: self.configuration.bodyTime,
            total: self.configuration.bodiesLimit
        )
        let evidence: @Sendable (MessageID) async throws(HubError) -> EvidencePack = { id async throws(HubError) in
            try await EvidencePack(
                of: id, from: journal, key: keys.current.key(of:),
                certificates: keys.current.registry.certificates(of:),
                token: { block throws(HubError) in try shelf.token(covering: block) }
            )
        }
        let keeper = KeyKeeper(self.configuration, ring: keys, journal: journal, clock: self.clock)
        let exchange = ExchangeAPI(
            intake: intake, desk: desk, outbox: outbox, journal: journal, accounts: accounts, tokens: tokens,
            keys: keys, announcement: { keeper.announcement }, bodies: bodies, evidence: evidence,
            contracts: live.ring, book: live.approvals.book, approvals: live.approvals.operations, now: { self.clock.now }
        )
        let contracts = ContractKeeper(
            ring: live.ring, roads: live.roads, outbox: outbox, accounts: accounts, keys: keeper, settings: live.settings,
            journal: journal, clock: self.clock
        )
        let axis = AxisAPI(
            intake: intake, outbox: outbox, accounts: accounts, bodies: bodies,
            skew: self.configuration.clockSkew
        ) { self.clock.now }
        let admin = AdminAPI(
            journal: journal, clock: self.clock, metrics: metrics, readiness: { await health.checks() }, gauges: { await health.gauges() },
            token: Array(self.configuration.secrets.adminToken.utf8), evidence: evidence,
            keys: keeper.operations, contracts: contracts.operations, approvals: live.approvals.operations, ring: live.ring,
            deliveries: DeliveryDesk(journal: journal, outbox: outbox, clock: self.clock)
        )
        let doors = DoorCount(
            title: self.configuration.title, home: self.configuration.home, host: self.configuration.listen.host,
            adminHost: self.configuration.admin.host, notes: journal.startReport.notes, onStart: onStart
        )
        return [
            HubServer.admin(host: self.configuration.admin.host, port: self.configuration.admin.port, admin: admin) {
                await doors.adminOpened($0)
            },
            HubServer.exchange(
                host: self.configuration.listen.host, port: self.configuration.listen.port, exchange: exchange,
                axis: axis, health: admin
            ) { await doors.exchangeOpened($0) },
        ]
    }
}

/// Waits until both listeners are open, then says so once.
private actor DoorCount {
    private let title: Bilingual
    private let home: AgencyCode
    private let host: String
    private let adminHost: String
    private let notes: [String]
    private let onStart: @Sendable (Hub.Started) async -> Void
    private var exchange: Int?
    private var admin: Int?

    init(
        title: Bilingual, home: AgencyCode, host: String, adminHost: String, notes: [String],
        onStart: @escaping @Sendable (Hub.Started) async -> Void
    ) {
        self.title = title
        self.home = home
        self.host = host
        self.adminHost = adminHost
        self.notes = notes
        self.onStart = onStart
    }

    func exchangeOpened(_ port: Int) async {
        self.exchange = port
        await self.tell()
    }

    func adminOpened(_ port: Int) async {
        self.admin = port
        await self.tell()
    }

    private func tell() async {
        guard let exchange = self.exchange, let admin = self.admin else { return }
        await self.onStart(
            Hub.Started(
                title: self.title, home: self.home, exchange: .init(host: self.host, port: exchange),
                admin: .init(host: self.adminHost, port: admin), notes: self.notes
            )
        )
    }
}
