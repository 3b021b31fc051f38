internal import HubCore
internal import HubModel

/// Finds records without the database.
extension SegmentFiles {
    /// The block that holds a record, as the segments themselves have it; `nil` when none that is sound does.
    ///
    /// Looks at the first block of each segment, and goes through one of them.
    ///
    /// - Throws: `journal.unavailable`, `journal.damaged` when a segment is missing.
    func find(_ sequence: Int64) throws(HubError) -> (firstSequence: Int64, location: BlockLocation)? {
        var holder: Int?
        for number in try self.numbers() {
            var scan = try SegmentScan(number, in: self)
            guard case .block(let first) = try scan.next() else { continue }
            guard first.header.firstSequence <= sequence else { break }
            holder = number
        }
        guard let holder else { return nil }
        var scan = try SegmentScan(holder, in: self)
        while true {
            switch try scan.next() {
            case .block(let block):
                let first = block.header.firstSequence
                if first > sequence { return nil }
                if sequence - first < Int64(block.header.count) { return (first, block.location) }
            case .end: return nil
            case .unsound: guard try scan.resynchronise() else { return nil }
            }
        }
    }

    /// Whose fault it is that a record was not found where the database says.
    ///
    /// A block that stands elsewhere is sound, and so is its message: the database is to be made anew, and nothing restored.
    ///
    /// - Parameter place: Where the database says that it is; `nil` where no segment is.
    /// - Returns: `error`, or one that says so.
    func blame(
        _ error: HubError, for sequence: Int64, at place: (firstSequence: Int64, location: BlockLocation)?
    ) -> HubError {
        guard !error.isProjectionDamage, let found = try? self.find(sequence) else { return error }
        if let place, place == found { return error }
        let details = place.map {
            [
                ErrorDetail("segment", SegmentHeader.fileName($0.location.segment)),
                ErrorDetail("offset", $0.location.offset),
            ]
        }
        return HubError.projectionDamaged(
            "The projection says of a block that it is where it is not. Stop the hub and rebuild the projection.",
            details: details ?? [], cause: error)
    }
}
