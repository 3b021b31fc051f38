internal import HubCore
internal import HubModel

/// The decision to forget under which identities messages were accepted: those with these sequence numbers.
///
/// It stands in the chain as an operation, so that what the database knows still follows from the blocks. An identity that
/// a later message bears stays that message's.
struct IdentityRemoval: Hashable {
    /// Of the operation.
    static let action = "identity.forget"
    private static let prefix = "sequences="

    let sequences: ClosedRange<Int64>

    init(_ sequences: ClosedRange<Int64>) {
        self.sequences = sequences
    }

    /// Reads what an operation says.
    ///
    /// - Parameter sequence: Of the operation's record. What comes behind it cannot have been decided about.
    /// - Returns: `nil` for any other operation, and for a subject that is not exactly in this form: it removes nothing.
    init?(_ operation: HubCore.Operation, at sequence: Int64) {
        guard operation.action == Self.action, operation.subject.hasPrefix(Self.prefix) else { return nil }
        let ends = operation.subject.dropFirst(Self.prefix.utf8.count).split(separator: "-").map { Int64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last,
            last < sequence
        else { return nil }
        self.sequences = first...last
        // One meaning, one text.
        guard self.subject == operation.subject else { return nil }
    }

    /// As it stands in the operation: `sequences=0-2047`.
    var subject: String { "\(Self.prefix)\(self.sequences.lowerBound)-\(self.sequences.upperBound)" }
}
