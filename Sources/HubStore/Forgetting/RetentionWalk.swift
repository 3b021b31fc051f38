internal import HubCore
internal import HubModel

/// Goes through the messages that one period is for, from the oldest on, and no further than it must.
///
/// What it has passed is removed, or among those that wait for the end of a delivery; so an old message that never ends
/// keeps its own payload, and nobody else's.
struct RetentionWalk: Sendable {
    /// A message as the database has it.
    struct Row: Sendable {
        let sequence: Int64
        let message: AcceptedMessage
        let isUnfinished: Bool
        /// Where it stands.
        let segment: Int
        /// Whether the payload is in the spool.
        let isSpooled: Bool
    }

    /// What a run has decided about some rows.
    struct Decision: Sendable {
        var ranges: [ClosedRange<Int64>] = []
        var taken: [Row] = []
        /// Whether a message was met whose time has not come, so that what follows need not be looked at.
        var isOver = false
    }

    /// Messages that are passed and keep their payload for now; the walk goes no further when there are more.
    static let mostWaiting = 1 << 20

    /// `nil` for every type that has no period of its own.
    let type: MessageType?
    let period: Duration
    private let others: Set<MessageType>
    private(set) var next: Int64 = 0
    private(set) var waiting: Set<Int64> = []
    /// Where a range may begin: everything from there on to `next` is gone or never was a payload that this walk is for.
    private var open: Int64?

    init(_ type: MessageType?, period: Duration, others: Set<MessageType>) {
        self.type = type
        self.period = period
        self.others = others
    }

    /// - Returns: One walk for each period.
    static func all(_ policy: RetentionPolicy) -> [RetentionWalk] {
        let own = policy.payloadsByType.sorted { "\($0.key)" < "\($1.key)" }
            .map { RetentionWalk($0.key, period: $0.value, others: []) }
        let rest = policy.payloads.map {
            RetentionWalk(nil, period: $0, others: Set(policy.payloadsByType.keys))
        }
        return own + [rest].compactMap(\.self)
    }

    /// The day before which messages are old enough, by Viet Nam's clock.
    func day(_ now: Timestamp) -> CivilDate {
        CivilTime(now.advanced(by: .zero - self.period), offset: CivilTime.vietnamOffset).date
    }

    /// Leaves out what is before the first record of the journal: messages that outlived their month keep their payload.
    mutating func begin(at first: Int64) {
        self.next = max(self.next, first)
        if let open = self.open, open < first { self.open = nil }
        self.waiting = self.waiting.filter { $0 >= first }
    }

    /// Leaves out what earlier runs, perhaps before a restart, have removed.
    mutating func skip(_ cover: RemovalCover) {
        while let end = cover.end(of: self.next, self.type) {
            self.open = self.open ?? self.next
            self.next = end + 1
        }
    }

    /// Decides about the rows that come next.
    ///
    /// - Parameter day: Messages from this moment on stay.
    mutating func take(_ rows: [Row], before day: Timestamp, now: Timestamp, _ cover: RemovalCover)
        -> Decision
    {
        var decision = Decision()
        var isGrowing = false
        for row in rows {
            let message = row.message
            let isGone = message.size == 0 || cover.covers(row.sequence, message.type)
            if !isGone, self.means(message.type) {
                if message.receivedAt >= day,
                    message.receivedAt <= now || self.waiting.count >= Self.mostWaiting
                {
                    decision.isOver = true
                    return decision
                }
                // A time that is still to come is a clock that was wrong; it must not hold up the others.
                if message.receivedAt >= day || row.isUnfinished {
                    guard self.waiting.count < Self.mostWaiting else {
                        decision.isOver = true
                        return decision
                    }
                    self.waiting.insert(row.sequence)
                    (self.open, isGrowing) = (nil, false)
                } else {
                    let first = isGrowing ? decision.ranges.popLast()?.lowerBound : self.open
                    decision.ranges.append((first ?? row.sequence)...row.sequence)
                    decision.taken.append(row)
                    (self.open, isGrowing) = (row.sequence + 1, true)
                }
            } else if row.isUnfinished || !isGone && self.type == nil {
                // A range must not cover what stays, nor what is under way again without its payload.
                (self.open, isGrowing) = (nil, false)
            }
            self.next = row.sequence + 1
        }
        return decision
    }

    /// Decides about those that were passed before, in their order.
    mutating func takeWaiting(_ rows: [Row], before day: Timestamp) -> Decision {
        var decision = Decision()
        for row in rows where !row.isUnfinished && row.message.receivedAt < day {
            if let last = decision.ranges.last, last.upperBound == row.sequence - 1 {
                decision.ranges[decision.ranges.count - 1] = last.lowerBound...row.sequence
            } else {
                decision.ranges.append(row.sequence...row.sequence)
            }
            decision.taken.append(row)
            self.waiting.remove(row.sequence)
        }
        return decision
    }

    /// Looks at these again the next time.
    mutating func putBack(_ rows: [Row]) {
        self.waiting.formUnion(rows.map(\.sequence))
        self.open = nil
    }

    private func means(_ type: MessageType) -> Bool {
        self.type.map { $0 == type } ?? !self.others.contains(type)
    }
}
