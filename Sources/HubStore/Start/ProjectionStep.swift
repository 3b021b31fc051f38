private import Dispatch
internal import HubModel
internal import Synchronization

/// One transaction of a database that catches up, on another thread: the next blocks are read meanwhile.
final class ProjectionStep: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<ProjectionWriter, HubError>?>(nil)

    /// - Parameter checkpoint: The database whose log is copied back afterwards.
    init(
        _ blocks: [ProjectionWriter.Block], by writer: ProjectionWriter, on thread: WorkerThread,
        checkpoint: Projection? = nil
    ) {
        let isTaken = thread.perform {
            var writer = writer
            do throws(HubError) {
                try writer.apply(blocks)
                checkpoint?.checkpoint()
                self.result.withLock { $0 = .success(writer) }
            } catch {
                self.result.withLock { $0 = .failure(error) }
            }
            self.done.signal()
        }
        if !isTaken { self.done.signal() }
    }

    /// Waits for its end, once.
    /// - Returns: What writes the next step.
    /// - Throws: `journal.unavailable`, `journal.damaged`, `journal.closed`.
    func finish() throws(HubError) -> ProjectionWriter {
        self.done.wait()
        guard let result = self.result.withLock({ $0 }) else {
            throw HubError(.journalClosed, "The journal is closed.")
        }
        return try result.get()
    }
}
