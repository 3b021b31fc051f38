package import HubModel

/// The decision to remove payloads: of the messages with these sequence numbers, of one type or of any.
///
/// It stands in the chain as an operation, and is written before a byte goes, so that a removal by policy can be told
/// from a loss by whoever reads the chain. Digests, records and signatures are never removed.
package struct PayloadRemoval: Sendable, Hashable {
    /// Of the operation.
    package static let action = "payload.forget"

    /// The policy: messages accepted before this day, by Viet Nam's clock. What it covers is in `sequences`.
    package let before: CivilDate
    /// `nil` for every type.
    package let type: MessageType?
    /// Ascending, none touching the next.
    package let sequences: [ClosedRange<Int64>]

    /// - Parameter sequences: At least one, ascending, none touching the next.
    package init(before: CivilDate, type: MessageType?, sequences: [ClosedRange<Int64>]) {
        self.before = before
        self.type = type
        self.sequences = sequences
    }

    /// Reads what an operation says.
    ///
    /// - Parameter sequence: Of the operation's record. What comes behind it cannot have been decided about.
    /// - Returns: `nil` for any other operation, and for a subject that is not exactly in this form: it removes nothing.
    package init?(_ operation: Operation, at sequence: Int64) {
        guard operation.action == Self.action, let removal = Self(subject: operation.subject),
            let last = removal.sequences.last, last.upperBound < sequence
        else { return nil }
        self = removal
    }

    private init?(subject: String) {
        var fields = subject.split(separator: " ", omittingEmptySubsequences: false)[...]
        func take(_ key: String) -> Substring? {
            guard let field = fields.first, field.hasPrefix(key + "=") else { return nil }
            fields = fields.dropFirst()
            return field.dropFirst(key.utf8.count + 1)
        }
        guard let before = take("before").flatMap(CivilDate.init(iso:)) else { return nil }
        let type = take("type").map { MessageType(String($0)) }
        if case .some(nil) = type { return nil }
        guard let text = take("sequences"), fields.isEmpty else { return nil }
        var sequences: [ClosedRange<Int64>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
            guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last,
                sequences.last.map({ $0.upperBound < first - 1 }) ?? true
            else { return nil }
            sequences.append(first...last)
        }
        self.init(before: before, type: type.flatMap(\.self), sequences: sequences)
        // One meaning, one text.
        guard self.subject == subject else { return nil }
    }

    /// As it stands in the operation: `before=2026-01-01 type=edoc/document/1 sequences=0-104,106-118`, without `type`
    /// for every type.
    package var subject: String {
        let type = self.type.map { " type=\($0)" } ?? ""
        let sequences = self.sequences.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
        return "before=\(self.before)\(type) sequences=\(sequences)"
    }

    /// Whether the payload of this message may be gone.
    package func covers(_ sequence: Int64, _ type: MessageType) -> Bool {
        self.covers(sequence...sequence, type)
    }

    /// Whether the payloads of all messages of a type from one to another may be gone.
    package func covers(_ sequences: ClosedRange<Int64>, _ type: MessageType) -> Bool {
        guard self.type == nil || self.type == type else { return false }
        var (low, high) = (0, self.sequences.count)
        while low < high {
            let middle = (low + high) / 2
            if self.sequences[middle].upperBound < sequences.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < self.sequences.count else { return false }
        return self.sequences[low].lowerBound <= sequences.lowerBound
            && self.sequences[low].upperBound >= sequences.upperBound
    }
}
