import FoundationEssentials
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// A journal of three months with one record of every kind in October, all of it ended, and the archives of the first two.
///
/// Message 4 is sent elsewhere and delivered in November, message 5 is a dead letter, message 6 has a course that
/// message 14 goes on with; `mailbox:held` is held since October, `mailbox:free` was until November.
struct Droppable {
    let folder = TestFolder()
    let out = TestFolder()
    let clock = SetClock("2025-10-02T00:00:00Z")
    let receipts: [Receipt]
    /// Of all messages from November on, as the journal answered before anything was dropped.
    let answers: [String]

    typealias Part = (SegmentJournal) async throws -> Void

    /// - Parameters:
    ///   - waiting: Messages that do not end.
    ///   - october: Done at the end of the month; `november` likewise.
    init(
        waiting: Set<Int> = [], october: Part = { _ in }, november: Part = { _ in }
    ) async throws {
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(self.folder, self.clock))
        for (action, name) in [("delivery.drain", "held"), ("delivery.pause", "free")] {
            _ = try await journal.append(
                .operation(Self.operation(action, "mailbox:\(name)", self.clock.now)), payload: nil)
        }
        for number in 90..<92 {
            _ = try await journal.append(.refused(JournalSamples.refusal(number)), payload: nil)
        }
        _ = try await journal.append(.lookup(JournalSamples.lookup(92)), payload: nil)
        try await Self.fill(journal, 0..<12, self.clock, waiting.union([4, 5]))
        try await journal.record([JournalSamples.event(5, .deadLettered)])
        try await october(journal)
        try TimestampShelf(journal: self.folder.path).keep([1, 2, 3], of: 5)
        self.clock.set("2025-11-02T00:00:00Z")
        if !waiting.contains(4) { try await journal.record(Self.elsewhere) }
        _ = try await journal.append(
            .operation(Self.operation("delivery.resume", "mailbox:free", self.clock.now)), payload: nil)
        try await Self.fill(journal, 12..<16, self.clock, waiting)
        _ = try await journal.append(.refused(JournalSamples.refusal(93)), payload: nil)
        try await november(journal)
        self.clock.set("2025-12-02T00:00:00Z")
        try await Self.fill(journal, 16..<18, self.clock, waiting, to: "mailbox:new")
        self.receipts = try await RecoveryTests.receipts(journal, 0..<18)
        self.answers = try await Self.answers(journal)
        await journal.close()
        _ = try ArchiveTests.write("2025-10", self.folder, to: self.out)
        _ = try ArchiveTests.write("2025-11", self.folder, to: self.out)
        self.clock.set("2026-03-01T00:00:00Z")
    }

    static func operation(_ action: String, _ subject: String, _ at: Timestamp) -> HubCore.Operation {
        Operation(at: at, actor: "nguoi-van-hanh", action: action, subject: subject, reason: "thử")
    }

    private static var elsewhere: [DeliveryEvent] {
        let sample = JournalSamples.event(4, .delivered)
        return [
            DeliveryEvent(
                delivery: sample.delivery, at: sample.at, kind: .redirected, attempt: 0, code: nil,
                notBefore: nil,
                answer: "mailbox:elsewhere"), sample,
        ]
    }

    private static func fill(
        _ journal: SegmentJournal, _ numbers: Range<Int>, _ clock: SetClock, _ waiting: Set<Int>,
        to destination: String = "mailbox:a"
    ) async throws {
        for number in numbers {
            let payload = ThreeMonths.payload(number)
            let sample = JournalSamples.message(number, payload: payload, destinations: [destination])
            let course = CourseNote(
                matter: "hồ sơ 1", status: number == 6 ? "" : "xong", agency: "000.00.01.H00",
                told: "2025-10-02")
            let message = AcceptedMessage(
                id: sample.id, receivedAt: clock.now, sender: sample.sender, agency: sample.agency,
                type: sample.type, identity: sample.identity, digest: sample.digest, size: sample.size,
                contentType: sample.contentType, orderKey: "", priority: 0, correlation: "",
                signature: sample.signature, warnings: [], deliveries: sample.deliveries,
                course: number == 6 || number == 14 ? course : nil
            )
            _ = try await journal.append(.accepted(message), payload: payload)
            guard !waiting.contains(number) else { continue }
            try await journal.record([JournalSamples.event(number, .delivered)])
        }
    }

    /// What the journal says of everything from November on, and its totals.
    static func answers(_ journal: SegmentJournal, from first: Int = 12) async throws -> [String] {
        let totals = try await journal.totals()
        // A drop is records and blocks more.
        var answers = [
            "\(totals.messages) \(totals.pending) \(totals.delivered) \(totals.deadLettered) \(totals.lookups)",
            "\(totals.refusals)",
        ]
        for number in first..<18 {
            let id = JournalSamples.id(number)
            answers.append("\(String(describing: try await journal.message(id)))")
            answers.append("\(try await journal.attempts(of: id)) \(try await journal.receipts(of: id))")
            #expect(try await journal.payload(of: id) == ThreeMonths.payload(number))
        }
        answers.append("\(try await journal.holds().map { "\($0.key) \($0.value)" }.sorted())")
        return answers
    }

    func settings(_ folder: TestFolder? = nil) throws -> JournalConfiguration {
        try ThreeMonths.settings(folder ?? self.folder, self.clock)
    }

    func open() async throws -> SegmentJournal { try await SegmentJournal.open(try self.settings()) }

    func archive(_ month: String) -> String { self.out.path + "/H44-\(month).tar" }

    func terms(
        _ month: String = "2025-10", archive: String? = nil, identities days: Int? = 30
    ) throws -> DropTerms {
        DropTerms(
            month: try ArchiveTests.month(month), archive: archive ?? self.archive(month),
            keys: [try Fixture.key.get().publicKey], identities: days.map { .seconds($0 * 86_400) },
            actor: "nguoi-van-hanh", reason: "QĐ 12/2026"
        )
    }

    func drop(_ terms: DropTerms? = nil, in folder: TestFolder? = nil) async throws -> DropOutcome {
        try await SegmentJournal.drop(try terms ?? self.terms(), in: try self.settings(folder))
    }

    struct NotDropped: Error {
        let refusal: DropRefusal
    }

    @discardableResult
    func dropped(_ month: String = "2025-10", in folder: TestFolder? = nil) async throws -> DropReport {
        switch try await self.drop(try self.terms(month), in: folder) {
        case .dropped(let report): return report
        case .refused(let refusal): throw NotDropped(refusal: refusal)
        }
    }

    /// The files of messages that outlived their month.
    static func carriedFiles(_ folder: TestFolder) throws -> [String] {
        try folder.names("").filter { $0.hasPrefix("carried") }
    }

    /// A journal that is as it should be: chain, database and files.
    static func expectSound(_ folder: TestFolder, _ comment: Comment? = nil) throws {
        let (audit, differences) = try ThreeMonths.audit(folder)
        #expect(audit.faults == [] && differences == [], comment)
        let check = try Self.check(folder)
        // A block that a kill cut off is kept for whoever asks.
        #expect(check.findings.filter { $0.kind != .tornFile } == [] && check.isCompared, comment)
    }

    static func check(_ folder: TestFolder, keys: [PublicKey]? = nil) throws -> JournalCheck {
        var terms = JournalCheck.Terms(
            folder: folder.path, keys: try keys ?? [Fixture.key.get().publicKey], hub: "H44")
        let scratch = TestFolder()
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
        terms.scratch = scratch.path
        return try JournalCheck.run(terms)
    }

    /// How many rows tables have.
    static func rows(_ folder: TestFolder, _ tables: [String]) throws -> [String: Int] {
        let projection = try Projection.open(folder.path + "/projection.sqlite")
        defer { projection.close() }
        var rows: [String: Int] = [:]
        for table in tables { rows[table] = try projection.count(table) }
        return rows
    }
}
