import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization

@testable import HubStore

/// A folder for one test, removed with everything in it.
final class TestFolder: Sendable {
    let path: String

    init() {
        let name = "hubstore-" + Hex.text(SecureRandom.bytes(8))
        self.path = FileManager.default.temporaryDirectory.path + "/" + name
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    /// The same files in another folder: what a crash at this moment would leave.
    func copy() throws -> TestFolder {
        let copy = TestFolder()
        try FileManager.default.copyItem(atPath: self.path, toPath: copy.path)
        // Shared memory does not outlive a crash.
        try? FileManager.default.removeItem(atPath: copy.path + "/projection.sqlite-shm")
        return copy
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: self.path + "/" + name)))
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: self.path + "/" + name))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: self.path + "/" + name)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self.path + "/" + name) }

    func names(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path + "/" + name).sorted()
    }

    func removeProjection() throws {
        for suffix in ["", "-wal", "-shm"] where self.exists("projection.sqlite" + suffix) {
            try self.remove("projection.sqlite" + suffix)
        }
    }
}

enum Fixture {
    static let key = Result { try SigningKey.generate(.p256) }
    static let segment = "segments/00000000.seg"

    static func configuration(_ folder: TestFolder) throws -> JournalConfiguration {
        let key = try Self.key.get()
        var configuration = JournalConfiguration(
            folder: folder.path, hub: "H44", clock: SteppingClock()
        ) { BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) } }
        configuration.segmentSize = 1 << 20
        return configuration
    }

    static func open(
        _ folder: TestFolder, _ change: (inout JournalConfiguration) -> Void = { _ in }
    ) async throws -> SegmentJournal {
        var configuration = try Self.configuration(folder)
        change(&configuration)
        return try await SegmentJournal.open(configuration)
    }

    /// Accepts messages `numbers`, one block each.
    static func fill(
        _ journal: any Journal, _ numbers: Range<Int>, size: Int = 100, destinations: [String] = ["mailbox:a"]
    ) async throws {
        for number in numbers {
            let payload = JournalSamples.payload(number, count: size)
            let message = JournalSamples.message(number, payload: payload, destinations: destinations)
            _ = try await journal.append(.accepted(message), payload: payload)
        }
    }

    /// The head of a segment as a later format may have it: laid out the same, with a checksum that is right.
    static func laterHead(_ segment: [UInt8]) -> [UInt8] {
        var head = Array("LGSPSEG2".utf8) + segment[8..<24]
        head.append(fixed: CRC32C.checksum(head.span.bytes))
        return head + [0, 0, 0, 0]
    }

    /// Where each block of a segment begins and ends.
    static func blocks(_ folder: TestFolder, segment: Int = 0) throws -> [BlockLocation] {
        var scan = try SegmentScan(segment, in: SegmentFiles(folder: folder.path + "/segments"))
        var locations: [BlockLocation] = []
        while case .block(let block) = try scan.next() { locations.append(block.location) }
        return locations
    }
}

/// A disk whose calls fail when a test says so.
final class FaultyDisk: Sendable {
    private struct State {
        var writeFault: Int32 = 0
        var syncFault: Int32 = 0
        var syncSuffix = ""
        var allocateFault: Int32 = 0
        var openFault: Int32 = 0
        var opensLeft = 0
        var synced: [String] = []
    }

    private let state = Mutex(State())

    var syncs: Int { self.synced.count }
    /// The paths of what was to be synced, in order.
    var synced: [String] { self.state.withLock { $0.synced } }

    /// - Parameters:
    ///   - suffix: Ends the path of what cannot be synced.
    ///   - opens: Files that can still be opened before `open` comes.
    func fail(
        write: Int32 = 0, sync: Int32 = 0, of suffix: String = "", allocate: Int32 = 0, open: Int32 = 0,
        afterOpens opens: Int = 0
    ) {
        self.state.withLock { state in
            state.writeFault = write
            state.syncFault = sync
            state.syncSuffix = suffix
            state.allocateFault = allocate
            state.openFault = open
            state.opensLeft = opens
        }
    }

    var calls: DiskCalls {
        let real = DiskCalls.system
        return DiskCalls(
            open: { path, flags in
                let fault = self.state.withLock { state -> Int32 in
                    guard state.openFault != 0 else { return 0 }
                    state.opensLeft -= 1
                    return state.opensLeft < 0 ? state.openFault : 0
                }
                return fault == 0 ? real.open(path, flags) : -fault
            },
            write: { file, bytes, offset in
                let fault = self.state.withLock { $0.writeFault }
                guard fault != 0 else { return real.write(file, bytes, offset) }
                // Half of it arrives, as on a disk that becomes full.
                _ = real.write(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)), offset)
                return fault
            },
            syncData: { file in
                let fault = self.noteSync(file)
                return fault == 0 ? real.syncData(file) : fault
            },
            sync: { file in
                let fault = self.noteSync(file)
                return fault == 0 ? real.sync(file) : fault
            },
            allocate: { file, count in
                let fault = self.state.withLock { $0.allocateFault }
                return fault == 0 ? real.allocate(file, count) : fault
            }
        )
    }

    private func noteSync(_ file: Int32) -> Int32 {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/fd/\(file)", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return self.state.withLock { state in
            state.synced.append(path)
            return path.hasSuffix(state.syncSuffix) ? state.syncFault : 0
        }
    }
}

/// A clock that shows what a test sets it to, earlier or later.
final class SetClock: HubClock {
    private let time: Mutex<Timestamp>

    init(_ text: String) {
        self.time = Mutex(Self.moment(text))
    }

    func set(_ text: String) {
        self.time.withLock { $0 = Self.moment(text) }
    }

    func set(_ moment: Timestamp) {
        self.time.withLock { $0 = moment }
    }

    var now: Timestamp { self.time.withLock { $0 } }
    var uptime: Duration { .zero }

    func sleep(for duration: Duration) async throws {}

    private static func moment(_ text: String) -> Timestamp {
        Timestamp(rfc3339: text) ?? Timestamp(seconds: 0)
    }
}
