import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Each test keeps what the disk holds at one step of a removal, as a kill at this moment would leave it, and looks at it.
@Suite("A journal that is killed while it removes payloads")
struct RetentionCrashTests {
    /// In the order in which they happen.
    ///
    /// A power failure that loses what was not synced leaves one of these too: the new segment is synced before it has its
    /// name, and a name that is lost is one that was never given.
    enum Step: String, CaseIterable, Sendable {
        case decisionNotWritten, decisionHalfWritten, decisionNotSynced
        /// The database lacks it.
        case decisionNotApplied
        /// The same, with a part of the transaction in the database's log.
        case decisionHalfApplied
        case segmentNotWritten, segmentHalfWritten, segmentWritten
        case segmentNotSynced, segmentNotNamed
        case nameNotSynced, nameSynced
        /// One file of the spool is gone, the others are not.
        case spoolHalfRemoved
        case done
    }

    @Test(
        "is whole, has lost no record, and the next run finishes what was decided", arguments: Step.allCases)
    func killed(at step: Step) async throws {
        let (left, receipts) = try await Self.left(at: step)
        #expect(!left.isEmpty)
        for (place, folder) in left.enumerated() {
            try await Self.look(at: folder, receipts, "\(step), \(place + 1) of \(left.count)")
        }
    }

    private static func look(at folder: TestFolder, _ receipts: [Receipt], _ comment: Comment) async throws {
        // As it was left, before anything is opened.
        #expect(try ThreeMonths.audit(folder, receipts: receipts).audit.faults == [], comment)
        let clock = SetClock("2025-12-02T00:00:00Z")
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        #expect(try folder.names("segments").allSatisfy { !$0.hasSuffix(".part") }, comment)
        #expect(journal.startReport.isRebuilt == false, comment)
        #expect(try await journal.totals().messages == 18, comment)
        let october = (0..<12).filter { $0 != ThreeMonths.waiting }
        #expect(try await Set(RetentionTests.forgotten(journal)).isSubset(of: october), comment)
        for number in 0..<18 {
            #expect(try await journal.receipt(of: JournalSamples.id(number)) == receipts[number], comment)
        }
        var memory = RetentionMemory()
        #expect(
            try await journal.retain(RetentionTests.policy(identities: 300), &memory).failures == [], comment)
        #expect(try await RetentionTests.forgotten(journal) == october, comment)
        await journal.close()
        let (audit, differences) = try ThreeMonths.audit(folder, receipts: receipts)
        #expect(
            audit.faults == [] && differences == [] && audit.forgotten == 11 && audit.receipts == 18, comment)
        for number in october where number.isMultiple(of: 3) {
            #expect(!folder.exists(ThreeMonths.spoolFile(number)), comment)
        }
    }

    /// Runs one removal.
    ///
    /// - Returns: The folder at the first and the last time that the step was reached, and the receipts of all messages.
    private static func left(at step: Step) async throws -> (folders: [TestFolder], receipts: [Receipt]) {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let before = try await RetentionTests.threeMonths(folder, clock)
        var receipts: [Receipt] = []
        for number in 0..<18 { receipts.append(try await before.receipt(of: JournalSamples.id(number))) }
        await before.close()
        let watch = Watch(step, folder)
        var settings = try ThreeMonths.settings(folder, clock)
        settings.disk = watch.calls
        let journal = try await SegmentJournal.open(settings)
        watch.begin()
        var memory = RetentionMemory()
        let report = try await journal.retain(RetentionTests.policy(), &memory)
        #expect(report.payloads == 11 && report.segments >= 2)
        try watch.end()
        await journal.close()
        return (try watch.folders(), receipts)
    }

    /// Copies a folder at each of the steps that belong to one kind.
    private final class Watch: Sendable {
        private struct State {
            var isOn = false
            var first: TestFolder?
            var last: TestFolder?
            var fault: (any Error)?
        }

        private let state = Mutex(State())
        private let step: Step
        private let folder: TestFolder

        init(_ step: Step, _ folder: TestFolder) {
            self.step = step
            self.folder = folder
        }

        func begin() { self.state.withLock { $0.isOn = true } }

        func end() throws {
            self.reached(.done)
            self.state.withLock { $0.isOn = false }
        }

        func folders() throws -> [TestFolder] {
            try self.state.withLock { state in
                if let fault = state.fault { throw fault }
                return [state.first, state.last].compactMap(\.self)
            }
        }

        private func reached(_ step: Step) {
            guard step == self.step else { return }
            self.state.withLock { state in
                guard state.isOn else { return }
                do {
                    let copy = try self.folder.copy()
                    try Self.change(copy, for: step)
                    if state.first == nil { state.first = copy } else { state.last = copy }
                } catch {
                    state.fault = error
                }
            }
        }

        /// What cannot be met between two calls is made of what was met.
        private static func change(_ copy: TestFolder, for step: Step) throws {
            if step == .spoolHalfRemoved { try copy.remove(ThreeMonths.spoolFile(0)) }
            if step == .decisionHalfApplied {
                // The last frames of the log are of the transaction that applied it.
                let log = try copy.bytes("projection.sqlite-wal")
                try #require(log.count > 4096)
                try copy.write(log.dropLast(2000), "projection.sqlite-wal")
            }
        }

        var calls: DiskCalls {
            let real = DiskCalls.system
            return DiskCalls(
                open: { path, flags in
                    if path.hasSuffix(".part") {
                        self.reached(.decisionHalfApplied)
                        self.reached(.segmentNotWritten)
                    }
                    return real.open(path, flags)
                },
                write: { file, bytes, offset in
                    let isSegment = Self.path(file).hasSuffix(".part")
                    self.reached(isSegment ? .segmentNotWritten : .decisionNotWritten)
                    let half = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2))
                    _ = real.write(file, half, offset)
                    self.reached(isSegment ? .segmentHalfWritten : .decisionHalfWritten)
                    let fault = real.write(file, bytes, offset)
                    self.reached(isSegment ? .segmentWritten : .decisionNotSynced)
                    return fault
                },
                syncData: { file in
                    let fault = real.syncData(file)
                    self.reached(.decisionNotApplied)
                    return fault
                },
                sync: { file in
                    let isSegment = Self.path(file).hasSuffix(".part")
                    self.reached(isSegment ? .segmentNotSynced : .nameNotSynced)
                    let fault = real.sync(file)
                    self.reached(isSegment ? .segmentNotNamed : .nameSynced)
                    if !isSegment { self.reached(.spoolHalfRemoved) }
                    return fault
                },
                allocate: real.allocate
            )
        }

        private static func path(_ file: Int32) -> String {
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(file)", &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
