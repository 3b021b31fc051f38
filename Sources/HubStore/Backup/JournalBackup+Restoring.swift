internal import Glibc
public import HubCore
public import HubEnvelope
public import HubModel

extension JournalBackup {
    /// What a journal is to be made of, and where.
    public struct RestoreTerms: Sendable {
        /// The folder of the backup.
        public var backup: String
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
        let source = BackupSource(terms.backup)
        let manifest = try source.manifest()
        if let hub = terms.hub, hub != manifest.hub, manifest.lastBlock >= 0 {
            throw HubError(
                .configurationInvalid, "The backup is of another hub.",
                details: [ErrorDetail("backup", manifest.hub), ErrorDetail("hub", hub)]
            )
        }
        let folder = try PartialFolder(for: terms.journal, disk: terms.disk)
        do throws(HubError) {
            return try Self.restore(terms, source, manifest, folder, progress)
        } catch {
            folder.discard()
            throw error
        }
    }

    private static func restore(
        _ terms: RestoreTerms, _ source: BackupSource, _ manifest: BackupManifest, _ folder: PartialFolder,
        _ progress: (Int) -> Void
    ) throws(HubError) -> Report {
        for name in ["segments", "spool"] { try folder.makeFolder(name) }
        var copied = 0
        for file in manifest.files {
            try source.copy(file, to: folder)
            copied += file.count
            progress(copied)
        }
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

/// A backup that is read; nothing in it is believed yet.
struct BackupSource {
    private let folder: String

    /// More than any manifest has.
    private static let longestManifest = 1 << 30

    init(_ folder: String) {
        self.folder = folder
    }

    /// - Throws: `backup.invalid`, `backup.unavailable`.
    func manifest() throws(HubError) -> BackupManifest {
        let file = try self.open(BackupManifest.name)
        let count = try file.size()
        guard count <= Self.longestManifest else {
            throw BackupFault.invalid(BackupManifest.name, "it is too long")
        }
        return try BackupManifest(try file.read(count, at: 0))
    }

    /// Copies a file, which must be what the manifest says.
    /// - Throws: `backup.invalid`, `backup.unavailable`.
    func copy(_ file: BackupManifest.File, to folder: PartialFolder) throws(HubError) {
        let source = try self.open(file.name)
        let size = try source.size()
        guard size == file.count else {
            throw BackupFault.invalid(file.name, "it has \(size) bytes, and the manifest says \(file.count)")
        }
        let written = try folder.write(file.name) { add throws(HubError) in
            var position = 0
            while position < file.count {
                let bytes = try source.read(min(FileExtent.piece, file.count - position), at: position)
                guard !bytes.isEmpty else { return }
                try add(bytes)
                position += bytes.count
            }
        }
        guard written == file else { throw BackupFault.invalid(file.name, "its bytes are others") }
    }

    /// Opens a plain file that stands where its name says, and not behind a link.
    private func open(_ name: String) throws(HubError) -> OpenFile {
        var path = self.folder
        for part in name.split(separator: "/").dropLast() {
            path += "/" + part
            guard try Folder.kind(path) == S_IFDIR else { throw BackupFault.invalid(name, "it is missing") }
        }
        path = self.folder + "/" + name
        switch try Folder.kind(path) {
        case S_IFREG:
            return try BackupFault.converting { () throws(HubError) in try OpenFile(path, .readPlain) }
        case nil: throw BackupFault.invalid(name, "it is missing")
        default: throw BackupFault.invalid(name, "it is no plain file")
        }
    }
}

/// For a journal that nothing is written to.
private struct NoClock: HubClock {
    var now: Timestamp { Timestamp(nanoseconds: 0) }
    var uptime: Duration { .zero }
    func sleep(for duration: Duration) async throws {}
}
