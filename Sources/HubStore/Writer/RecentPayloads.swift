internal import DequeModule
internal import HubModel
internal import Synchronization

/// The payloads accepted last, as their senders' digests were checked over them.
///
/// What is delivered at once need not be looked for, read and hashed again. Bounded in bytes; the oldest goes first.
final class RecentPayloads: Sendable {
    private struct State {
        var payloads: [MessageID: [UInt8]] = [:]
        var order: Deque<MessageID> = []
        var bytes = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    func keep(_ payload: [UInt8], of id: MessageID) {
        guard payload.count <= self.limit else { return }
        self.state.withLock { state in
            guard state.payloads[id] == nil else { return }
            state.payloads[id] = payload
            state.order.append(id)
            state.bytes += payload.count
            while state.bytes > self.limit, let oldest = state.order.popFirst() {
                state.bytes -= state.payloads.removeValue(forKey: oldest)?.count ?? 0
            }
        }
    }

    /// For payloads that must not be seen any more.
    func removeAll() {
        self.state.withLock { $0 = State() }
    }

    func payloads(of ids: [MessageID]) -> [[UInt8]?] {
        self.state.withLock { state in ids.map { state.payloads[$0] } }
    }
}
