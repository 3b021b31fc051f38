public import HubModel

/// Whose payloads are to be removed, who says so, and why.
public struct ForgettingPolicy: Sendable {
    /// Payloads of messages accepted on this day or later, by Viet Nam's clock, stay.
    public var before: CivilDate
    /// Only of this type; of every type when it is `nil`.
    public var type: MessageType?
    /// Stands in the chain for ever.
    public var actor: String
    /// Stands in the chain for ever.
    public var reason: String

    public init(before: CivilDate, type: MessageType? = nil, actor: String, reason: String) {
        self.before = before
        self.type = type
        self.actor = actor
        self.reason = reason
    }
}

/// What was removed, and what was not.
public struct ForgettingReport: Sendable, Hashable {
    /// Messages whose payload is gone now.
    public internal(set) var messages = 0
    /// Of these payloads.
    public internal(set) var bytes = 0
    /// Messages that the policy means and that keep their payload, since a delivery of theirs has not ended.
    public internal(set) var unfinished = 0
    /// Messages that the policy means and that keep their payload until their segment is full or its month is over.
    public internal(set) var inOpenSegment = 0
    /// The sequence numbers of the records that say so.
    public internal(set) var records: [Int64] = []
    /// Segments that were written anew.
    public internal(set) var segments = 0
    /// Files that were removed from the spool.
    public internal(set) var files = 0
}
