internal import HTTPTypes
internal import HubCore
internal import HubModel
internal import Hummingbird
internal import Synchronization

/// Bounds the memory that bodies under way may hold: those that are held whole with their length, larger ones with what is
/// held of them at most, so that many uploads at once cannot exhaust the machine.
public final class BodyBudget: Sendable {
    /// Bytes of one body.
    let bodyLimit: Int
    /// In which a body must have come; one second more for every 64 KB of it.
    let bodyTime: Duration
    private let total: Int
    private let reserved = Mutex(0)

    /// - Parameters:
    ///   - bodyLimit: Bytes of one body.
    ///   - bodyTime: In which a body must have come; one second more for every 64 KB of it.
    ///   - total: Bytes of all bodies under way; raised to `bodyLimit` when it is less.
    public init(bodyLimit: Int, bodyTime: Duration, total: Int) {
        self.bodyLimit = bodyLimit
        self.bodyTime = bodyTime
        self.total = max(total, bodyLimit)
    }

    /// Reads the whole body of a request and keeps its share of the memory reserved while `work` runs.
    ///
    /// A body whose length is not announced counts with the limit.
    ///
    /// - Parameter large: Where a body goes that is too large to be held; `nil` when none may be.
    /// - Throws: `intake.too_large`, `intake.timeout`, `intake.overloaded` when too much is under way, what `work`
    ///   throws.
    func withBody<Value>(
        of request: Request, large: PayloadCollector.Reception?, _ work: (Payload) async throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        let limit = large == nil ? min(self.bodyLimit, Payload.longestWhole) : self.bodyLimit
        let announced = max(0, try request.announcedLength(upTo: limit) ?? 0)
        // Of a large body little is held while it comes in; one that says nothing may be any.
        let share = announced > Payload.longestWhole ? Self.largeShare : min(announced == 0 ? limit : announced, Payload.longestWhole)
        var held = 0
        defer { self.reserved.withLock { $0 -= held } }
        try self.reserve(share, &held)
        let payload = try await request.payload(upTo: limit, within: self.bodyTime, large: large)
        // What an unannounced body did not need is for others while this one is worked on.
        try self.reserve(min(payload.count, Payload.longestWhole), &held)
        return try await work(payload)
    }

    /// Of a large body while it comes in.
    private static let largeShare = 1 << 20

    /// Changes what is held to `count`.
    private func reserve(_ count: Int, _ held: inout Int) throws(HubError) {
        let more = count - held
        let fits = self.reserved.withLock { reserved in
            guard more <= 0 || reserved + more <= self.total else { return false }
            reserved += more
            return true
        }
        guard fits else {
            throw HubError(
                .intakeOverloaded, "Too many large messages are being received; try again shortly.",
                details: [ErrorDetail("allowed-bytes", self.total)]
            )
        }
        held = count
    }

    static func tooLarge(_ limit: Int) -> HubError {
        HubError(
            .intakeTooLarge, "The body is larger than is allowed here.", details: [ErrorDetail("allowed-bytes", limit)]
        )
    }
}
