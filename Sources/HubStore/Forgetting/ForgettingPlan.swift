internal import HubCore
internal import HubModel

/// Finds out which payloads a policy means: of messages in closed segments, whose deliveries have all ended.
///
/// Changes nothing.
struct ForgettingPlan: Sendable {
    private let policy: ForgettingPolicy
    private let end: Timestamp
    /// Keep their payload, whatever was decided earlier.
    let unfinished: Set<Int64>
    private let spooled: Set<Int64>
    /// Decided earlier, perhaps by a run that was killed before it was done.
    private let earlier: RemovalCover
    private var ranges: [ClosedRange<Int64>] = []
    private var isOpen = false
    /// The segments that hold payloads which are to go.
    private(set) var segments: [Int] = []
    private(set) var report = ForgettingReport()

    /// Ranges of one record, so that a record stays one that people can read.
    static let rangesTogether = 256

    /// - Throws: `journal.damaged` for a segment that is not sound: nothing in it is touched.
    init(_ policy: ForgettingPolicy, _ files: SegmentFiles, _ projection: Projection) throws(HubError) {
        self.policy = policy
        self.end = CivilTime(date: policy.before, hour: 0, minute: 0, second: 0)
            .timestamp(offset: CivilTime.vietnamOffset)
        self.unfinished = try projection.unfinished()
        self.spooled = try projection.spooledMessages()
        self.earlier = RemovalCover(try projection.removals().map(\.removal))
        let numbers = try files.numbers()
        for number in numbers {
            var scan = try SegmentScan(number, in: files)
            reading: while true {
                switch try scan.next() {
                case .block(let block): try self.look(at: block, isClosed: number != numbers.last)
                case .end: break reading
                case .unsound:
                    throw SegmentFiles.damage(BlockLocation(segment: number, offset: scan.offset, length: 0))
                }
            }
        }
    }

    /// What is to be written to the chain before anything goes.
    var removals: [PayloadRemoval] {
        stride(from: 0, to: self.ranges.count, by: Self.rangesTogether).map { first in
            PayloadRemoval(
                before: self.policy.before, type: self.policy.type,
                sequences: Array(self.ranges[first..<min(first + Self.rangesTogether, self.ranges.count)])
            )
        }
    }

    /// Every removal that holds once these are written.
    var all: RemovalCover {
        var all = self.earlier
        all.add(self.removals)
        return all
    }

    private mutating func look(at block: StoredBlock, isClosed: Bool) throws(HubError) {
        for (index, sequence) in zip(block.index.records.indices, block.header.firstSequence...) {
            guard let record = try? JournalRecord(bytes: block.record(index)) else {
                throw SegmentFiles.damage(block.location, "record \(index) is unreadable")
            }
            guard case .accepted(let message) = record else { continue }
            // The writer takes no range that covers one of these, also when its payload is gone already.
            if self.unfinished.contains(sequence) { self.isOpen = false }
            let isInline = !block.index.payloads[index].isEmpty
            guard isInline || self.spooled.contains(sequence) else { continue }
            if isClosed, self.earlier.covers(sequence, message.type) {
                // A dead letter may have been sent again between a decision and a removal that was not finished.
                if self.unfinished.contains(sequence) {
                    self.report.unfinished += 1
                } else {
                    self.take(message, isInline, block.location.segment)
                }
            } else if self.policy.type == nil || self.policy.type == message.type {
                self.decide(message, sequence, isInline, block, isClosed: isClosed)
            }
        }
    }

    private mutating func decide(
        _ message: AcceptedMessage, _ sequence: Int64, _ isInline: Bool, _ block: StoredBlock, isClosed: Bool
    ) {
        let isMeant = block.header.time < self.end
        guard isMeant, isClosed, !self.unfinished.contains(sequence) else {
            // A range must not cover what stays.
            self.isOpen = false
            if isMeant { if isClosed { self.report.unfinished += 1 } else { self.report.inOpenSegment += 1 } }
            return
        }
        if self.isOpen, let last = self.ranges.popLast() {
            self.ranges.append(last.lowerBound...sequence)
        } else {
            self.ranges.append(sequence...sequence)
        }
        self.isOpen = true
        self.take(message, isInline, block.location.segment)
    }

    private mutating func take(_ message: AcceptedMessage, _ isInline: Bool, _ segment: Int) {
        self.report.messages += 1
        self.report.bytes += message.size
        if isInline, self.segments.last != segment { self.segments.append(segment) }
    }
}
