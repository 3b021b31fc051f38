import FoundationEssentials
import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// Journals that earlier versions wrote, kept as they were: `Fixtures/projection-N`, each with the public key of its hub.
///
/// A new version of the projection, or a new format of segments, gets a journal here before the code for the old one goes:
/// `LGSP_FIXTURE=/tmp/projection-3` and the test below write one.
@Suite("A journal that an earlier version wrote")
struct MigrationTests {
    /// Every version of the projection that there was.
    static let versions = [1, 2, 3]

    private static func fixture(_ version: Int) throws -> TestFolder {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/projection-\(version)").path
        let folder = TestFolder()
        try FileManager.default.copyItem(atPath: path, toPath: folder.path)
        return folder
    }

    private static func keys(_ folder: TestFolder) throws -> [PublicKey] {
        try PublicKey.all(pem: try folder.bytes("hub.pub.pem")) + [try Fixture.key.get().publicKey]
    }

    private static func version(_ folder: TestFolder) throws -> Int? {
        let queue = try DatabaseQueue(path: folder.path + "/projection.sqlite")
        defer { try? queue.close() }
        return try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    private static func execute(_ folder: TestFolder, _ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.path + "/projection.sqlite")
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    private static func configuration(_ folder: TestFolder) throws -> JournalConfiguration {
        var configuration = try Fixture.configuration(folder)
        configuration.segmentSize = 8192
        configuration.spoolThreshold = 2048
        return configuration
    }

    /// What is in each of them; a function of the number, so that it can be asked for.
    private static func payload(_ number: Int) -> [UInt8] {
        number % 5 == 4 ? JournalSamples.payload(4, count: 3000) : JournalSamples.payload(number, count: 200)
    }

    private static func fill(_ journal: SegmentJournal) async throws {
        _ = try await journal.append(.operation(JournalSamples.operation(0)), payload: nil)
        for number in 0..<24 {
            let payload = Self.payload(number)
            let message = JournalSamples.message(
                number, payload: payload,
                destinations: number % 4 == 0 ? ["mailbox:a", "mailbox:b"] : ["mailbox:a"])
            _ = try await journal.append(.accepted(message), payload: payload)
            if number % 6 == 5 {
                _ = try await journal.append(.refused(JournalSamples.refusal(100 + number)), payload: nil)
            }
            if number % 8 == 7 {
                _ = try await journal.append(.lookup(JournalSamples.lookup(200 + number)), payload: nil)
            }
            if number % 3 == 0 {
                try await journal.record([
                    JournalSamples.event(number, number == 9 ? .deadLettered : .delivered)
                ])
            }
            if number == 10 { try await journal.record([JournalSamples.event(10, .postponed)]) }
        }
    }

    @Test("is written for the versions to come", .enabled(if: Environment.fixture != nil))
    func make() async throws {
        let folder = TestFolder()
        let journal = try await SegmentJournal.open(try Self.configuration(folder))
        try await Self.fill(journal)
        await journal.close()
        try folder.write(try Fixture.key.get().publicKey.pem, "hub.pub.pem")
        try folder.remove("lock")
        try FileManager.default.copyItem(atPath: folder.path, toPath: try #require(Environment.fixture))
    }

    private enum Environment {
        static let fixture = ProcessInfo.processInfo.environment["LGSP_FIXTURE"]
    }

    @Test("is one of each version that there was, the present one too")
    func complete() throws {
        #expect(Self.versions.last == ProjectionSchema.version)
        for version in Self.versions { #expect(try Self.version(try Self.fixture(version)) == version) }
    }

    @Test("is opened with everything in it, and goes on", arguments: Self.versions)
    func opened(version: Int) async throws {
        let folder = try Self.fixture(version)
        let isOld = version != ProjectionSchema.version
        let journal = try await SegmentJournal.open(try Self.configuration(folder))
        #expect(journal.startReport.isRebuilt == isOld && journal.startReport.lastBlock == 40)
        let totals = try await journal.totals()
        #expect(
            totals.messages == 24 && totals.delivered == 7 && totals.deadLettered == 1 && totals.pending == 22
        )
        #expect(totals.lookups == 3 && totals.refusals == [.schemaPayloadInvalid: 4] && totals.records == 41)
        for number in 0..<24 {
            let id = JournalSamples.id(number)
            #expect(try await journal.payload(of: id) == Self.payload(number))
            let stored = try #require(try await journal.message(id))
            #expect(stored.deliveries.count == (number % 4 == 0 ? 2 : 1))
            let ended: DeliveryState.Phase = number == 9 ? .deadLettered : .delivered
            #expect(stored.deliveries[0].phase == (number % 3 == 0 ? ended : .pending))
            #expect(
                try await journal.message(from: stored.message.sender, identity: "van-ban-\(number)")?.id
                    == id)
            let receipt = try await journal.receipt(of: id)
            #expect(try receipt.verified(with: try #require(try Self.keys(folder).first)).block.hub == "H44")
        }
        #expect(try await journal.attempts(of: JournalSamples.id(10)).map(\.kind) == [.postponed])
        #expect(
            try await journal.refusals(before: nil, limit: 10).map(\.refusal.size) == [123, 117, 111, 105])
        let waiting = try await journal.pendingCounts()
        #expect(waiting.values.reduce(0, +) == 22 && waiting.count == 2)

        try await Fixture.fill(journal, 24..<30, size: 3000)
        let repeated = JournalSamples.message(3, payload: Self.payload(3))
        guard
            case .repeated(let first, true) = try await journal.append(
                .accepted(repeated), payload: Self.payload(3))
        else {
            Issue.record("a repeat was not known")
            return
        }
        #expect(first == JournalSamples.id(3))
        await journal.close()
        #expect(try Self.version(folder) == ProjectionSchema.version)
        let audit = try SegmentReader.verify(folder: folder.path, keys: try Self.keys(folder), hub: "H44")
        #expect(audit.faults == [] && audit.records == 47)
    }

    @Test("is examined, copied, restored and made anew", arguments: Self.versions)
    func tools(version: Int) async throws {
        let folder = try Self.fixture(version)
        let (backup, made) = (TestFolder(), TestFolder())
        let keys = try Self.keys(folder)
        let check = try JournalCheck.run(JournalCheck.Terms(folder: folder.path, keys: keys, hub: "H44"))
        #expect(check.isSound && check.audit.records == 41, "\(check.findings)")
        let terms = JournalBackup.Terms(journal: folder.path, path: backup.path, now: JournalSamples.time(1))
        #expect(try JournalBackup.write(terms).lastBlock == 40)
        let restoring = JournalBackup.RestoreTerms(
            backup: backup.path, journal: made.path, keys: keys, hub: "H44")
        #expect(try JournalBackup.restore(restoring).records == 41)
        #expect(try await SegmentJournal.rebuild(try Self.configuration(folder)).replayedRecords == 41)
        #expect(try Self.version(folder) == ProjectionSchema.version)
        #expect(try Self.version(made) == ProjectionSchema.version)
    }

    @Test("of a later version has its database made anew, since the segments hold everything in it")
    func laterProjection() async throws {
        let folder = try Self.fixture(2)
        try Self.execute(folder, "CREATE TABLE later (x); PRAGMA user_version = \(ProjectionSchema.version + 1)")
        let journal = try await SegmentJournal.open(try Self.configuration(folder))
        #expect(journal.startReport.isRebuilt && journal.startReport.replayedRecords == 41)
        #expect(try await journal.totals().messages == 24)
        await journal.close()
        #expect(try Self.version(folder) == ProjectionSchema.version)
    }

    @Test("with a segment of a later format is refused, and nothing is touched", arguments: [true, false])
    func laterSegment(hasBlocks: Bool) async throws {
        let folder = try Self.fixture(2)
        try Self.execute(folder, "PRAGMA user_version = \(ProjectionSchema.version + 1)")
        let last = "segments/" + (try #require(try folder.names("segments").last))
        var bytes = try folder.bytes(last)
        bytes.replaceSubrange(0..<SegmentHeader.length, with: Fixture.laterHead(bytes))
        if !hasBlocks { bytes.replaceSubrange(SegmentHeader.length..., with: repeatElement(0, count: 4096)) }
        try folder.write(bytes, last)
        let (names, projection) = (try folder.names("segments"), try folder.bytes("projection.sqlite"))
        for isRebuild in [false, true] {
            let error = await #expect(throws: HubError.self) {
                let configuration = try Self.configuration(folder)
                if isRebuild {
                    _ = try await SegmentJournal.rebuild(configuration)
                } else {
                    _ = try await SegmentJournal.open(configuration)
                }
            }
            #expect(error?.code == .journalDamaged && error?.detail("format") == "LGSPSEG2")
            #expect("\(try #require(error).summary)".contains("Use the version that wrote it"))
        }
        #expect(try folder.names("segments") == names && folder.bytes(last) == bytes)
        #expect(try folder.bytes("projection.sqlite") == projection)
    }
}
