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
        let backlog = ProjectionBacklog(next: 0, limit: 8)
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
        let backlog = ProjectionBacklog(next: 0, limit: 8)
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
        let backlog = ProjectionBacklog(next: 0, limit: 0)
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
}
