import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Keeps what the disk holds before, in the middle of and after each call of a drop, as a kill at this moment would leave it.
@Suite("A drop that is killed")
struct DroppingCrashTests {
    /// One has its payload in its block, the other in the spool.
    private static let waiting: [Set<Int>] = [[], [1, 3]]

    @Test("leaves a journal that is whole, and is finished by the next start and the same command", arguments: Self.waiting)
    func killed(waiting: Set<Int>) async throws {
        let months = try await Droppable(waiting: waiting)
        let watch = Watch(months.folder)
        var settings = try months.settings()
        settings.disk = watch.calls
        guard case .dropped = try await SegmentJournal.drop(try months.terms(), in: settings) else {
            Issue.record("it was not dropped")
            return
        }
        let left = try watch.end()
        // The decision written and synced, the base written, synced, named and its name synced, two folders synced.
        #expect(left.count >= 12)
        #expect(left.contains { !$0.folder.exists("base") } && left.contains { $0.folder.exists("base") })
        for (place, (step, folder)) in left.enumerated() {
            try await Self.look(at: folder, months, waiting, "\(place) of \(left.count): \(step)")
        }
    }

    @Test("a second time leaves one that is whole too, with what has outlived both months")
    func killedAgain() async throws {
        let waiting: Set<Int> = [1, 3, 13]
        let months = try await Droppable(waiting: waiting)
        try await months.dropped()
        let watch = Watch(months.folder)
        var settings = try months.settings()
        settings.disk = watch.calls
        guard case .dropped(let report) = try await SegmentJournal.drop(try months.terms("2025-11"), in: settings) else {
            Issue.record("it was not dropped")
            return
        }
        #expect(report.carried == 3)
        for (place, (step, folder)) in try watch.end().enumerated() {
            let comment = Comment(rawValue: "\(place): \(step)")
            #expect(try Droppable.check(folder).isSound, comment)
            let journal = try await SegmentJournal.open(try months.settings(folder))
            try await Self.expect(waiting, in: journal, comment)
            await journal.close()
            try Droppable.expectSound(folder, comment)
            _ = try await SegmentJournal.rebuild(try months.settings(folder))
            _ = try await months.dropped("2025-11", in: folder)
            try Droppable.expectSound(folder, comment)
            let last = try await SegmentJournal.open(try months.settings(folder))
            try await Self.expect(waiting, in: last, comment)
            await last.close()
        }
    }

    /// What cannot be met between two calls of the disk.
    enum Step: String, CaseIterable, Sendable {
        case baseHalfWritten, noRow, someRows, allMessages, allRows, oneSegment, allSegments
    }

    @Test("in the middle of rows and files leaves the same", arguments: Step.allCases, Self.waiting)
    func killedBetween(_ step: Step, waiting: Set<Int>) async throws {
        let months = try await Droppable(waiting: waiting)
        let watch = Watch(months.folder)
        var settings = try months.settings()
        settings.disk = watch.calls
        _ = try await SegmentJournal.drop(try months.terms(), in: settings)
        let named = try #require(try watch.end().first { $0.folder.exists("base") }?.folder)
        let base = try #require(try JournalBase.load(in: named.path))
        let carried = try CarriedMessages.load(base, in: named.path)
        #expect(carried.messages.count == waiting.count)
        if step == .baseHalfWritten {
            try named.write(Array(base.bytes.prefix(100)), "base.part")
            try named.remove("base")
        }
        let transactions = [
            Step.someRows: 2, .allMessages: 4, .allRows: Int.max, .oneSegment: .max, .allSegments: .max,
        ]
        if let most = transactions[step] {
            let projection = try Projection.open(named.path + "/projection.sqlite")
            var left = most
            try projection.removeDropped(base, carried, together: 3) {
                left -= 1
                return left >= 0
            }
            projection.close()
        }
        if step == .oneSegment || step == .allSegments {
            let old = try DroppedFiles.segments(in: named.path + "/segments", before: base.firstSegment)
            for number in step == .oneSegment ? Array(old.prefix(1)) : old {
                try named.remove("segments/" + SegmentHeader.fileName(number))
            }
        }
        try await Self.look(at: named, months, waiting, "\(step)")
    }

    @Test(
        "by a disk that refuses removes nothing that it may still need",
        arguments: ["base.part", "/segments", "", "carried.part"])
    func refused(_ suffix: String) async throws {
        let waiting: Set<Int> = suffix.hasPrefix("carried") ? [1, 3] : []
        let months = try await Droppable(waiting: waiting)
        let segments = try months.folder.names("segments")
        let (disk, name) = (FaultyDisk(), URL(filePath: months.folder.path).lastPathComponent)
        disk.fail(sync: EIO, of: suffix.isEmpty ? name : suffix)
        var settings = try months.settings()
        settings.disk = disk.calls
        // A start syncs folders too.
        if !suffix.hasSuffix(".part") {
            settings.disk.sync = Self.late(disk, months.folder, real: DiskCalls.system.sync)
        }
        do {
            let outcome = try await SegmentJournal.drop(try months.terms(), in: settings)
            Issue.record("\(outcome)")
        } catch let error as HubError {
            #expect(error.code == .journalUnavailable)
        }
        let isNamed = months.folder.exists("base")
        #expect(isNamed == !suffix.hasSuffix(".part"))
        // The folder's own sync failed, so nobody knows whether the base is on disk.
        if suffix != "/segments" { #expect(try months.folder.names("segments").starts(with: segments)) }
        try await Self.look(at: months.folder, months, waiting, "\(suffix)")
    }

    /// Lets syncs fail once a base is there.
    private static func late(
        _ disk: FaultyDisk, _ folder: TestFolder, real: @escaping @Sendable (Int32) -> Int32
    ) -> @Sendable (Int32) -> Int32 {
        let faulty = disk.calls.sync
        return { file in folder.exists("base") ? faulty(file) : real(file) }
    }

    private static func look(
        at folder: TestFolder, _ months: Droppable, _ waiting: Set<Int>, _ comment: Comment
    ) async throws {
        // As it was left, before anything is opened.
        let isDropped = folder.exists("base")
        let late = Array(months.receipts.dropFirst(12))
        let audit = try SegmentReader.verify(
            folder: folder.path, keys: [try Fixture.key.get().publicKey], hub: "H44",
            receipts: isDropped ? late : months.receipts)
        #expect(audit.faults == [], comment)
        #expect(try Droppable.check(folder).isSound, comment)
        let copy = try folder.copy()
        let journal = try await SegmentJournal.open(try months.settings(copy))
        #expect(!journal.startReport.isRebuilt, comment)
        #expect(try await Droppable.answers(journal) == months.answers, comment)
        #expect(try await (journal.message(JournalSamples.id(0)) == nil) == isDropped, comment)
        try await Self.expect(waiting, in: journal, comment)
        await journal.close()
        #expect(try copy.names("").allSatisfy { !$0.hasSuffix(".part") }, comment)
        try Droppable.expectSound(copy, comment)
        // The same from the segments alone.
        _ = try await SegmentJournal.rebuild(try months.settings(copy))
        try Droppable.expectSound(copy, comment)
        for place in [folder, copy] {
            _ = try await months.dropped(in: place)
            try Droppable.expectSound(place, comment)
            let last = try await SegmentJournal.open(try months.settings(place))
            try await Self.expect(waiting, in: last, comment)
            await last.close()
            // Decided once, however often it was begun.
            let decisions = try Self.decisions(place)
            #expect(decisions == 1, comment)
        }
    }

    /// What has not ended waits as before, with its payload.
    private static func expect(_ waiting: Set<Int>, in journal: SegmentJournal, _ comment: Comment) async throws {
        let pending = try await journal.pending(
            for: DestinationID(unchecked: "mailbox:a"), after: DeliveryPosition(value: -1), limit: 100)
        #expect(pending.map(\.id.message) == waiting.sorted().map { JournalSamples.id($0) }, comment)
        for number in waiting {
            #expect(try await journal.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number), comment)
        }
    }

    private static func decisions(_ folder: TestFolder) throws -> Int {
        let base = try JournalBase.load(in: folder.path)
        let source = JournalFolder(folder.path, base: base)
        var count = 0
        for number in try source.segments() {
            var scan = SegmentScan(number, in: try source.segment(number))
            while case .block(let block) = try scan.next() {
                for index in block.index.records.indices {
                    if case .operation(let operation) = try JournalRecord(bytes: block.record(index)),
                        operation.action == JournalBase.action
                    {
                        count += 1
                    }
                }
            }
        }
        return count
    }

    /// Copies a folder around each call, from the first block that is written on.
    private final class Watch: Sendable {
        private struct State {
            var isOn = false
            var left: [(step: String, folder: TestFolder)] = []
            var fault: (any Error)?
        }

        private let state = Mutex(State())
        private let folder: TestFolder

        init(_ folder: TestFolder) {
            self.folder = folder
        }

        func end() throws -> [(step: String, folder: TestFolder)] {
            try self.state.withLock { state in
                state.isOn = false
                if let fault = state.fault { throw fault }
                return state.left
            }
        }

        private func reached(_ step: String, begins: Bool = false) {
            self.state.withLock { state in
                if begins { state.isOn = true }
                guard state.isOn else { return }
                do {
                    state.left.append((step, try self.folder.copy()))
                } catch {
                    state.fault = error
                }
            }
        }

        var calls: DiskCalls {
            let real = DiskCalls.system
            return DiskCalls(
                open: { path, flags in
                    if path.hasSuffix("base.part") { self.reached("before base.part") }
                    return real.open(path, flags)
                },
                write: { file, bytes, offset in
                    self.reached("before a write", begins: true)
                    _ = real.write(
                        file, UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)), offset)
                    self.reached("in a write")
                    let fault = real.write(file, bytes, offset)
                    self.reached("behind a write")
                    return fault
                },
                syncData: { file in
                    let fault = real.syncData(file)
                    self.reached("behind the sync of a block")
                    return fault
                },
                sync: { file in
                    self.reached("before a sync")
                    let fault = real.sync(file)
                    self.reached("behind a sync")
                    return fault
                },
                allocate: real.allocate
            )
        }
    }
}
