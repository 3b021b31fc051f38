internal import HubCore
internal import HubEnvelope
internal import HubModel
internal import Synchronization

/// A large payload in the spool: one that a message refers to, or one that came in and has no name yet.
final class SpooledFile: LargePayload {
    let count: Int
    let digest: Digest
    let file: OpenFile
    /// The name under which it came in, as long as it has no other; removed when nobody holds it any more.
    private let draft: Mutex<String?>

    init(_ file: OpenFile, count: Int, digest: Digest, isDraft: Bool) {
        self.file = file
        self.count = count
        self.digest = digest
        self.draft = Mutex(isDraft ? file.path : nil)
    }

    deinit {
        // One that cannot be removed is an orphan, which the next start finds.
        if let path = self.draft.withLock({ $0 }) { try? Folder.remove(path) }
    }

    /// Says that the file has got its own name.
    func settle() { self.draft.withLock { $0 = nil } }

    var isDraft: Bool { self.draft.withLock { $0 != nil } }

    func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
        let bytes = try self.file.read(count, at: offset)
        guard bytes.count == count else {
            throw HubError(
                .journalDamaged, "A spooled payload is shorter than it was. Restore it from a backup.",
                details: [ErrorDetail("path", self.file.path)]
            )
        }
        return bytes
    }
}

/// Room on the disk for payloads that come in: what was promised to all of them, together with a reserve that is left to
/// the journal itself, is never more than is free.
final class SpoolRoom: Sendable {
    private static let reserve: Int64 = 512 << 20

    private let folder: String
    /// Bytes that were promised and are not written yet.
    private let promised = Mutex<Int64>(0)

    init(folder: String) {
        self.folder = folder
    }

    /// - Throws: `journal.overloaded` when there is not so much.
    func promise(_ count: Int) throws(HubError) {
        try self.promised.withLock { (promised) throws(HubError) in
            let (sum, isTooMuch) = (promised + Self.reserve).addingReportingOverflow(Int64(count))
            guard !isTooMuch, Folder.freeBytes(self.folder) >= sum else { throw SpoolReception.noRoom(nil) }
            promised += Int64(count)
        }
    }

    /// Bytes that were written, or are not needed any more.
    func release(_ count: Int) { self.promised.withLock { $0 -= Int64(count) } }
}

/// Takes a large payload into a file of the spool, in long writes, and hashes it meanwhile.
final class SpoolReception: PayloadReception {
    /// Bytes that are promised at a time where nobody said how many come.
    private static let step = 8 << 20

    private struct State: ~Copyable {
        let file: OpenFile
        var hasher = SHA256Hasher()
        var count = 0
        var promised: Int
        var isFinished = false
        var isBroken = false
    }

    private let state: Mutex<State>
    private let path: String
    private let thread: WorkerThread
    private let disk: DiskCalls
    private let room: SpoolRoom

    /// - Parameter count: Bytes that are to come; 0 when nobody knows.
    /// - Throws: `journal.overloaded`, `journal.unavailable`.
    init(at path: String, count: Int, room: SpoolRoom, thread: WorkerThread, disk: DiskCalls) throws(HubError) {
        try room.promise(count)
        self.path = path
        self.thread = thread
        self.disk = disk
        self.room = room
        do throws(HubError) {
            self.state = Mutex(State(file: try OpenFile(path, .create, with: disk), promised: count))
        } catch {
            room.release(count)
            throw error
        }
    }

    deinit {
        self.state.withLock { state in
            if !state.isFinished { try? Folder.remove(self.path) }
            self.room.release(state.promised)
        }
    }

    func write(_ bytes: [UInt8]) async throws(HubError) {
        try await self.thread.run { () throws(HubError) in
            try self.state.withLock { (state) throws(HubError) in
                if state.promised < bytes.count {
                    try self.room.promise(Self.step)
                    state.promised += Self.step
                }
                let fault = bytes.withUnsafeBytes { self.disk.write(state.file.descriptor, $0, state.count) }
                guard fault == 0 else {
                    state.isBroken = true
                    throw Self.noRoom(DiskFault.error(fault, "write", self.path))
                }
                state.hasher.update(bytes)
                state.count += bytes.count
                state.promised -= bytes.count
                self.room.release(bytes.count)
            }
        }
    }

    func finish() throws(HubError) -> any LargePayload {
        try self.state.withLock { (state) throws(HubError) in
            guard !state.isBroken else { throw Self.noRoom(nil) }
            state.isFinished = true
            self.room.release(state.promised)
            state.promised = 0
            var hasher = SHA256Hasher()
            swap(&hasher, &state.hasher)
            return SpooledFile(state.file, count: state.count, digest: hasher.finish(), isDraft: true)
        }
    }

    /// Nothing was promised for what is on its way in, so this message alone is refused.
    static func noRoom(_ cause: HubError?) -> HubError {
        HubError(
            .journalOverloaded, "There is no room on the disk for a message of this size now.",
            details: cause?.details ?? [], cause: cause
        )
    }
}
