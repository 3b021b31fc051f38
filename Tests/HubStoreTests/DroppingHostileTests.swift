import FoundationEssentials
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

/// What someone who can write to the disk, or a mistake of an operator, puts in the way of a drop.
@Suite("A drop beside forged files")
struct DroppingHostileTests {
    private static func expectDamage(
        _ text: String, _ comment: Comment? = nil, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("it went through: \(text)")
        } catch let error as HubError {
            #expect(
                error.code == .journalDamaged && error.details.contains { $0.value.contains(text) },
                "\(error) \(comment ?? "")")
        } catch {
            Issue.record("\(error)")
        }
    }

    private static func signer() throws -> BlockSigner {
        let key = try Fixture.key.get()
        return BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) }
    }

    private static func changed(
        _ base: JournalBase, hub: String? = nil, chain: Chain? = nil, counters: [String: Int64]? = nil,
        months: [DroppedMonth]? = nil
    ) throws -> JournalBase {
        try JournalBase(
            hub: hub ?? base.hub, made: base.made, chain: chain ?? base.chain,
            firstSegment: base.firstSegment,
            months: months ?? base.months, counters: counters ?? base.counters,
            destinations: base.destinations,
            holds: base.holds
        ).signed(by: Self.signer())
    }

    // MARK: At a start

    @Test(
        "of another hub, of another history or decided by nobody: a start removes nothing on the word of a base"
    )
    func unbelieved() async throws {
        let months = try await Droppable()
        let whole = try months.folder.copy()
        try await months.dropped()
        let base = try #require(try JournalBase.load(in: months.folder.path))
        let digest = SHA256.hash("another history")
        let other = Chain(number: base.chain.number, digest: digest, nextSequence: base.chain.nextSequence)
        let longer = Chain(
            number: base.chain.number + 1_000, digest: digest, nextSequence: base.chain.nextSequence + 2_000)
        let last = try #require(base.months.last)
        let longest = DroppedMonth(
            month: last.month, firstBlock: 0, lastBlock: longer.number, archive: last.archive, name: last.name
        )
        let forged: [(JournalBase, String)] = [
            (try Self.changed(base, hub: "H99"), "another hub"),
            (try Self.changed(base, chain: other), "does not name its predecessor"),
            (try Self.changed(base, chain: longer, months: [longest]), "follows block"),
            (base, "no record behind it"),
        ]
        for (forgery, text) in forged {
            // What was before the drop, with the rows of October in the database and without a database.
            for hasProjection in [true, false] {
                let folder = try whole.copy()
                if !hasProjection { try folder.removeProjection() }
                let files = try (folder.names("segments"), folder.names("timestamps"))
                try folder.write(forgery.bytes, "base")
                await Self.expectDamage(text, "database: \(hasProjection)") {
                    let journal = try await SegmentJournal.open(try months.settings(folder))
                    await journal.close()
                }
                #expect(try folder.names("segments") == files.0 && folder.names("timestamps") == files.1)
                // Without it, nothing was lost.
                try folder.remove("base")
                if !hasProjection { try folder.removeProjection() }
                let journal = try await SegmentJournal.open(try months.settings(folder))
                #expect(try await Droppable.answers(journal) == months.answers)
                await journal.close()
                try Droppable.expectSound(folder)
            }
        }
    }

    // MARK: A check

    @Test(
        "ends in a finding of the check when the numbers in a base are too large to add to",
        arguments: [Int64.max, 1 << 53])
    func overflow(_ value: Int64) async throws {
        let months = try await Droppable()
        try await months.dropped()
        let base = try #require(try JournalBase.load(in: months.folder.path))
        var counters = base.counters.mapValues { _ in value }
        for number in 0..<2048 { counters["\(Counter.refusedPrefix)x\(number)"] = value }
        try months.folder.write(try Self.changed(base, counters: counters).bytes, "base")
        let check = try Droppable.check(months.folder)
        #expect(!check.isSound)
        let kind: JournalCheck.Finding.Kind = value == .max ? .base : .projectionDamaged
        #expect(check.findings.contains { $0.kind == kind }, "\(check.findings)")
    }

    @Test("does not make damage of a database that has no block yet")
    func empty() async throws {
        let months = try await Droppable()
        try await months.dropped()
        try months.folder.removeProjection()
        try Projection.open(months.folder.path + "/projection.sqlite").close()
        let check = try Droppable.check(months.folder)
        #expect(check.isSound && check.findings.map(\.kind) == [.projectionBehind], "\(check.findings)")
        let journal = try await months.open()
        #expect(try await Droppable.answers(journal) == months.answers)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }
}
