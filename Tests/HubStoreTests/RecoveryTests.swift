import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A journal that is opened again")
struct RecoveryTests {
    @Test("knows everything after it was closed")
    func closed() async throws {
        let folder = TestFolder()
        let before = try await Fixture.open(folder)
        try await Fixture.fill(before, 0..<20)
        let receipts = try await Self.receipts(before, 0..<20)
        await before.close()
        let after = try await Fixture.open(folder)
        #expect(after.startReport.lastBlock == 19)
        #expect(after.startReport.replayedBlocks == 0)
        #expect(try await Self.receipts(after, 0..<20) == receipts)
        try await Fixture.fill(after, 20..<25)
        #expect(try await after.totals().messages == 25)
        await after.close()
    }

    @Test("knows everything after it was abandoned")
    func abandoned() async throws {
        let folder = TestFolder()
        let before = try await Fixture.open(folder)
        try await Fixture.fill(before, 0..<20)
        before.abandon()
        let after = try await Fixture.open(folder)
        #expect(try await after.totals().messages == 20)
        #expect(
            try await after.pending(for: DestinationID(unchecked: "mailbox:a"), after: .start, limit: 50)
                .count == 20)
        await after.close()
    }

    @Test("is refused to a second hub while the first has it")
    func locked() async throws {
        let folder = TestFolder()
        let first = try await Fixture.open(folder)
        let error = await #expect(throws: HubError.self) { _ = try await Fixture.open(folder) }
        #expect(error?.code == .journalUnavailable)
        #expect(error?.detail("folder") == folder.path)
        await first.close()
        await (try Fixture.open(folder)).close()
    }

    @Test("is made anew from its segments when the database is gone, older, or not one", arguments: 0..<4)
    func lostProjection(_ kind: Int) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<10)
        // A question is answered when the database holds all that was appended.
        _ = try await journal.totals()
        let early = try folder.copy()
        _ = try await journal.append(.delivery(JournalSamples.event(3, .delivered)), payload: nil)
        try await Fixture.fill(journal, 10..<30)
        _ = try await journal.append(.delivery(JournalSamples.event(12, .deadLettered)), payload: nil)
        let wanted = try await Self.answers(journal)
        await journal.close()
        try folder.removeProjection()
        switch kind {
        case 0: break
        case 1:
            try folder.write(try early.bytes("projection.sqlite"), "projection.sqlite")
            try folder.write(try early.bytes("projection.sqlite-wal"), "projection.sqlite-wal")
        case 2:
            try folder.write(
                Array("not a database at all, but long enough to look at".utf8), "projection.sqlite")
        default: try folder.write([], "projection.sqlite")
        }
        let after = try await Fixture.open(folder)
        #expect(after.startReport.replayedBlocks == (kind == 1 ? 22 : 32))
        #expect(after.startReport.isRebuilt == (kind != 1))
        #expect(try await Self.answers(after) == wanted)
        await after.close()
    }

    @Test("is made anew on demand")
    func rebuilt() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<10)
        let wanted = try await Self.answers(journal)
        await journal.close()
        let report = try await SegmentJournal.rebuild(try Fixture.configuration(folder))
        #expect(report.isRebuilt)
        #expect(report.replayedRecords == 10)
        let after = try await Fixture.open(folder)
        #expect(try await Self.answers(after) == wanted)
        await after.close()
    }

    @Test("goes on over many segments", arguments: [4096, 20_000])
    func segments(size: Int) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.segmentSize = size }
        try await Fixture.fill(journal, 0..<60, size: 1500)
        // Larger than a whole segment.
        try await Fixture.fill(journal, 60..<62, size: 30_000)
        try await Fixture.fill(journal, 62..<65, size: 1500)
        #expect(try folder.names("segments").count > 4)
        let wanted = try await Self.answers(journal)
        journal.abandon()
        try folder.removeProjection()
        let after = try await Fixture.open(folder) { $0.segmentSize = size }
        #expect(try await Self.answers(after) == wanted)
        for number in 0..<65 {
            let payload = try await after.payload(of: JournalSamples.id(number))
            #expect(
                payload == JournalSamples.payload(number, count: (60..<62).contains(number) ? 30_000 : 1500))
        }
        await after.close()
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.faults == [])
        #expect(audit.records == 65)
    }

    static func receipts(_ journal: any Journal, _ numbers: Range<Int>) async throws -> [Receipt] {
        var receipts: [Receipt] = []
        for number in numbers { receipts.append(try await journal.receipt(of: JournalSamples.id(number))) }
        return receipts
    }

    /// Everything that a journal can be asked, as text that can be compared.
    static func answers(_ journal: any Journal) async throws -> [String] {
        var answers = ["\(try await journal.totals())"]
        for stored in try await journal.messages(before: nil, limit: 1000) {
            answers.append("\(stored)")
            answers.append("\(try await journal.attempts(of: stored.message.id))")
            answers.append("\(try await journal.receipt(of: stored.message.id))")
        }
        for (destination, count) in try await journal.pendingCounts().sorted(by: { $0.key < $1.key }) {
            answers.append("\(destination) \(count)")
            answers.append("\(try await journal.pending(for: destination, after: .start, limit: 1000))")
        }
        return answers
    }
}
