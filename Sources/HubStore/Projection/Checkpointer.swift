internal import GRDB
internal import HubModel
internal import Synchronization

/// Moves what the writer committed from the write-ahead log into the database, on a thread and a connection of its
/// own, so that the writer does not wait for it.
///
/// While the writer keeps writing, the log can never be emptied from here: there is always something newer. When it
/// has grown too long all the same, the writer is asked to copy the little that is left between two commits.
final class Checkpointer: Sendable {
    private struct State {
        var records = 0
        var isRunning = false
        var isLogLong = false
    }

    /// What a transaction writes besides its records, in records.
    private static let cost = 4
    /// Pages of the log (64 MB) above which the writer helps.
    private static let longLog = 16_384

    private let thread: WorkerThread
    private let interval: Int
    private let connection: DatabaseQueue
    private let state = Mutex(State())

    /// - Parameter interval: Records after which a checkpoint is worth its two syncs.
    /// - Throws: `journal.unavailable`.
    init(path: String, thread: WorkerThread, interval: Int) throws(HubError) {
        self.thread = thread
        self.interval = interval
        self.connection = try Projection.converting(path) {
            try DatabaseQueue(path: path, configuration: Projection.configuration())
        }
    }

    /// Tells of a commit; many small ones make the log as long as a few large ones.
    /// - Returns: Whether the writer should checkpoint now.
    func note(records: Int) -> Bool {
        let (starts, helps) = self.state.withLock { state in
            state.records += records + Self.cost
            let starts = !state.isRunning && state.records >= self.interval
            if starts {
                state.records = 0
                state.isRunning = true
            }
            let helps = state.isLogLong && !state.isRunning
            if helps { state.isLogLong = false }
            return (starts, helps)
        }
        if starts { self.thread.perform { self.checkpoint() } }
        return helps
    }

    /// Empties the log.
    ///
    /// Only for the end, when nobody writes any more.
    func finish() {
        _ = try? self.connection.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try? self.connection.close()
    }

    /// A checkpoint that fails costs disk space and nothing else; the next one tries again.
    private func checkpoint() {
        let result = try? self.connection.writeWithoutTransaction { try $0.checkpoint(.passive) }
        self.state.withLock { state in
            state.isRunning = false
            state.isLogLong = (result?.walFrameCount ?? 0) > Self.longLog
        }
    }
}
