internal import HubCore
internal import HubModel

/// Opens what is on disk: finds the end of the chain, sets a torn tail aside, brings the projection up to date.
struct JournalStart {
    let configuration: JournalConfiguration
    let files: SegmentFiles
    private(set) var projection: Projection
    private(set) var projectionWriter: ProjectionWriter
    private(set) var report = StartReport()
    private(set) var chain = Chain()
    private var end: (segment: Int, offset: Int)?
    private var queued: [ProjectionWriter.Block] = []
    private var queuedRecords = 0

    /// Records that are applied in one transaction while catching up.
    private static let transactionLength = 8192

    /// - Throws: `journal.unavailable`, `journal.damaged`.
    init(_ configuration: JournalConfiguration) throws(HubError) {
        self.configuration = configuration
        try Folder.make(configuration.segmentsFolder)
        try Folder.make(configuration.spoolFolder)
        try Folder.sync(configuration.folder, with: configuration.disk)
        self.files = SegmentFiles(folder: configuration.segmentsFolder)
        let projection: Projection
        var isRemade = false
        do throws(HubError) {
            projection = try Projection.open(configuration.projectionPath)
        } catch  where error.code == .journalDamaged {
            // It holds nothing that the segments do not hold.
            try Projection.remove(configuration.projectionPath)
            projection = try Projection.open(configuration.projectionPath)
            isRemade = true
        }
        self.projection = projection
        self.projectionWriter = ProjectionWriter(projection)
        self.report.isRebuilt = isRemade
    }

    /// Reads and repairs until segments and projection agree.
    /// - Returns: The place where the chain goes on.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    mutating func run() throws(HubError) -> SegmentWriter {
        let numbers = try self.files.numbers()
        let state = try self.projection.state()
        if let state {
            try self.check(state, numbers)
            self.chain = state.chain
            self.end = (state.last.segment, state.last.end)
        } else if let first = numbers.first, first != 0 {
            throw HubError(
                .journalDamaged, "The first segment of the journal is missing. Restore it from a backup.",
                details: [ErrorDetail("segment", SegmentHeader.fileName(0))]
            )
        }
        for number in numbers where number >= (self.end?.segment ?? 0) {
            try self.read(number, isLast: number == numbers.last)
        }
        try self.applyQueued()
        if state == nil, self.report.replayedBlocks > 0 { self.report.isRebuilt = true }
        self.report.lastBlock = self.chain.number
        try self.removeOrphans()
        return try self.segmentWriter()
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
        } catch {
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
        guard try scan.header()?.number == number else {
            let hasBlocks = try scan.resynchronise()
            guard isLast, !hasBlocks, start == SegmentHeader.length else {
                throw SegmentFiles.damage(
                    BlockLocation(segment: number, offset: 0, length: 0),
                    "the head of the segment is unreadable"
                )
            }
            return try self.dropUnbegun(number)
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

    private mutating func queue(_ block: StoredBlock) throws(HubError) {
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
        self.chain = self.chain.extended(by: block.header, digest: block.header.digest)
        self.queued.append(
            ProjectionWriter.Block(
                chain: self.chain, location: block.location, firstSequence: block.header.firstSequence,
                records: records
            )
        )
        self.queuedRecords += records.count
        self.report.replayedBlocks += 1
        self.report.replayedRecords += records.count
        if self.queuedRecords >= Self.transactionLength { try self.applyQueued() }
    }

    private mutating func applyQueued() throws(HubError) {
        try self.projectionWriter.apply(self.queued)
        self.queued.removeAll()
        self.queuedRecords = 0
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
    private mutating func dropUnbegun(_ number: Int) throws(HubError) {
        let file = try self.files.file(number)
        let bytes = try file.read(min(try file.size(), 1 << 20), at: 0)
        if bytes.contains(where: { $0 != 0 }) { try self.keepTorn(bytes, of: number) }
        try Folder.remove(self.files.path(number))
        try Folder.sync(self.files.folder, with: self.configuration.disk)
        self.files.forget(number)
    }

    private mutating func keepTorn(_ bytes: [UInt8], of number: Int) throws(HubError) {
        let base = self.files.folder + "/" + SegmentHeader.fileName(number).dropLast(4) + ".torn"
        var path = base
        var copies = 1
        while Folder.exists(path) {
            copies += 1
            path = base + "-\(copies)"
        }
        let file = try OpenFile(path, .create)
        let disk = self.configuration.disk
        var fault = bytes.withUnsafeBytes { disk.write(file.descriptor, $0, 0) }
        if fault == 0 { fault = disk.sync(file.descriptor) }
        guard fault == 0 else { throw DiskFault.error(fault, "write", path) }
        try Folder.sync(self.files.folder, with: disk)
        self.report.tornBytes += bytes.count
        self.report.tornFile = path
    }

    private mutating func removeOrphans() throws(HubError) {
        let projection = self.projection
        let spool = Spool(folder: self.configuration.spoolFolder, disk: self.configuration.disk)
        self.report.removedOrphans = try spool.removeOrphans { digests throws(HubError) in
            try projection.spooled(among: digests)
        }
    }

    private func segmentWriter() throws(HubError) -> SegmentWriter {
        let (folder, size) = (self.files.folder, self.configuration.segmentSize)
        if let end = self.end {
            return try SegmentWriter(
                continuing: end.segment, at: end.offset, folder: folder, size: size,
                disk: self.configuration.disk
            )
        }
        return try SegmentWriter(
            creating: 0, firstBlock: self.chain.number + 1, folder: folder, size: size,
            disk: self.configuration.disk
        )
    }
}

extension StoredBlock {
    /// Whether the payload of a record stands in the spool: there is one, and it is not in the block.
    func isSpooled(_ record: JournalRecord, at index: Int) -> Bool {
        guard case .accepted(let message) = record else { return false }
        return message.size > 0 && self.index.payloads[index].isEmpty
    }
}
