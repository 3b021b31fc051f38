import Dispatch
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("The writer of the journal")
struct WriterTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let apply: @Sendable (FaultyDisk) -> Void
    }

    static let faults: [Fault] = [
        Fault(testDescription: "the disk is full") { $0.fail(write: ENOSPC) },
        Fault(testDescription: "a write fails") { $0.fail(write: EIO) },
        Fault(testDescription: "a sync fails") { $0.fail(sync: EIO) },
    ]

    @Test("accepts nothing more once the disk has failed it, and says why", arguments: Self.faults)
    func diskFails(_ fault: Fault) async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        try await Fixture.fill(journal, 0..<3)
        fault.apply(disk)
        await Self.expectUnavailable { try await Fixture.fill(journal, 3..<4) }
        disk.fail()
        let syncs = disk.syncs
        await Self.expectUnavailable { try await Fixture.fill(journal, 4..<5) }
        #expect(disk.syncs == syncs, "nothing is tried again")
        #expect(await journal.health().fault?.code == .journalUnavailable)
        #expect(try await journal.totals().messages == 3, "what was accepted can still be read")
        await journal.close()
        let after = try await Fixture.open(folder)
        #expect(try await after.totals().messages == 3)
        try await Fixture.fill(after, 3..<5)
        await after.close()
    }

    @Test("says what to do when the disk is full")
    func fullDisk() async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) {
            $0.disk = disk.calls
            $0.segmentSize = 4096
        }
        disk.fail(allocate: ENOSPC)
        let error = await #expect(throws: HubError.self) {
            try await Fixture.fill(journal, 0..<9, size: 1500)
        }
        #expect(error?.description.contains("Free space") == true)
        #expect(error?.detail("step") == "set space aside")
        #expect(try folder.names("segments").count == 1)
        await journal.close()
    }

    @Test("accepts nothing more when a large payload cannot be spooled", arguments: [true, false])
    func spoolFails(isFull: Bool) async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        if isFull { disk.fail(write: ENOSPC) } else { disk.fail(sync: EIO) }
        await Self.expectUnavailable { try await Fixture.fill(journal, 0..<1, size: 300_000) }
        disk.fail()
        await Self.expectUnavailable { try await Fixture.fill(journal, 1..<2) }
        await journal.close()
        let after = try await Fixture.open(folder)
        #expect(try await after.totals().messages == 0)
        await after.close()
    }

    @Test("accepts nothing when a block cannot be signed")
    func signerFails() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) {
            $0.signer = {
                BlockSigner(key: .zero) { _ throws(HubError) in
                    throw HubError(.envelopeCryptoFailed, "No signature today.")
                }
            }
        }
        let error = await #expect(throws: HubError.self) { try await Fixture.fill(journal, 0..<1) }
        #expect(error?.code == .journalUnavailable)
        #expect(error?.detail("because") == "envelope.crypto_failed")
        await journal.close()
        await (try Fixture.open(folder)).close()
    }

    @Test("refuses what is too much, and writes what has gathered as one block")
    func overloaded() async throws {
        let folder = TestFolder()
        let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let key = try Fixture.key.get()
        let journal = try await Fixture.open(folder) {
            $0.maxWaiting = 8
            $0.signer = {
                BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in
                    entered.signal()
                    gate.wait()
                    return try key.sign(bytes)
                }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Fixture.fill(journal, 0..<1) }
            await Self.wait(entered)
            for number in 1...8 { group.addTask { try await Fixture.fill(journal, number..<number + 1) } }
            while await journal.health().waiting < 8 { await Task.yield() }
            let error = await #expect(throws: HubError.self) { try await Fixture.fill(journal, 9..<10) }
            #expect(error?.code == .journalOverloaded)
            gate.signal()
            gate.signal()
            try await group.waitForAll()
        }
        let totals = try await journal.totals()
        #expect(totals.messages == 9)
        #expect(totals.blocks == 2, "a lone message does not wait, the others share a block")
        await journal.close()
    }

    @Test("takes the outcome of a delivery when it refuses messages, so that no receiver gets one twice")
    func outcomes() async throws {
        let folder = TestFolder()
        let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let key = try Fixture.key.get()
        let journal = try await Fixture.open(folder) {
            $0.maxWaiting = 2
            $0.signer = {
                BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in
                    entered.signal()
                    gate.wait()
                    return try key.sign(bytes)
                }
            }
        }
        let refused = Mutex(0)
        let note: @Sendable (DeliveryEvent) async throws -> Void = { event in
            do {
                _ = try await journal.append(.delivery(event), payload: nil)
            } catch {
                refused.withLock { $0 += 1 }
                throw error
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Fixture.fill(journal, 0..<1) }
            await Self.wait(entered)
            for number in 1...2 { group.addTask { try await Fixture.fill(journal, number..<number + 1) } }
            while await journal.health().waiting < 2 { await Task.yield() }
            for attempt in 1...3 {
                let event = JournalSamples.event(0, attempt < 3 ? .postponed : .delivered, attempt: attempt)
                group.addTask { try await note(event) }
                while await journal.health().waiting < 2 + attempt, refused.withLock({ $0 == 0 }) {
                    await Task.yield()
                }
            }
            let error = await #expect(throws: HubError.self) { try await Fixture.fill(journal, 3..<4) }
            #expect(error?.code == .journalOverloaded)
            // More often than there are blocks, so that whoever was late is not kept waiting.
            for _ in 0..<8 { gate.signal() }
            try await group.waitForAll()
        }
        #expect(try await journal.attempts(of: JournalSamples.id(0)).count == 3)
        let totals = try await journal.totals()
        #expect(totals.messages == 3 && totals.delivered == 1)
        await journal.close()
    }

    @Test("lets nobody wait for company who calls alone")
    func alone() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.gather = .seconds(3600) }
        try await Fixture.fill(journal, 0..<20)
        #expect(try await journal.totals().blocks == 20)
        await journal.close()
    }

    @Test("lets many who call at once share a block, and answers all of them")
    func gathers() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.gather = .milliseconds(40) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<16 {
                group.addTask { try await Fixture.fill(journal, caller * 20..<(caller + 1) * 20) }
            }
            try await group.waitForAll()
        }
        let totals = try await journal.totals()
        #expect(totals.messages == 320)
        #expect(totals.blocks < 160)
        await journal.close()
    }

    @Test("writes several outcomes with one wait, and refuses them all when it cannot")
    func manyOutcomes() async throws {
        let folder = TestFolder()
        let disk = FaultyDisk()
        let journal = try await Fixture.open(folder) { $0.disk = disk.calls }
        try await Fixture.fill(journal, 0..<3)
        try await journal.record((0..<2).map { JournalSamples.event($0, .delivered, attempt: 1) })
        var totals = try await journal.totals()
        #expect(totals.delivered == 2)
        #expect(totals.blocks == 4)
        try await journal.record([])
        disk.fail(sync: EIO)
        await Self.expectUnavailable { try await journal.record([JournalSamples.event(2, .delivered, attempt: 1)]) }
        totals = try await journal.totals()
        #expect(totals.delivered == 2)
        await journal.close()
    }

    @Test("keeps the last payloads in memory, the oldest going first")
    func recentPayloads() {
        let recent = RecentPayloads(limit: 100)
        for number in 0..<4 { recent.keep(Array(repeating: UInt8(number), count: 40), of: JournalSamples.id(number)) }
        recent.keep(Array(repeating: 9, count: 101), of: JournalSamples.id(9))
        recent.keep([1], of: JournalSamples.id(3))
        let found = recent.payloads(of: [0, 1, 2, 3, 9].map { JournalSamples.id($0) })
        #expect(found.map { $0?.count } == [nil, nil, 40, 40, nil])
    }

    @Test("writes what waits before it closes, and refuses what comes later")
    func closes() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<3)
        await journal.close()
        let error = await #expect(throws: HubError.self) { try await Fixture.fill(journal, 3..<4) }
        #expect(error?.code == .journalClosed)
        let read = await #expect(throws: HubError.self) { _ = try await journal.totals() }
        #expect(read?.code == .journalClosed)
        #expect(await journal.health().fault?.code == .journalClosed)
    }

    @Test("keeps the log of the database short also when each record has a transaction of its own")
    func loneTransactions() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.checkpointLength = 500 }
        for number in 0..<400 {
            try await Fixture.fill(journal, number..<number + 1)
            #expect(try await journal.totals().messages == number + 1)
            // A log from which nobody copies any more is begun anew.
            try await journal.threads.checkpoints.run { () throws(HubError) in }
        }
        // A hundred transactions of a dozen pages each; all would be 20 MB.
        #expect(try folder.bytes("projection.sqlite-wal").count < 10 << 20)
        await journal.close()
    }

    @Test("leaves what has gathered to the next start when it is let go without being closed")
    func letGo() async throws {
        let folder = TestFolder()
        var journal: SegmentJournal? = try await Fixture.open(folder)
        let backlog = try #require(journal?.backlog)
        if let journal { try await Fixture.fill(journal, 0..<3) }
        journal = nil
        #expect(backlog.isOver && backlog.take(atMost: 8).isEmpty)
        let next = try await Fixture.open(folder)
        #expect(try await next.totals().messages == 3)
        await next.close()
    }

    @Test("closes behind the last checkpoint that the database asked for")
    func closesBehindCheckpoint() async throws {
        for _ in 0..<10 {
            let folder = TestFolder()
            let journal = try await Fixture.open(folder) { $0.checkpointLength = 1 }
            try await Fixture.fill(journal, 0..<300)
            let backlog = journal.backlog
            // The one that closes is let go first, and the checkpoint asked for when the others are.
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await journal.close() }
                for _ in 0..<5000 { group.addTask { await backlog.settled() } }
            }
            #expect(try Fixture.blocks(folder).count == 300)
        }
    }

    @Test("keeps the bound on the bytes of a block")
    func boundedBlocks() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.maxBatchBytes = 20_000 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask { try await Fixture.fill(journal, number..<number + 1, size: 5000) }
            }
            try await group.waitForAll()
        }
        await journal.close()
        let blocks = try Fixture.blocks(folder)
        #expect(blocks.count >= 13)
        #expect(blocks.allSatisfy { $0.length <= 22_000 })
    }

    @Test("is not kept waiting by a reader, nor a reader by it")
    func readersAndWriter() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<50)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Fixture.fill(journal, 50..<150) }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50 {
                        let messages = try await journal.messages(before: nil, limit: 20)
                        #expect(messages.count == 20)
                        #expect(messages.map(\.message.id) == messages.map(\.message.id).sorted().reversed())
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await journal.totals().messages == 150)
        await journal.close()
    }

    @Test("refuses settings that make no sense")
    func settings() async throws {
        let folder = TestFolder()
        let error = await #expect(throws: HubError.self) {
            _ = try await Fixture.open(folder) { $0.maxBatch = 0 }
        }
        #expect(error?.code == .configurationInvalid)
        #expect(error?.detail("setting") == "records of a commit")
        #expect(!folder.exists(""))
    }

    private static func expectUnavailable(_ body: () async throws -> Void) async {
        let error = await #expect(throws: HubError.self) { try await body() }
        #expect(error?.code == .journalUnavailable)
    }

    private static func wait(_ semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                semaphore.wait()
                continuation.resume()
            }
        }
    }
}
