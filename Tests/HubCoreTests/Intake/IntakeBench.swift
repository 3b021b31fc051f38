import Foundation
import HubAdapters
import HubEnvelope
import HubModel
import HubSchema
import HubTesting

@testable import HubCore

/// Everything that a hub knows from its files, with keys made for the test.
struct Landscape: Sendable {
    let schemas: SchemaCatalogue
    let adapters: AdapterCatalogue
    let directories: [String: AgencyDirectory]
    let keys: [String: SigningKey]

    /// Loaded once for all tests.
    static let shared = Result { try Landscape() }

    /// Where the repository is, also when the sources are reached through a link.
    private static var root: String {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
        return sources.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    }

    private init() throws {
        let root = Self.root
        self.schemas = try SchemaCatalogue.load(folder: root + "/schemas")
        self.adapters = try AdapterCatalogue.load(folder: root + "/adapters", schemas: self.schemas).get()
        var directories: [String: AgencyDirectory] = [:]
        for home in ["H44", "H55"] {
            let files = ["agencies", home.lowercased()].map { root + "/schemas/directory/\($0).yaml" }
            directories[home] = try DirectoryReader.load(files: files).get()
        }
        self.directories = directories
        var keys: [String: SigningKey] = ["stranger": try SigningKey.generate(.p256)]
        for adapter in self.adapters.adapters { keys[adapter.system.description] = try SigningKey.generate(.p256) }
        for agency in ["G14", "H55"] { keys[agency] = try SigningKey.generate(.p256) }
        keys["mot-cua-h44"] = try SigningKey.generate(.rsa2048)
        self.keys = keys
    }

    struct Missing: Error {}

    func adapter(_ system: String) throws -> Adapter {
        guard let adapter = SystemID(system).flatMap(self.adapters.adapter) else { throw Missing() }
        return adapter
    }

    func key(_ name: String) throws -> SigningKey {
        guard let key = self.keys[name] else { throw Missing() }
        return key
    }

    func registry() throws -> KeyRegistry {
        try KeyRegistry(
            self.keys.sorted { $0.key < $1.key }.compactMap { name, key in
                if name == "stranger" { return nil }
                if let code = AgencyCode(name) { return .init(owner: .agency(code), key: key.publicKey) }
                return SystemID(name).map { .init(owner: .system($0), key: key.publicKey) }
            }
        )
    }
}

/// An intake of one province over a journal in memory.
struct IntakeBench {
    let landscape: Landscape
    let journal: InMemoryJournal
    let hubKey: PublicKey
    let keys: KeyRing
    let intake: Intake
    let outbox: Outbox
    /// After the mergers of July 2025.
    let clock: ManualClock

    /// - Parameter journal: Of another bench, to go on with.
    init(
        home: String = "H44", isConnected: Bool = true, extra: [Adapter] = [], journal: InMemoryJournal? = nil
    ) throws {
        let landscape = try Landscape.shared.get()
        guard let code = AgencyCode(home), let directory = landscape.directories[home] else {
            throw Landscape.Missing()
        }
        let key = try landscape.key("stranger")
        let clock = ManualClock(start: Timestamp(seconds: 1_760_000_000))
        self.clock = clock
        let journal =
            journal
            ?? InMemoryJournal(hub: home, key: key.publicKey.fingerprint, clock: clock) { bytes throws(HubError) in
                try key.sign(bytes)
            }
        let adapters =
            extra + landscape.adapters.adapters.filter { adapter in
                !adapter.speaks.hasAccount || adapter.agencies.contains { $0.isWithin(code) }
            }
        let metrics = HubMetrics(clock: clock)
        let keys = KeyRing(KeyRing.Keys(own: key, registry: try landscape.registry()))
        self.keys = keys
        let parcels = ParcelMaker(journal: journal, keys: keys) { _, _, _ throws(HubError) in
            throw HubError(.mappingFailed, "There is no mapping in this test.")
        }
        self.outbox = Outbox(
            workers: [:],
            mailboxes: adapters.filter { $0.receives.contains { $0.by == .mailbox } }.map { adapter in
                Mailbox(
                    system: adapter.system, journal: journal, parcels: parcels, configuration: DeliveryConfiguration(),
                    clock: clock, metrics: metrics
                )
            }
        )
        self.landscape = landscape
        self.journal = journal
        self.hubKey = key.publicKey
        self.intake = Intake(
            contracts: ContractRing(
                Contracts(
                    schemas: landscape.schemas,
                    forms: Dictionary(uniqueKeysWithValues: landscape.adapters.forms.all.map { ($0.type, $0) }),
                    router: Router(directory: directory, home: code, adapters: adapters, isConnected: isConnected),
                    adapters: adapters
                )
            ),
            keys: keys, journal: journal, outbox: self.outbox, clock: clock,
            ids: MessageIDSource(clock: clock, random: SeededRandom(seed: 1)), metrics: metrics
        )
    }

    /// An XML message as system `system` sends it, signed inside by `signer`.
    func xml(
        _ bytes: [UInt8], as system: String = "qlvb-so-tttt-h44", signer: String? = "qlvb-so-tttt-h44",
        type: String? = nil
    ) throws -> Submission {
        let body = try signer.map { try XMLSignature.sign(bytes, with: self.landscape.key($0)) } ?? bytes
        return Submission(
            sender: try self.landscape.adapter(system), body: body, contentType: "application/xml", type: type
        )
    }

    /// A JSON message, signed beside by `signer`.
    func json(
        _ bytes: [UInt8], as system: String = "mot-cua-h44", signer: String? = "mot-cua-h44", type: String? = nil,
        messageID: String? = nil
    ) throws -> Submission {
        Submission(
            sender: try self.landscape.adapter(system), body: bytes, contentType: "application/json", type: type,
            messageID: messageID, signature: try signer.map { try JWS.signDetached(bytes, with: self.landscape.key($0)) }
        )
    }

    /// The message that was accepted, as the journal has it.
    func accepted(_ submission: Submission) async throws -> (message: AcceptedMessage, receipt: Receipt) {
        guard case .accepted(let id, let receipt, _) = try await self.intake.submit(submission),
            let stored = await self.journal.message(id)
        else { throw Landscape.Missing() }
        return (stored.message, receipt)
    }
}
