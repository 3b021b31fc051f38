import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("Every journal")
struct ConformanceTests {
    @Test("keeps the promises on disk", arguments: JournalConformance.checks)
    func onDisk(_ check: JournalConformance.Check) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        let key = try Fixture.key.get().publicKey
        try await check.run(JournalConformance.Subject(journal: journal, key: key))
        await journal.close()
        let audit = try SegmentReader.verify(folder: folder.path, key: key)
        #expect(audit.faults == [])
    }

    @Test("keeps the promises in memory", arguments: JournalConformance.checks)
    func inMemory(_ check: JournalConformance.Check) async throws {
        let key = try Fixture.key.get()
        let journal = InMemoryJournal(
            hub: "H44", key: key.publicKey.fingerprint, clock: SteppingClock()
        ) { bytes throws(HubError) in try key.sign(bytes) }
        try await check.run(JournalConformance.Subject(journal: journal, key: key.publicKey))
    }
}
