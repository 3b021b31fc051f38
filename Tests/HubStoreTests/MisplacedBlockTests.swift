import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// The database says of a block that it is where it is not, as after a bit that was flipped in it.
@Suite("A block that the database misplaces")
struct MisplacedBlockTests {
    private static func misplace(_ folder: TestFolder, _ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.path + "/projection.sqlite")
        defer { try? queue.close() }
        try queue.write { try $0.execute(sql: sql) }
    }

    @Test(
        "is no damage of the segment, nor is its message one without payload: the database is to be made anew",
        arguments: [
            "UPDATE blocks SET offset = offset + 8 WHERE first_sequence = 4",
            // To the block before, whose record has no payload, and to one of another message.
            "UPDATE blocks SET offset = (SELECT offset FROM blocks WHERE first_sequence = 3), length = (SELECT length FROM blocks WHERE first_sequence = 3) WHERE first_sequence = 4",
            "UPDATE blocks SET offset = (SELECT offset FROM blocks WHERE first_sequence = 2), length = (SELECT length FROM blocks WHERE first_sequence = 2) WHERE first_sequence = 4",
            "UPDATE blocks SET segment = segment + 1 WHERE first_sequence = 4",
            "UPDATE blocks SET length = length - 1 WHERE first_sequence = 4",
            // Where nothing can be at all: a sign is one bit.
            "UPDATE blocks SET length = -length WHERE first_sequence = 4",
            "UPDATE blocks SET offset = -offset WHERE first_sequence = 4",
            "UPDATE blocks SET segment = -1 WHERE first_sequence = 4",
            "UPDATE blocks SET offset = 9223372036854775800 WHERE first_sequence = 4",
        ])
    func misplaced(sql: String) async throws {
        let months = try await ThreeMonths()
        try Self.misplace(months.folder, sql)
        let journal = try await months.open()
        let number = 2
        let id = JournalSamples.id(number)
        #expect(try journal.projection.read { try Projection.sequence($0, id) } == 4)
        do {
            _ = try await journal.payload(of: id)
            Issue.record("a payload was read elsewhere")
        } catch {
            #expect(error.code == .journalUnavailable && "\(error.summary)".contains("rebuild"), "\(error)")
        }
        do {
            _ = try await journal.receipt(of: id)
            Issue.record("a receipt was made of another block")
        } catch {
            #expect(error.code == .journalDamaged && "\(error.summary)".contains("rebuild"), "\(error)")
        }
        for other in [0, 1, 3, 7] {
            #expect(try await journal.payload(of: JournalSamples.id(other)) == ThreeMonths.payload(other))
        }
        await journal.close()
        _ = try await SegmentJournal.rebuild(try ThreeMonths.settings(months.folder, months.clock))
        let rebuilt = try await months.open()
        #expect(try await rebuilt.payload(of: id) == ThreeMonths.payload(number))
        #expect(try await rebuilt.receipt(of: id) == months.receipts[number])
        await rebuilt.close()
    }

    @Test("into a month that was dropped does not make its message one that is in an archive")
    func dropped() async throws {
        let months = try await Droppable()
        try await months.dropped()
        try Self.misplace(months.folder, "UPDATE blocks SET segment = 0")
        let journal = try await months.open()
        do {
            _ = try await journal.payload(of: JournalSamples.id(13))
            Issue.record("a payload was read elsewhere")
        } catch {
            #expect(error.code == .journalUnavailable && "\(error.summary)".contains("rebuild"), "\(error)")
        }
        await journal.close()
    }

    @Test("that is damaged itself is still named as such")
    func damaged() async throws {
        let months = try await ThreeMonths()
        let place = try #require(try SegmentFiles(folder: months.folder.path + "/segments").find(4)).location
        #expect(try Fixture.blocks(months.folder).contains(place))
        var bytes = try months.folder.bytes("segments/00000000.seg")
        bytes[place.offset + 2] ^= 1
        try months.folder.write(bytes, "segments/00000000.seg")
        let journal = try await months.open()
        do {
            _ = try await journal.payload(of: JournalSamples.id(2))
            Issue.record("a damaged block was read")
        } catch {
            #expect(error.code == .journalDamaged && error.detail("segment") == "00000000.seg")
        }
        await journal.close()
    }
}
