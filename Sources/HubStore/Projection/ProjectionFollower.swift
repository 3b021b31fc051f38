private import Dispatch
internal import HubCore
internal import HubModel

/// Brings the database up to date behind the writer, on a thread of its own.
///
/// What has gathered while a transaction ran shares the next one, so the database keeps up the better the further it is
/// behind; while nobody waits for it, a transaction is put off until it is worth its pages.
actor ProjectionFollower {
    /// How long the database may stay behind when nobody asks it.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    private let thread: WorkerThread
    private let backlog: ProjectionBacklog
    private let projection: Projection
    private let checkpointer: Checkpointer
    private let most: Int
    /// Told when the database refuses a block. What is on disk stays accepted, and the next start applies it.
    private let failed: @Sendable (HubError) -> Void
    private var writer: ProjectionWriter

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.thread.asUnownedSerialExecutor() }

    /// - Parameter most: Records of one transaction, unless a single block has more.
    init(
        thread: WorkerThread, backlog: ProjectionBacklog, projection: Projection, writer: sending ProjectionWriter,
        checkpointer: Checkpointer, most: Int, failed: @escaping @Sendable (HubError) -> Void
    ) {
        self.thread = thread
        self.backlog = backlog
        self.projection = projection
        self.writer = writer
        self.checkpointer = checkpointer
        self.most = most
        self.failed = failed
    }

    /// Takes in a block that is on disk; readers wait for it from now on.
    /// - Returns: Whether `start()` must be called.
    nonisolated func add(_ block: ProjectionWriter.Block) -> Bool { self.backlog.add(block) }

    /// Applies what was taken in.
    nonisolated func start() {
        self.thread.perform { self.assumeIsolated { $0.drain() } }
    }

    private func drain() {
        while true {
            self.backlog.gather(for: Self.patience)
            let blocks = self.backlog.take(atMost: self.most)
            guard !blocks.isEmpty else { return }
            do throws(HubError) {
                try self.writer.apply(blocks)
            } catch {
                // In this order: what is committed behind the end would be in neither backlog nor database.
                self.failed(error)
                return self.backlog.end()
            }
            self.backlog.applied(blocks)
            if self.checkpointer.note(records: blocks.reduce(0) { $0 + $1.records.count }) {
                self.projection.checkpoint()
            }
        }
    }
}
