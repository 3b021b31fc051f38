import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// Someone takes payloads away as the hub does, but without the hub's word for it.
@Suite("A payload that is missing without a record that says so")
struct MissingPayloadTests {
    /// Takes the inline payloads of these sequence numbers out of a segment, decided by nobody.
    private static func remove(_ sequences: ClosedRange<Int64>, from segment: Int, of folder: TestFolder)
        throws
    {
        let files = SegmentFiles(folder: folder.path + "/segments")
        let removal = PayloadRemoval(before: ThreeMonths.policy.before, type: nil, sequences: [sequences])
        try SegmentRewriting(files, .system).remove(RemovalCover([removal]), from: segment)
    }

    @Test("is named with its record and message")
    func inline() async throws {
        let months = try await ThreeMonths()
        try Self.remove(0...3, from: 0, of: months.folder)
        let (audit, differences) = try months.audit(receipts: months.receipts)
        let fault = try #require(audit.faults.first)
        #expect(audit.faults.count == 1 && fault.what == "the payload is missing")
        #expect(fault.record == 2 && fault.message == JournalSamples.id(1) && fault.segment == "00000000.seg")
        #expect(fault.offset == (try Fixture.blocks(months.folder)[2].offset))
        #expect(audit.forgotten == 0 && audit.receipts == 18 && differences == [])
    }

    @Test("is named when its file is gone from the spool")
    func spooled() async throws {
        let months = try await ThreeMonths()
        try months.folder.remove(ThreeMonths.spoolFile(3))
        let (audit, _) = try months.audit()
        #expect(audit.faults.map(\.what) == ["the payload is missing"])
        #expect(audit.faults.first?.message == JournalSamples.id(3))
    }

    @Test("is named among those that were removed by policy")
    func among() async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        // The one that waits, and one of November.
        let files = SegmentFiles(folder: months.folder.path + "/segments")
        var places: [Int64: Int] = [:]
        for number in try files.numbers() {
            var scan = try SegmentScan(number, in: files)
            while case .block(let block) = try scan.next() { places[block.header.firstSequence] = number }
        }
        let (waits, november) = (Int64(8), Int64(25))
        for sequence in [waits, november] {
            try Self.remove(sequence...sequence, from: try #require(places[sequence]), of: months.folder)
        }
        let (audit, _) = try months.audit()
        #expect(audit.faults.map(\.what) == ["the payload is missing", "the payload is missing"])
        #expect(audit.faults.map(\.record) == [waits, november])
        #expect(audit.faults.map(\.message) == [4, 13].map { JournalSamples.id($0) })
        #expect(audit.forgotten == 11)
    }

    @Test("is not excused by a record that another key signed")
    func stranger() async throws {
        let months = try await ThreeMonths()
        let key = try SigningKey.generate(.p256)
        var settings = try ThreeMonths.settings(months.folder, months.clock)
        settings.signer = {
            BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) }
        }
        _ = try await SegmentJournal.forget(ThreeMonths.policy, in: settings)
        let (audit, _) = try months.audit()
        #expect(audit.faults.first?.what == "another key signed it: \(key.publicKey.fingerprint)")
        #expect(audit.faults.filter { $0.what == "the payload is missing" }.count == 11)
        #expect(audit.forgotten == 0)
    }

    @Test("is not excused by a record that stands before it, or says something else", arguments: 0..<3)
    func otherRecord(_ kind: Int) async throws {
        let folder = TestFolder()
        let clock = SetClock("2025-10-02T00:00:00Z")
        let settings = try ThreeMonths.settings(folder, clock)
        let journal = try await SegmentJournal.open(settings)
        func note(_ action: String, _ subject: String) async throws {
            _ = try await journal.append(
                .operation(
                    Operation(at: clock.now, actor: "an", action: action, subject: subject, reason: "")),
                payload: nil)
        }
        let subject = "before=2030-01-01 sequences=0-1"
        if kind == 0 { try await note("payload.forget", subject) }
        try await Fixture.fill(journal, 0..<1, destinations: [])
        if kind == 1 { try await note("start", subject) }
        if kind == 2 {
            try await note("payload.forget", "before=2030-01-01 type=dossier/sync/1 sequences=0-1")
        }
        clock.set("2025-11-02T00:00:00Z")
        try await Fixture.fill(journal, 1..<2, destinations: [])
        await journal.close()
        try Self.remove(0...1, from: 0, of: folder)
        #expect(try ThreeMonths.audit(folder).audit.faults.map(\.what) == ["the payload is missing"])
    }

    @Test("is excused by several records together")
    func several() async throws {
        let months = try await ThreeMonths()
        var edoc = ThreeMonths.policy
        edoc.type = .edocDocument
        _ = try await months.forget(edoc)
        let journal = try await months.open()
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .delivered)])
        await journal.close()
        _ = try await months.forget()
        let (audit, _) = try months.audit()
        #expect(audit.faults == [] && audit.forgotten == 12)
    }
}
