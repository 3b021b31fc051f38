internal import HubCore
internal import HubModel

/// Finds out from the chain itself whether payloads in the spool are needed.
///
/// The database may have lost a row to a flipped bit, and a file that is removed cannot be had again.
struct SpoolSearch {
    private struct Reference {
        let sequence: Int64
        let type: MessageType
        let digest: Digest
        /// Whether the payload stands in the block, so that a file is a copy: one that a drop has begun to carry, maybe.
        let isInline: Bool
    }

    private let wanted: Set<Digest>
    private var references: [Reference] = []
    private var removals: [PayloadRemoval] = []

    /// - Parameter digests: Of the payloads that are asked for.
    init(_ digests: Set<Digest>) {
        self.wanted = digests
    }

    /// Those that a message refers to whose payload no removal covers, and copies of payloads that stand in blocks.
    ///
    /// - Parameters:
    ///   - base: Where the journal in `folder` begins; messages that outlived their month are counted too.
    ///   - isOver: Asked now and then whether to give up.
    /// - Throws: `journal.damaged` for a chain that cannot be read to its end, of which nothing can be said;
    ///   `journal.closed` when it was given up; `journal.unavailable`.
    mutating func needed(
        _ files: SegmentFiles, _ base: JournalBase?, in folder: String, unless isOver: () -> Bool
    ) throws(HubError) -> (needed: Set<Digest>, copies: Set<Digest>) {
        var needed: Set<Digest> = []
        if let base {
            needed.formUnion(try CarriedMessages.load(base, in: folder).messages.compactMap(\.payload))
            needed.formIntersection(self.wanted)
        }
        let numbers = try files.numbers()
        for number in numbers {
            if isOver() { throw HubError(.journalClosed, "The journal is closed.") }
            try self.read(number, isLast: number == numbers.last, files)
        }
        let cover = RemovalCover(self.removals)
        var copies: Set<Digest> = []
        for reference in self.references where !cover.covers(reference.sequence, reference.type) {
            if reference.isInline { copies.insert(reference.digest) } else { needed.insert(reference.digest) }
        }
        return (needed, copies.subtracting(needed))
    }

    private mutating func read(_ number: Int, isLast: Bool, _ files: SegmentFiles) throws(HubError) {
        var scan = try SegmentScan(number, in: files)
        while true {
            switch try scan.next() {
            case .block(let block): try self.read(block)
            case .end: return
            case .unsound:
                // The writer is at work there: what it writes now is in the database, which is asked once more.
                let offset = scan.offset
                if isLast, try !scan.resynchronise() { return }
                throw SegmentFiles.damage(BlockLocation(segment: number, offset: offset, length: 0))
            }
        }
    }

    private mutating func read(_ block: StoredBlock) throws(HubError) {
        for index in block.index.records.indices {
            let sequence = block.header.firstSequence + Int64(index)
            switch try JournalRecord(bytes: block.record(index)) {
            case .accepted(let message):
                guard self.wanted.contains(message.digest) else { continue }
                let isInline = !block.index.payloads[index].isEmpty
                guard isInline || block.isSpooled(.accepted(message), at: index) else { continue }
                self.references.append(
                    Reference(sequence: sequence, type: message.type, digest: message.digest, isInline: isInline))
            case .operation(let operation):
                if let removal = PayloadRemoval(operation, at: sequence) { self.removals.append(removal) }
            case .refused, .lookup, .delivery: continue
            }
        }
    }
}
