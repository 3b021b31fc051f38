internal import HubCore
internal import HubModel

/// Opens what is on disk: finds the end of the chain, sets a torn tail aside, brings the projection up to date.
struct JournalStart {
    let configuration: JournalConfiguration
    let files: SegmentFiles
    /// Where the journal begins; `nil` for its first block.
    let base: JournalBase?
    private(set) var projection: Projection
    private(set) var projectionWriter: ProjectionWriter
    private(set) var report = StartReport()
    private(set) var chain = Chain()
    private var end: (segment: Int, offset: Int)?
    private var queued: [ProjectionWriter.Block] = []
    private var queuedRecords = 0
    private var transactions = 0
    /// What is being applied while the next blocks are read.
    private var step: ProjectionStep?
    private let applying: WorkerThread
    private var isRemade = false
    /// Payloads in the spool of which the database knows no message.
    private(set) var orphans: Set<Digest> = []
    private let projectionPath: String
    private let progress: @Sendable (StartReport) -> Void

    /// Transactions after which the database's log is copied back while catching up: it would grow to a multiple of
    /// the database otherwise.
    private static let checkpointInterval = 4

    /// - Parameters:
    ///   - applying: A thread on which blocks come into the database.
    ///   - projectionPath: Of a database to be made beside the one that the journal has; that one when it is `nil`.
    ///   - progress: Told how far it is now and then.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    init(
        _ configuration: JournalConfiguration, applying: WorkerThread, projectionPath: String? = nil,
        progress: @escaping @Sendable (StartReport) -> Void = { _ in }
    ) throws(HubError) {
        self.configuration = configuration
        self.applying = applying
        self.projectionPath = projectionPath ?? configuration.projectionPath
        self.progress = progress
        try Folder.make(configuration.segmentsFolder, with: configuration.disk)
        try Folder.make(configuration.spoolFolder, with: configuration.disk)
        self.base = try JournalBase.load(in: configuration.folder)
        if let base = self.base { try Self.check(base, hub: configuration.hub) }
        self.files = SegmentFiles(folder: configuration.segmentsFolder, from: self.base?.firstSegment ?? 0)
        // Before the projection of another version is made anew: with these segments it cannot be.
        if let last = try self.files.numbers().last { try Self.checkFormat(SegmentScan(last, in: self.files)) }
        let projection: Projection
        do throws(HubError) {
            projection = try Projection.open(self.projectionPath)
        } catch  where error.isProjectionDamage {
            // It holds nothing that the segments do not hold.
            try Projection.remove(self.projectionPath)
            projection = try Projection.open(self.projectionPath)
            self.isRemade = true
        }
        self.projection = projection
        self.projectionWriter = ProjectionWriter(projection)
        self.report.isRebuilt = self.isRemade
    }

    /// Reads and repairs until segments and projection agree.
    ///
    /// A projection that turns out to be damaged on the way is made anew, once.
    ///
    /// - Returns: The place where the chain goes on.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    mutating func run() throws(HubError) -> SegmentWriter {
        try self.settle()
        do throws(HubError) {
            try self.agree()
        } catch  where error.isProjectionDamage && !self.isRemade {
            try self.remakeProjection()
            try self.agree()
        }
        return try self.segmentWriter()
    }

    /// Brings to the disk what a process that was killed had written and not synced.
    ///
    /// Until then it stands in memory only, and reads like everything else: a block would be applied, and a repeat
    /// of its messages answered, that the next power failure takes back. Only the last segment can hold such a block,
    /// since the next one is begun after the last block of the one before is synced.
    private func settle() throws(HubError) {
        let disk = self.configuration.disk
        try SegmentRewriting.removeUnfinished(in: self.files.folder)
        if self.projectionPath != self.configuration.rebuiltPath {
            try Projection.remove(self.configuration.rebuiltPath)
        }
        // What it says is gone may be removed only when it cannot be lost any more.
        if self.base != nil { try Folder.sync(self.configuration.folder, with: disk) }
        if let last = try self.files.numbers().last { try self.files.file(last).sync(with: disk) }
        try Folder.sync(self.files.folder, with: disk)
        try Spool(folder: self.configuration.spoolFolder, disk: disk).syncFolders()
    }

    private mutating func remakeProjection() throws(HubError) {
        self.projection.close()
        try Projection.remove(self.projectionPath)
        self.projection = try Projection.open(self.projectionPath)
        self.projectionWriter = ProjectionWriter(self.projection)
        self.chain = Chain()
        self.end = nil
        self.queued.removeAll()
        self.queuedRecords = 0
        self.isRemade = true
        self.report.isRebuilt = true
        self.report.replayedBlocks = 0
        self.report.replayedRecords = 0
    }

    private mutating func agree() throws(HubError) {
        do throws(HubError) {
            try self.follow()
        } catch {
            // Nothing may still be written when the database is made anew, or given up.
            _ = try? self.finishStep()
            throw error
        }
    }

    private mutating func follow() throws(HubError) {
        let numbers = try self.files.numbers()
        let state = try self.projection.state()
        if let state {
            try self.check(state, against: self.base)
            try self.check(state, numbers)
            self.chain = state.chain
            self.end = (state.last.segment, state.last.end)
        } else {
            self.chain = try self.begin(numbers)
        }
        for number in numbers where number >= (self.end?.segment ?? 0) {
            try self.read(number, isLast: number == numbers.last)
        }
        try self.applyQueued()
        try self.finishStep()
        if self.transactions > 0 { self.projection.checkpoint() }
        if state == nil, self.report.replayedBlocks > 0 { self.report.isRebuilt = true }
        self.report.lastBlock = self.chain.number
        // Behind the blocks: what an old database lacks may be about messages that were dropped.
        try self.finishDrop(isSeeded: state == nil)
        try self.clearSpool(isSure: state == nil)
        self.report.restored = try RestoreMark.subject(in: self.configuration.folder)
    }

    /// The block that the projection ends with must be there: a projection beside older segments means that
    /// accepted messages were lost, and going on would hide it.
    private func check(_ state: Projection.State, _ numbers: [Int]) throws(HubError) {
        do throws(HubError) {
            guard numbers.contains(state.last.segment) else {
                throw SegmentFiles.damage(state.last, "the segment is missing")
            }
            let block = try self.files.block(at: state.last)
            guard block.header.number == state.chain.number, block.header.digest == state.chain.digest else {
                throw SegmentFiles.damage(state.last, "another block stands in its place")
            }
        } catch  where error.code == .journalDamaged {
            throw HubError(
                .journalDamaged,
                "The projection knows a block that the segments do not hold. Restore the segments from a backup.",
                details: [ErrorDetail("block", state.chain.number)] + error.details, cause: error
            )
        }
    }

    private mutating func read(_ number: Int, isLast: Bool) throws(HubError) {
        var start = SegmentHeader.length
        if let end = self.end, end.segment == number { start = end.offset }
        var scan = try SegmentScan(number, from: start, in: self.files)
        try Self.checkFormat(scan)
        guard try scan.header()?.number == number else {
            // The head is synced before the first block is begun, so no crash leaves one without the other.
            guard isLast, start == SegmentHeader.length, try scan.endOfData(after: start) == start else {
                throw SegmentFiles.damage(
                    BlockLocation(segment: number, offset: 0, length: 0),
                    "the head of the segment is unreadable"
                )
            }
            return try self.dropUnbegun(number, try scan.endOfData(after: 0))
        }
        self.end = (number, start)
        while true {
            switch try scan.next() {
            case .block(let block):
                if let misfit = self.chain.misfit(of: block, hub: self.configuration.hub) {
                    throw SegmentFiles.damage(block.location, misfit)
                }
                try self.queue(block)
                self.end = (number, block.location.end)
            case .end:
                return
            case .unsound:
                try self.setTailAside(&scan, isLast: isLast)
                return
            }
        }
    }

    private static func checkFormat(_ scan: SegmentScan) throws(HubError) {
        guard let format = try scan.laterFormat() else { return }
        throw HubError(
            .journalDamaged,
            "A segment is of a format that this version does not know, so nothing was changed. Use the version that wrote it, or a later one.",
            details: [
                ErrorDetail("segment", SegmentHeader.fileName(scan.number)), ErrorDetail("format", format),
            ]
        )
    }

    private mutating func queue(_ block: StoredBlock) throws(HubError) {
        let queued = try ProjectionWriter.Block(block, after: self.chain)
        self.chain = queued.chain
        self.queued.append(queued)
        self.queuedRecords += queued.records.count
        self.report.replayedBlocks += 1
        self.report.replayedRecords += queued.records.count
        if self.queuedRecords >= self.configuration.catchUpLength { try self.applyQueued() }
    }

    private mutating func applyQueued() throws(HubError) {
        guard !self.queued.isEmpty else { return }
        try self.finishStep()
        self.transactions += 1
        self.step = ProjectionStep(
            self.queued, by: self.projectionWriter, on: self.applying,
            checkpoint: self.transactions.isMultiple(of: Self.checkpointInterval) ? self.projection : nil
        )
        self.queued.removeAll()
        self.queuedRecords = 0
        self.progress(self.report)
    }

    private mutating func finishStep() throws(HubError) {
        guard let step = self.step else { return }
        self.step = nil
        self.projectionWriter = try step.finish()
    }

    /// Keeps the bytes of a block that a crash cut off in a file beside the segment, and cuts them from it.
    private mutating func setTailAside(_ scan: inout SegmentScan, isLast: Bool) throws(HubError) {
        let offset = scan.offset
        let end = try scan.endOfData(after: offset)
        guard isLast, try !scan.resynchronise() else {
            throw SegmentFiles.damage(BlockLocation(segment: scan.number, offset: offset, length: 0))
        }
        let bytes = try self.files.file(scan.number).read(end - offset, at: offset)
        try self.keepTorn(bytes, of: scan.number)
        let file = try OpenFile(self.files.path(scan.number), .write)
        let size = try file.size()
        try file.resize(offset)
        // The space stays set aside, and reads as zeros again.
        var fault = self.configuration.disk.allocate(file.descriptor, size)
        if fault == 0 { fault = self.configuration.disk.sync(file.descriptor) }
        guard fault == 0 else { throw DiskFault.error(fault, "cut", file.path) }
    }

    /// A segment whose head never reached the disk has no blocks; the crash came while it was being made.
    /// - Parameter end: Where its zeros begin.
    private mutating func dropUnbegun(_ number: Int, _ end: Int) throws(HubError) {
        if end > 0 { try self.keepTorn(try self.files.file(number).read(end, at: 0), of: number) }
        try Folder.remove(self.files.path(number))
        try Folder.sync(self.files.folder, with: self.configuration.disk)
        self.files.forget(number)
    }

    private mutating func keepTorn(_ bytes: [UInt8], of number: Int) throws(HubError) {
        self.report.tornFile = try TornFile.keep(
            bytes, of: number, in: self.files.folder, with: self.configuration.disk)
        self.report.tornBytes += bytes.count
    }

    /// Removes what a crash left unfinished in the spool, and payloads that no message refers to.
    ///
    /// Of what the database does not know the chain has the last word, unless it was made of the whole chain just now. A long
    /// chain is left to the open journal.
    private mutating func clearSpool(isSure: Bool) throws(HubError) {
        let spool = Spool(folder: self.configuration.spoolFolder, disk: self.configuration.disk)
        let listing = try SpoolListing(spool.folder)
        let orphans = try spool.orphans(in: listing, self.projection)
        let isSure = isSure ? true : try self.isConfirmed(orphans)
        for name in listing.unfinished { try Folder.remove(self.configuration.folder + "/" + name) }
        self.report.removedOrphans = listing.unfinished.count
        if isSure {
            for digest in orphans { try Folder.remove(spool.path(digest)) }
            self.report.removedOrphans += orphans.count
        } else {
            self.orphans = orphans
            self.report.orphans = orphans.count
        }
    }

    /// Whether the chain is short, and says that these payloads are not needed.
    /// - Throws: `journal.damaged` when it says that one is, so that the database is made anew; `journal.unavailable`.
    private func isConfirmed(_ orphans: Set<Digest>) throws(HubError) -> Bool {
        guard !orphans.isEmpty, try self.isShort() else { return orphans.isEmpty }
        let needed: Set<Digest>
        do throws(HubError) {
            var search = SpoolSearch(orphans)
            needed = try search.needed(self.files, self.base, in: self.configuration.folder) { false }.needed
        } catch  where error.code == .journalDamaged {
            // A start reads the end of the chain only, and does not fail for what is before it.
            return false
        }
        guard let first = needed.first else { return true }
        throw HubError.projectionDamaged(
            "The projection does not know of a payload that a message needs.",
            details: [ErrorDetail("file", Spool.name(first))]
        )
    }

    private func isShort() throws(HubError) -> Bool {
        var size = 0
        for number in try self.files.numbers() {
            size += try self.files.file(number).size()
            if size > self.configuration.shortChain { return false }
        }
        return true
    }

    /// The month in which the segment was begun; `nil` when nothing is in it, or its first block cannot be read: that is
    /// for the check of the whole chain to say, and costs no more than a month that begins inside a segment.
    private func month(of end: (segment: Int, offset: Int)) throws(HubError) -> CivilMonth? {
        guard end.offset > SegmentHeader.length else { return nil }
        return try SegmentScan(end.segment, in: self.files).firstTime().map { CivilMonth($0) }
    }

    private func segmentWriter() throws(HubError) -> SegmentWriter {
        let (folder, size) = (self.files.folder, self.configuration.segmentSize)
        if let end = self.end {
            return try SegmentWriter(
                continuing: end.segment, at: end.offset, month: try self.month(of: end), folder: folder, size: size,
                disk: self.configuration.disk
            )
        }
        return try SegmentWriter(
            creating: self.base?.firstSegment ?? 0, firstBlock: self.chain.number + 1, folder: folder, size: size,
            disk: self.configuration.disk
        )
    }
}

extension ProjectionWriter.Block {
    /// A block that was read back, on its way into the projection.
    /// - Throws: `journal.damaged` for a record that is unreadable.
    init(_ block: StoredBlock, after chain: Chain) throws(HubError) {
        var records: [ProjectionWriter.Record] = []
        records.reserveCapacity(block.index.records.count)
        for index in block.index.records.indices {
            let bytes = block.record(index)
            let record: JournalRecord
            do throws(HubError) {
                record = try JournalRecord(bytes: bytes)
            } catch {
                throw SegmentFiles.damage(block.location, "record \(index) is unreadable")
            }
            records.append(
                ProjectionWriter.Record(
                    record: record, bytes: bytes, isSpooled: block.isSpooled(record, at: index)
                )
            )
        }
        self.init(
            chain: chain.extended(by: block.header, digest: block.header.digest), location: block.location,
            firstSequence: block.header.firstSequence, records: records
        )
    }
}

extension StoredBlock {
    /// Whether the payload of a record stands in the spool: there is one, and it is not in the block.
    func isSpooled(_ record: JournalRecord, at index: Int) -> Bool {
        guard case .accepted(let message) = record else { return false }
        return message.size > 0 && self.index.payloads[index].isEmpty && !self.index.forgotten.contains(index)
    }
}
