internal import DequeModule
internal import HubCore
internal import HubModel
internal import Synchronization

/// A record whose caller waits for the disk.
final class Waiter: Sendable {
    let content: ProjectionWriter.Record
    /// The leaf hash of the encoded record, made on the caller's thread.
    let leaf: Digest
    /// The payload that goes into the block.
    let payload: [UInt8]?
    /// Told once what came of it.
    let answer: @Sendable (Result<AppendResult, HubError>) -> Void

    init(
        _ record: JournalRecord, payload: [UInt8]?, isSpooled: Bool,
        answer: @escaping @Sendable (Result<AppendResult, HubError>) -> Void
    ) {
        self.content = ProjectionWriter.Record(record: record, bytes: record.bytes, isSpooled: isSpooled)
        self.leaf = MerkleTree.leaf(self.content.bytes)
        self.payload = payload
        self.answer = answer
    }

    var record: JournalRecord { self.content.record }
    var bytes: [UInt8] { self.content.bytes }

    /// Whether it says what became of an attempt to deliver.
    var isOutcome: Bool {
        if case .delivery = self.record { true } else { false }
    }

    var size: Int { self.bytes.count + (self.payload?.count ?? 0) }
}

/// What waits for the writer.
///
/// Bounded; closed for good by the first fault. The outcome of a delivery is taken above the bound as well: it is
/// not new work but the end of old work, there are no more of them than workers that deliver, and one that is refused
/// means that the receiver gets the message again.
final class Inbox: Sendable {
    private struct State {
        var waiting: Deque<Waiter> = []
        /// Whether the writer knows that something waits.
        var isAwake = false
        var fault: HubError?
    }

    enum Answer {
        case queued
        /// The caller must wake the writer.
        case first
        case refused(HubError)
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ waiters: [Waiter]) -> Answer {
        self.state.withLock { state in
            if let fault = state.fault { return .refused(fault) }
            guard state.waiting.count < self.limit || waiters.allSatisfy(\.isOutcome) else {
                return .refused(
                    HubError(
                        .journalOverloaded, "Too many messages wait to be written; try again shortly.",
                        details: [ErrorDetail("waiting", state.waiting.count)]
                    )
                )
            }
            state.waiting.append(contentsOf: waiters)
            defer { state.isAwake = true }
            return state.isAwake ? .queued : .first
        }
    }

    /// The next batch: whatever has gathered, within the bounds.
    ///
    /// Empty when the writer may rest.
    func take(atMost count: Int, bytes: Int) -> [Waiter] {
        self.state.withLock { state in
            var batch: [Waiter] = []
            batch.reserveCapacity(min(count, state.waiting.count))
            var size = 0
            while batch.count < count, let next = state.waiting.first,
                batch.isEmpty || size + next.size <= bytes
            {
                size += next.size
                batch.append(next)
                state.waiting.removeFirst()
            }
            state.isAwake = !batch.isEmpty
            return batch
        }
    }

    /// Refuses everything from now on.
    ///
    /// The first reason stays.
    ///
    /// - Returns: Those who waited.
    func close(_ fault: HubError) -> [Waiter] {
        self.state.withLock { state in
            if state.fault == nil { state.fault = fault }
            defer { state.waiting.removeAll() }
            return Array(state.waiting)
        }
    }

    /// Refuses everything from now on, because what the disk holds is no longer known, or the database cannot follow.
    ///
    /// - Parameter batch: Those who were taken out and not answered.
    func fail(_ error: HubError, _ batch: [Waiter] = []) {
        let fault =
            error.code == .journalUnavailable
            ? error
            : HubError(
                .journalUnavailable,
                "The journal cannot be written; nothing was accepted. See the cause, then start the hub again.",
                details: [ErrorDetail("because", error.code.rawValue)] + error.details, cause: error
            )
        for waiter in batch + self.close(fault) { waiter.answer(.failure(fault)) }
    }

    /// Refuses what is new, but keeps what waits for the writer.
    func refuseNew(_ fault: HubError) {
        self.state.withLock { state in
            if state.fault == nil { state.fault = fault }
        }
    }

    var fault: HubError? { self.state.withLock { $0.fault } }
    var waiting: Int { self.state.withLock { $0.waiting.count } }
}
