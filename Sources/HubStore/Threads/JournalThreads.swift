internal import HubModel

/// The threads of one journal: what blocks never runs on the shared pool.
struct JournalThreads: Sendable {
    let writer: WorkerThread
    let projection: WorkerThread
    let checkpoints: WorkerThread
    let spool: WorkerThread
    /// For reading large payloads to their end.
    let large: WorkerThread
    /// For what takes long and nobody waits for.
    let upkeep: WorkerThread
    private let readers: [WorkerThread]

    /// - Throws: `journal.unavailable`.
    init() throws(HubError) {
        self.writer = try WorkerThread.start()
        self.projection = try WorkerThread.start()
        self.checkpoints = try WorkerThread.start()
        self.spool = try WorkerThread.start()
        self.large = try WorkerThread.start()
        self.upkeep = try WorkerThread.start()
        self.readers = [try WorkerThread.start(), try WorkerThread.start()]
    }

    /// Runs a question on the reader with the shorter queue.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable () throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        try await self.reader.run(body)
    }

    /// Runs `call` on the reader with the shorter queue.
    /// - Returns: `false` after the end.
    func performRead(_ call: @escaping @Sendable () -> Void) -> Bool { self.reader.perform(call) }

    private var reader: WorkerThread { self.readers.min { $0.waiting < $1.waiting } ?? self.spool }

    func stop() {
        let all = [self.writer, self.projection, self.checkpoints, self.spool, self.large, self.upkeep] + self.readers
        for thread in all { thread.stop() }
    }
}
