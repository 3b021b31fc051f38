import Foundation
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A message that outlives its month, on a disk that fails")
struct CarryingFaultTests {
    @Test("is named when its payload is missing or another one, and nothing else is")
    func damagedPayload() async throws {
        let months = try await Droppable(waiting: [1, 3])
        try await months.dropped()
        let file = ThreeMonths.spoolFile(1)
        let bytes = try months.folder.bytes(file)
        var other = bytes
        other[5] ^= 1
        try months.folder.write(other, file)
        var finding = try #require(try Droppable.check(months.folder).findings.first)
        #expect(finding.kind == .payloadChanged && finding.file == file && finding.messages == [JournalSamples.id(1)])
        try months.folder.remove(file)
        let findings = try Droppable.check(months.folder).findings
        #expect(findings.count == 1)
        finding = try #require(findings.first)
        #expect(finding.kind == .payloadMissing && finding.messages == [JournalSamples.id(1)])
        let journal = try await months.open()
        do {
            _ = try await journal.payload(of: JournalSamples.id(1))
            Issue.record("a payload is missing")
        } catch {
            #expect(error.code == .journalDamaged)
        }
        #expect(try await journal.payload(of: JournalSamples.id(3)) == ThreeMonths.payload(3))
        await journal.close()
        try months.folder.write(bytes, file)
        try Droppable.expectSound(months.folder)
    }

    @Test("keeps a database from being made anew when its file is gone or another one, and says which it is")
    func damagedFile() async throws {
        let months = try await Droppable(waiting: [1, 3])
        try await months.dropped()
        let name = try #require(try Droppable.carriedFiles(months.folder).first)
        let bytes = try months.folder.bytes(name)
        let database = try months.folder.bytes("projection.sqlite")
        for damage in ["none", "cut", "flipped", "empty"] {
            switch damage {
            case "none": try months.folder.remove(name)
            case "cut": try months.folder.write(Array(bytes.dropLast()), name)
            case "empty": try months.folder.write([], name)
            default:
                var other = bytes
                other[bytes.count / 2] ^= 4
                try months.folder.write(other, name)
            }
            let check = try Droppable.check(months.folder)
            #expect(check.findings.contains { $0.kind == .base && $0.what.contains("outlived") }, "\(damage)")
            #expect(!check.isSound, "\(damage)")
            do {
                _ = try await SegmentJournal.rebuild(try months.settings())
                Issue.record("it was made anew: \(damage)")
            } catch let error as HubError {
                #expect(error.code == .journalDamaged && error.detail("file") == name, "\(damage)")
            }
            #expect(try months.folder.bytes("projection.sqlite") == database, "\(damage)")
        }
        try months.folder.write(bytes, name)
        try Droppable.expectSound(months.folder)
    }

    @Test("has a file of one form only, and no other bytes are taken for one")
    func form() throws {
        func record(_ number: Int) -> [UInt8] {
            JournalRecord.accepted(
                JournalSamples.message(number, payload: [1], destinations: ["mailbox:a", "mailbox:b"])).bytes
        }
        var first = CarriedMessages.Standing(destination: 3)
        let second = first
        #expect(throws: (any Error).self) {
            try CarriedMessages.Message(sequence: 4, record: JournalRecord.refused(JournalSamples.refusal(1)).bytes) { _ in [] }
        }
        first.attempts = 300
        first.phase = .deadLettered
        first.since = JournalSamples.time(5)
        first.event = JournalRecord.delivery(JournalSamples.event(2, .deadLettered)).bytes
        let carried = CarriedMessages([
            try CarriedMessages.Message(sequence: 4, record: record(2)) { _ in [first, second] },
            try CarriedMessages.Message(sequence: 900, record: record(9)) { _ in [second, first] },
        ])
        let bytes = carried.bytes
        #expect(CarriedMessages(bytes, before: 901) == carried)
        #expect(CarriedMessages(bytes, before: 900) == nil, "a message that is not before the end")
        for place in bytes.indices {
            #expect(CarriedMessages(Array(bytes.prefix(place)), before: 901) == nil, "\(place)")
        }
        #expect(CarriedMessages(bytes + [0], before: 901) == nil)
        let twice = CarriedMessages([carried.messages[0], carried.messages[0]])
        #expect(CarriedMessages(twice.bytes, before: 901) == nil)
        // Whatever is changed, it is refused or says something else in the same form.
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<3000 {
            var other = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                other[Int.random(in: other.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if let read = CarriedMessages(other, before: 901) { #expect(read.bytes == other) }
        }
    }

    @Test("stays as it is when its payload cannot be brought to the spool, and the month with it")
    func refused() async throws {
        let months = try await Droppable(waiting: [1, 3])
        let disk = FaultyDisk()
        var settings = try months.settings()
        settings.disk = disk.calls
        let journal = try await SegmentJournal.open(settings)
        let spool = ThreeMonths.spoolFile(1)
        for suffix in [spool + ".part", (spool as NSString).deletingLastPathComponent, ""] {
            if suffix.isEmpty { disk.fail(write: ENOSPC) } else { disk.fail(sync: EIO, of: suffix) }
            do {
                let outcome = try await journal.drop(try months.terms())
                Issue.record("\(outcome)")
            } catch let error as HubError {
                #expect(error.code == .journalUnavailable, "\(suffix)")
            }
            #expect(await journal.health().fault == nil, "nothing that was accepted depends on it")
            #expect(journal.base == nil && !months.folder.exists(spool))
            #expect(try Droppable.carriedFiles(months.folder) == [])
            disk.fail()
            // Whatever has ended may begin anew.
            try await journal.record([JournalSamples.event(5, .redriven), JournalSamples.event(5, .deadLettered)])
            #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        }
        guard case .dropped(let report) = try await journal.drop(try months.terms()) else {
            Issue.record("it was not dropped")
            return
        }
        #expect(report.carried == 2)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is one of no more than are carried, and needs no payload that was decided to go, or its month stays")
    func uncarried() async throws {
        let months = try await Droppable(waiting: [1, 3])
        let journal = try await months.open()
        let projection = journal.projection
        let end = try ArchiveFile(months.archive("2025-10")).chain.end.nextSequence
        let set = try projection.unfinishedMessages(before: end)
        let numbers = try [1, 3, 7].map { try projection.place(of: JournalSamples.id($0)).sequence }
        #expect(set == Set(numbers.prefix(2)))
        #expect(try projection.uncarried(set, limit: 20).count == 0)
        let all = try projection.uncarried(set, limit: 1, most: 1)
        #expect(all.count == 2 && all.first.map(\.id.message) == [JournalSamples.id(1)])
        #expect(try projection.uncarried(set, limit: 20, mostBytes: 1000).count == 2)
        // One that was begun anew after its payload was decided to go, and has ended meanwhile.
        let operation = Droppable.operation(
            "payload.forget", "before=2025-12-01 sequences=\(numbers[2])-\(numbers[2])", months.clock.now)
        _ = try await journal.append(.operation(operation), payload: nil)
        await journal.backlog.settled()
        let late = try projection.uncarried(set.union([numbers[2]]), limit: 20)
        #expect(late.count == 1 && late.first == [])
        await journal.close()
    }

    @Test("has its payload brought to the spool anew when a file of that name is another one")
    func rottenCopy() async throws {
        let months = try await Droppable(waiting: [1, 3])
        let journal = try await months.open()
        let file = ThreeMonths.spoolFile(1)
        try FileManager.default.createDirectory(
            atPath: months.folder.path + "/" + (file as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try months.folder.write([UInt8](repeating: 1, count: ThreeMonths.size(1)), file)
        guard case .dropped(let report) = try await journal.drop(try months.terms()) else {
            Issue.record("it was not dropped")
            return
        }
        #expect(report.carried == 2)
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is where it was when the base has its name and nobody knows whether the disk has it: a start decides")
    func doubtfulBase() async throws {
        let months = try await Droppable(waiting: [1, 3])
        let disk = FaultyDisk()
        let name = URL(filePath: months.folder.path).lastPathComponent
        disk.fail(sync: EIO, of: name)
        var settings = try months.settings()
        let (faulty, folder) = (disk.calls.sync, months.folder)
        settings.disk.sync = { folder.exists("base") ? faulty($0) : DiskCalls.system.sync($0) }
        let journal = try await SegmentJournal.open(settings)
        do {
            let outcome = try await journal.drop(try months.terms())
            Issue.record("\(outcome)")
        } catch let error as HubError {
            #expect(error.code == .journalUnavailable)
        }
        // Whatever is done now might fit to one of the two only.
        #expect(await journal.health().fault?.code == .journalUnavailable)
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        await journal.close()
        #expect(months.folder.exists("base"))
        let after = try await months.open()
        for number in [1, 3] {
            #expect(try await after.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number))
        }
        #expect(try await after.message(JournalSamples.id(0)) == nil)
        await after.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is read from the spool while rows of its month are on their way out, and the others of it are not there")
    func onTheWayOut() async throws {
        let months = try await Droppable(waiting: [1, 3])
        let journal = try await months.open()
        let end = try ArchiveFile(months.archive("2025-10")).chain.end.nextSequence
        let projection = journal.projection
        let carried = try projection.carried(
            try projection.unfinishedMessages(before: end), before: end, from: CarriedMessages())
        let spool = Spool(folder: months.folder.path + "/spool", disk: .system)
        try spool.store(ThreeMonths.payload(1), SHA256.hash(ThreeMonths.payload(1)))
        guard case .plan(let plan) = try DropPlan.make(try months.terms(), journal, hub: "H44", now: months.clock.now) else {
            Issue.record("no plan")
            return
        }
        let mark = try carried.write(in: months.folder.path, with: .system)
        let base = try plan.base(projection, carried, mark, hub: "H44", now: months.clock.now)
            .signed(by: try months.settings().signer())
        _ = try await journal.append(
            .operation(Droppable.operation(JournalBase.action, base.subject, months.clock.now)), payload: nil)
        try base.write(in: months.folder.path, with: .system)
        journal.begin(with: base)
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        #expect(try await journal.payload(of: JournalSamples.id(3)) == ThreeMonths.payload(3))
        // A fault of the disk is no removal by policy, which would end the delivery.
        let (file, aside) = (months.folder.path + "/" + ThreeMonths.spoolFile(1), months.folder.path + "/aside")
        try FileManager.default.moveItem(atPath: file, toPath: aside)
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        do {
            _ = try await journal.payload(of: JournalSamples.id(1))
            Issue.record("a folder was read")
        } catch {
            #expect(error.code == .journalUnavailable)
        }
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.moveItem(atPath: aside, toPath: file)
        do {
            _ = try await journal.payload(of: JournalSamples.id(2))
            Issue.record("a payload of a dropped month was read")
        } catch {
            #expect(error.code == .messageNotFound)
        }
        var memory = RetentionMemory()
        _ = try await journal.retain(RetentionTests.policy(payloads: 1, identities: 1), &memory)
        #expect(try await journal.message(JournalSamples.id(2)) == nil)
        #expect(try await journal.payload(of: JournalSamples.id(1)) == ThreeMonths.payload(1))
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is found again beside a database of before, and beside none")
    func databasePutBack() async throws {
        let months = try await Droppable(waiting: [1, 3, 13])
        let before = try months.folder.bytes("projection.sqlite")
        try await months.dropped()
        try months.folder.removeProjection()
        try months.folder.write(before, "projection.sqlite")
        let journal = try await months.open()
        #expect(try await journal.message(JournalSamples.id(0)) == nil)
        for number in [1, 3] {
            #expect(try await journal.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number))
        }
        await journal.close()
        try Droppable.expectSound(months.folder)
    }
}
