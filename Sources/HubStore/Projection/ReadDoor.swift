private import Dispatch
internal import HubModel
internal import Synchronization

/// Keeps a database open while somebody reads from it.
///
/// GRDB 7 lets a read that waits for a connection go on with one that `close()` has closed meanwhile, which ends the process.
final class ReadDoor: Sendable {
    private struct State {
        var readers = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let empty = DispatchSemaphore(value: 0)

    /// - Throws: `journal.closed` after `close()`.
    func enter() throws(HubError) {
        let isOpen = self.state.withLock { state in
            if !state.isClosed { state.readers += 1 }
            return !state.isClosed
        }
        guard isOpen else { throw HubError(.journalClosed, "The journal is closed.") }
    }

    func leave() {
        let isLast = self.state.withLock { state in
            state.readers -= 1
            return state.isClosed && state.readers == 0
        }
        if isLast { self.empty.signal() }
    }

    /// Lets nobody in any more, and waits for those who are.
    func close() {
        let mustWait = self.state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed && state.readers > 0
        }
        if mustWait { self.empty.wait() }
    }
}
