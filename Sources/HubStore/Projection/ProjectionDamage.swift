internal import GRDB
internal import HubModel

/// Says of an error that the database is damaged and not the segments.
///
/// Both have the code `journal.damaged`, and one cure each: the database holds nothing that the segments do not hold
/// and is made anew; a segment must be restored.
struct ProjectionDamage: Error {
    /// What the database said; `nil` when it answered with something that cannot be.
    let cause: (any Error)?

    /// Whether SQLite says with this code that a file is not the database that it should be.
    ///
    /// It does not answer so for a disk that fails or is full.
    static func isMeant(by code: ResultCode) -> Bool {
        switch code {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: true
        // A row that should not be there, or a table that is not: our statements are fixed.
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_ERROR: true
        default: false
        }
    }
}

extension HubError {
    static func projectionDamaged(
        _ summary: StaticString, details: [ErrorDetail] = [], cause: (any Error)? = nil
    ) -> HubError {
        HubError(.journalDamaged, summary, details: details, cause: ProjectionDamage(cause: cause))
    }

    var isProjectionDamage: Bool { self.cause is ProjectionDamage }

    /// The same, as what keeps the journal from answering when it is about the database.
    var ofNoMessage: HubError {
        guard self.isProjectionDamage else { return self }
        return HubError(.journalUnavailable, self.summary, details: self.details, cause: self.cause)
    }
}
