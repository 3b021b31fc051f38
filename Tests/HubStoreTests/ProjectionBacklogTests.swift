import Foundation
import HubCore
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("What is on disk and not in the database yet")
struct ProjectionBacklogTests {
    private final class Order: Sendable {
        private let state = Mutex<[String]>([])
        var all: [String] { self.state.withLock { $0 } }
        func note(_ what: String) { self.state.withLock { $0.append(what) } }
    }

    /// A block with one message.
    private static func block(_ number: Int) -> ProjectionWriter.Block {
        let record = JournalRecord.accepted(JournalSamples.message(number, payload: []))
        return ProjectionWriter.Block(
            chain: Chain(number: Int64(number), digest: .zero, nextSequence: Int64(number) + 1),
            location: BlockLocation(segment: 0, offset: 0, length: 0), firstSequence: Int64(number),
            records: [ProjectionWriter.Record(record: record, bytes: record.bytes, isSpooled: false)]
        )
    }

    private static func subject(_ number: Int) -> ProjectionWriter.Subject {
        ProjectionWriter.Subject(JournalSamples.message(number, payload: []))
    }

    @Test("is known by identity and id until the database has it")
    func known() {
        let backlog = ProjectionBacklog(next: 0, limit: 8, enough: 1)
        #expect(backlog.add(Self.block(0)))
        #expect(!backlog.add(Self.block(1)), "whoever applies blocks is at it")
        #expect(backlog.mayHold([Self.subject(0), Self.subject(1), Self.subject(2)]) == [true, true, false])
        let first = backlog.take(atMost: 1)
        #expect(first.map(\.firstSequence) == [0])
        #expect(backlog.mayHold([Self.subject(0)]) == [true], "it is not in the database while it is applied")
        backlog.applied(first)
        #expect(backlog.mayHold([Self.subject(0), Self.subject(1)]) == [false, true])
        backlog.applied(backlog.take(atMost: 8))
        #expect(backlog.take(atMost: 8).isEmpty)
        #expect(backlog.add(Self.block(2)), "the next one has to be seen to again")
    }

    @Test("keeps readers waiting for what was there when they asked, and for nothing that came later")
    func readers() async {
        let backlog = ProjectionBacklog(next: 0, limit: 8, enough: 1)
        await backlog.settled()
        _ = backlog.add(Self.block(0))
        let order = Order()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await backlog.settled()
                order.note("read")
            }
            for _ in 0..<100 { await Task.yield() }
            order.note("applied")
            let first = backlog.take(atMost: 8)
            _ = backlog.add(Self.block(1))
            backlog.applied(first)
        }
        #expect(order.all == ["applied", "read"])
    }

    @Test("lets nobody wait for ever when the database has refused a block, and tells nobody apart by it any more")
    func over() async throws {
        let backlog = ProjectionBacklog(next: 0, limit: 0, enough: 1)
        try backlog.waitUntilSettled()
        _ = backlog.add(Self.block(0))
        backlog.end()
        await backlog.settled()
        backlog.waitForRoom()
        #expect(backlog.take(atMost: 8).isEmpty && !backlog.add(Self.block(1)))
        let code: ErrorCode?
        do {
            try backlog.waitUntilSettled()
            code = nil
        } catch {
            code = error.code
        }
        #expect(code == .journalUnavailable)
    }

    /// What the thread that applies blocks does, with more patience than any test has.
    private static func applying(
        _ backlog: ProjectionBacklog, while body: () async -> Void
    ) async -> [[Int64]] {
        let taken = Mutex<[[Int64]]>([])
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let thread = Thread {
            while true {
                backlog.gather(for: .seconds(600))
                let blocks = backlog.take(atMost: 8)
                if blocks.isEmpty { break }
                taken.withLock { $0.append(blocks.map(\.firstSequence)) }
                backlog.applied(blocks)
            }
            end.finish()
        }
        thread.start()
        await body()
        for await _ in ended {}
        return taken.withLock { $0 }
    }

    @Test("gathers until there is enough for a transaction")
    func enough() async {
        let backlog = ProjectionBacklog(next: 0, limit: 8, enough: 3)
        _ = backlog.add(Self.block(0))
        let taken = await Self.applying(backlog) {
            _ = backlog.add(Self.block(1))
            _ = backlog.add(Self.block(2))
        }
        #expect(taken == [[0, 1, 2]])
    }

    @Test("gathers no longer than until somebody waits, on a thread or not, or the writer has no room")
    func waitedFor() async {
        for wait: @Sendable (ProjectionBacklog) async -> Void in [
            { await $0.settled() }, { _ = try? $0.waitUntilSettled() }, { _ = $0.waitForWhatIs() }, { $0.waitForRoom() },
        ] {
            let backlog = ProjectionBacklog(next: 0, limit: 0, enough: 3)
            _ = backlog.add(Self.block(0))
            #expect(await Self.applying(backlog) { await wait(backlog) } == [[0]])
        }
    }

    @Test("gathers no more once the database has refused a block")
    func overWhileGathering() async {
        let backlog = ProjectionBacklog(next: 0, limit: 8, enough: 3)
        _ = backlog.add(Self.block(0))
        #expect(await Self.applying(backlog) { backlog.end() } == [])
    }

    @Test("applies what is there when patience is over, and takes no old signal for a new one")
    func patience() {
        let backlog = ProjectionBacklog(next: 0, limit: 8, enough: 3)
        for number in 0..<50 {
            _ = backlog.add(Self.block(number))
            let start = ContinuousClock.now
            backlog.gather(for: .milliseconds(1))
            #expect(start.duration(to: .now) >= .milliseconds(1))
            let blocks = backlog.take(atMost: 8)
            #expect(blocks.map(\.firstSequence) == [Int64(number)])
            backlog.applied(blocks)
        }
    }

    @Test("puts nothing off for a while after somebody waited, and then gathers again")
    func prompt() async {
        let backlog = ProjectionBacklog(next: 0, limit: 8, enough: 3)
        _ = backlog.add(Self.block(0))
        #expect(await Self.applying(backlog) { await backlog.settled() } == [[0]])
        var number = 0
        func isHeld() -> Bool {
            number += 1
            _ = backlog.add(Self.block(number))
            let start = ContinuousClock.now
            backlog.gather(for: .milliseconds(200))
            backlog.applied(backlog.take(atMost: 8))
            return start.duration(to: .now) >= .milliseconds(200)
        }
        #expect((0..<7).allSatisfy { _ in !isHeld() })
        #expect((0..<2).contains { _ in isHeld() })
    }
}
