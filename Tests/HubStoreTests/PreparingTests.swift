import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Space that is made ready for the blocks of those who come one by one, while nobody waits.
@Suite("Space ahead of the blocks")
struct PreparingTests {
    /// Sees what goes into the segments, and fails where it is told to.
    final class WatchedDisk: Sendable {
        struct Write {
            let offset: Int
            let count: Int
        }

        private struct State {
            var zeros: [Write] = []
            var blocks = 0
            var syncs = 0
            var syncsLeft = Int.max
            var zeroFault: Int32 = 0
        }

        private let state = Mutex(State())

        var zeros: [Write] { self.state.withLock { $0.zeros } }
        var blocks: Int { self.state.withLock { $0.blocks } }
        var syncs: Int { self.state.withLock { $0.syncs } }

        /// - Parameters:
        ///   - zeroFault: What comes of every write of zeros.
        ///   - syncs: How many more blocks and zeros can be synced.
        func fail(zeros zeroFault: Int32 = 0, afterSyncs syncs: Int = .max) {
            self.state.withLock { state in
                state.zeroFault = zeroFault
                state.syncsLeft = syncs
            }
        }

        var calls: DiskCalls {
            var calls = DiskCalls.system
            let real = calls
            calls.write = { file, bytes, offset in
                let fault = self.state.withLock { state -> Int32 in
                    guard bytes.allSatisfy({ $0 == 0 }) else {
                        state.blocks += 1
                        return 0
                    }
                    state.zeros.append(Write(offset: offset, count: bytes.count))
                    return state.zeroFault
                }
                return fault == 0 ? real.write(file, bytes, offset) : fault
            }
            calls.syncData = { file in
                let fault = self.state.withLock { state -> Int32 in
                    state.syncs += 1
                    state.syncsLeft -= 1
                    return state.syncsLeft < 0 ? EIO : 0
                }
                return fault == 0 ? real.syncData(file) : fault
            }
            return calls
        }
    }

    /// Appends one after the other, each when the writer rests again.
    private static func fill(_ journal: SegmentJournal, _ numbers: Range<Int>) async throws {
        for number in numbers {
            try await Fixture.fill(journal, number..<number + 1)
            try await Self.rest(journal)
        }
    }

    /// Waits until nothing is left to do for the writer, which goes to the end of the queue itself when others wait.
    private static func rest(_ journal: SegmentJournal) async throws {
        for _ in 0..<3 { try await journal.threads.writer.run {} }
    }

    private static func open(
        _ folder: TestFolder, _ disk: WatchedDisk, segmentSize: Int = 8 << 20
    ) async throws -> SegmentJournal {
        try await Fixture.open(folder) {
            $0.disk = disk.calls
            $0.segmentSize = segmentSize
        }
    }

    @Test("is written once for some hundred messages, and not over what was accepted")
    func ready() async throws {
        let folder = TestFolder()
        let disk = WatchedDisk()
        let journal = try await Self.open(folder, disk)
        try await Self.fill(journal, 0..<1)
        #expect(disk.zeros.isEmpty, "one alone says nothing of the next")
        try await Self.fill(journal, 1..<2)
        let end = try #require(try Fixture.blocks(folder).last?.end)
        let zeros = disk.zeros
        #expect(zeros.first?.offset == (end + 4095) / 4096 * 4096)
        #expect(zeros.reduce(0) { $0 + $1.count } == SegmentWriter.ahead)
        #expect(zip(zeros, zeros.dropFirst()).allSatisfy { $0.offset + $0.count == $1.offset })
        let syncs = disk.syncs
        try await Self.fill(journal, 2..<100)
        #expect(disk.zeros.count == zeros.count)
        #expect(disk.syncs == syncs + 98, "one for each block")
        await journal.close()
        let report = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(report.faults.isEmpty)
        let after = try await Fixture.open(folder)
        #expect(try await after.totals().messages == 100)
        await after.close()
    }

    @Test("is made again when it is used up, as far as the segment goes")
    func goesOn() async throws {
        let folder = TestFolder()
        let disk = WatchedDisk()
        let size = 3 << 20
        let journal = try await Self.open(folder, disk, segmentSize: size)
        for number in 0..<40 {
            try await Fixture.fill(journal, number..<number + 1, size: 100_000)
            try await Self.rest(journal)
        }
        await journal.close()
        let ends = disk.zeros.map { $0.offset + $0.count }
        #expect(ends.filter { $0 == size }.count == 1, "the first segment is ready to its end, the second is not")
        #expect(ends.allSatisfy { $0 <= size })
        #expect(try folder.names("segments").count == 2)
        let after = try await Fixture.open(folder)
        for number in 0..<40 {
            let payload = JournalSamples.payload(number, count: 100_000)
            #expect(try await after.payload(of: JournalSamples.id(number)) == payload)
        }
        await after.close()
    }

    @Test("is left alone while many come at once")
    func underLoad() async throws {
        let folder = TestFolder()
        let disk = WatchedDisk()
        let journal = try await Self.open(folder, disk)
        try await journal.record((0..<5).map { JournalSamples.event($0, .delivered, attempt: 1) })
        for _ in 0..<3 {
            try await Self.fill(journal, disk.blocks..<disk.blocks + 1)
            try await journal.record((0..<5).map { JournalSamples.event($0, .delivered, attempt: 1) })
            try await Self.rest(journal)
        }
        #expect(disk.zeros.isEmpty)
        await journal.close()
    }

    @Test("whose sync fails stops the hub, and takes nothing along that was accepted")
    func syncFails() async throws {
        let folder = TestFolder()
        let disk = WatchedDisk()
        let journal = try await Self.open(folder, disk)
        try await Self.fill(journal, 0..<1)
        disk.fail(afterSyncs: 1)
        try await Self.fill(journal, 1..<2)
        #expect(await journal.health().fault?.code == .journalUnavailable)
        let syncs = disk.syncs
        let error = await #expect(throws: HubError.self) { try await Self.fill(journal, 2..<3) }
        #expect(error?.code == .journalUnavailable)
        #expect(error?.detail("step") == "sync")
        #expect(disk.syncs == syncs, "nothing is tried again")
        await journal.close()
        let after = try await Fixture.open(folder)
        #expect(try await after.totals().messages == 2)
        try await Fixture.fill(after, 2..<3)
        await after.close()
    }

    @Test("that cannot be written is done without")
    func writeFails() async throws {
        let folder = TestFolder()
        let disk = WatchedDisk()
        disk.fail(zeros: ENOSPC)
        let journal = try await Self.open(folder, disk)
        try await Self.fill(journal, 0..<50)
        #expect(disk.zeros.count == 1)
        #expect(await journal.health().fault == nil)
        #expect(try await journal.totals().messages == 50)
        await journal.close()
    }

    @Test("is not touched after a block that could not be synced")
    func blockFails() async throws {
        let folder = TestFolder()
        let disk = WatchedDisk()
        let journal = try await Self.open(folder, disk)
        try await Self.fill(journal, 0..<1)
        disk.fail(afterSyncs: 0)
        let syncs = disk.syncs
        await #expect(throws: HubError.self) { try await Self.fill(journal, 1..<2) }
        try await Self.rest(journal)
        #expect(disk.zeros.isEmpty)
        #expect(disk.syncs == syncs + 1)
        await journal.close()
    }
}
