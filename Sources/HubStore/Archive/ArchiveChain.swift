internal import HubEnvelope
internal import HubModel

/// The part of the chain that an archive holds, as it says itself: the file `chain`, a line for each fact.
///
/// It proves nothing: the first block names its predecessor, and the blocks show where they end. It is there so that what
/// is missing can be named.
struct ArchiveChain: Sendable, Hashable {
    static let name = "chain"

    let month: CivilMonth
    let firstSegment: Int
    let lastSegment: Int
    /// What the first block must fit to.
    let start: Chain
    let end: Chain

    var bytes: [UInt8] {
        let lines = [
            "format archive-1", "month \(self.month)", "segments \(self.firstSegment) \(self.lastSegment)",
            "first-block \(self.start.number + 1)", "first-record \(self.start.nextSequence)",
            "previous \(self.start.digest)", "last-block \(self.end.number)",
            "last-record \(self.end.nextSequence - 1)", "last \(self.end.digest)",
        ]
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    init(month: CivilMonth, firstSegment: Int, lastSegment: Int, start: Chain, end: Chain) {
        self.month = month
        self.firstSegment = firstSegment
        self.lastSegment = lastSegment
        self.start = start
        self.end = end
    }

    /// `nil` for anything that `bytes` would not write, and for a part without blocks.
    init?(_ bytes: [UInt8]) {
        var facts: [Substring: [Substring]] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { return nil }
            facts[name] = Array(words.dropFirst())
        }
        func number<Number: FixedWidthInteger>(_ name: Substring, _ place: Int = 0) -> Number? {
            guard let words = facts[name], words.indices.contains(place), let number = Number(words[place]),
                number >= 0, number < Number.max
            else { return nil }
            return number
        }
        func digest(_ name: Substring) -> Digest? { facts[name]?.first.flatMap { Digest(hex: String($0)) } }
        guard let month = facts["month"]?.first.flatMap({ CivilMonth(iso: $0) }),
            let firstSegment: Int = number("segments"), let lastSegment: Int = number("segments", 1),
            let firstBlock: Int64 = number("first-block"), let firstRecord: Int64 = number("first-record"),
            let lastBlock: Int64 = number("last-block"), let lastRecord: Int64 = number("last-record"),
            let previous = digest("previous"), let last = digest("last"), firstBlock <= lastBlock,
            firstSegment <= lastSegment
        else { return nil }
        self.init(
            month: month, firstSegment: firstSegment, lastSegment: lastSegment,
            start: Chain(number: firstBlock - 1, digest: previous, nextSequence: firstRecord),
            end: Chain(number: lastBlock, digest: last, nextSequence: lastRecord + 1)
        )
        guard self.bytes == bytes else { return nil }
    }
}
