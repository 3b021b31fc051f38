internal import HubCore
internal import HubModel

/// Payloads that are not there, until the removals that may explain them are known: those stand behind them in the chain.
struct Absences {
    private struct Run {
        var first: Int64
        var last: Int64
        var count: Int
        let type: MessageType
        let segment: Int
    }

    private var runs: [Run] = []
    /// The runs that grow, by type.
    private var open: [MessageType: Int] = [:]

    /// Takes the payload-bearing messages of a block, in order.
    ///
    /// - Parameters:
    ///   - absent: The messages whose payload is not there, by their place in the block.
    ///   - present: The places of those whose payload is there.
    mutating func note(
        absent: [(index: Int, type: MessageType)], present: [Int], of block: StoredBlock
    ) {
        guard !absent.isEmpty else {
            // A removal does not reach over what stays.
            if !present.isEmpty, !self.open.isEmpty { self.open.removeAll() }
            return
        }
        var present = present[...]
        for (index, type) in absent {
            let before = present.prefix { $0 < index }.count
            if before > 0 {
                self.open.removeAll()
                present = present.dropFirst(before)
            }
            let sequence = block.header.firstSequence &+ Int64(index)
            if let run = self.open[type], self.runs[run].last < sequence {
                self.runs[run].last = sequence
                self.runs[run].count += 1
            } else {
                self.open[type] = self.runs.count
                self.runs.append(
                    Run(
                        first: sequence, last: sequence, count: 1, type: type, segment: block.location.segment
                    ))
            }
        }
        if !present.isEmpty { self.open.removeAll() }
    }

    var count: Int { self.runs.reduce(0) { $0 + $1.count } }

    /// The first segment with any of them.
    var firstSegment: Int? { self.runs.map(\.segment).min() }

    /// Whether removals explain all of them as they stand; some may still be explained one by one.
    func areExplained(by removals: RemovalCover) -> Bool {
        self.runs.allSatisfy { run in removals.covers(run.first...run.last, run.type) }
    }
}
