internal import HubModel

/// What a start has to do with a journal from which months were dropped.
extension JournalStart {
    /// The chain that the first block must fit to, with what the dropped blocks left in the database.
    ///
    /// - Throws: `journal.damaged` when the first segment is missing, `journal.unavailable`.
    func begin(_ numbers: [Int]) throws(HubError) -> Chain {
        if let base = self.base {
            try self.projection.seed(base)
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
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func finishDrop() throws(HubError) {
        try Folder.remove(self.configuration.folder + "/" + JournalBase.partialName)
        guard let base = self.base else { return }
        try self.projection.removeDropped(base)
        _ = try DroppedFiles(base, self.configuration.folder).remove(with: self.configuration.disk)
    }
}
