import Foundation
import HubAdapters
import HubCore
import HubEnvelope
import HubModel
import HubNational
import HubSchema
import HubTesting

/// The hub of H44 behind its connector: an intake over a journal in memory.
struct Province: Sendable {
    let journal: InMemoryJournal
    let intake: Intake
    let state = ConnectionState()
    /// The national platform's own adapter.
    let adapter: Adapter

    struct Missing: Error {}

    /// - Parameters:
    ///   - types: What the platform may send.
    ///   - disk: Takes the messages instead of the journal in memory.
    init(
        clock: ManualClock, types: Set<MessageType> = [.edocDocument, .edocStatus], disk: (any Journal)? = nil
    ) throws {
        let files = try Files.shared.get()
        guard let home = AgencyCode("H44"),
            let national = files.adapters.adapters.first(where: { $0.speaks == .national })
        else { throw Missing() }
        let adapters = files.adapters.adapters.filter { $0.agencies.contains { $0.isWithin(home) } }
        self.adapter = Adapter(
            system: national.system, title: national.title, kind: national.kind, agencies: national.agencies,
            speaks: national.speaks, sends: national.sends.filter { types.contains($0.message) }
        )
        let journal = InMemoryJournal(hub: "H44", clock: clock)
        self.journal = journal
        self.intake = Intake(
            contracts: ContractRing(
                Contracts(
                    schemas: files.schemas,
                    forms: Dictionary(uniqueKeysWithValues: files.adapters.forms.all.map { ($0.type, $0) }),
                    router: Router(directory: files.directory, home: home, adapters: adapters, isConnected: true),
                    adapters: adapters
                )
            ),
            keys: KeyRing(KeyRing.Keys(own: try SigningKey.generate(.p256), registry: try KeyRegistry([]))),
            journal: disk ?? journal, outbox: Outbox(workers: [:], mailboxes: []), clock: clock,
            ids: MessageIDSource(clock: clock, random: SeededRandom(seed: 1)),
            metrics: HubMetrics(clock: clock)
        )
    }

    /// Runs a connector of this hub for as long as `body` takes, and then ends it as a crash does.
    func whileConnected(
        to national: NationalConfiguration, of bench: PlatformBench, _ body: () async throws -> Void
    ) async throws {
        let connector = AxisConnector(national, client: bench.client, clock: bench.clock)
            .inbox(for: self.adapter, into: self.intake, state: self.state)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connector.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    func whileConnected(to bench: PlatformBench, _ body: () async throws -> Void) async throws {
        try await self.whileConnected(to: bench.national, of: bench, body)
    }

    /// Lets time pass until the hub has this many messages.
    func waitForMessages(_ count: Int, _ clock: ManualClock) async throws -> [StoredMessage] {
        try await clock.pass { await self.journal.totals().messages >= count }
        return await self.journal.messages(before: nil, limit: 100).reversed()
    }

    /// What the hub knows from the repository's files, loaded once for all tests.
    private struct Files: Sendable {
        let schemas: SchemaCatalogue
        let adapters: AdapterCatalogue
        let directory: AgencyDirectory

        static let shared = Result { try Files() }

        private init() throws {
            let sources = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
            let root = sources.deletingLastPathComponent().deletingLastPathComponent().path
            self.schemas = try SchemaCatalogue.load(folder: root + "/schemas")
            self.adapters = try AdapterCatalogue.load(folder: root + "/adapters", schemas: self.schemas).get()
            let files = ["agencies", "h44"].map { root + "/schemas/directory/\($0).yaml" }
            self.directory = try DirectoryReader.load(files: files).get()
        }
    }
}
