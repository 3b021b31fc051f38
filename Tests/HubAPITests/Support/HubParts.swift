import HubAPI
import HubAdapters
import HubCore
import HubEnvelope
import HubModel
import HubSchema
import HubTesting

/// The parts of a hub, put together as `HubApp` does it.
struct HubParts: Sendable {
    private let exchange: ExchangeAPI
    private let axis: AxisAPI
    private let admin: AdminAPI

    init(
        _ settings: HubSettings, province: Province, journal: any Journal, clock: ManualClock
    ) throws {
        let replaced = Set(settings.adapters.map(\.system))
        let adapters = province.adapters.filter { !replaced.contains($0.system) } + settings.adapters
        let metrics = HubMetrics(clock: clock)
        let keys = KeyRing(KeyRing.Keys(own: province.hubKey, registry: try province.registry()))
        let parcels = ParcelMaker(journal: journal, keys: keys) { _, _, _ throws(HubError) in
            throw HubError(.mappingFailed, "There is no mapping in this test.")
        }
        let outbox = Outbox(
            workers: [:],
            mailboxes: adapters.filter { $0.receives.contains { $0.by == .mailbox } }.map { adapter in
                Mailbox(
                    system: adapter.system, journal: journal, parcels: parcels,
                    configuration: DeliveryConfiguration(), clock: clock, metrics: metrics
                )
            }
        )
        let contracts = ContractRing(
            Contracts(
                schemas: settings.types?.schemas ?? province.schemas,
                forms: settings.types.map { types in
                    Dictionary(uniqueKeysWithValues: types.forms.all.map { ($0.type, $0) })
                } ?? province.forms,
                router: Router(
                    directory: province.directory, home: province.home, adapters: adapters,
                    isConnected: settings.isConnected
                ),
                adapters: adapters, schemaTexts: province.schemaTexts
            )
        )
        let book = ApprovalBook()
        let approvals = Self.approvals(book)
        let ids = MessageIDSource(clock: clock, random: SeededRandom(seed: 1))
        let intake = Intake(
            contracts: contracts, keys: keys, journal: journal, outbox: outbox, clock: clock, ids: ids, metrics: metrics
        )
        let desk = ServiceDesk(
            contracts: contracts, keys: keys, approvals: book, caller: ServiceCaller(national: settings.provider),
            journal: journal, clock: clock, ids: ids, metrics: metrics
        )
        let accounts = Accounts(contracts: contracts, secrets: province.secrets)
        let evidence: @Sendable (MessageID) async throws(HubError) -> EvidencePack = { id async throws(HubError) in
            try await EvidencePack(of: id, from: journal, key: keys.current.key(of:))
        }
        let bodies = BodyBudget(
            bodyLimit: settings.bodyLimit, bodyTime: settings.bodyTime, total: settings.bodiesLimit
        )
        self.exchange = ExchangeAPI(
            intake: intake, desk: desk, outbox: outbox, journal: journal, accounts: accounts,
            tokens: TokenDesk(keys: keys, issuer: HubBench.issuer) { clock.now }, keys: keys,
            announcement: { nil }, bodies: bodies, evidence: evidence, contracts: contracts, book: book,
            approvals: approvals, now: { clock.now }
        )
        self.axis = AxisAPI(
            intake: intake, outbox: outbox, accounts: accounts, bodies: bodies, skew: settings.skew
        ) { clock.now }
        self.admin = AdminAPI(
            journal: journal, clock: clock, metrics: metrics, readiness: settings.checks, gauges: settings.gauges,
            token: Array(HubBench.adminToken.utf8), evidence: evidence,
            keys: KeyOperations(
                rotate: { kind, key, reason throws(HubError) in
                    Array(#"{"kind":"\#(kind ?? "-")","key":"\#(key ?? "-")","reason":"\#(reason)"}"#.utf8)
                },
                reload: { reason throws(HubError) in Array(#"{"reason":"\#(reason)"}"#.utf8) }
            ),
            contracts: ContractOperations(
                list: { Array(#"{"adapters":[]}"#.utf8) },
                register: { archive, reason throws(HubError) in
                    Array(#"{"bytes":\#(archive.count),"reason":"\#(reason)"}"#.utf8)
                },
                retire: { system, leavesPending, reason throws(HubError) in
                    Array(#"{"system":"\#(system)","leaves":\#(leavesPending),"reason":"\#(reason)"}"#.utf8)
                },
                reload: { reason throws(HubError) in Array(#"{"reason":"\#(reason)"}"#.utf8) }, archiveLimit: 1 << 16
            ),
            approvals: approvals, ring: contracts,
            deliveries: DeliveryDesk(journal: journal, outbox: outbox, clock: clock)
        )
    }

    /// Approvals without a file.
    private static func approvals(_ book: ApprovalBook) -> ApprovalOperations {
        @Sendable func text(_ system: SystemID, _ service: String) throws(HubError) -> [UInt8] {
            guard let entry = book.entry(system, service) else { throw HubError(.apiNotFound, "Nobody asked.") }
            return Array(#"{"state":"\#(entry.state.rawValue)","purpose":"\#(entry.purpose)"}"#.utf8)
        }
        @Sendable func set(
            _ system: SystemID, _ service: String, _ state: ApprovalBook.State, _ purpose: String
        ) throws(HubError) -> [UInt8] {
            book.set(
                ApprovalBook.Entry(
                    system: system, service: service, state: state, purpose: purpose, decidedBy: "", reason: "",
                    at: Timestamp(seconds: 0)
                )
            )
            return try text(system, service)
        }
        return ApprovalOperations(
            list: { Array(#"{"count":\#(book.all.count)}"#.utf8) },
            ask: { system, service, purpose throws(HubError) in try set(system, service, .requested, purpose) },
            state: { system, service throws(HubError) in try text(system, service) },
            decide: { decision, system, service, _ throws(HubError) in
                try set(system, service, decision == .approve ? .approved : .revoked, "")
            }
        )
    }

    func exchangeServer(_ onListening: @escaping @Sendable (Int) async -> Void) -> HubServer {
        .exchange(
            host: "127.0.0.1", port: 0, exchange: self.exchange, axis: self.axis, health: self.admin,
            onListening: onListening
        )
    }

    func adminServer(_ onListening: @escaping @Sendable (Int) async -> Void) -> HubServer {
        .admin(host: "127.0.0.1", port: 0, admin: self.admin, onListening: onListening)
    }
}
