internal import HubCore
internal import HubModel

/// Writes the chain: the only one who does, on a thread of its own.
///
/// Records that arrive while a block is being written share the next one, so blocks grow with the load; under load the
/// writer also waits a little for more, but a lone record never waits for company. The order of effects is: block
/// written and synced, block on its way into the projection, callers answered.
actor JournalWriter {
    /// Months that go, or are gone.
    struct Closed: Sendable {
        /// No delivery of a message below it begins anew,
        var before: Int64
        /// but of these, which outlive their month.
        var sparing: Set<Int64> = []
    }

    private let configuration: JournalConfiguration
    private let thread: WorkerThread
    private let inbox: Inbox
    private let earlier: EarlierMessages
    private let backlog: ProjectionBacklog
    private let follower: ProjectionFollower
    private var segment: SegmentWriter
    private var chain: Chain
    private var closed: Closed
    private var buffer: [UInt8] = []
    /// Records of a block among which its signature and its sync are no matter.
    private static let worthwhile = 64
    /// When the last block was begun, and for how many callers.
    private var last: (start: ContinuousClock.Instant, records: Int) = (.now, 0)
    /// Records of a block whose callers came one by one.
    private static let few = 4
    /// How many such blocks came one after the other.
    private var small = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.thread.asUnownedSerialExecutor() }

    init(
        configuration: JournalConfiguration, thread: WorkerThread, inbox: Inbox, earlier: sending EarlierMessages,
        backlog: ProjectionBacklog, follower: ProjectionFollower, segment: sending SegmentWriter, chain: Chain,
        closed: Closed
    ) {
        self.configuration = configuration
        self.thread = thread
        self.inbox = inbox
        self.earlier = earlier
        self.backlog = backlog
        self.follower = follower
        self.segment = segment
        self.chain = chain
        self.closed = closed
    }

    /// Lets no delivery of a message below `end` begin anew from now on, but of those that have one which has not ended.
    ///
    /// Must be called on the writer's thread.
    ///
    /// - Returns: What was before, for `reopen(_:)`, and what is now.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func close(before end: Int64) throws(HubError) -> (before: Closed, now: Closed) {
        let before = self.closed
        self.closed = Closed(before: max(before.before, end), sparing: try self.earlier.unfinished(before: end))
        return (before, self.closed)
    }

    /// Takes back what `close(before:)` did.
    ///
    /// Must be called on the writer's thread.
    func reopen(_ closed: Closed) { self.closed = closed }

    /// Queues records; their callers are answered when they are on disk, or refused.
    nonisolated func add(_ waiters: [Waiter]) {
        switch self.inbox.add(waiters) {
        case .queued: break
        case .first: self.thread.perform { self.assumeIsolated { $0.drain() } }
        case .refused(let error): for waiter in waiters { waiter.answer(.failure(error)) }
        }
    }

    /// Writes until nothing waits.
    ///
    /// Must be called on the writer's thread.
    ///
    /// - Parameter isLast: Whether it must be done when this returns.
    func drain(isLast: Bool = false) {
        while true {
            self.gather()
            let batch = self.inbox.take(
                atMost: self.configuration.maxBatch, bytes: self.configuration.maxBatchBytes
            )
            guard !batch.isEmpty else { return self.prepare() }
            self.commit(batch)
            // Under a load that never ends, whoever else needs this thread has a turn between two blocks.
            if !isLast, self.thread.waiting > 0, self.thread.perform({ self.assumeIsolated { $0.drain() } }) { return }
        }
    }

    /// Lets more records come when many are coming.
    ///
    /// A block costs a signature, a sync and a transaction, whatever it holds. When this block and the one before
    /// share the bound of `gather`, and there is more than one caller to be seen, a part of it is waited, and another
    /// as long as the last brought someone. One caller after the other never waits, and nobody once the block is as large
    /// as the one before and worth its cost: those who were answered are here again.
    private func gather() {
        let waiting = self.inbox.waiting
        let pause = self.configuration.gather / 4
        var left = self.configuration.gather - self.last.start.duration(to: .now)
        guard waiting > 0, waiting + self.last.records > 2, left > .zero else { return }
        let enough = min(max(Self.worthwhile, self.last.records), self.configuration.maxBatch)
        var seen = 0
        while left > .zero, case let now = self.inbox.waiting, now > seen, now < enough {
            seen = now
            WorkerThread.pause(for: min(left, now < Self.worthwhile / 2 ? pause : pause / 4))
            left = self.configuration.gather - self.last.start.duration(to: .now)
        }
    }

    /// Makes the next sync cheap while nobody waits for this one.
    ///
    /// Only when callers come one by one: under a load the disk has better to do. A file whose sync failed is not touched.
    private func prepare() {
        guard self.small > 1, self.inbox.fault == nil else { return }
        do throws(HubError) {
            try self.segment.prepare()
        } catch {
            self.inbox.fail(error)
        }
    }

    private func commit(_ batch: [Waiter]) {
        self.last = (.now, batch.count)
        self.small = batch.count > Self.few ? 0 : self.small + 1
        let plan: BatchPlan
        let block: SignedBlock
        let location: BlockLocation
        do throws(HubError) {
            plan = try BatchPlan(batch, self.earlier, self.closed)
            guard !plan.isEmpty else { return plan.answer(batch, with: nil) }
            block = try SignedBlock(plan.leaves.map { batch[$0].leaf }, after: self.chain, self.configuration)
            location = try self.write(block, plan.leaves.map { batch[$0] })
        } catch  where error.code == .journalOverloaded {
            // Nothing was written, so this batch alone is refused.
            for waiter in batch { waiter.answer(.failure(error)) }
            return
        } catch {
            return self.inbox.fail(error, batch)
        }
        let isIdle = self.follower.add(
            ProjectionWriter.Block(
                chain: self.chain, location: location, firstSequence: block.header.firstSequence,
                records: plan.leaves.map { batch[$0].content }
            )
        )
        self.earlier.accepted(plan.leaves.lazy.compactMap { batch[$0].content.subject })
        // Before the database has the processor: who waits for an answer goes first.
        plan.answer(batch, with: block)
        if isIdle { self.follower.start() }
        self.backlog.waitForRoom()
    }

    /// Lets go of what it reads with.
    func close() { self.earlier.close() }

    private func write(_ block: SignedBlock, _ waiters: [Waiter]) throws(HubError) -> BlockLocation {
        BlockLayout.encode(
            waiters.map { BlockLayout.Entry(record: $0.bytes, payload: $0.payload) }, header: block.bytes,
            signature: block.signature, key: block.key, into: &self.buffer
        )
        let location = try self.segment.append(
            self.buffer, number: block.header.number, time: block.header.time
        )
        self.chain = self.chain.extended(by: block.header, digest: block.digest)
        // A rare large block should not keep its memory for good.
        if self.buffer.capacity > 2 * self.configuration.maxBatchBytes { self.buffer = [] }
        return location
    }
}
