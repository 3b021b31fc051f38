private import Dispatch
public import HubCore
public import HubModel
internal import Synchronization

/// The journal on disk: a chain of signed blocks in segments, and a database that answers questions about them.
///
/// The segments are the truth; `docs/journal-format.md` describes them well enough to be read by another program.
/// The database is made anew from them when it is lost. Close a journal with `close()`; one that is only let go
/// behaves as after a crash, which is to say that nothing is lost.
public final class SegmentJournal: Journal {
    /// What was found on disk.
    public let startReport: StartReport
    let configuration: JournalConfiguration
    private let lock: Mutex<FolderLock?>
    let threads: JournalThreads
    let files: SegmentFiles
    private let start: Mutex<JournalBase?>
    let spool: Spool
    let projection: Projection
    let recent: RecentPayloads
    let payloads: PayloadDesk
    let claims = SpoolClaims()
    let room: SpoolRoom
    let isSigned: JournalConfiguration.Verifier?
    /// Payloads in the spool of which the database knew no message at the start.
    let orphans: Set<Digest>
    let backlog: ProjectionBacklog
    private let checkpointer: Checkpointer
    private let inbox: Inbox
    let writer: JournalWriter

    /// Where the journal begins; `nil` for its first block.
    var base: JournalBase? { self.start.withLock { $0 } }
    var folder: String { self.configuration.folder }
    var disk: DiskCalls { self.configuration.disk }
    var clock: any HubClock { self.configuration.clock }

    private init(_ configuration: JournalConfiguration, lock: FolderLock, threads: JournalThreads)
        throws(HubError)
    {
        var start = try JournalStart(configuration, applying: threads.projection)
        let segment = try start.run()
        self.configuration = configuration
        self.isSigned = configuration.isSigned
        self.lock = Mutex(lock)
        self.threads = threads
        self.startReport = start.report
        self.orphans = start.orphans
        self.files = start.files
        self.start = Mutex(start.base)
        self.spool = Spool(folder: configuration.spoolFolder, disk: configuration.disk)
        self.room = SpoolRoom(folder: configuration.folder)
        self.projection = start.projection
        let checkpointer = try Checkpointer(
            path: configuration.projectionPath, thread: threads.checkpoints, interval: configuration.checkpointLength)
        let backlog = ProjectionBacklog(
            next: start.chain.nextSequence, limit: configuration.maxBehind,
            enough: min(configuration.transactionLength, configuration.catchUpLength))
        let inbox = Inbox(limit: configuration.maxWaiting)
        self.checkpointer = checkpointer
        self.backlog = backlog
        self.inbox = inbox
        self.recent = RecentPayloads(limit: configuration.recentBytes)
        self.payloads = PayloadDesk(threads: threads, projection: self.projection, files: self.files, spool: self.spool)
        let projection = start.projection
        let earlier = try EarlierMessages(projection, backlog, on: threads.upkeep)
        earlier.start()
        let closed = try start.base.map { base throws(HubError) in
            JournalWriter.Closed(before: base.chain.nextSequence, sparing: try projection.carried(base))
        }
        self.writer = JournalWriter(
            configuration: configuration, thread: threads.writer, inbox: inbox,
            earlier: earlier, backlog: backlog,
            follower: ProjectionFollower(
                thread: threads.projection, backlog: backlog, projection: start.projection,
                writer: start.projectionWriter, checkpointer: checkpointer, most: configuration.catchUpLength
            ) { inbox.fail($0) },
            segment: segment, chain: start.chain, closed: closed ?? JournalWriter.Closed(before: 0)
        )
    }

    deinit {
        // What waits is the next start's, which may come at once.
        self.backlog.end()
        self.threads.stop()
    }

    /// Whether it takes records.
    var isOpen: Bool { self.inbox.fault == nil }

    /// Begins where the base, which is on disk, says.
    func begin(with base: JournalBase) {
        self.files.begin(with: base.firstSegment)
        self.start.withLock { $0 = base }
    }

    /// Opens a journal, makes it when there is none, and repairs what a crash left.
    ///
    /// - Throws: `configuration.invalid`, `journal.unavailable` if another hub has it or the disk refuses,
    ///   `journal.damaged` naming segment and offset, `journal.overloaded` when the system has no open file left.
    public static func open(_ configuration: JournalConfiguration) async throws(HubError) -> SegmentJournal {
        try configuration.validate()
        let threads = try JournalThreads()
        do throws(HubError) {
            return try await threads.writer.run { () throws(HubError) in
                try Folder.make(configuration.folder, with: configuration.disk)
                let lock = try FolderLock(configuration.lockPath, folder: configuration.folder)
                return try SegmentJournal(configuration, lock: lock, threads: threads)
            }
        } catch {
            threads.stop()
            throw error
        }
    }

    /// Refuses what is new with `journal.closed`, writes what waits, and gives the folder back.
    public func close() async {
        self.inbox.refuseNew(HubError(.journalClosed, "The journal is closed."))
        let writer = self.writer
        let checkpointer = self.checkpointer
        let projection = self.projection
        // A segment that is being written anew must be done before another hub may open the folder.
        _ = try? await self.threads.upkeep.run { () throws(HubError) in }
        // Behind every commit that is under way.
        _ = try? await self.threads.writer.run { () throws(HubError) in
            writer.assumeIsolated { $0.drain(isLast: true) }
        }
        await self.backlog.settled()
        // Who waits for the last transaction is let go before it asks for its checkpoint.
        _ = try? await self.threads.projection.run { () throws(HubError) in }
        _ = try? await self.threads.writer.run { () throws(HubError) in
            writer.assumeIsolated { $0.close() }
        }
        _ = try? await self.threads.checkpoints.run { () throws(HubError) in
            projection.close()
            checkpointer.finish()
        }
        self.threads.stop()
        self.lock.withLock { $0 = nil }
    }

    /// Lets go of everything as a crash would: nothing is flushed, nobody is answered.
    ///
    /// A transaction of the database that is under way is waited for: a process that ends takes it along, and here
    /// another journal may be opened at once.
    package func abandon() {
        self.backlog.end()
        let done = DispatchSemaphore(value: 0)
        self.threads.projection.perform { done.signal() }
        done.wait()
        for waiter in self.inbox.close(HubError(.journalClosed, "The journal was abandoned.")) {
            waiter.answer(.failure(HubError(.journalClosed, "The journal was abandoned.")))
        }
        self.threads.stop()
        self.lock.withLock { $0 = nil }
    }

    public func append(_ record: JournalRecord, payload: [UInt8]?) async throws(HubError) -> AppendResult {
        try Self.check(record, payload?.count)
        if let fault = self.inbox.fault { throw fault }
        if case .accepted(let message) = record, let payload, payload.count > self.configuration.spoolThreshold {
            return try await self.append(message) { spool throws(HubError) in try spool.store(payload, message.digest) }
        }
        let result = await self.write(record, payload: payload, isSpooled: false)
        if case .accepted(let message) = record, let payload, case .success(.committed) = result {
            self.recent.keep(payload, of: message.id)
        }
        return try result.get()
    }

    /// Appends a message whose payload goes into the spool first.
    func append(
        _ message: AcceptedMessage, storing store: @escaping @Sendable (Spool) throws(HubError) -> Void
    ) async throws(HubError) -> AppendResult {
        if let fault = self.inbox.fault { throw fault }
        if let repeated = try await self.repeated(message) { return repeated }
        self.claims.add(message.digest)
        do throws(HubError) {
            try await self.store(store)
        } catch {
            self.claims.remove(message.digest)
            throw error
        }
        let result = await self.write(.accepted(message), payload: nil, isSpooled: true)
        // From here on the database says that the file is needed.
        await self.backlog.settled()
        self.claims.remove(message.digest)
        return try result.get()
    }

    private func write(
        _ record: JournalRecord, payload: [UInt8]?, isSpooled: Bool
    ) async -> Result<AppendResult, HubError> {
        await withCheckedContinuation { continuation in
            self.writer.add([
                Waiter(record, payload: payload, isSpooled: isSpooled) { continuation.resume(returning: $0) }
            ])
        }
    }

    public func record(_ outcomes: [DeliveryEvent]) async throws(HubError) {
        guard !outcomes.isEmpty else { return }
        let result: Result<Void, HubError> = await withCheckedContinuation { continuation in
            let answers = Answers(outcomes.count) { continuation.resume(returning: $0) }
            self.writer.add(
                outcomes.map { outcome in
                    Waiter(.delivery(outcome), payload: nil, isSpooled: false) { answers.take($0) }
                }
            )
        }
        try result.get()
    }

    /// Answers one caller for several records, when the last of them is written.
    private final class Answers: Sendable {
        private let state: Mutex<(left: Int, fault: HubError?)>
        private let answer: @Sendable (Result<Void, HubError>) -> Void

        init(_ count: Int, _ answer: @escaping @Sendable (Result<Void, HubError>) -> Void) {
            self.state = Mutex((count, nil))
            self.answer = answer
        }

        func take(_ result: Result<AppendResult, HubError>) {
            let (left, fault) = self.state.withLock { state in
                if case .failure(let error) = result { state.fault = error }
                state.left -= 1
                return state
            }
            if left == 0 { self.answer(fault.map { .failure($0) } ?? .success(())) }
        }
    }

    public func health() async -> JournalHealth {
        JournalHealth(
            fault: self.inbox.fault, waiting: self.inbox.waiting,
            freeBytes: Folder.freeBytes(self.configuration.folder)
        )
    }

    static func check(_ record: JournalRecord, _ payloadCount: Int?) throws(HubError) {
        switch record {
        case .accepted(let message):
            guard payloadCount == message.size else {
                throw HubError(
                    .internalFault, "A message was given to the journal without the payload it names.")
            }
            guard message.deliveries.count <= DeliveryPosition.limit, message.warnings.count <= 1 << 16 else {
                throw HubError(.internalFault, "A message was given to the journal with too many deliveries.")
            }
        case .refused, .delivery, .lookup, .operation:
            guard payloadCount == nil else {
                throw HubError(
                    .internalFault, "A payload was given to the journal with a record that has none.")
            }
        }
    }

    /// Spares a repeat of a large message its way to the disk.
    ///
    /// The writer looks again.
    private func repeated(_ message: AcceptedMessage) async throws(HubError) -> AppendResult? {
        let projection = self.projection
        await self.backlog.settled()
        let earlier = try await self.threads.read { () throws(HubError) in
            try projection.earlier(IdentityKey(message).bytes, message.id)
        }
        return earlier.map { .repeated(first: $0.id, sameContent: $0.digest == message.digest) }
    }

    private func store(_ store: @escaping @Sendable (Spool) throws(HubError) -> Void) async throws(HubError) {
        let (spool, inbox) = (self.spool, self.inbox)
        try await self.threads.spool.run { () throws(HubError) in
            // What waited here while another write failed must not touch the disk again.
            if let fault = inbox.fault { throw fault }
            do throws(HubError) {
                try store(spool)
            } catch  where error.code == .journalOverloaded {
                // Nothing was written, so this message alone is refused.
                throw error
            } catch {
                // The same disk holds the segments, and a sync that failed once tells nothing when it succeeds.
                inbox.fail(error)
                throw error
            }
        }
    }

    /// Refuses everything from now on, because what the disk holds is no longer known.
    func stopAccepting(_ fault: HubError) { self.inbox.fail(fault) }
}
