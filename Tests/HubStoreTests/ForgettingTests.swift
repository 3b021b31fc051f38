import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("A payload that is removed by policy")
struct ForgettingTests {
    private static func expectForgotten(_ journal: SegmentJournal, _ number: Int) async {
        let error = await #expect(throws: HubError.self) {
            _ = try await journal.payload(of: JournalSamples.id(number))
        }
        #expect(error?.code == .messagePayloadForgotten, "message \(number)")
        #expect(error?.detail("message") == "\(JournalSamples.id(number))")
    }

    /// Bytes that a folder takes on the disk.
    private static func used(_ folder: TestFolder, _ name: String) throws -> Int {
        try folder.names(name).reduce(0) { sum, file in
            var status = stat()
            guard stat("\(folder.path)/\(name)/\(file)", &status) == 0 else { return sum }
            return sum + Int(status.st_blocks) * 512
        }
    }

    @Test("leaves its digest, its receipt and a chain in which nothing is missing")
    func proof() async throws {
        let months = try await ThreeMonths()
        let sizes = try months.folder.names("segments").map {
            try months.folder.bytes("segments/" + $0).count
        }
        let report = try await months.forget()
        // The one that waits keeps its payload; so does everything of November and later.
        #expect(report.messages == 11 && report.unfinished == 1 && report.inOpenSegment == 0)
        #expect(
            report.bytes == ThreeMonths.october.filter { $0 != 4 }.map { ThreeMonths.size($0) }.reduce(0, +))
        #expect(report.files == 4 && report.records.count == 1)
        let (audit, differences) = try months.audit(receipts: months.receipts)
        #expect(audit.faults == [] && differences == [])
        #expect(audit.forgotten == 11 && audit.receipts == 18)
        let journal = try await months.open()
        #expect(journal.startReport.removedOrphans == 0 && journal.startReport.replayedBlocks == 0)
        for number in 0..<18 {
            if ThreeMonths.october.contains(number), number != ThreeMonths.waiting {
                await Self.expectForgotten(journal, number)
            } else {
                #expect(
                    try await journal.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number))
            }
            #expect(try await journal.receipt(of: JournalSamples.id(number)) == months.receipts[number])
        }
        await journal.close()
        let after = try months.folder.names("segments").map {
            try months.folder.bytes("segments/" + $0).count
        }
        #expect(Array(after.dropLast()) == Array(sizes.dropLast()), "every block stays where it was")
    }

    @Test("is decided in a record of the chain: who, what, why")
    func record() async throws {
        let months = try await ThreeMonths()
        let report = try await months.forget()
        var scan = try SegmentScan(
            try #require(try SegmentFiles(folder: months.folder.path + "/segments").numbers().last),
            in: SegmentFiles(folder: months.folder.path + "/segments"))
        var operations: [(sequence: Int64, operation: HubCore.Operation)] = []
        while case .block(let block) = try scan.next() {
            if case .operation(let operation) = try JournalRecord(bytes: block.record(0)) {
                operations.append((block.header.firstSequence, operation))
            }
        }
        let found = try #require(operations.first)
        #expect(operations.count == 1 && report.records == [found.sequence])
        #expect(found.operation.actor == "nguoi-van-hanh" && found.operation.reason == "Lưu giữ 30 ngày")
        #expect(found.operation.action == "payload.forget")
        // Two records a message; the fifth message waits, so what comes after has moved by one.
        #expect(found.operation.subject == "before=2025-11-01 sequences=0-6,9-21")
    }

    @Test("gives its space back")
    func space() async throws {
        let folder = TestFolder()
        let clock = SetClock("2025-10-02T00:00:00Z")
        var settings = try ThreeMonths.settings(folder, clock)
        settings.segmentSize = 1 << 20
        settings.spoolThreshold = 1 << 20
        let journal = try await SegmentJournal.open(settings)
        try await Fixture.fill(journal, 0..<40, size: 20_000, destinations: [])
        clock.set("2025-11-02T00:00:00Z")
        try await Fixture.fill(journal, 40..<41, destinations: [])
        await journal.close()
        let before = try Self.used(folder, "segments")
        let report = try await SegmentJournal.forget(ThreeMonths.policy, in: settings)
        #expect(report.messages == 40 && report.bytes == 800_000)
        // A page here and there is shared with what stays.
        #expect(try before - Self.used(folder, "segments") > 600_000)
    }

    @Test("is not read from the projection either, when that is made anew", arguments: [true, false])
    func rebuild(isOnDemand: Bool) async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        let journal = try await months.open()
        let wanted = try await RecoveryTests.answers(journal)
        await journal.close()
        if isOnDemand {
            _ = try await SegmentJournal.rebuild(try ThreeMonths.settings(months.folder, months.clock))
        } else {
            try months.folder.removeProjection()
        }
        let after = try await months.open()
        #expect(after.startReport.removedOrphans == 0)
        #expect(try await RecoveryTests.answers(after) == wanted)
        await Self.expectForgotten(after, 0)
        await Self.expectForgotten(after, 1)
        #expect(try await after.payload(of: JournalSamples.id(12)) == ThreeMonths.payload(12))
        await after.close()
        #expect(try months.audit().differences == [])
    }

    @Test("stays removed, and the journal goes on")
    func goesOn() async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        let journal = try await months.open()
        try await Fixture.fill(journal, 100..<104)
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .delivered)])
        await journal.close()
        let again = try await months.forget()
        #expect(again.messages == 1 && again.unfinished == 0 && again.segments == 1)
        let more = try await months.forget(ThreeMonths.before("2025-12-01"))
        #expect(more.messages == 4)
        let nothing = try await months.forget(ThreeMonths.before("2025-12-01"))
        #expect(nothing.messages == 0 && nothing.records == [] && nothing.segments == 0)
        let (audit, differences) = try months.audit(receipts: months.receipts)
        #expect(audit.faults == [] && differences == [] && audit.forgotten == 16 && audit.receipts == 18)
    }

    @Test("is kept while it is in the segment that grows")
    func openSegment() async throws {
        let folder = TestFolder()
        let clock = SetClock("2025-10-02T00:00:00Z")
        let settings = try ThreeMonths.settings(folder, clock)
        let journal = try await SegmentJournal.open(settings)
        try await Fixture.fill(journal, 0..<2, destinations: [])
        await journal.close()
        let report = try await SegmentJournal.forget(ThreeMonths.policy, in: settings)
        #expect(report.messages == 0 && report.inOpenSegment == 2 && report.records == [])
        #expect(try ThreeMonths.audit(folder).audit.records == 2)
    }

    @Test("is of the type that the policy names, also among others in one block")
    func types() async throws {
        let folder = TestFolder()
        let clock = SetClock("2025-10-02T00:00:00Z")
        var settings = try ThreeMonths.settings(folder, clock)
        settings.segmentSize = 1 << 20
        settings.gather = .milliseconds(400)
        let journal = try await SegmentJournal.open(settings)
        try await Fixture.fill(journal, 0..<1, destinations: [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1..<60 {
                group.addTask {
                    let payload = JournalSamples.payload(number, count: number.isMultiple(of: 5) ? 5000 : 700)
                    let message = Self.message(
                        number, payload, number.isMultiple(of: 2) ? .edocDocument : .dossierSync)
                    _ = try await journal.append(.accepted(message), payload: payload)
                }
            }
            try await group.waitForAll()
        }
        clock.set("2025-11-02T00:00:00Z")
        try await Fixture.fill(journal, 60..<61, destinations: [])
        await journal.close()
        #expect(try Fixture.blocks(folder).count < 40, "several in one block")
        var policy = ThreeMonths.policy
        policy.type = .dossierSync
        let report = try await SegmentJournal.forget(policy, in: settings)
        #expect(report.messages == 30)
        let after = try await SegmentJournal.open(settings)
        for number in 1..<60 {
            if number.isMultiple(of: 2) {
                let payload = JournalSamples.payload(number, count: number.isMultiple(of: 5) ? 5000 : 700)
                #expect(try await after.payload(of: JournalSamples.id(number)) == payload)
            } else {
                await Self.expectForgotten(after, number)
            }
        }
        await after.close()
        let (audit, differences) = try ThreeMonths.audit(folder)
        #expect(audit.faults == [] && differences == [] && audit.forgotten == 30)
    }

    private static func message(_ number: Int, _ payload: [UInt8], _ type: MessageType) -> AcceptedMessage {
        let sample = JournalSamples.message(number, payload: payload)
        return AcceptedMessage(
            id: sample.id, receivedAt: sample.receivedAt, sender: sample.sender, agency: sample.agency,
            type: type,
            identity: sample.identity, digest: sample.digest, size: sample.size,
            contentType: sample.contentType,
            orderKey: "", priority: 0, correlation: "", signature: sample.signature, warnings: [],
            deliveries: []
        )
    }

    @Test("stays in the spool as long as another message carries it, and is no longer the first one's")
    func shared() async throws {
        let folder = TestFolder()
        let clock = SetClock("2025-10-02T00:00:00Z")
        let settings = try ThreeMonths.settings(folder, clock)
        let journal = try await SegmentJournal.open(settings)
        let payload = ThreeMonths.payload(0)
        for number in 0..<2 {
            let message = Self.message(number, payload, .edocDocument)
            _ = try await journal.append(.accepted(message), payload: payload)
            clock.set("2025-11-02T00:00:00Z")
        }
        await journal.close()
        let report = try await SegmentJournal.forget(ThreeMonths.policy, in: settings)
        #expect(report.messages == 1 && report.files == 0 && report.segments == 0)
        let after = try await SegmentJournal.open(settings)
        await Self.expectForgotten(after, 0)
        #expect(try await after.payload(of: JournalSamples.id(1)) == payload)
        await after.close()
        #expect(try ThreeMonths.audit(folder).audit.faults == [])
    }

    @Test("has a pack of evidence without it, which is valid, and is not without the record of the removal")
    func evidence() async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        let hub = try Fixture.key.get().publicKey
        let sender = try SigningKey.generate(.p256).publicKey
        let journal = try await months.open()
        for number in [0, 1] {
            let made = try await EvidencePack(of: JournalSamples.id(number), from: journal) {
                $0 == .zero ? sender : hub
            }
            #expect(made.payload == nil && made.receipts.count == 3)
            let pack = try EvidencePack(archive: made.archive)
            let (again, first) = (try pack.archive, try made.archive)
            #expect(again == first)
            let report = pack.report(trusting: [hub])
            let check = try #require(
                report.checks.first { $0.name.en == "The payload was removed by policy" })
            #expect(check.isWell && check.finding.contains("nguoi-van-hanh: Lưu giữ 30 ngày"))
            #expect(check.finding.contains("\(SHA256.hash(ThreeMonths.payload(number)))"))
            #expect(report.outcomes.map { $0?.kind } == [.delivered])
            #expect(report.checks.filter { !$0.isWell } == [])
            let readme = try #require(
                try TarArchive.read(made.archive).first { $0.name == "evidence/README.txt" })
            #expect(String(decoding: readme.bytes, as: UTF8.self).contains("removed by policy"))
        }
        let kept = try await EvidencePack(of: JournalSamples.id(12), from: journal) {
            $0 == .zero ? sender : hub
        }
        #expect(kept.payload == ThreeMonths.payload(12) && kept.receipts.count == 2)
        await journal.close()
    }

    @Test("cannot be removed while a hub has the journal open, nor where there is none")
    func refused() async throws {
        let months = try await ThreeMonths()
        let journal = try await months.open()
        let locked = await #expect(throws: HubError.self) { _ = try await months.forget() }
        #expect(locked?.code == .journalUnavailable && "\(locked?.summary ?? "")".contains("Another hub"))
        await journal.close()
        let nowhere = TestFolder()
        let missing = await #expect(throws: HubError.self) {
            _ = try await SegmentJournal.forget(ThreeMonths.policy, in: try Fixture.configuration(nowhere))
        }
        #expect(missing?.code == .configurationInvalid)
        #expect(!FileManager.default.fileExists(atPath: nowhere.path))
    }

    @Test("is not touched in a segment that is not sound")
    func damaged() async throws {
        let months = try await ThreeMonths()
        var bytes = try months.folder.bytes("segments/00000001.seg")
        bytes[300] ^= 1
        try months.folder.write(bytes, "segments/00000001.seg")
        let error = await #expect(throws: HubError.self) { _ = try await months.forget() }
        #expect(error?.code == .journalDamaged && error?.detail("segment") == "00000001.seg")
        #expect(try months.folder.bytes("segments/00000001.seg") == bytes)
        #expect(months.folder.exists(ThreeMonths.spoolFile(0)))
    }

    @Test("stays when the disk refuses the new segment", arguments: [".seg.part", "/segments"])
    func diskFault(suffix: String) async throws {
        let months = try await ThreeMonths()
        let first = try months.folder.bytes(Fixture.segment)
        let disk = FaultyDisk()
        // The start syncs the folder once, before anything is decided.
        let armed = Mutex(false)
        var calls = disk.calls
        let real = calls
        calls.write = { file, bytes, offset in
            if armed.withLock({ $0 }) == false {
                armed.withLock { $0 = true }
                disk.fail(sync: EIO, of: suffix)
            }
            return real.write(file, bytes, offset)
        }
        let used = calls
        let error = await #expect(throws: HubError.self) { _ = try await months.forget(disk: used) }
        #expect(error?.code == .journalUnavailable)
        #expect(try months.folder.names("segments").allSatisfy { !$0.hasSuffix(".part") })
        if suffix == ".seg.part" { #expect(try months.folder.bytes(Fixture.segment) == first) }
        #expect(try months.audit().audit.faults == [])
        let again = try await months.forget()
        #expect(again.records == [], "it is decided already")
        #expect(try months.audit().audit.forgotten == 11)
    }
}
