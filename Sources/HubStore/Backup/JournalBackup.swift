internal import HubCore
internal import HubEnvelope
public import HubModel

/// Copies a journal into a folder or an archive that can be restored, and makes a journal of such a copy;
/// `docs/journal-format.md` describes both.
public enum JournalBackup {
    /// What a backup is.
    public enum Form: Sendable, Hashable {
        /// A folder at the path.
        case folder
        /// A `ustar` archive at the path.
        case archive
        /// The same, written to a descriptor that is open for writing, such as a pipe. Nothing is made at the path.
        case stream(Int32)
    }

    /// What is to be copied, and to where.
    public struct Terms: Sendable {
        /// The journal's folder.
        public var journal: String
        /// What is made; nothing must be there.
        public var path: String
        public var form = Form.folder
        /// Stands in the manifest.
        public var now: Timestamp
        /// Whether a journal is copied of which payloads are missing that nobody removed.
        public var allowsMissing = false
        /// The calls that write; a test makes them fail.
        package var disk = DiskCalls.system

        public init(journal: String, path: String, now: Timestamp) {
            self.journal = journal
            self.path = path
            self.now = now
        }
    }

    /// What a backup holds, or what was made of it.
    public struct Report: Sendable, Hashable {
        public let path: String
        public let hub: String
        public let made: Timestamp
        /// -1 when there is none.
        public let lastBlock: Int64
        public let lastDigest: Digest
        public let records: Int64
        public let segments: Int
        public let spooled: Int
        public let timestamps: Int
        public let bytes: Int
        /// Messages whose payload is missing although nobody removed it.
        public let missing: Int
        /// Fingerprints of the keys that signed.
        public internal(set) var keys: [Digest] = []
        /// The last block that a receipt names, when it is not in the backup any more.
        public internal(set) var seenBlock: Int64?
    }

    /// Copies a journal up to a block that is known to be on disk.
    ///
    /// A hub may be running.
    ///
    /// Segments only grow, so the writer is not asked, held or waited for: it is read what stood there already. Nothing is
    /// left behind when it fails, but for what went through a pipe, which is not whole then.
    ///
    /// - Parameter progress: Told the number of bytes copied now and then.
    /// - Throws: `configuration.invalid` when there is no journal, or something at the path, or the path is in the journal;
    ///   `journal.damaged` naming what is not sound; `backup.unavailable` when it cannot be written, or payloads were removed
    ///   by policy meanwhile; `journal.unavailable` when the journal cannot be read.
    public static func write(
        _ terms: Terms, progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> Report {
        guard try Folder.isFolder(terms.journal + "/segments") else {
            throw JournalCheck.noJournal(terms.journal)
        }
        let target = try Self.target(terms)
        let base = try? JournalBase.load(in: terms.journal)
        do throws(HubError) {
            var run = try BackupRun(terms, target)
            return try run.run(progress)
        } catch {
            target.discard()
            // What was not where it should be went with its month.
            if let now = try? JournalBase.load(in: terms.journal), now != base {
                throw BackupFault.changed(JournalBase.name)
            }
            throw error
        }
    }

    private static func target(_ terms: Terms) throws(HubError) -> any BackupTarget {
        switch terms.form {
        case .folder:
            try Self.check(terms)
            return try PartialFolder(for: terms.path, disk: terms.disk)
        case .archive:
            try Self.check(terms)
            return try BackupArchive(for: terms.path, time: terms.now, disk: terms.disk)
        case .stream(let descriptor): return try BackupArchive(to: descriptor, time: terms.now)
        }
    }

    private static func check(_ terms: Terms) throws(HubError) {
        guard Folder.split(terms.path) != nil, try Folder.kind(terms.path) == nil else {
            throw HubError(
                .configurationInvalid, "Something has this name already; a backup never replaces anything.",
                details: [ErrorDetail("path", terms.path)]
            )
        }
        let (journal, target) = (try Folder.resolved(terms.journal), try Folder.resolved(terms.path))
        guard !target.hasPrefix(journal + "/"), target != journal else {
            throw HubError(
                .configurationInvalid,
                "A backup inside the journal's folder would be lost with it; choose another disk.",
                details: [ErrorDetail("path", terms.path)]
            )
        }
    }
}
