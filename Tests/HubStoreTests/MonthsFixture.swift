import FoundationEssentials
import HubCore
import HubEnvelope
import HubModel
import HubTesting

@testable import HubStore

/// A journal of three months: October 2025 with twelve messages over several segments, November with four, December with
/// two.
///
/// Every third payload is in the spool. All are delivered but message 4, which waits; message 5 is dead-lettered.
struct ThreeMonths {
    static let october = 0..<12
    static let november = 12..<16
    static let december = 16..<18
    static let waiting = 4
    /// Everything of October: 20,393 days after the first of January 1970 is the first of November 2025.
    static let policy = ForgettingPolicy(
        before: CivilDate(daysSince1970: 20_393), actor: "nguoi-van-hanh", reason: "Lưu giữ 30 ngày")

    let folder = TestFolder()
    let clock = SetClock("2025-10-02T00:00:00Z")
    let receipts: [Receipt]

    /// - Parameter start: Of October; another one makes another chain.
    init(start: String = "2025-10-02T00:00:00Z") async throws {
        self.clock.set(start)
        let journal = try await Self.open(self.folder, self.clock)
        try await Self.fill(journal, Self.october)
        self.clock.set("2025-11-02T00:00:00Z")
        try await Self.fill(journal, Self.november)
        self.clock.set("2025-12-02T00:00:00Z")
        try await Self.fill(journal, Self.december)
        var receipts: [Receipt] = []
        for number in 0..<18 { receipts.append(try await journal.receipt(of: JournalSamples.id(number))) }
        self.receipts = receipts
        await journal.close()
    }

    static func before(_ text: String) -> ForgettingPolicy {
        var policy = Self.policy
        if let date = CivilDate(iso: text) { policy.before = date }
        return policy
    }

    static func settings(_ folder: TestFolder, _ clock: SetClock) throws -> JournalConfiguration {
        var configuration = try Fixture.configuration(folder)
        configuration.clock = clock
        configuration.segmentSize = 8192
        configuration.spoolThreshold = 4096
        return configuration
    }

    func open() async throws -> SegmentJournal { try await Self.open(self.folder, self.clock) }

    private static func open(_ folder: TestFolder, _ clock: SetClock) async throws -> SegmentJournal {
        try await SegmentJournal.open(try Self.settings(folder, clock))
    }

    func forget(
        _ policy: ForgettingPolicy = Self.policy, disk: DiskCalls = .system
    ) async throws -> ForgettingReport {
        var settings = try Self.settings(self.folder, self.clock)
        settings.disk = disk
        return try await SegmentJournal.forget(policy, in: settings)
    }

    static func size(_ number: Int) -> Int { number.isMultiple(of: 3) ? 6000 : 1500 }

    static func payload(_ number: Int) -> [UInt8] { JournalSamples.payload(number, count: Self.size(number)) }

    static func spoolFile(_ number: Int) -> String { Spool.name(SHA256.hash(Self.payload(number))) }

    private static func fill(_ journal: SegmentJournal, _ numbers: Range<Int>) async throws {
        for number in numbers {
            try await Fixture.fill(journal, number..<number + 1, size: Self.size(number))
            guard number != Self.waiting else { continue }
            try await journal.record([JournalSamples.event(number, number == 5 ? .deadLettered : .delivered)])
        }
    }

    /// The journal's audit, and how its database differs from its blocks.
    func audit(receipts: [Receipt] = []) throws -> (audit: JournalAudit, differences: [String]) {
        try Self.audit(self.folder, receipts: receipts)
    }

    static func audit(
        _ folder: TestFolder, receipts: [Receipt] = []
    ) throws -> (audit: JournalAudit, differences: [String]) {
        let memory = try ProjectionMemory(folder: folder.path)
        let audit = try SegmentReader.verify(
            folder: folder.path, keys: [try Fixture.key.get().publicKey], hub: "H44", receipts: receipts,
            memory: memory
        )
        let scratch = TestFolder()
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
        return (audit, try memory?.differences(scratch: scratch.path) ?? [])
    }
}
