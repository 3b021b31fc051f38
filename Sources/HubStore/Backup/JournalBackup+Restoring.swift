internal import Glibc
public import HubCore
public import HubEnvelope
public import HubModel

extension JournalBackup {
    /// What a journal is to be made of, and where.
    public struct RestoreTerms: Sendable {
        /// The folder of the backup, or the file of its archive; `-` for an archive that comes through `input`.
        public var backup: String
        /// Open for reading.
        public var input: Int32 = STDIN_FILENO
        /// The journal's folder; it must not exist, or be empty.
        public var journal: String
        /// The hub's public keys; it may have had several one after the other.
        public var keys: [PublicKey]
        /// Keys that count once a record announces them.
        public var announced: [PublicKey] = []
        /// The name that the blocks must bear; that in the manifest when it is `nil`.
        public var hub: String?
        /// Given out by the hub: those that the backup reaches must fit it, a later one tells how much is not in it.
        public var receipts: [Receipt] = []
        package var disk = DiskCalls.system

        public init(backup: String, journal: String, keys: [PublicKey], hub: String? = nil) {
            self.backup = backup
            self.journal = journal
            self.keys = keys
            self.hub = hub
        }
    }

    /// Makes a journal of a backup.
    ///
    /// Every file is held against the manifest, and the chain against the keys, before the journal gets its name; a crash, or
    /// a fault, leaves none. The database is made anew. The journal is marked, so that a hub says in the chain that it was
    /// restored (`announceRestore`).
    ///
    /// - Parameter progress: Told the number of bytes copied now and then.
    /// - Throws: `backup.invalid` naming the file, `envelope.key_unknown` when a block was signed with a key that was not
    ///   given, `configuration.invalid` when a journal is there already or the backup is of another hub, `backup.unavailable`.
    public static func restore(
        _ terms: RestoreTerms, progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> Report {
        try Self.checkTarget(terms.journal)
        // A pipe says at its end what it holds, the others at once.
        var source: (files: BackupSource, manifest: BackupManifest)?
        if terms.backup != "-" {
            let files = try BackupSource(terms.backup)
            source = (files, try files.manifest())
        }
        if let source { try Self.checkHub(source.manifest, terms) }
        let folder = try PartialFolder(for: terms.journal, disk: terms.disk)
        do throws(HubError) {
            for name in ["segments", "spool"] { try folder.makeFolder(name) }
            guard let source else {
                let manifest = try BackupStream(terms.input).extract(to: folder, progress)
                try Self.checkHub(manifest, terms)
                return try Self.complete(terms, manifest, folder)
            }
            var copied = 0
            for file in source.manifest.files {
                try source.files.copy(file, to: folder)
                copied += file.count
                progress(copied)
            }
            return try Self.complete(terms, source.manifest, folder)
        } catch {
            folder.discard()
            throw error
        }
    }

    private static func checkHub(_ manifest: BackupManifest, _ terms: RestoreTerms) throws(HubError) {
        guard let hub = terms.hub, hub != manifest.hub, manifest.lastBlock >= 0 else { return }
        throw HubError(
            .configurationInvalid, "The backup is of another hub.",
            details: [ErrorDetail("backup", manifest.hub), ErrorDetail("hub", hub)]
        )
    }

    /// Makes a journal of the files that were copied, which are those of the manifest.
    private static func complete(
        _ terms: RestoreTerms, _ manifest: BackupManifest, _ folder: PartialFolder
    ) throws(HubError) -> Report {
        let seen = try Self.check(folder.path, manifest, terms)
        let mark = RestoreMark(
            block: manifest.lastBlock, digest: manifest.lastDigest, made: manifest.made, seenBlock: seen)
        _ = try folder.write(RestoreMark.name) { add throws(HubError) in
            try add(Array((mark.subject + "\n").utf8))
        }
        var configuration = JournalConfiguration(
            folder: folder.path, hub: manifest.hub.isEmpty ? "?" : manifest.hub, clock: NoClock()
        ) {
            BlockSigner(key: .zero) { _ throws(HubError) in
                throw HubError(.journalClosed, "This journal was opened without a key.")
            }
        }
        configuration.disk = terms.disk
        let made = configuration
        _ = try BackupFault.converting { () throws(HubError) in try ProjectionRebuild(made).run { _ in } }
        try folder.finish()
        let stamps = manifest.files.count { $0.name.hasPrefix("timestamps/") }
        var report = Report(manifest, path: terms.journal, timestamps: stamps)
        report.seenBlock = seen
        return report
    }

    private static func checkTarget(_ path: String) throws(HubError) {
        guard Folder.split(path) != nil else {
            throw HubError(
                .configurationInvalid, "This is no name for a folder.", details: [ErrorDetail("path", path)])
        }
        guard let kind = try Folder.kind(path) else { return }
        guard kind == S_IFDIR, try Folder.names(in: path).isEmpty else {
            throw HubError(
                .configurationInvalid,
                "Something is here already; a restore never replaces a journal. Move it away first, and keep it.",
                details: [ErrorDetail("path", path)]
            )
        }
    }

    /// Holds the chain against the keys, the manifest and the receipts.
    /// - Returns: The last block that a receipt names, when the backup does not reach so far.
    private static func check(
        _ folder: String, _ manifest: BackupManifest, _ terms: RestoreTerms
    ) throws(HubError) -> Int64? {
        let later = try Self.laterReceipts(terms, than: manifest.lastBlock)
        let reached = terms.receipts.filter { (Self.block(of: $0) ?? -1) <= manifest.lastBlock }
        let audit = try SegmentReader.verify(
            folder: folder, keys: terms.keys, offered: terms.announced, hub: terms.hub, receipts: reached)
        // What was missing when the backup was made is missing still.
        let faults = audit.faults.filter { $0.kind != .payloadMissing }
        if let fault = faults.first ?? (audit.faults.count == manifest.missing ? nil : audit.faults.first) {
            guard fault.kind != .keyUnknown else {
                throw HubError(
                    .envelopeKeyUnknown, "A block of the backup was signed with a key that was not given.",
                    details: [ErrorDetail("block", fault.block ?? -1), ErrorDetail("fault", fault.what)]
                )
            }
            throw BackupFault.invalid(
                fault.kind == .receipt ? "receipt" : fault.file ?? "segments/" + fault.segment, fault.what,
                [ErrorDetail("offset", fault.offset), ErrorDetail("faults", audit.faults.count)]
            )
        }
        guard audit.tornBytes == 0, audit.lastBlock == manifest.lastBlock,
            audit.lastDigest == manifest.lastDigest, audit.nextSequence == manifest.records,
            audit.hub == manifest.hub || manifest.lastBlock < 0
        else { throw BackupFault.invalid(BackupManifest.name, "the chain ends elsewhere than it says") }
        return later
    }

    private static func block(of receipt: Receipt) -> Int64? {
        try? BlockHeader(bytes: receipt.header).number
    }

    /// The last block that a receipt names behind the end of the backup, if it is one of this hub.
    private static func laterReceipts(_ terms: RestoreTerms, than last: Int64) throws(HubError) -> Int64? {
        var later: Int64?
        for receipt in terms.receipts {
            guard let block = Self.block(of: receipt), block > last else { continue }
            guard let key = (terms.keys + terms.announced).first(where: { $0.fingerprint == receipt.key }),
                (try? receipt.verified(with: key)) != nil
            else {
                throw BackupFault.invalid("receipt", "a receipt of block \(block) is not signed by this hub")
            }
            later = max(later ?? block, block)
        }
        return later
    }
}

/// For a journal that nothing is written to.
private struct NoClock: HubClock {
    var now: Timestamp { Timestamp(nanoseconds: 0) }
    var uptime: Duration { .zero }
    func sleep(for duration: Duration) async throws {}
}
