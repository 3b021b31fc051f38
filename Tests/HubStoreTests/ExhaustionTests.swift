import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A hub without open files left")
struct ExhaustionTests {
    static let faults = [EMFILE, ENFILE, ENOMEM]

    /// The first of its kind: spool, subfolder and file are opened.
    @Test("refuses the large message that needs one, and nothing else", arguments: Self.faults, 0..<3)
    func spool(fault: Int32, opens: Int) async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        let before = disk.syncs
        disk.fail(open: fault, afterOpens: opens)
        await Self.expectOverloaded { try await Fixture.fill(journal, 0..<1, size: 300_000) }
        try await Fixture.fill(journal, 1..<2)
        #expect(await journal.health().fault == nil)
        disk.fail()
        try await Fixture.fill(journal, 0..<1, size: 300_000)
        // However often it was tried, the name of the subfolder was synced once, and before the file in it.
        let synced = disk.synced[before...]
        #expect(synced.filter { $0.hasSuffix("/spool") }.count == 1)
        #expect(
            synced.firstIndex { $0.hasSuffix("/spool") } ?? .max < synced.firstIndex { $0.hasSuffix(".part") }
                ?? 0)
        await journal.close()
        try await Self.expectSound(folder, messages: 2)
    }

    @Test("stores the payload of a refused message once it can", arguments: Self.faults)
    func storedBefore(fault: Int32) async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        let payload = JournalSamples.payload(0, count: 300_000)
        _ = try await journal.append(.accepted(JournalSamples.message(0, payload: payload)), payload: payload)
        disk.fail(open: fault)
        let second = JournalSamples.message(1, payload: payload)
        await Self.expectOverloaded { _ = try await journal.append(.accepted(second), payload: payload) }
        disk.fail()
        _ = try await journal.append(.accepted(second), payload: payload)
        await journal.close()
        try await Self.expectSound(folder, messages: 2)
    }

    /// The folder and the file are opened.
    @Test("refuses what needs the next segment, and begins it when it can", arguments: Self.faults, 0..<2)
    func roll(fault: Int32, opens: Int) async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) {
            $0.disk = disk.calls
            $0.segmentSize = 4096
        }
        try await Fixture.fill(journal, 0..<1, size: 2500)
        for _ in 0..<2 {
            disk.fail(open: fault, afterOpens: opens)
            await Self.expectOverloaded { try await Fixture.fill(journal, 1..<2, size: 2500) }
        }
        #expect(try folder.names("segments") == ["00000000.seg"])
        // What has room is still taken.
        try await Fixture.fill(journal, 2..<3, size: 10)
        disk.fail()
        try await Fixture.fill(journal, 1..<2, size: 2500)
        try await Fixture.fill(journal, 3..<5, size: 2500)
        await journal.close()
        try await Self.expectSound(folder, messages: 5)
    }

    @Test("goes on; one whose disk fails to open a file does not")
    func otherFaults() async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        disk.fail(open: EIO)
        for number in 0..<2 {
            let error = await #expect(throws: HubError.self) {
                try await Fixture.fill(journal, number..<number + 1, size: 300_000)
            }
            #expect(error?.code == .journalUnavailable)
            disk.fail()
        }
        #expect(await journal.health().fault?.code == .journalUnavailable)
        await journal.close()
    }

    private static func expectOverloaded(_ body: () async throws -> Void) async {
        let error = await #expect(throws: HubError.self) { try await body() }
        #expect(error?.code == .journalOverloaded)
        #expect(error?.code.advice == .sameAgainLater)
        #expect(error?.detail("step") == "open")
    }

    private static func expectSound(_ folder: TestFolder, messages: Int) async throws {
        let audit = try SegmentReader.verify(folder: folder.path, keys: [try Fixture.key.get().publicKey])
        #expect(audit.faults == [] && audit.records == messages)
        let journal = try await Fixture.open(folder)
        #expect(try await journal.totals().messages == messages)
        #expect(journal.startReport.removedOrphans == 0, "no half of a file was left")
        await journal.close()
    }
}
