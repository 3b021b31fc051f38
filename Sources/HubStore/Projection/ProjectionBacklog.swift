internal import Dispatch
internal import HubCore
internal import HubModel
internal import Synchronization

/// Blocks that are on disk and not in the database yet.
///
/// Callers are answered as soon as their block is synced, so whoever reads the database waits here until it holds all
/// that was answered before. Bounded: the writer waits when the database falls behind by more. While nobody waits, blocks
/// may gather: a transaction costs the same dozen pages for one record as for many.
final class ProjectionBacklog: Sendable {
    private struct State {
        var waiting: [ProjectionWriter.Block] = []
        /// Records in them.
        var size = 0
        /// Whether the thread that applies them is held until there are more.
        var isGathering = false
        /// Transactions that are not put off, since somebody waited for one lately and will again.
        var prompt = 0
        /// Whether somebody is applying blocks, or is about to.
        var isBusy = false
        var identities: Set<IdentityKey> = []
        var ids: Set<MessageID> = []
        /// Sequence numbers below which records are on disk, and in the database.
        var (committed, applied): (Int64, Int64)
        var expected: [(through: Int64, call: @Sendable () -> Void)] = []
        /// Nothing more is applied; readers see what there is.
        var isOver = false
    }

    /// Records that the database may be behind.
    private let limit: Int64
    /// Transactions that somebody waits for will be followed by others.
    private static let promptness = 8
    /// Records that need not wait for more.
    private let enough: Int
    private let state: Mutex<State>
    private let gathered = DispatchSemaphore(value: 0)

    /// - Parameter next: The sequence number of the next record; the database holds those below.
    init(next: Int64, limit: Int, enough: Int) {
        self.limit = Int64(limit)
        self.enough = enough
        self.state = Mutex(State(committed: next, applied: next))
    }

    /// Takes in a block that is on disk.
    /// - Returns: Whether the caller must see to it that blocks are applied.
    func add(_ block: ProjectionWriter.Block) -> Bool {
        self.state.withLock { state in
            guard !state.isOver else { return false }
            state.committed = block.chain.nextSequence
            for subject in block.records.lazy.compactMap(\.subject) {
                state.identities.insert(subject.identity)
                state.ids.insert(subject.id)
            }
            state.waiting.append(block)
            state.size += block.records.count
            if state.size >= self.enough { self.goOn(&state) }
            defer { state.isBusy = true }
            return !state.isBusy
        }
    }

    /// Holds the thread that applies blocks until there are enough, somebody waits for those there are, or `patience` is over.
    func gather(for patience: DispatchTimeInterval) {
        let isHeld = self.state.withLock { state in
            guard !state.waiting.isEmpty, !state.isOver else { return false }
            if state.prompt > 0 {
                state.prompt -= 1
                return false
            }
            state.isGathering = state.size < self.enough && state.expected.isEmpty
            return state.isGathering
        }
        guard isHeld, self.gathered.wait(timeout: .now() + patience) == .timedOut else { return }
        let isTold = self.state.withLock { state in
            defer { state.isGathering = false }
            return !state.isGathering
        }
        // Told just then: the next one must not take it for its own.
        if isTold { self.gathered.wait() }
    }

    private func goOn(_ state: inout State) {
        guard state.isGathering else { return }
        state.isGathering = false
        self.gathered.signal()
    }

    /// The blocks to be applied next; none when whoever applies them may rest.
    func take(atMost records: Int) -> [ProjectionWriter.Block] {
        self.state.withLock { state in
            var (count, size) = (0, 0)
            while count < state.waiting.count, count == 0 || size + state.waiting[count].records.count <= records {
                size += state.waiting[count].records.count
                count += 1
            }
            let blocks = Array(state.waiting[..<count])
            state.waiting.removeFirst(count)
            state.size -= size
            state.isBusy = !blocks.isEmpty && !state.isOver
            return state.isOver ? [] : blocks
        }
    }

    /// Says that the database holds these blocks.
    func applied(_ blocks: [ProjectionWriter.Block]) {
        guard let last = blocks.last else { return }
        let calls = self.state.withLock { state in
            for subject in blocks.lazy.flatMap(\.records).compactMap(\.subject) {
                state.identities.remove(subject.identity)
                state.ids.remove(subject.id)
            }
            state.applied = last.chain.nextSequence
            return Self.due(&state)
        }
        for call in calls { call() }
    }

    /// Whether nothing more is applied.
    var isOver: Bool { self.state.withLock { $0.isOver } }

    /// Ends it: what waits is left to the next start.
    func end() {
        let calls = self.state.withLock { state in
            state.isOver = true
            (state.waiting, state.size) = ([], 0)
            self.goOn(&state)
            return Self.due(&state)
        }
        for call in calls { call() }
    }

    private static func due(_ state: inout State) -> [@Sendable () -> Void] {
        guard !state.expected.isEmpty else { return [] }
        let (applied, isOver) = (state.applied, state.isOver)
        let due = state.expected.filter { isOver || $0.through <= applied }
        state.expected.removeAll { isOver || $0.through <= applied }
        return due.map(\.call)
    }

    /// For each message, whether one with its identity or id is on its way; what is not may stand in the database.
    func mayHold(_ messages: [ProjectionWriter.Subject]) -> [Bool] {
        self.state.withLock { state in
            messages.map { state.identities.contains($0.identity) || state.ids.contains($0.id) }
        }
    }

    // MARK: Waiting

    /// Waits until the database holds everything that was on disk when this was called.
    func settled() async {
        // Mostly nothing is on its way, and then nobody is suspended.
        guard self.state.withLock({ !$0.isOver && $0.applied < $0.committed }) else { return }
        await withCheckedContinuation { continuation in
            self.call(behind: 0) { continuation.resume() }
        }
    }

    /// Holds the calling thread until the database holds everything.
    /// - Throws: `journal.unavailable` when it never will, because it refused a block.
    func waitUntilSettled() throws(HubError) {
        self.wait(behind: 0)
        guard self.state.withLock({ $0.applied == $0.committed }) else {
            throw HubError(
                .journalUnavailable, "The database of the journal does not follow. See the cause, then start the hub again.")
        }
    }

    /// Holds the calling thread until the database holds what is on disk now, whatever comes behind it.
    /// - Returns: `false` when it never will.
    func waitForWhatIs() -> Bool {
        let through = self.state.withLock { $0.committed }
        self.wait(behind: 0)
        return self.state.withLock { $0.applied >= through }
    }

    /// Holds the calling thread while the database is too far behind.
    func waitForRoom() { self.wait(behind: self.limit) }

    private func wait(behind records: Int64) {
        guard self.state.withLock({ !$0.isOver && $0.applied < $0.committed - records }) else { return }
        let done = DispatchSemaphore(value: 0)
        self.call(behind: records) { done.signal() }
        done.wait()
    }

    private func call(behind records: Int64, _ call: @escaping @Sendable () -> Void) {
        let isDue = self.state.withLock { state in
            let through = state.committed - records
            guard !state.isOver, state.applied < through else { return true }
            state.expected.append((through, call))
            state.prompt = Self.promptness
            self.goOn(&state)
            return false
        }
        if isDue { call() }
    }
}
