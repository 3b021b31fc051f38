internal import HubModel

/// What a start has to do with a journal from which months were dropped.
extension JournalStart {
    /// The chain that the first block must fit to, with what the dropped blocks left in the database.
    ///
    /// - Throws: `journal.damaged` when the first segment is missing, `journal.unavailable`.
    func begin(_ numbers: [Int]) throws(HubError) -> Chain {
        if let base = self.base {
            try self.projection.seed(base, try CarriedMessages.load(base, in: self.configuration.folder))
            return base.chain
        }
        if let first = numbers.first, first != 0 {
            throw HubError(
                .journalDamaged, "The first segment of the journal is missing. Restore it from a backup.",
                details: [ErrorDetail("segment", SegmentHeader.fileName(0))]
            )
        }
        return Chain()
    }

    /// Holds a database against the base.
    ///
    /// - Throws: An error that says of the database that it is to be made anew, when it ends in what was dropped.
    ///   `journal.damaged` when rows were taken from it and nothing says which.
    func check(_ state: Projection.State, against base: JournalBase?) throws(HubError) {
        if let base {
            guard state.chain.number <= base.chain.number else { return }
            try self.checkFit(of: base)
            throw HubError.projectionDamaged("The projection ends in months that were dropped.")
        }
        guard try self.projection.isBased() else { return }
        throw HubError(
            .journalDamaged,
            "Months were dropped from this journal, and its base, which says where it begins, is missing. Restore it from a backup.",
            details: [ErrorDetail("file", JournalBase.name)]
        )
    }

    /// Finishes a drop that a crash cut off; nothing when there is none.
    ///
    /// A start knows no public key, so it believes a base only as far as the chain bears it out: before anything is
    /// removed, the first block must fit to it, and a record behind it must have decided the drop.
    ///
    /// - Parameter isSeeded: Whether the database was made anew from the base.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func finishDrop(isSeeded: Bool) throws(HubError) {
        try Folder.remove(self.configuration.folder + "/" + JournalBase.partialName)
        let folder = self.configuration.folder
        guard let base = self.base else { return try CarriedMessages.removeOthers(than: nil, in: folder) }
        let files = DroppedFiles(base, folder)
        let (rows, left) = (try self.projection.awaitsDrop(base), try files.areLeft())
        let others = try CarriedMessages.others(than: base, in: folder)
        guard rows || left || isSeeded || !others.isEmpty else { return }
        try self.checkFit(of: base)
        let isDecided = try self.projection.hasOperation(
            JournalBase.action, base.subject, from: base.chain.nextSequence)
        guard isDecided else {
            throw JournalBase.damage("no record behind it says that the months before it were to go")
        }
        let carried = try CarriedMessages.load(base, in: self.configuration.folder)
        do throws(HubError) {
            try self.projection.removeDropped(base, carried)
        } catch {
            guard error.code == .journalUnavailable else { throw error }
            // A full disk has no room for removing rows, and the segments are the room: the base is on disk, and whoever
            // finds rows of dropped blocks goes on from here.
            _ = try files.remove(with: self.configuration.disk)
            try self.projection.removeDropped(base, carried)
        }
        _ = try files.remove(with: self.configuration.disk)
        try CarriedMessages.removeOthers(than: base, in: folder)
    }

    /// Whether a base is this hub's.
    /// - Throws: `journal.damaged`.
    static func check(_ base: JournalBase, hub: String) throws(HubError) {
        guard base.hub == hub else { throw JournalBase.damage("it belongs to another hub") }
    }

    /// Whether the journal goes on where the base says: a base of another history would have segments removed that
    /// nothing else holds.
    private func checkFit(of base: JournalBase) throws(HubError) {
        var scan = try SegmentScan(base.firstSegment, in: self.files)
        guard case .block(let first) = try scan.next() else {
            throw SegmentFiles.damage(
                BlockLocation(segment: base.firstSegment, offset: SegmentHeader.length, length: 0))
        }
        if let misfit = base.chain.misfit(of: first.header, hub: base.hub) {
            throw JournalBase.damage("the first block behind it does not fit: \(misfit)")
        }
    }
}
