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

/// Takes a large payload into a file of the spool, in long writes, and hashes it meanwhile.
final class SpoolReception: PayloadReception {
    /// Room on the disk that uploads leave to the journal itself.
    static let reserve: Int64 = 512 << 20

    private struct State: ~Copyable {
        let file: OpenFile
        var hasher = SHA256Hasher()
        var count = 0
        var isFinished = false
        var isBroken = false
    }

    private let state: Mutex<State>
    private let path: String
    private let thread: WorkerThread
    private let disk: DiskCalls

    /// - Throws: `journal.overloaded`, `journal.unavailable`.
    init(at path: String, thread: WorkerThread, disk: DiskCalls) throws(HubError) {
        self.path = path
        self.thread = thread
        self.disk = disk
        self.state = Mutex(State(file: try OpenFile(path, .create, with: disk)))
    }

    deinit {
        if !self.state.withLock({ $0.isFinished }) { try? Folder.remove(self.path) }
    }

    func write(_ bytes: [UInt8]) async throws(HubError) {
        try await self.thread.run { () throws(HubError) in
            let fault = self.state.withLock { state in
                let fault = bytes.withUnsafeBytes { self.disk.write(state.file.descriptor, $0, state.count) }
                state.isBroken = state.isBroken || fault != 0
                state.hasher.update(bytes)
                state.count += bytes.count
                return fault
            }
            guard fault == 0 else { throw Self.noRoom(DiskFault.error(fault, "write", self.path)) }
        }
    }

    func finish() throws(HubError) -> any LargePayload {
        try self.state.withLock { (state) throws(HubError) in
            guard !state.isBroken else { throw Self.noRoom(nil) }
            state.isFinished = true
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
