internal import HubCore
internal import HubModel

/// Finds the closed segments that still hold what a run, killed before it was done, had decided to remove.
///
/// A segment is written anew as a whole, so one payload tells for all that a removal covers in it, but for those that were
/// being delivered again; a journal that was restored from a backup is understood in the same way. A segment that cannot be
/// read counts as one of them, so that it is written anew and what is wrong with it is told.
struct UndoneRemovals {
    private let files: SegmentFiles
    private let projection: Projection
    private let end: Int64

    private static let page = 64

    /// - Parameter end: The first record that is not in a closed segment.
    init(_ files: SegmentFiles, _ projection: Projection, before end: Int64) {
        self.files = files
        self.projection = projection
        self.end = end
    }

    /// - Throws: `journal.damaged` for the database, `journal.unavailable`.
    func segments(_ recorded: [RecordedRemoval]) throws(HubError) -> Set<Int> {
        var undone = try self.spared(recorded)
        // A removal may reach back over months that were dropped.
        guard let first = try self.projection.firstSequence() else { return undone }
        for removal in recorded.map(\.removal) {
            var seen: Set<Int> = []
            for range in removal.sequences {
                var next = max(first, range.lowerBound)
                while next <= range.upperBound, next < self.end,
                    let segment = try self.projection.segment(of: next)
                {
                    let after = try self.projection.start(of: segment + 1, before: self.end)
                    if !undone.contains(segment), !seen.contains(segment) {
                        let part = next..<min(after, range.upperBound + 1)
                        switch try self.isUndone(removal, part) {
                        case true?: undone.insert(segment)
                        case false?: seen.insert(segment)
                        case nil: break
                        }
                    }
                    next = after
                }
            }
        }
        return undone
    }

    /// Segments that kept a payload because its message was being delivered again.
    private func spared(_ recorded: [RecordedRemoval]) throws(HubError) -> Set<Int> {
        guard let first = recorded.first, try self.projection.isAnythingBegunAnew(behind: first.sequence)
        else { return [] }
        let cover = RemovalCover(recorded.map(\.removal))
        var segments: Set<Int> = []
        for row in try self.projection.retained(try self.projection.begunAnew()) where row.sequence < self.end
        {
            guard cover.covers(row.sequence, row.message.type), !segments.contains(row.segment),
                let block = try self.projection.places(of: [row.message.id]).first.flatMap(\.self)?.block
            else { continue }
            if self.holding(block) ?? true { segments.insert(row.segment) }
        }
        return segments
    }

    /// - Returns: `nil` when no payload of these was in the segment.
    private func isUndone(_ removal: PayloadRemoval, _ part: Range<Int64>) throws(HubError) -> Bool? {
        var next = part.lowerBound
        while next < part.upperBound {
            let rows = try self.projection.retained(from: next, before: part.upperBound, limit: Self.page)
            guard let last = rows.last else { return nil }
            let covered = rows.filter { $0.message.size > 0 && removal.covers($0.sequence, $0.message.type) }
            for block in try self.projection.places(of: covered.map(\.message.id)).compactMap({ $0?.block }) {
                guard let index = self.index(of: block) else { return true }
                if index.forgotten.contains(block.index) { return false }
                if !index.payloads[block.index].isEmpty { return true }
            }
            next = last.sequence + 1
        }
        return nil
    }

    /// Whether a payload stands in its block; `nil` when the block cannot be read.
    private func holding(_ block: Projection.Place.Block) -> Bool? {
        self.index(of: block).map { !$0.payloads[block.index].isEmpty }
    }

    private func index(of block: Projection.Place.Block) -> BlockIndex? {
        guard let index = try? self.files.index(at: block.location),
            index.payloads.indices.contains(block.index)
        else { return nil }
        return index
    }
}
