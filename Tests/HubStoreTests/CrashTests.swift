import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Each test kills a process of its own at one durable step and looks at what is left.
@Suite("A hub that is killed")
struct CrashTests {
    /// Where the process ends: around the n-th write or sync of its life.
    enum Moment: Int, CaseIterable, Sendable {
        case beforeWrite, halfWritten, written, synced
    }

    @Test("keeps every message it answered for", arguments: Moment.allCases, [3, 4, 9, 30])
    func killed(_ moment: Moment, step: Int) async throws {
        let folder = TestFolder()
        let ledger = folder.path + ".ledger"
        defer { unlink(ledger) }
        let (path, kind) = (folder.path, moment.rawValue)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, kind = kind as Int, step = step as Int, ledger = ledger as String] in
            try await CrashTests.writeUntilKilled(path, Moment(rawValue: kind) ?? .synced, step, ledger)
        }
        let answered = try Array(Data(contentsOf: URL(filePath: ledger))).split(separator: 0x0A).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        let journal = try await Fixture.open(folder)
        for number in answered {
            #expect(
                try await journal.payload(of: JournalSamples.id(number))
                    == JournalSamples.payload(number, count: Self.size(number))
            )
        }
        // What was on its way may have arrived or not; there are four writers.
        let messages = try await journal.totals().messages
        #expect((answered.count...answered.count + 4).contains(messages))
        let key = try Fixture.key.get().publicKey
        try await Fixture.fill(journal, 10_000..<10_003)
        await journal.close()
        let audit = try SegmentReader.verify(folder: folder.path, keys: [key])
        // The key of the killed process is not ours; everything else must be sound.
        #expect(audit.faults.allSatisfy { $0.what.hasPrefix("another key") })
    }

    static func size(_ number: Int) -> Int { number.isMultiple(of: 5) ? 5000 : 300 }

    static func writeUntilKilled(_ path: String, _ moment: Moment, _ step: Int, _ ledger: String) async throws
    {
        let key = try SigningKey.generate(.p256)
        let writes = Mutex(0)
        let real = DiskCalls.system
        let isDue: @Sendable () -> Bool = {
            writes.withLock { count in
                count += 1
                return count >= step
            }
        }
        var configuration = JournalConfiguration(
            folder: path, hub: "H44", clock: SteppingClock()
        ) { BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) } }
        configuration.segmentSize = 16_384
        configuration.spoolThreshold = 4096
        configuration.disk = DiskCalls(
            open: real.open,
            write: { file, bytes, offset in
                guard isDue() else { return real.write(file, bytes, offset) }
                switch moment {
                case .beforeWrite: Self.die()
                case .halfWritten:
                    _ = real.write(
                        file, UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)), offset)
                    Self.die()
                case .written:
                    _ = real.write(file, bytes, offset)
                    Self.die()
                case .synced: return real.write(file, bytes, offset)
                }
                return EIO
            },
            syncData: { file in
                let status = real.syncData(file)
                if moment == .synced, writes.withLock({ $0 >= step }) { Self.die() }
                return status
            }, sync: real.sync, allocate: real.allocate
        )
        let journal = try await SegmentJournal.open(configuration)
        let file = Glibc.open(ledger, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in stride(from: writer, to: 4000, by: 4) {
                        try await Fixture.fill(journal, number..<number + 1, size: Self.size(number))
                        let line = Array("\(number)\n".utf8)
                        _ = Glibc.write(file, line, line.count)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    static func die() {
        kill(getpid(), SIGKILL)
        // The signal may take a moment; nothing of this thread may happen meanwhile.
        while true { pause() }
    }
}
