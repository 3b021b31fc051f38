import Foundation
import GRDB
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("What an open journal does not keep")
struct RetentionTests {
    static func policy(payloads days: Int? = 30, identities: Int? = nil) -> RetentionPolicy {
        var policy = RetentionPolicy()
        policy.payloads = days.map { .seconds($0 * 86_400) }
        policy.identities = identities.map { .seconds($0 * 86_400) }
        return policy
    }

    /// Accepts messages at the time that the clock shows, and delivers them.
    static func fill(
        _ journal: SegmentJournal, _ numbers: Range<Int>, at clock: SetClock, size: Int? = nil,
        type: (Int) -> MessageType = { _ in .edocDocument }, waiting: Set<Int> = [ThreeMonths.waiting]
    ) async throws {
        for number in numbers {
            let payload = JournalSamples.payload(number, count: size ?? ThreeMonths.size(number))
            let message = Self.message(number, payload, at: clock.now, type(number))
            let result = try await journal.append(.accepted(message), payload: payload)
            guard case .committed = result else { throw Repeated() }
            guard !waiting.contains(number) else { continue }
            try await journal.record([JournalSamples.event(number, .delivered)])
        }
    }

    struct Repeated: Error {}

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { self.state.withLock { $0 } }
        func set() { self.state.withLock { $0 = true } }
    }

    static func message(
        _ number: Int, _ payload: [UInt8], at time: Timestamp, _ type: MessageType = .edocDocument,
        identity: String? = nil, to deliveries: [PlannedDelivery]? = nil
    ) -> AcceptedMessage {
        let sample = JournalSamples.message(number, payload: payload, destinations: ["mailbox:a"])
        return AcceptedMessage(
            id: sample.id, receivedAt: time, sender: sample.sender, agency: sample.agency, type: type,
            identity: identity ?? sample.identity, digest: sample.digest, size: sample.size,
            contentType: sample.contentType, orderKey: "", priority: 0, correlation: "",
            signature: sample.signature,
            warnings: [], deliveries: deliveries ?? sample.deliveries
        )
    }

    /// October, November and December as in `ThreeMonths`, but with the times at which the messages came.
    static func threeMonths(_ folder: TestFolder, _ clock: SetClock) async throws -> SegmentJournal {
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        try await Self.fill(journal, 0..<12, at: clock)
        clock.set("2025-11-02T00:00:00Z")
        try await Self.fill(journal, 12..<16, at: clock)
        clock.set("2025-12-02T00:00:00Z")
        try await Self.fill(journal, 16..<18, at: clock)
        return journal
    }

    static func isForgotten(_ journal: SegmentJournal, _ number: Int) async throws -> Bool {
        let result = try await journal.payloads(of: [JournalSamples.id(number)])[0]
        switch result {
        case .success(let payload):
            #expect(payload == ThreeMonths.payload(number))
            return false
        case .failure(let error):
            #expect(error.code == .messagePayloadForgotten, "message \(number)")
            return true
        }
    }

    static func forgotten(_ journal: SegmentJournal, _ numbers: Range<Int> = 0..<18) async throws -> [Int] {
        var forgotten: [Int] = []
        for number in numbers where try await Self.isForgotten(journal, number) { forgotten.append(number) }
        return forgotten
    }

    static func expectSound(_ folder: TestFolder, forgotten: Int) throws {
        let (audit, differences) = try ThreeMonths.audit(folder)
        #expect(audit.faults == [] && differences == [] && audit.forgotten == forgotten)
    }

    @Test("is removed beside the writer when its time has come, and nothing is done when nothing is due")
    func payloads() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Self.threeMonths(folder, clock)
        var memory = RetentionMemory()
        let report = try await journal.retain(Self.policy(), &memory)
        // Of 2 November, thirty days ago to the hour, the day is not over.
        let october = (0..<12).filter { $0 != ThreeMonths.waiting }
        #expect(
            report.payloads == 11 && report.unfinished == 1 && report.files == 4 && report.records.count == 1)
        #expect(report.bytes == october.map(ThreeMonths.size).reduce(0, +))
        #expect(try await Self.forgotten(journal) == october)
        let head = try await journal.head()
        for _ in 0..<3 {
            let again = try await journal.retain(Self.policy(), &memory)
            #expect(again.records == [] && again.segments == 0 && again.unfinished == 1)
        }
        var fresh = RetentionMemory()
        #expect(try await journal.retain(Self.policy(), &fresh).records == [])
        #expect(try await journal.head()?.number == head?.number)
        // Its delivery ends, and another day begins.
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .delivered)])
        clock.set("2025-12-03T00:00:00Z")
        let more = try await journal.retain(Self.policy(), &memory)
        #expect(more.payloads == 5 && more.unfinished == 0 && more.segments >= 2)
        #expect(try await Self.forgotten(journal) == Array(0..<16))
        await journal.close()
        try Self.expectSound(folder, forgotten: 16)
        _ = try await SegmentJournal.rebuild(try ThreeMonths.settings(folder, clock))
        let after = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        #expect(after.startReport.removedOrphans == 0)
        #expect(try await Self.forgotten(after) == Array(0..<16))
        await after.close()
    }

    @Test("is kept in the segment that grows")
    func openSegment() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        var settings = try ThreeMonths.settings(folder, clock)
        settings.segmentSize = 1 << 20
        let journal = try await SegmentJournal.open(settings)
        var memory = RetentionMemory()
        #expect(try await journal.retain(Self.policy(), &memory) == RetentionReport())
        try await Self.fill(journal, 0..<2, at: clock)
        clock.set("2025-12-02T00:00:00Z")
        #expect(try await journal.retain(Self.policy(), &memory) == RetentionReport())
        try await Self.fill(journal, 2..<3, at: clock)
        #expect(try await journal.retain(Self.policy(), &memory).payloads == 2)
        await journal.close()
        try Self.expectSound(folder, forgotten: 2)
    }

    @Test("has a period of its own for a type", arguments: [true, false])
    func types(hasDefault: Bool) async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        func type(_ number: Int) -> MessageType { number.isMultiple(of: 2) ? .edocDocument : .dossierSync }
        try await Self.fill(journal, 0..<12, at: clock, type: type)
        clock.set("2025-11-20T00:00:00Z")
        try await Self.fill(journal, 12..<13, at: clock)
        var policy = Self.policy(payloads: hasDefault ? 60 : nil)
        policy.payloadsByType[.dossierSync] = .seconds(30 * 86_400)
        var memory = RetentionMemory()
        let odd = Array(stride(from: 1, to: 12, by: 2))
        #expect(try await journal.retain(policy, &memory).payloads == odd.count)
        #expect(try await Self.forgotten(journal, 0..<13) == odd)
        clock.set("2025-12-20T00:00:00Z")
        let later = try await journal.retain(policy, &memory)
        #expect(later.payloads == (hasDefault ? 5 : 0))
        #expect(try await Self.forgotten(journal, 0..<13).count == (hasDefault ? 11 : 6))
        await journal.close()
        try Self.expectSound(folder, forgotten: hasDefault ? 11 : 6)
    }

    @Test("in the spool stays while a message that is on its way in carries it too")
    func claimed() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Self.threeMonths(folder, clock)
        let digest = SHA256.hash(ThreeMonths.payload(0))
        journal.claims.add(digest)
        var memory = RetentionMemory()
        #expect(try await journal.retain(Self.policy(), &memory).files == 3)
        #expect(folder.exists(ThreeMonths.spoolFile(0)))
        #expect(try await Self.isForgotten(journal, 0), "the file is none of this message's any more")
        journal.claims.remove(digest)
        #expect(try await journal.retain(Self.policy(), &memory).files == 1)
        #expect(!folder.exists(ThreeMonths.spoolFile(0)))
        await journal.close()
    }

    @Test("does not disturb who reads and writes meanwhile")
    func beside() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        for day in 0..<20 {
            clock.set("2025-10-\(day < 9 ? "0" : "")\(day + 1)T00:00:00Z")
            try await Self.fill(journal, day * 8..<day * 8 + 8, at: clock, waiting: [])
        }
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<3 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(reader))
                    while !isOver.isSet {
                        let ids = (0..<12).map { _ in
                            JournalSamples.id(Int.random(in: 0..<160, using: &random))
                        }
                        for result in try await journal.payloads(of: ids) {
                            if case .failure(let error) = result {
                                #expect(error.code == .messagePayloadForgotten)
                            }
                        }
                        _ = try await journal.receipt(of: ids[0])
                    }
                }
            }
            group.addTask {
                for number in 200..<240 {
                    let payload = JournalSamples.payload(number, count: number.isMultiple(of: 2) ? 6000 : 800)
                    _ = try await journal.append(
                        .accepted(Self.message(number, payload, at: clock.now)), payload: payload)
                }
            }
            var memory = RetentionMemory()
            for day in 1...19 {
                clock.set("2025-11-\(day < 10 ? "0" : "")\(day)T00:00:00Z")
                _ = try await journal.retain(Self.policy(), &memory)
            }
            isOver.set()
            try await group.waitForAll()
        }
        #expect(try await Self.forgotten(journal, 0..<160).count >= 120)
        let count = try await Self.forgotten(journal, 0..<160).count
        await journal.close()
        try Self.expectSound(folder, forgotten: count)
    }

    @Test("is an identity after its time: the same one is a new message then")
    func identities() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-10-02T00:00:00Z"))
        let journal = try await Self.threeMonths(folder, clock)
        var memory = RetentionMemory()
        #expect(try await journal.retain(Self.policy(payloads: nil, identities: 61), &memory).identities == 0)
        let payload = ThreeMonths.payload(0)
        func again(_ number: Int, of first: Int) async throws -> AppendResult {
            let identity = JournalSamples.message(first, payload: payload).identity
            return try await journal.append(
                .accepted(Self.message(number, payload, at: clock.now, identity: identity)), payload: payload)
        }
        guard case .repeated = try await again(100, of: 0) else { throw Repeated() }
        clock.set("2025-12-03T00:00:00Z")
        let report = try await journal.retain(Self.policy(payloads: nil, identities: 61), &memory)
        #expect(report.identities == 12 && report.records.count == 1 && report.payloads == 0)
        guard case .committed = try await again(100, of: 0) else { throw Repeated() }
        guard case .repeated(let first, true) = try await again(101, of: 0) else { throw Repeated() }
        #expect(first == JournalSamples.id(100))
        guard case .repeated = try await again(102, of: 12) else { throw Repeated() }
        #expect(try await journal.retain(Self.policy(payloads: nil, identities: 61), &memory).records == [])
        var fresh = RetentionMemory()
        #expect(try await journal.retain(Self.policy(payloads: nil, identities: 61), &fresh).records == [])
        await journal.close()
        try Self.expectSound(folder, forgotten: 0)
        // What the database is made of says the same.
        _ = try await SegmentJournal.rebuild(try ThreeMonths.settings(folder, clock))
        try Self.expectSound(folder, forgotten: 0)
    }

    @Test("takes no more room than the periods allow, whatever one message that never ends does")
    func bound() async throws {
        let (folder, clock) = (TestFolder(), SetClock("2025-01-01T00:00:00Z"))
        var settings = try ThreeMonths.settings(folder, clock)
        settings.segmentSize = 128 << 10
        settings.spoolThreshold = 32 << 10
        // What this is about is room, and hundreds of syncs take their time.
        settings.disk.sync = { _ in 0 }
        settings.disk.syncData = { _ in 0 }
        let journal = try await SegmentJournal.open(settings)
        var memory = RetentionMemory()
        let (period, days, perDay) = (5, 16, 8)
        let policy = Self.policy(payloads: period, identities: 8)
        // One of a day in the spool. The first message never ends.
        func size(_ number: Int) -> Int { number % perDay == 1 ? 40 << 10 : 12 << 10 }
        let day = (0..<perDay).map(size).reduce(0, +)
        let start = clock.now
        for number in 0..<days {
            clock.set(start.advanced(by: .seconds(number * 86_400)))
            let messages = number * perDay..<(number + 1) * perDay
            try await withThrowingTaskGroup(of: Void.self) { group in
                for message in messages {
                    group.addTask {
                        let all = Set(messages)
                        try await Self.fill(
                            journal, message..<message + 1, at: clock, size: size(message), waiting: all)
                    }
                }
                try await group.waitForAll()
            }
            try await journal.record(messages.filter { $0 > 0 }.map { JournalSamples.event($0, .delivered) })
            _ = try await journal.retain(policy, &memory)
            // Of today, and of as many days as the period has.
            let since = start.advanced(by: .seconds((number - period) * 86_400))
            let used = try Self.used(folder)
            let allowed = try Self.allowed(folder, settings) {
                $0.receivedAt >= since || $0.id == JournalSamples.id(0)
            }
            #expect(used <= allowed, "on day \(number)")
            #expect(used >= min(number, period) * day, "the measure sees what is kept")
        }
        let identities = try journal.projection.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM identities")
        }
        #expect(identities == 9 * perDay)
        #expect(
            try await journal.payload(of: JournalSamples.id(0)) == JournalSamples.payload(0, count: size(0)))
        await journal.close()
        let (audit, differences) = try ThreeMonths.audit(folder)
        #expect(audit.faults == [] && differences == [])
        #expect(audit.records >= 2 * days * perDay && audit.forgotten >= (days - period - 2) * perDay - 1)
    }

    /// Bytes that segments and files of the spool may take: the segment that grows, of the others the pages on which records
    /// stand or payloads that are kept, and one for the file system to note where the pieces of a segment are.
    private static func allowed(
        _ folder: TestFolder, _ settings: JournalConfiguration, _ isKept: (AcceptedMessage) -> Bool
    ) throws -> Int {
        let page = 4096
        let files = SegmentFiles(folder: folder.path + "/segments")
        let numbers = try files.numbers()
        var sum = settings.segmentSize
        for number in numbers {
            var pages: Set<Int> = [0]
            var scan = try SegmentScan(number, in: files)
            while case .block(let block) = try scan.next() {
                var length = block.index.records.last?.upperBound ?? 0
                for index in block.index.records.indices {
                    guard case .accepted(let message) = try JournalRecord(bytes: block.record(index)),
                        isKept(message)
                    else { continue }
                    if message.size > settings.spoolThreshold {
                        sum += (message.size + page - 1) / page * page
                    } else {
                        length += message.size
                    }
                }
                pages.formUnion(block.location.offset / page...(block.location.offset + length - 1) / page)
            }
            sum += number == numbers.last ? page : (pages.count + 1) * page
        }
        return sum
    }

    /// Bytes that segments and files of the spool take on the disk.
    private static func used(_ folder: TestFolder) throws -> Int {
        var sum = 0
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
        where name.hasPrefix("segments/") || name.hasPrefix("spool/") {
            var status = stat()
            guard stat("\(folder.path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                continue
            }
            sum += Int(status.st_blocks) * 512
        }
        return sum
    }
}
