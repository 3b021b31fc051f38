import FoundationEssentials
import HubEnvelope
import HubJSON
import HubModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a system did and saw: one JSON object a line, written before anything is done about it.
///
/// A line goes to the file with one `write`, so that whatever a killed process was doing, the lines it finished are
/// there, and the one it did not finish is cut off at the next start. Bodies lie beside it in files named by digest.
final class SystemLedger: Sendable {
    let folder: String
    private let file: Int32
    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<LedgerState>

    /// Opens the ledger in `folder`, or begins it, and replays what it says.
    ///
    /// - Throws: `configuration.invalid` when the folder cannot be written or a line in it cannot be read.
    init(folder: String, clock: @escaping @Sendable () -> Timestamp) throws(HubError) {
        self.folder = folder
        self.clock = clock
        do {
            try FileManager.default.createDirectory(
                atPath: folder + "/bodies", withIntermediateDirectories: true)
        } catch {
            throw Self.unusable(folder, cause: error)
        }
        let path = folder + "/ledger.ndjson"
        let existing = (try? Data(contentsOf: URL(filePath: path))).map { [UInt8]($0) } ?? []
        let whole = existing.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var state = LedgerState()
        for line in existing[..<whole].split(separator: 0x0A) {
            guard let value = try? JSONDocument.parse(Array(line)).value else { throw Self.unusable(path) }
            state.apply(value)
        }
        self.state = Mutex(state)
        self.file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard self.file >= 0, ftruncate(self.file, off_t(whole)) == 0 else { throw Self.unusable(path) }
    }

    deinit {
        close(self.file)
    }

    var now: Timestamp { self.clock() }

    /// Writes a line, unless `condition` says that what it would say is no longer so.
    ///
    /// - Returns: Whether the line was written.
    /// - Throws: `journal.unavailable` when the disk refuses; then nothing may be done that the line speaks of.
    @discardableResult
    func append(
        _ event: String, _ members: [(key: String, value: JSONValue)],
        when condition: (LedgerState) -> Bool = { _ in true }
    ) throws(HubError) -> Bool {
        let result: Result<Bool, HubError> = self.state.withLock { state in
            guard condition(state) else { return .success(false) }
            var object = JSONObject()
            object["at"] = .string(self.clock().description)
            object["event"] = .string(event)
            for (key, value) in members { object[key] = value }
            let line = JSONValue.object(object)
            let bytes = line.serialised() + [0x0A]
            let written = bytes.withUnsafeBytes { write(self.file, $0.baseAddress, $0.count) }
            guard written == bytes.count else {
                return .failure(
                    HubError(.journalUnavailable, "The ledger of a simulated system cannot be written."))
            }
            state.apply(line)
            return .success(true)
        }
        return try result.get()
    }

    /// What the lines so far amount to.
    func read<Value: Sendable>(_ body: (LedgerState) -> Value) -> Value {
        self.state.withLock { body($0) }
    }

    /// The lines as they are.
    var lines: [UInt8] {
        (try? Data(contentsOf: URL(filePath: self.folder + "/ledger.ndjson"))).map { [UInt8]($0) } ?? []
    }

    /// Keeps bytes until they are asked for again, also after a restart.
    ///
    /// - Throws: `journal.unavailable`.
    func keep(_ body: [UInt8]) throws(HubError) -> Digest {
        let digest = SHA256.hash(body)
        let path = self.path(of: digest)
        guard !FileManager.default.fileExists(atPath: path) else { return digest }
        do {
            try Data(body).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw HubError(.journalUnavailable, "The body of a message cannot be kept.", cause: error)
        }
        return digest
    }

    /// - Throws: `journal.damaged` when the body is not there.
    func body(_ digest: Digest) throws(HubError) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: self.path(of: digest))) else {
            throw HubError(
                .journalDamaged, "A body that the ledger speaks of is gone.",
                details: [ErrorDetail("digest", digest)]
            )
        }
        return [UInt8](data)
    }

    private func path(of digest: Digest) -> String { "\(self.folder)/bodies/\(digest)" }

    private static func unusable(_ path: String, cause: (any Error)? = nil) -> HubError {
        HubError(
            .configurationInvalid, "The ledger of a simulated system cannot be opened or read.",
            details: [ErrorDetail("path", path)], cause: cause
        )
    }
}
