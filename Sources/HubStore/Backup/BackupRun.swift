internal import HubCore
internal import HubEnvelope
internal import HubModel

/// One backup that is being made.
struct BackupRun {
    private let terms: JournalBackup.Terms
    private let target: any BackupTarget
    private let source: JournalFolder
    private let base: JournalBase?
    private var chain: Chain
    private var hub: String?
    private var contents: ArchiveContents
    private var files: [BackupManifest.File] = []
    private var copied = 0
    private var missing = 0
    /// Payloads of messages that outlived their month.
    private var carried: Set<Digest> = []

    /// - Throws: `journal.damaged` when the base is, `journal.unavailable`.
    init(_ terms: JournalBackup.Terms, _ target: any BackupTarget) throws(HubError) {
        self.terms = terms
        self.target = target
        self.base = try JournalBase.load(in: terms.journal)
        self.source = JournalFolder(terms.journal, base: self.base)
        self.chain = self.base?.chain ?? Chain()
        self.hub = self.base?.hub
        self.contents = ArchiveContents(self.source)
    }

    mutating func run(_ progress: (Int) -> Void) throws(HubError) -> JournalBackup.Report {
        let end = try self.committed()
        for folder in ["segments", "spool"] { try self.target.makeFolder(folder) }
        if let base = self.base {
            let bytes = base.bytes
            let file = try self.target.write(JournalBase.name, count: bytes.count) { add throws(HubError) in
                try add(bytes)
            }
            self.keep(file, progress)
            try self.copyCarried(base, progress)
        }
        let numbers = try self.source.segments()
        let first = self.source.files.first
        guard numbers == Array(first..<first + numbers.count), first == 0 || !numbers.isEmpty else {
            let lost = zip(first..., numbers).first { $0 != $1 }?.0 ?? first
            throw SegmentFiles.damage(
                BlockLocation(segment: lost, offset: 0, length: 0), "the segment is missing")
        }
        for number in numbers where end.map({ self.chain.number < $0.number }) ?? true {
            try self.copy(number, isLast: number == numbers.last, through: end?.number, progress)
        }
        try self.checkEnd(end)
        try self.checkAbsences()
        for digest in Set(self.contents.spooled).union(self.carried).sorted(by: { $0.description < $1.description }) {
            try self.copySpooled(digest, progress)
        }
        let timestamps = try self.copyTimestamps()
        // A month that was dropped meanwhile took files with it, timestamps without a trace.
        guard try JournalBase.load(in: self.terms.journal) == self.base else {
            throw BackupFault.changed(JournalBase.name)
        }
        let manifest = BackupManifest(
            hub: self.hub ?? "", made: self.terms.now, lastBlock: self.chain.number,
            lastDigest: self.chain.digest, records: self.chain.nextSequence, missing: self.missing,
            files: self.files
        )
        // What cannot be read back is no backup.
        _ = try BackupManifest(manifest.bytes)
        let bytes = manifest.bytes
        _ = try self.target.write(BackupManifest.name, count: bytes.count) { add throws(HubError) in try add(bytes) }
        try self.target.finish()
        var report = JournalBackup.Report(manifest, path: self.terms.path, timestamps: timestamps)
        report.keys = self.contents.keys.sorted { $0.description < $1.description }
        return report
    }

    /// Copies the file of the messages that outlived their month.
    private mutating func copyCarried(_ base: JournalBase, _ progress: (Int) -> Void) throws(HubError) {
        guard let mark = base.carried else { return }
        let carried = try CarriedMessages.load(base, in: self.terms.journal)
        for message in carried.messages {
            guard let digest = message.payload else { continue }
            if try self.source.spooled(digest) != nil {
                self.carried.insert(digest)
            } else if self.terms.allowsMissing {
                self.missing += 1
            } else {
                throw HubError(
                    .journalDamaged, "A spooled payload is missing; lgsp journal check says more.",
                    details: [ErrorDetail("file", Spool.name(digest))]
                )
            }
        }
        let bytes = carried.bytes
        self.keep(
            try self.target.write(CarriedMessages.fileName(mark.digest), count: bytes.count) { add throws(HubError) in try add(bytes) }, progress)
    }

    /// The last block that a hub may have answered for; `nil` when there is no database, and everything that stands in the
    /// segments is taken.
    private func committed() throws(HubError) -> (number: Int64, digest: Digest)? {
        do throws(HubError) {
            let last = try ProjectionMemory(folder: self.terms.journal)?.last()
            // One that ends in what was dropped is of no use, and made anew at the next start.
            guard let last, last.number > self.base?.chain.number ?? -1 else { return nil }
            return try self.last(behind: last)
        } catch  where error.code == .journalDamaged {
            return nil
        }
    }

    /// The last block in the segments, where the database ends with an earlier one: it follows what was answered.
    ///
    /// What stands there may not be synced yet. No backup may have a block that a power failure takes from the hub, so it is
    /// brought to the disk first.
    private func last(
        behind known: (number: Int64, digest: Digest)
    ) throws(HubError) -> (number: Int64, digest: Digest) {
        var last = known
        var files: [OpenFile] = []
        // The last one may be just begun.
        for number in try self.source.segments().suffix(2) {
            let file = try OpenFile(self.source.files.path(number), .read)
            var scan = SegmentScan(number, in: try FileExtent(file))
            while case .block(let block) = try scan.next() {
                if block.header.number > last.number { last = (block.header.number, block.digest) }
            }
            files.append(file)
        }
        guard last.number > known.number else { return known }
        for file in files { try file.sync(with: .system) }
        return last
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
        var part = Part(number: number, source: source, head: head, isLast: isLast, last: last)
        var count: Int?
        if self.target.wantsLengths {
            // Read once for its length; the second time it ends with the same block, however far the segment has grown.
            var length = 0
            let end = try self.read(part, { _ in }) { bytes throws(HubError) in length += bytes.count }
            count = length
            part.last = end.chain.number
        }
        let wanted = part
        let copied = self.copied
        var end = (chain: self.chain, hub: self.hub, contents: self.contents)
        let file = try self.target.write("segments/" + name, count: count) { add throws(HubError) in
            end = try self.read(wanted, { progress(copied + $0) }, add)
        }
        (self.chain, self.hub, self.contents) = end
        self.keep(file, progress)
    }

    /// A segment as far as it is wanted.
    private struct Part {
        let number: Int
        let source: FileExtent
        let head: [UInt8]
        let isLast: Bool
        /// The number of the last block; `nil` for as far as there are blocks.
        var last: Int64?
    }

    /// Reads a segment and gives away what is to be in the backup.
    ///
    /// - Returns: The chain with it, the name in its blocks and what they hold.
    private func read(
        _ part: Part, _ progress: (Int) -> Void, _ add: ([UInt8]) throws(HubError) -> Void
    ) throws(HubError) -> (chain: Chain, hub: String?, contents: ArchiveContents) {
        var end = (chain: self.chain, hub: self.hub, contents: self.contents)
        try add(part.head)
        var scan = SegmentScan(part.number, in: part.source)
        while part.last.map({ end.chain.number < $0 }) ?? true {
            switch try scan.next() {
            case .block(let block):
                if let misfit = end.chain.misfit(of: block, hub: end.hub) {
                    throw SegmentFiles.damage(block.location, misfit)
                }
                try end.contents.take(block)
                try add(block.bytes)
                end.chain = end.chain.extended(by: block.header, digest: block.digest)
                end.hub = block.header.hub
                if end.contents.blocks % 1024 == 0 { progress(scan.offset) }
            case .end: return end
            case .unsound:
                let offset = scan.offset
                // A torn tail of a hub that is not running.
                if part.isLast, part.last == nil, try !scan.resynchronise() { return end }
                throw SegmentFiles.damage(BlockLocation(segment: part.number, offset: offset, length: 0))
            }
        }
        return end
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
        self.missing += missing.count
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
                try self.target.write("timestamps/" + TimestampShelf.name(block), count: token.count) { add throws(HubError) in
                    try add(token)
                }
            )
            count += 1
        }
        return count
    }

    private func copy(_ source: FileExtent, to name: String) throws(HubError) -> BackupManifest.File {
        try self.target.write(name, count: source.count) { add throws(HubError) in
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
