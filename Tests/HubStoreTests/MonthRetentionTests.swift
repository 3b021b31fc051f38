import Foundation
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Months that go from a journal which is open, by `keep-records`.
@Suite("A month that an open journal does not keep")
struct MonthRetentionTests {
    /// - Parameter days: How long months stay.
    private static func policy(_ months: Droppable, days: Int = 60) throws -> RetentionPolicy {
        var policy = RetentionPolicy()
        policy.identities = .seconds(30 * 86_400)
        policy.records = RecordPolicy(
            period: .seconds(days * 86_400), archives: months.out.path + "/own", keys: [try Fixture.key.get().publicKey])
        return policy
    }

    @Test("goes into an archive and out of the journal, while messages come in")
    func dropped() async throws {
        let months = try await Droppable()
        let journal = try await months.open()
        let policy = try Self.policy(months)
        var memory = RetentionMemory()
        async let filling: Void = RetentionTests.fill(journal, 100..<160, at: months.clock, size: 500, waiting: [])
        let report = try await journal.retain(policy, &memory)
        try await filling
        #expect(report.months.map(\.month.month.description) == ["2025-10", "2025-11"] && report.refusal == nil)
        #expect(report.months.map(\.messages) == [12, 4] && report.months.map(\.files) == [4, 2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: months.out.path + "/own").count == 2)
        // Of December on, everything answers as before; of the months before, nothing does.
        #expect(try await Droppable.answers(journal, from: 16).dropFirst(2).dropLast() == months.answers.dropFirst(10).dropLast())
        #expect(try await journal.message(JournalSamples.id(0)) == nil)
        #expect(journal.base?.months.count == 2)
        #expect(try await journal.firstMonth()?.description == "2025-12")
        for _ in 0..<2 {
            let again = try await journal.retain(policy, &memory)
            #expect(again.months == [] && again.refusal == nil && again.records == [])
        }
        await journal.close()
        try Droppable.expectSound(months.folder)
        let audit = try SegmentReader.verify(
            folder: months.folder.path,
            behind: ["2025-10", "2025-11"].map { months.out.path + "/own/H44-\($0).tar" },
            keys: [try Fixture.key.get().publicKey], hub: "H44", receipts: months.receipts)
        #expect(audit.journal.faults == [] && audit.archives.map(\.audit.receipts) == [12, 4])
        let after = try await months.open()
        #expect(after.startReport.replayedBlocks == 0)
        await after.close()
    }

    @Test("holds a bound: the journal of twenty months is no larger than that of three")
    func bound() async throws {
        let months = try await Droppable()
        let policy = try Self.policy(months)
        var memory = RetentionMemory()
        var (segments, rows): ([Int], [Int]) = ([], [])
        months.clock.set("2025-12-03T00:00:00Z")
        let journal = try await months.open()
        for month in 1...20 {
            // Months are of 30 days here, which is near enough.
            months.clock.set("2025-12-03T00:00:00Z")
            months.clock.set("\(months.clock.now.advanced(by: .seconds(month * 30 * 86_400)))")
            try await RetentionTests.fill(
                journal, 1000 + month * 20..<1020 + month * 20, at: months.clock, size: 1500, waiting: [])
            let report = try await journal.retain(policy, &memory)
            #expect(report.refusal == nil && report.failures == [])
            segments.append(try months.folder.names("segments").count)
            rows.append(try await journal.messages(before: nil, limit: 10_000).count)
        }
        #expect(memory.segments.isEmpty)
        await journal.close()
        // Three or four months are there at any time: the one that is written and those of sixty days.
        #expect(rows.dropFirst(4).allSatisfy { $0 <= 80 }, "\(rows)")
        let month = try #require(segments.dropFirst(4).min()) / 3
        #expect(segments.dropFirst(4).allSatisfy { $0 <= 4 * month }, "\(segments)")
        try Droppable.expectSound(months.folder)
    }

    @Test("stays while a delivery of it needs a payload that was decided to go; what has gone is not delivered again")
    func unfinished() async throws {
        let months = try await Droppable()
        let journal = try await months.open()
        let policy = try Self.policy(months)
        var memory = RetentionMemory()
        // The dead letter is sent again, after its payload was decided to go.
        let number = try journal.projection.place(of: JournalSamples.id(5)).sequence
        _ = try await journal.append(
            .operation(
                Droppable.operation(
                    "payload.forget", "before=2025-12-01 sequences=\(number)-\(number)", months.clock.now)), payload: nil)
        try await journal.record([JournalSamples.event(5, .redriven)])
        let report = try await journal.retain(policy, &memory)
        #expect(report.months == [])
        guard case .unfinished(1, let first)? = report.refusal?.reason else {
            Issue.record("it was dropped: \(report)")
            return
        }
        #expect(first.map(\.id.message) == [JournalSamples.id(5)] && report.refusal?.month.description == "2025-10")
        #expect(first.map(\.destination) == ["mailbox:a"])
        #expect(journal.base == nil && !months.folder.exists("base"))
        try await journal.record([JournalSamples.event(5, .deadLettered)])
        let again = try await journal.retain(policy, &memory)
        #expect(again.months.count == 2 && again.refusal == nil)
        do {
            try await journal.record([JournalSamples.event(5, .redriven)])
            Issue.record("a delivery that is gone was begun anew")
        } catch {
            #expect(error.code == .messageNotFound)
        }
        // One that is there is.
        try await journal.record([JournalSamples.event(17, .redriven), JournalSamples.event(17, .delivered)])
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is closed to new deliveries once it is decided that it goes, whatever the disk does then")
    func raced() async throws {
        let months = try await Droppable()
        let disk = FaultyDisk()
        var settings = try months.settings()
        settings.disk = disk.calls
        let journal = try await SegmentJournal.open(settings)
        let policy = try Self.policy(months)
        var memory = RetentionMemory()
        // The base cannot be written: the decision stands, and the month is there.
        disk.fail(sync: EIO, of: "/base.part")
        do {
            _ = try await journal.retain(policy, &memory)
            Issue.record("a base was written on a disk that refuses")
        } catch {
            #expect(error.code == .journalUnavailable)
        }
        #expect(await journal.health().fault == nil, "nothing that was accepted depends on it")
        #expect(journal.base == nil && !months.folder.exists("base"))
        #expect(try await journal.message(JournalSamples.id(0)) != nil)
        // Nobody can say whether the base is on the disk, so nothing of the month begins anew before the next run.
        do {
            try await journal.record([JournalSamples.event(5, .redriven)])
            Issue.record("a delivery of a month on its way out was begun anew")
        } catch {
            #expect(error.code == .messageNotFound)
        }
        disk.fail()
        #expect(try await journal.retain(policy, &memory).months.count == 2)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is finished by the next run when rows or files could not be removed")
    func heldUp() async throws {
        let months = try await Droppable()
        let journal = try await months.open()
        // As a drop leaves it whose disk refuses behind the base.
        let terms = try months.terms()
        guard case .plan(let plan) = try DropPlan.make(terms, journal, hub: "H44", now: months.clock.now) else {
            Issue.record("no plan")
            return
        }
        let base = try plan.base(journal.projection, hub: "H44", now: months.clock.now)
            .signed(by: try months.settings().signer())
        _ = try await journal.append(
            .operation(
                Droppable.operation(JournalBase.action, base.subject, months.clock.now)), payload: nil)
        try base.write(in: months.folder.path, with: .system)
        journal.begin(with: base)
        // A place that was looked up before is of nothing that is there.
        do {
            _ = try journal.files.bytes(0..<8, of: BlockLocation(segment: 0, offset: SegmentHeader.length, length: 64))
            Issue.record("a block of a dropped month was read")
        } catch {
            #expect(error.code == .messageNotFound)
        }
        #expect(try months.folder.names("segments").contains("00000000.seg"))
        var memory = RetentionMemory()
        let report = try await journal.retain(try Self.policy(months, days: 100), &memory)
        #expect(report.months.map(\.month.month.description) == [] && report.refusal == nil)
        #expect(try !months.folder.names("segments").contains("00000000.seg"))
        #expect(try await journal.message(JournalSamples.id(0)) == nil)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("stays, and says why, when the archive that is there is another one")
    func otherArchive() async throws {
        let months = try await Droppable()
        let journal = try await months.open()
        let policy = try Self.policy(months)
        let own = TestFolder()
        try FileManager.default.createDirectory(atPath: months.out.path + "/own", withIntermediateDirectories: true)
        let other = try await ThreeMonths(start: "2025-10-03T00:00:00Z")
        let made = try ArchiveTests.write("2025-10", other.folder, to: own)
        try FileManager.default.copyItem(atPath: made.path, toPath: months.out.path + "/own/H44-2025-10.tar")
        var memory = RetentionMemory()
        let report = try await journal.retain(policy, &memory)
        guard case .otherBlocks? = report.refusal?.reason else {
            Issue.record("\(report)")
            return
        }
        #expect(report.refusal?.archive.hasSuffix("H44-2025-10.tar") == true && report.months == [])
        try FileManager.default.removeItem(atPath: months.out.path + "/own/H44-2025-10.tar")
        #expect(try await journal.retain(policy, &memory).months.count == 2)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("stays, and says why, when its archive is no file, a link to nowhere, or has no place", arguments: ["fifo", "link", "file"])
    func noPlace(what: String) async throws {
        let months = try await Droppable()
        let journal = try await months.open()
        let policy = try Self.policy(months)
        let folder = months.out.path + "/own"
        let name = folder + "/H44-2025-10.tar"
        if what != "file" {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        switch what {
        case "fifo": #expect(mkfifo(name, 0o600) == 0)
        case "link": #expect(symlink("/nowhere/at/all.tar", name) == 0)
        default: try months.out.write([], "own")
        }
        var memory = RetentionMemory()
        let report = try await journal.retain(policy, &memory)
        #expect(report.months == [] && journal.base == nil)
        switch report.refusal?.reason {
        case .notSound(let faults)? where what == "fifo": #expect(faults == ["it is no plain file"])
        case .unavailable(let text)? where what != "fifo": #expect(!text.isEmpty && !text.contains("accepted"))
        default: Issue.record("\(report)")
        }
        #expect(await journal.health().fault == nil)
        // Whatever stood there is as it was.
        if what == "link" { #expect(try Folder.kind(name) == S_IFLNK) }
        #expect(unlink(what == "file" ? folder : name) == 0)
        #expect(try await journal.retain(policy, &memory).months.count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { $0.hasSuffix(".tar") })
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("has an archive that no other takes the place of, also when both are made at once")
    func twoArchives() throws {
        let folder = TestFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try folder.write([1], "one")
        try folder.write([2], "two")
        try Folder.name(folder.path + "/one", folder.path + "/kept")
        do {
            try Folder.name(folder.path + "/two", folder.path + "/kept")
            Issue.record("a name was taken twice")
        } catch {
            #expect(error.code == .journalUnavailable)
        }
        #expect(try folder.bytes("kept") == [1] && folder.bytes("two") == [2] && !folder.exists("one"))
    }

    @Test("has what another writer left of its archive for a day taken away, and what is being written left alone")
    func leftovers() async throws {
        let months = try await Droppable()
        let folder = TestFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        for name in ["H44-2025-10.tar.part-old", "H44-2025-10.tar.part-new", "H44-2025-11.tar.part-old"] {
            try folder.write([1], name)
        }
        let longAgo = Date(timeIntervalSinceNow: -100_000)
        for month in ["2025-10", "2025-11"] {
            try FileManager.default.setAttributes(
                [.modificationDate: longAgo], ofItemAtPath: folder.path + "/H44-\(month).tar.part-old")
        }
        _ = try ArchiveTests.write("2025-10", months.folder, to: folder)
        #expect(
            try folder.names("").sorted()
                == ["H44-2025-10.tar", "H44-2025-10.tar.part-new", "H44-2025-11.tar.part-old"])
    }

    @Test("does not keep whoever is cancelled waiting")
    func cancelled() async throws {
        let thread = try WorkerThread.start()
        let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let task = Task {
            do throws(HubError) {
                try await thread.runUnlessCancelled { () throws(HubError) in
                    begun.signal()
                    gate.wait()
                }
                return ErrorCode?.none
            } catch {
                return error.code
            }
        }
        await Self.wait(for: begun)
        task.cancel()
        #expect(await task.value == .journalClosed)
        gate.signal()
        thread.stop()
    }

    private static func wait(for semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                semaphore.wait()
                continuation.resume()
            }
        }
    }

    @Test("does not make an audit that is under way find fault")
    func audited() throws {
        let folder = TestFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        var base = JournalBase(
            hub: "H44", made: Timestamp(nanoseconds: 0), chain: Chain(number: 3, digest: .zero, nextSequence: 9),
            firstSegment: 2,
            months: [
                DroppedMonth(
                    month: try ArchiveTests.month("2025-10"), firstBlock: 0, lastBlock: 3, archive: .zero, name: "a")
            ], counters: [:], destinations: [], holds: [])
        base = try base.signed(by: try Fixture.configuration(folder).signer())
        var runs = 0
        let found = try JournalBase.steadily(in: folder.path) { () throws(HubError) in
            runs += 1
            if runs == 1 {
                try base.write(in: folder.path, with: .system)
                throw SegmentFiles.damage(BlockLocation(segment: 0, offset: 0, length: 0))
            }
            return runs
        }
        #expect(found == 2)
    }
}
