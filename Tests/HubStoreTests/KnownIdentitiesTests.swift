import FoundationEssentials
import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// What is said of messages without a look into the database must hold there too.
@Suite("Identities that are known to be new")
struct KnownIdentitiesTests {
    private static func subject(_ number: Int, id: Int? = nil) -> ProjectionWriter.Subject {
        ProjectionWriter.Subject(JournalSamples.message(id ?? number, identity: "số \(number)", payload: [1]))
    }

    private static func known(_ numbers: Range<Int>, of words: (least: Int, most: Int) = (1 << 10, 1 << 12)) -> KnownIdentities {
        let known = KnownIdentities(floor: MessageID(high: 0, low: 0), words: words)
        let generation = known.begin(count: numbers.count)
        known.fill(numbers.map { Self.subject($0).identity }, generation, isLast: true)
        return known
    }

    @Test("say nothing before all of the database is in, and never that one of it is new")
    func filled() throws {
        let known = KnownIdentities(floor: MessageID(high: 0, low: 0))
        #expect(known.mayHold([Self.subject(1)]) == nil)
        let generation = known.begin(count: 2000)
        known.fill((0..<1000).map { Self.subject($0).identity }, generation, isLast: false)
        #expect(known.mayHold([Self.subject(1)]) == nil)
        known.fill((1000..<2000).map { Self.subject($0).identity }, generation, isLast: true)
        let answers = try #require(known.mayHold((0..<4000).map { Self.subject($0) }))
        #expect(answers[..<2000].allSatisfy { $0 })
        #expect(answers[2000...].count { $0 } < 40, "a look too many is rare")
    }

    @Test("hold what was accepted meanwhile, under its identity and under its id")
    func accepted() throws {
        let known = Self.known(0..<10)
        #expect(known.mayHold([Self.subject(100), Self.subject(101)]) == [false, false])
        #expect(!known.add([Self.subject(100)]))
        #expect(known.mayHold([Self.subject(100), Self.subject(101)]) == [true, false])
        #expect(known.mayHold([Self.subject(100, id: 500), Self.subject(500, id: 100)]) == [true, true])
    }

    @Test("ask for an id that is not higher than all in the database")
    func floor() {
        let known = KnownIdentities(floor: JournalSamples.id(10))
        known.fill([], known.begin(count: 0), isLast: true)
        let ids = [10, 11].map { JournalSamples.id($0) }
        #expect(ids[0] < ids[1])
        #expect(known.mayHold([Self.subject(0, id: 10), Self.subject(0, id: 11)]) == [true, false])
        // What was accepted before it is begun anew is not in it any more, and below the new bound.
        _ = known.add([Self.subject(30)])
        known.fill([Self.subject(30).identity], known.begin(count: 1), isLast: true)
        #expect(known.mayHold([Self.subject(31, id: 30), Self.subject(32, id: 31)]) == [true, false])
    }

    @Test("are begun anew when they become too many, once, and say nothing until then")
    func grows() {
        let known = Self.known(0..<10)
        var calls = 0
        for number in 10..<10_000 where known.add([Self.subject(number)]) { calls += 1 }
        #expect(calls == 1)
        #expect(known.mayHold([Self.subject(1)]) == nil)
        let stale = known.begin(count: 10_000)
        let generation = known.begin(count: 10_000)
        known.fill([], stale, isLast: true)
        #expect(known.mayHold([Self.subject(1)]) == nil, "an earlier run has no say")
        known.fill((0..<10_000).map { Self.subject($0).identity }, generation, isLast: true)
        #expect(known.mayHold((0..<10_000).map { Self.subject($0, id: 20_000) })?.allSatisfy { $0 } == true)
        #expect(known.mayHold([Self.subject(20_001)]) == [false])
    }

    @Test("are those of a database that is walked through page by page while messages come in", arguments: [false, true])
    func walked(isBegunAnew: Bool) async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder)
        try await Fixture.fill(journal, 0..<300)
        let known = KnownIdentities(floor: try journal.projection.lastID())
        let walk = IdentityWalk(
            known: known, projection: journal.projection, backlog: journal.backlog, thread: journal.threads.upkeep, page: 7)
        walk.start()
        if isBegunAnew { walk.start() }
        while known.mayHold([Self.subject(1)]) == nil { try await journal.threads.upkeep.run {} }
        let subjects = (0..<300).map { ProjectionWriter.Subject(JournalSamples.message($0, payload: [1])) }
        #expect(known.mayHold(subjects)?.allSatisfy { $0 } == true)
        #expect(try journal.projection.mostIdentities() == 300)
        let later = ProjectionWriter.Subject(JournalSamples.message(301, payload: [1]))
        #expect(known.mayHold([later]) == [false])
        await journal.close()
    }

    @Test("are gone through to the end while the database is always behind")
    func busy() async throws {
        let folder = TestFolder()
        let journal = try await Fixture.open(folder) { $0.segmentSize = 8 << 20 }
        let known = KnownIdentities(floor: try journal.projection.lastID())
        let walk = IdentityWalk(
            known: known, projection: journal.projection, backlog: journal.backlog, thread: journal.threads.upkeep)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    var number = sender * 1_000_000
                    while known.mayHold([Self.subject(1)]) == nil {
                        try await Fixture.fill(journal, number..<number + 1, size: 10)
                        number += 1
                        if number == 50 { walk.start() }
                        guard number % 1_000_000 < 2000 else { throw HubError(.internalFault, "It was never filled.") }
                    }
                }
            }
            try await group.waitForAll()
        }
        await journal.close()
    }

    @Test("are gone through no further once the journal is closed")
    func closed() async throws {
        let folder = TestFolder()
        var journal = try await Fixture.open(folder) { $0.segmentSize = 8 << 20 }
        try await withThrowingTaskGroup(of: Void.self) { [journal] group in
            for first in stride(from: 0, to: 6000, by: 100) {
                group.addTask { try await Fixture.fill(journal, first..<first + 100, size: 10) }
            }
            try await group.waitForAll()
        }
        await journal.close()
        for _ in 0..<50 {
            // A look into a database that is being closed would end the process.
            journal = try await Fixture.open(folder)
            await journal.close()
        }
        journal = try await Fixture.open(folder)
        #expect(try await journal.totals().messages == 6000)
        await journal.close()
    }

    @Test("do not hide a repeat, before, while and after they are gone through, over starts")
    func repeats() async throws {
        let folder = TestFolder()
        for life in 0..<3 {
            let journal = try await Fixture.open(folder) { $0.segmentSize = 1 << 22 }
            for number in 0..<200 {
                // Every other one is new in this life, and handed in twice.
                let payload = JournalSamples.payload(number, count: 50)
                for attempt in 0..<2 {
                    let message = JournalSamples.message(
                        1000 * life + number, identity: "số \(number.isMultiple(of: 2) ? number : 1000 * life + number)", payload: payload)
                    let result = try await journal.append(.accepted(message), payload: payload)
                    if attempt == 1, case .committed = result { Issue.record("\(number) was accepted twice") }
                }
            }
            #expect(try await journal.totals().messages == Int64(200 + 100 * life))
            await journal.close()
        }
    }
}
