internal import HubCore
internal import HubModel

/// What several removals cover together.
///
/// A run of messages that were removed day after day is covered by none of its removals alone.
struct RemovalCover: Sendable {
    /// Ascending, none touching the next; of every type under `nil`.
    private var ranges: [MessageType?: [ClosedRange<Int64>]] = [:]

    init(_ removals: [PayloadRemoval] = []) {
        self.add(removals)
    }

    mutating func add(_ removals: [PayloadRemoval]) {
        for (type, added) in Dictionary(grouping: removals, by: \.type) {
            let all = (self.ranges[type] ?? []) + added.flatMap(\.sequences)
            var merged: [ClosedRange<Int64>] = []
            for range in all.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = merged.last, last.upperBound >= range.lowerBound - 1 {
                    merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
                } else {
                    merged.append(range)
                }
            }
            self.ranges[type] = merged
        }
    }

    /// Whether the payload of this message may be gone.
    func covers(_ sequence: Int64, _ type: MessageType) -> Bool { self.end(of: sequence, type) != nil }

    /// Whether the payloads of all messages of a type from one to another may be gone.
    func covers(_ sequences: ClosedRange<Int64>, _ type: MessageType) -> Bool {
        var next = sequences.lowerBound
        while let end = self.end(of: next, type) {
            if end >= sequences.upperBound { return true }
            next = end + 1
        }
        return false
    }

    /// How far, from a message on, everything of its type is covered; `nil` when the message itself is not.
    ///
    /// - Parameter type: `nil` to ask for everything of every type.
    func end(of sequence: Int64, _ type: MessageType?) -> Int64? {
        let every = Self.end(of: sequence, self.ranges[nil] ?? [])
        guard let type, let own = Self.end(of: sequence, self.ranges[type] ?? []) else { return every }
        return max(own, every ?? own)
    }

    private static func end(of sequence: Int64, _ ranges: [ClosedRange<Int64>]) -> Int64? {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < sequence { low = middle + 1 } else { high = middle }
        }
        guard low < ranges.count, ranges[low].contains(sequence) else { return nil }
        return ranges[low].upperBound
    }
}
