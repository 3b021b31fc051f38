internal import HubCore
internal import HubEnvelope
internal import HubModel

/// One backup that is being made.
struct BackupRun {
    private let terms: JournalBackup.Terms
    private let target: PartialFolder
    private let source: JournalFolder
    private var chain = Chain()
    private var hub: String?
    private var contents: ArchiveContents
    private var files: [BackupManifest.File] = []
    private var copied = 0
    private var missing = 0

    init(_ terms: JournalBackup.Terms, _ target: PartialFolder) {
        self.terms = terms
        self.target = target
        self.source = JournalFolder(terms.journal)
        self.contents = ArchiveContents(self.source)
    }

    mutating func run(_ progress: (Int) -> Void) throws(HubError) -> JournalBackup.Report {
        let end = try self.committed()
        for folder in ["segments", "spool"] { try self.target.makeFolder(folder) }
        let numbers = try self.source.segments()
        guard numbers == Array(0..<numbers.count) else {
            let lost = zip(0..., numbers).first { $0 != $1 }?.0 ?? 0
            throw SegmentFiles.damage(
                BlockLocation(segment: lost, offset: 0, length: 0), "the segment is missing")
        }
        for number in numbers where end.map({ self.chain.number < $0.number }) ?? true {
            try self.copy(number, isLast: number == numbers.last, through: end?.number, progress)
        }
        try self.checkEnd(end)
        try self.checkAbsences()
        for digest in self.contents.spooled { try self.copySpooled(digest, progress) }
        let timestamps = try self.copyTimestamps()
        let manifest = BackupManifest(
            hub: self.hub ?? "", made: self.terms.now, lastBlock: self.chain.number,
            lastDigest: self.chain.digest, records: self.chain.nextSequence, missing: self.missing,
            files: self.files
        )
        // What cannot be read back is no backup.
        _ = try BackupManifest(manifest.bytes)
        _ = try self.target.write(BackupManifest.name) { add throws(HubError) in try add(manifest.bytes) }
        try self.target.finish()
        var report = JournalBackup.Report(manifest, path: self.terms.path, timestamps: timestamps)
        report.keys = self.contents.keys.sorted { $0.description < $1.description }
        return report
    }

    /// The block up to which a hub has synced and applied the chain; `nil` when no database says so, and everything that
    /// stands in the segments is taken.
    private func committed() throws(HubError) -> (number: Int64, digest: Digest)? {
        do throws(HubError) {
            return try ProjectionMemory(folder: self.terms.journal)?.last()
        } catch  where error.code == .journalDamaged {
            return nil
        }
    }

    private func checkEnd(_ end: (number: Int64, digest: Digest)?) throws(HubError) {
        guard let end else { return }
        guard end.number == self.chain.number, end.digest == self.chain.digest else {
            throw HubError(
                .journalDamaged,
                "The projection knows a block that the segments do not hold; lgsp journal check says more.",
                details: [ErrorDetail("block", end.number)]
            )
        }
    }

    // MARK: Segments

    /// Copies the blocks of a segment, at most through the last one that is wanted.
    private mutating func copy(
        _ number: Int, isLast: Bool, through last: Int64?, _ progress: (Int) -> Void
    ) throws(HubError) {
        let name = SegmentHeader.fileName(number)
        let source = try FileExtent(try OpenFile(self.source.files.path(number), .read))
        let head = try source.read(SegmentHeader.length, at: 0)
        guard SegmentHeader(head)?.number == number else {
            // It is being made, and nothing is in it yet.
            if isLast, last == nil, SegmentHeader.otherFormat(head) == nil { return }
            throw SegmentFiles.damage(
                BlockLocation(segment: number, offset: 0, length: 0), "the head of the segment is unreadable")
        }
        var (chain, hub, contents) = (self.chain, self.hub, self.contents)
        let copied = self.copied
        let file = try self.target.write("segments/" + name) { add throws(HubError) in
            try add(head)
            var scan = SegmentScan(number, in: source)
            while last.map({ chain.number < $0 }) ?? true {
                switch try scan.next() {
                case .block(let block):
                    if let misfit = chain.misfit(of: block, hub: hub) {
                        throw SegmentFiles.damage(block.location, misfit)
                    }
                    try contents.take(block)
                    try add(block.bytes)
                    chain = chain.extended(by: block.header, digest: block.digest)
                    hub = block.header.hub
                    if contents.blocks % 1024 == 0 { progress(copied + scan.offset) }
                case .end: return
                case .unsound:
                    let offset = scan.offset
                    // A torn tail of a hub that is not running.
                    if isLast, last == nil, try !scan.resynchronise() { return }
                    throw SegmentFiles.damage(BlockLocation(segment: number, offset: offset, length: 0))
                }
            }
        }
        (self.chain, self.hub, self.contents) = (chain, hub, contents)
        self.keep(file, progress)
    }

    // MARK: Payloads

    /// Payloads that are not there must have been removed by a record of the chain that is copied.
    private mutating func checkAbsences() throws(HubError) {
        let removals = RemovalCover(self.contents.removals)
        guard self.contents.absences.count > 0, !self.contents.absences.areExplained(by: removals) else {
            return
        }
        var missing: [(location: BlockLocation, index: Int, sequence: Int64, type: MessageType)] = []
        let end = self.chain.nextSequence
        try self.source.forEachAbsence(in: try self.source.segments()) { block, index, sequence, type in
            if sequence < end, !removals.covers(sequence, type) {
                missing.append((block.location, index, sequence, type))
            }
        }
        guard let first = missing.first else { return }
        // Decided behind the last block that is copied.
        let later = try self.laterRemovals()
        if missing.contains(where: { absence in later.contains { $0.covers(absence.sequence, absence.type) } }
        ) {
            throw BackupFault.changed("segments/" + SegmentHeader.fileName(first.location.segment))
        }
        guard self.terms.allowsMissing else {
            throw SegmentFiles.damage(
                first.location, "the payload of record \(first.index) is missing, and \(missing.count) in all"
            )
        }
        self.missing = missing.count
    }

    private func laterRemovals() throws(HubError) -> [PayloadRemoval] {
        guard let memory = try? ProjectionMemory(folder: self.terms.journal) else { return [] }
        return try memory.removals().map(\.removal.removal)
    }

    private mutating func copySpooled(_ digest: Digest, _ progress: (Int) -> Void) throws(HubError) {
        let name = Spool.name(digest)
        // It was there when its block was read.
        guard let source = try self.source.spooled(digest) else { throw BackupFault.changed(name) }
        let file = try self.copy(source, to: name)
        guard file.digest == digest else {
            throw HubError(
                .journalDamaged,
                "A spooled payload is not the one that was accepted; lgsp journal check says more.",
                details: [ErrorDetail("file", name)]
            )
        }
        self.keep(file, progress)
    }

    private mutating func copyTimestamps() throws(HubError) -> Int {
        let shelf = TimestampShelf(journal: self.terms.journal)
        var count = 0
        for block in try shelf.blocks() where block <= self.chain.number {
            let token = try shelf.token(of: block)
            self.files.append(
                try self.target.write("timestamps/" + TimestampShelf.name(block)) { add throws(HubError) in
                    try add(token)
                }
            )
            count += 1
        }
        return count
    }

    private func copy(_ source: FileExtent, to name: String) throws(HubError) -> BackupManifest.File {
        try self.target.write(name) { add throws(HubError) in
            var position = 0
            while position < source.count {
                let bytes = try source.read(FileExtent.piece, at: position)
                guard !bytes.isEmpty else { break }
                try add(bytes)
                position += bytes.count
            }
        }
    }

    private mutating func keep(_ file: BackupManifest.File, _ progress: (Int) -> Void) {
        self.files.append(file)
        self.copied += file.count
        progress(self.copied)
    }
}

extension JournalBackup.Report {
    init(_ manifest: BackupManifest, path: String, timestamps: Int) {
        func count(_ folder: String) -> Int { manifest.files.count { $0.name.hasPrefix(folder) } }
        self.init(
            path: path, hub: manifest.hub, made: manifest.made, lastBlock: manifest.lastBlock,
            lastDigest: manifest.lastDigest, records: manifest.records, segments: count("segments/"),
            spooled: count("spool/"), timestamps: timestamps, bytes: manifest.count, missing: manifest.missing
        )
    }
}
