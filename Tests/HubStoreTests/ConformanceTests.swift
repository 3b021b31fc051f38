import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("Every journal")
struct ConformanceTests {
    /// With and without what is kept in memory of the last payloads.
    @Test("keeps the promises on disk", arguments: JournalConformance.checks, [0, 8 << 20])
    func onDisk(_ check: JournalConformance.Check, recentBytes: Int) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.recentBytes = recentBytes }
        let key = try Fixture.key.get().publicKey
        try await check.run(JournalConformance.Subject(journal: journal, key: key))
        await journal.close()
        let audit = try SegmentReader.verify(folder: folder.path, keys: [key])
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
