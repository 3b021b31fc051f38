internal import HubCore
internal import HubEnvelope
internal import HubModel

/// What goes into the archive of a month: found, and checked, by reading the month's segments once.
struct ArchivePlan {
    private let folder: JournalFolder
    let hub: String
    let chain: ArchiveChain
    /// Of the month's last block.
    let last: (header: [UInt8], time: Timestamp)
    private(set) var blocks = 0
    /// How much of each segment is blocks.
    private(set) var segments: [(number: Int, count: Int)] = []
    /// Payloads in the spool, in the order in which they are referred to.
    private(set) var spooled: [Digest] = []
    /// Keys that signed.
    private(set) var keys: Set<Digest> = []
    /// Messages without their payload.
    private(set) var absences = Absences()
    /// Decided in the month itself.
    private(set) var removals: [PayloadRemoval] = []

    /// - Parameter numbers: The month's segments; at least one, each with a block.
    /// - Throws: `journal.damaged` for what is not sound: it must not be kept as if it were.
    init(_ month: CivilMonth, _ numbers: ClosedRange<Int>, of folder: JournalFolder) throws(HubError) {
        self.folder = folder
        var chain: Chain?
        var start = Chain()
        var hub = ""
        var last: (header: [UInt8], time: Timestamp) = ([], Timestamp(nanoseconds: 0))
        var contents = ArchiveContents(folder)
        for number in numbers {
            var scan = SegmentScan(number, in: try folder.segment(number))
            guard try scan.header()?.number == number else {
                throw SegmentFiles.damage(
                    BlockLocation(segment: number, offset: 0, length: 0),
                    "the head of the segment is unreadable")
            }
            reading: while true {
                switch try scan.next() {
                case .block(let block):
                    if chain == nil {
                        hub = block.header.hub
                        start = Chain(
                            number: block.header.number &- 1, digest: block.header.previous,
                            nextSequence: block.header.firstSequence
                        )
                    }
                    let before = chain ?? start
                    if let misfit = before.misfit(of: block, hub: hub) {
                        throw SegmentFiles.damage(block.location, misfit)
                    }
                    chain = before.extended(by: block.header, digest: block.header.digest)
                    last = (block.headerBytes, block.header.time)
                    try contents.take(block)
                case .end: break reading
                case .unsound:
                    throw SegmentFiles.damage(BlockLocation(segment: number, offset: scan.offset, length: 0))
                }
            }
            self.segments.append((number, scan.offset))
        }
        self.hub = hub
        self.last = last
        self.chain = ArchiveChain(
            month: month, firstSegment: numbers.lowerBound, lastSegment: numbers.upperBound, start: start,
            end: chain ?? start
        )
        self.blocks = contents.blocks
        self.spooled = contents.spooled
        self.keys = contents.keys
        self.absences = contents.absences
        self.removals = contents.removals
    }

    /// The segments of a month, from the first to the last whose first block is of it; `nil` when there is none.
    /// - Throws: `journal.unavailable`, `journal.damaged` when a segment is missing.
    static func segments(
        of month: CivilMonth, in files: SegmentFiles
    ) throws(HubError) -> (numbers: ClosedRange<Int>, isOver: Bool)? {
        let all = try files.numbers()
        var found: [Int] = []
        for number in all {
            if try SegmentScan(number, in: files).firstTime().map({ CivilMonth($0) }) == month {
                found.append(number)
            }
        }
        guard let first = found.first, let last = found.last else { return nil }
        // A segment whose head is not there yet is being made, and may be gone after a crash.
        let isOver =
            if let next = all.first(where: { $0 > last }) {
                try SegmentScan(next, in: files).header()?.number == next
            } else { false }
        return (first...last, isOver)
    }

    /// The headers from the month's last block to a later one, both included; empty when the later one is too far away or
    /// not there.
    /// - Throws: `journal.unavailable`.
    func headers(through block: Int64) throws(HubError) -> [[UInt8]] {
        guard block >= self.chain.end.number, block - self.chain.end.number <= EvidenceTimestamp.longest
        else { return [] }
        var headers = [self.last.header]
        var chain = self.chain.end
        for number in try self.folder.segments() where number > self.chain.lastSegment && chain.number < block
        {
            var scan = SegmentScan(number, in: try self.folder.segment(number))
            while chain.number < block, case .block(let next) = try scan.next() {
                guard chain.misfit(of: next.header, hub: self.hub) == nil else { return [] }
                headers.append(next.headerBytes)
                chain = chain.extended(by: next.header, digest: next.header.digest)
            }
        }
        return chain.number == block ? headers : []
    }
}

/// What the blocks of an archive, or of a backup, refer to.
struct ArchiveContents {
    private let folder: JournalFolder
    private var seen: Set<Digest> = []
    private(set) var blocks = 0
    private(set) var spooled: [Digest] = []
    private(set) var keys: Set<Digest> = []
    private(set) var absences = Absences()
    private(set) var removals: [PayloadRemoval] = []

    init(_ folder: JournalFolder) {
        self.folder = folder
    }

    mutating func take(_ block: StoredBlock) throws(HubError) {
        self.blocks += 1
        self.keys.insert(block.index.head.key)
        var absent: [(index: Int, type: MessageType)] = []
        var present: [Int] = []
        for (index, sequence) in zip(block.index.records.indices, block.header.firstSequence...) {
            guard let record = try? JournalRecord(bytes: block.record(index)) else {
                throw SegmentFiles.damage(block.location, "record \(index) is unreadable")
            }
            switch record {
            case .accepted(let message):
                if try block.isAbsent(message, at: index, in: self.folder) {
                    absent.append((index, message.type))
                } else if message.size > 0 {
                    present.append(index)
                    if block.isSpooled(record, at: index), self.seen.insert(message.digest).inserted {
                        self.spooled.append(message.digest)
                    }
                }
            case .operation(let operation):
                if let removal = PayloadRemoval(operation, at: sequence) { self.removals.append(removal) }
            case .refused, .delivery, .lookup: break
            }
        }
        self.absences.note(absent: absent, present: present, of: block)
    }
}
