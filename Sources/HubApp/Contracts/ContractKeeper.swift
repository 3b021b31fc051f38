internal import Foundation
internal import HubAdapters
internal import HubAPI
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubModel
internal import HubSchema
internal import Synchronization

/// Changes what a running hub goes by: systems come and go, files are read again. All or nothing, and every change is a
/// record of the journal.
actor ContractKeeper {
    private let ring: ContractRing
    private let roads: Roads
    private let outbox: Outbox
    private let accounts: Accounts
    private let keys: KeyKeeper
    private let settings: LiveSettings
    private let journal: any Journal
    private let clock: any HubClock
    private var isBusy = false

    init(
        ring: ContractRing, roads: Roads, outbox: Outbox, accounts: Accounts, keys: KeyKeeper, settings: LiveSettings,
        journal: any Journal, clock: any HubClock
    ) {
        self.ring = ring
        self.roads = roads
        self.outbox = outbox
        self.accounts = accounts
        self.keys = keys
        self.settings = settings
        self.journal = journal
        self.clock = clock
    }

    /// Takes in an adapter, new or in the place of one that is there.
    ///
    /// - Returns: What was registered, with the secret of a system that had none, which is told this once.
    /// - Throws: `adapter.invalid` with all faults of the files and samples, `configuration.invalid`, `journal.…`; the
    ///   running hub stays as it is then.
    func register(_ archive: [UInt8], reason: String) async throws(HubError) -> JSONValue {
        try self.begin()
        defer { self.isBusy = false }
        let parcel = try AdapterParcel(archive)
        // As the files are now: whoever changed them meanwhile is told before anything else is changed.
        let before = try self.configuration()
        let system = parcel.system
        let shelf = AdapterShelf(folder: before.adapterFolder)
        let staged = shelf.stagingPlace(of: system)
        defer { try? FileManager.default.removeItem(atPath: staged) }
        try parcel.write(to: staged)
        var configuration = before
        for (name, address) in parcel.endpoints { configuration.endpoints[name] = address }
        if let certificate = parcel.certificate { try self.checkKey(certificate, of: system, before) }
        let catalogue: Catalogue
        do throws(HubError) {
            catalogue = try Catalogue.load(configuration, replacing: [system: staged])
        } catch {
            throw Self.placed(self.whole(error, configuration, system, staged), staged, system)
        }
        try catalogue.check(against: configuration)
        let report = AdapterCheck.run(
            catalogue.adapters, schemas: catalogue.schemas, only: system, agencies: catalogue.agencies(at: self.clock.now)
        )
        guard report.isClean else {
            throw Self.placed(
                SettingsFaults(report.faults).error(.adapterInvalid, "The adapter does not pass its check."), staged, system
            )
        }
        let change = try self.roads.prepare(catalogue, configuration)
        let secret = try self.writeDeployment(parcel, catalogue, before)
        let after = try self.configuration()
        let version = AdapterVersion(files: parcel.files)
        let isNew = self.ring.current.adapters[system] == nil
        try await self.record("adapter.register", "\(system) \(version)", reason)
        try shelf.put(staged, at: system, on: self.clock.now)
        self.use(catalogue, change, after)
        if parcel.certificate != nil { _ = try await self.keys.reload(actor: "admin", reason: reason) }
        var answer: JSONObject = [
            "system": .string(system.description), "version": .string(version.description), "new": .bool(isNew),
            "samples": .init(integerLiteral: report.samples.count),
        ]
        answer["secret"] = secret.map { .string($0) }
        return .object(answer)
    }

    /// Takes a system away. Its folder is kept below `.retired` of the adapters.
    ///
    /// - Parameter leavesPending: Whether messages that it has not got yet may stay behind; they wait in the journal for
    ///   a system of this name.
    /// - Throws: `adapter.unknown`, `adapter.busy`, `adapter.invalid` when others need it, `journal.…`.
    func retire(_ system: SystemID, leavesPending: Bool, reason: String) async throws(HubError) -> JSONValue {
        try self.begin()
        defer { self.isBusy = false }
        guard self.ring.current.adapters[system] != nil else {
            throw HubError(.adapterUnknown, "There is no adapter of this name.", details: [ErrorDetail("system", system)])
        }
        let configuration = try self.configuration()
        let catalogue = try Catalogue.load(configuration, replacing: [system: nil])
        let change = try self.roads.prepare(catalogue, configuration)
        let waiting = try await self.pending(of: system)
        guard waiting == 0 || leavesPending else {
            throw HubError(
                .adapterBusy, "There are messages that the system has not got yet.",
                details: [ErrorDetail("system", system), ErrorDetail("pending", waiting)]
            )
        }
        try await self.record("adapter.retire", system.description, reason)
        try AdapterShelf(folder: configuration.adapterFolder).retire(system, on: self.clock.now)
        self.use(catalogue, change, configuration)
        return .object(["system": .string(system.description), "pending": .init(integerLiteral: waiting)])
    }

    /// Reads all files again.
    ///
    /// - Throws: What is wrong with them; the running hub stays as it is then.
    func reload(reason: String) async throws(HubError) -> JSONValue {
        try self.begin()
        defer { self.isBusy = false }
        let configuration = try self.configuration()
        let catalogue = try Catalogue.load(configuration)
        try catalogue.check(against: configuration)
        let change = try self.roads.prepare(catalogue, configuration)
        try await self.record("contracts.reload", "\(catalogue.adapters.adapters.count) adapters", reason)
        self.use(catalogue, change, configuration)
        return .object([
            "adapters": .init(integerLiteral: catalogue.adapters.adapters.count),
            "types": .init(integerLiteral: catalogue.schemas.types.count),
            "rules": .init(integerLiteral: catalogue.rules.count),
            "agencies": .init(integerLiteral: catalogue.directory.all.count),
        ])
    }

    /// Every adapter with its version and how its system is doing.
    func list() async throws(HubError) -> JSONValue {
        let pending = try await self.journal.pendingCounts()
        let workers = self.outbox.workers
        let folder = self.settings.current.adapterFolder
        var entries: [JSONValue] = []
        for adapter in self.ring.current.adapters.values.sorted(by: { $0.system < $1.system }) {
            let destinations = [DestinationID.mailbox(adapter.system), .push(adapter.system), .process(adapter.system)]
            var isBroken = false
            for destination in destinations { if let worker = workers[destination] { isBroken = await worker.isBroken || isBroken } }
            entries.append(
                .object([
                    "system": .string(adapter.system.description),
                    "title": .object(["vi": .string(adapter.title.vi), "en": .string(adapter.title.en)]),
                    "kind": .string(adapter.kind.rawValue), "speaks": .string(adapter.speaks.rawValue),
                    "agencies": .array(adapter.agencies.map { .string($0.text) }),
                    "version": .string(AdapterVersion(folder: "\(folder)/\(adapter.system)").description),
                    "sends": .array(adapter.sends.map { .string($0.message.description) }),
                    "receives": .array(adapter.receives.map { .string($0.message.description) }),
                    "provides": .array(adapter.provides.map { .string($0.service) }),
                    "pending": .init(integerLiteral: destinations.reduce(0) { $0 + (pending[$1] ?? 0) }),
                    "health": isBroken ? "not answering" : "well",
                ])
            )
        }
        return .object(["adapters": .array(entries)])
    }

    /// What the admin API does with it.
    nonisolated var operations: ContractOperations {
        ContractOperations(
            list: { () async throws(HubError) in try await self.list().serialised() },
            register: { archive, reason async throws(HubError) in
                try await self.register(archive, reason: reason).serialised()
            },
            retire: { system, leavesPending, reason async throws(HubError) in
                try await self.retire(system, leavesPending: leavesPending, reason: reason).serialised()
            },
            reload: { reason async throws(HubError) in try await self.reload(reason: reason).serialised() },
            archiveLimit: AdapterParcel.limit
        )
    }

    private func begin() throws(HubError) {
        guard !self.isBusy else {
            throw HubError(.adapterBusy, "The contracts are being changed already; try again when that is done.")
        }
        self.isBusy = true
    }

    /// The configuration as its file says it now.
    ///
    /// - Throws: `configuration.invalid` with its faults, or when it says what takes a restart.
    private func configuration() throws(HubError) -> HubConfiguration {
        let running = self.settings.current
        let configuration = try HubConfiguration.load(file: running.file)
        guard (configuration.national == nil) == (running.national == nil) else {
            throw HubError(
                .configurationInvalid, "A connection to the national platform comes or goes with a restart of the hub.",
                details: [ErrorDetail("file", running.file)]
            )
        }
        return configuration
    }

    /// Messages that are under way keep what they began with.
    private func use(_ catalogue: Catalogue, _ change: Roads.Change, _ configuration: HubConfiguration) {
        // Contracts before roads: a worker that is new makes what waits by them, and what is routed to it meanwhile it finds
        // in the journal.
        self.settings.replace(with: configuration)
        self.accounts.replace(secrets: configuration.secrets.systems.mapValues { Array($0.utf8) })
        self.ring.replace(with: catalogue.contracts(configuration))
        self.roads.make(change, in: self.outbox)
    }

    private func pending(of system: SystemID) async throws(HubError) -> Int {
        let counts = try await self.journal.pendingCounts()
        return [DestinationID.mailbox(system), .push(system), .process(system)].reduce(0) { $0 + (counts[$1] ?? 0) }
    }

    private func record(_ action: String, _ subject: String, _ reason: String) async throws(HubError) {
        _ = try await self.journal.append(
            .operation(
                Operation(
                    at: self.clock.now, actor: "admin", action: action, subject: subject, reason: reason.prefix(bytes: 500)
                )
            ),
            payload: nil
        )
    }

    /// Endpoints, secret and certificate: without the adapter they do nothing, so they may be there before it.
    ///
    /// - Returns: The secret, if the system had none.
    private func writeDeployment(
        _ parcel: AdapterParcel, _ catalogue: Catalogue, _ configuration: HubConfiguration
    ) throws(HubError) -> String? {
        for (name, address) in parcel.endpoints.sorted(by: { $0.key < $1.key }) where configuration.endpoints[name] != address {
            try Self.add(name, address, to: "endpoints", in: configuration.file)
        }
        if let certificate = parcel.certificate {
            try KeysDesk.overwrite("\(configuration.trustFolder)/systems/\(parcel.system).pem", certificate)
        }
        let hasAccount = catalogue.adapters.adapter(parcel.system)?.speaks.hasAccount ?? false
        guard hasAccount, configuration.secrets.systems[parcel.system] == nil else { return nil }
        let secret = Base64.urlText(SecureRandom.bytes(24))
        try Self.add(parcel.system.description, secret, to: "systems", in: configuration.secretsFile)
        return secret
    }

    private static func add(_ key: String, _ value: String, to section: String, in file: String) throws(HubError) {
        let text = String(decoding: try KeysDesk.read(file), as: UTF8.self)
        guard let changed = SettingsText.adding(key, value, to: section, in: text) else {
            throw HubError(
                .configurationInvalid, "A section cannot be added to as it is written; write it as a block, one entry a line.",
                details: [ErrorDetail("section", section), ErrorDetail("file", file)]
            )
        }
        try SettingsText.replace(file, with: changed)
    }

    /// - Throws: `envelope.key_unusable` for what is no key, `configuration.invalid` for another than the system has: what
    ///   was signed with that one is still to be checked.
    private func checkKey(_ pem: [UInt8], of system: SystemID, _ configuration: HubConfiguration) throws(HubError) {
        do throws(HubError) {
            _ = try Certificate(pem: pem)
        } catch {
            _ = try PublicKey(pem: pem)
        }
        let path = "\(configuration.trustFolder)/systems/\(system).pem"
        guard let known = FileManager.default.contents(atPath: path), Array(known) != pem else { return }
        throw HubError(
            .configurationInvalid, "The system has another key; add one with lgsp keys import, and retire the old one there.",
            details: [ErrorDetail("path", path)]
        )
    }

    /// With what else a check of the adapter finds, so that whoever mends it is told once.
    private func whole(
        _ error: HubError, _ configuration: HubConfiguration, _ system: SystemID, _ staged: String
    ) -> HubError {
        guard error.code == .adapterInvalid, let schemas = try? SchemaCatalogue.load(folder: configuration.schemaFolder),
            let directory = try? Catalogue.directory(configuration.directoryFiles)
        else { return error }
        let report = AdapterCheck.run(
            adapters: configuration.adapterFolder, replacing: [system: staged], schemas: schemas, only: system,
            agencies: Catalogue.agencies(of: directory, at: self.clock.now)
        )
        let known = Set(error.details.map(\.value))
        let more = report.faults.map { ErrorDetail("fault", $0) }.filter { !known.contains($0.value) }
        return HubError(error.code, error.summary, details: error.details + more, violations: error.violations, cause: error.cause)
    }

    /// The same error, naming files where they will be and not where they were looked at.
    private static func placed(_ error: HubError, _ staged: String, _ system: SystemID) -> HubError {
        let folder = (staged as NSString).deletingLastPathComponent + "/\(system)"
        return HubError(
            error.code, error.summary,
            details: error.details.map { ErrorDetail($0.key, $0.value.replacing(staged, with: folder)) },
            violations: error.violations, cause: error.cause
        )
    }
}

/// The configuration as it is at present, while operators change it.
final class LiveSettings: Sendable {
    private let value: Mutex<HubConfiguration>

    init(_ configuration: HubConfiguration) {
        self.value = Mutex(configuration)
    }

    var current: HubConfiguration { self.value.withLock { $0 } }

    func replace(with configuration: HubConfiguration) {
        self.value.withLock { $0 = configuration }
    }
}

/// Tells one state of an adapter's folder from another: the beginning of a digest over names and contents.
struct AdapterVersion: CustomStringConvertible {
    let description: String

    init(files: [TarArchive.File]) {
        var bytes: [UInt8] = []
        for file in files.sorted(by: { $0.name < $1.name }) {
            bytes += Array("\(file.name)\n\(SHA256.hash(file.bytes))\n".utf8)
        }
        self.description = String(SHA256.hash(bytes).description.prefix(12))
    }

    init(folder: String) {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        self.init(
            files: names.compactMap { name in
                guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }),
                    let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)")
                else { return nil }
                return TarArchive.File(name, Array(bytes))
            }
        )
    }
}
