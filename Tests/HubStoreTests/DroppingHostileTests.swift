import FoundationEssentials
import GRDB
import Glibc
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

    // MARK: The archive

    private static func expectRefusal(
        _ months: Droppable, _ settings: JournalConfiguration? = nil, _ isMeant: (DropRefusal) -> Bool
    ) async throws {
        let settings = try settings ?? months.settings()
        guard case .refused(let refusal) = try await SegmentJournal.drop(try months.terms(), in: settings)
        else {
            Issue.record("it was dropped")
            return
        }
        #expect(isMeant(refusal), "\(refusal)")
        #expect(!months.folder.exists("base"))
        try Droppable.expectSound(months.folder)
    }

    @Test("is refused when another file takes the archive's name, or its bytes change, after it was verified")
    func exchanged() async throws {
        let months = try await Droppable()
        let (path, real) = (months.archive("2025-10"), DiskCalls.system.sync)
        let bytes = try months.out.bytes("H44-2025-10.tar")
        // The archive is synced behind its audit.
        func settings(_ change: @escaping @Sendable () -> Void) throws -> JournalConfiguration {
            var settings = try months.settings()
            settings.disk.sync = { file in
                var buffer = [CChar](repeating: 0, count: 4096)
                let count = readlink("/proc/self/fd/\(file)", &buffer, buffer.count)
                let synced = String(
                    decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if synced.hasSuffix("H44-2025-10.tar") { change() }
                return real(file)
            }
            return settings
        }
        try months.out.write(bytes, "other")
        let other = months.out.path + "/other"
        try await Self.expectRefusal(months, try settings { _ = rename(other, path) }) {
            $0 == .notSound(["another file has its name now"])
        }
        try await Self.expectRefusal(months, try settings { _ = truncate(path, bytes.count + 512) }) {
            $0 == .notSound(["it was changed meanwhile"])
        }
        try months.out.write(bytes, "H44-2025-10.tar")
        try await months.dropped()
    }

    @Test("syncs the folder in which the archive is, not the one in which a link to it is")
    func linked() async throws {
        let months = try await Droppable()
        let (disk, links) = (FaultyDisk(), TestFolder())
        try FileManager.default.createDirectory(atPath: links.path, withIntermediateDirectories: true)
        let link = links.path + "/october.tar"
        #expect(symlink(months.archive("2025-10"), link) == 0)
        var settings = try months.settings()
        settings.disk = disk.calls
        let outcome = try await SegmentJournal.drop(try months.terms(archive: link), in: settings)
        guard case .dropped(let report) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(report.month.name == "october.tar")
        #expect(disk.synced.contains(months.archive("2025-10")) && disk.synced.contains(months.out.path))
        #expect(!disk.synced.contains(links.path))
    }

    @Test("is refused when the archive has another timestamp over a block than the journal")
    func altered() async throws {
        let months = try await Droppable()
        try ArchiveTests.rewrite(months.archive("2025-10")) { files in
            for place in files.indices where files[place].name.hasSuffix(".tsr") {
                files[place] = TarArchive.File(files[place].name, [1, 2, 4])
            }
        }
        try await Self.expectRefusal(months) { refusal in
            if case .notSound(let faults) = refusal {
                faults.first?.contains("timestamp over block 5") == true
            } else {
                false
            }
        }
    }

    @Test("is refused when the first timestamp that covers the whole month came after the archive was made")
    func covering() async throws {
        let months = try await Droppable()
        let end = try ArchiveFile(months.archive("2025-10")).chain.end.number
        try TimestampShelf(journal: months.folder.path).keep([7, 8, 9], of: end + 3)
        try await Self.expectRefusal(months) { $0 == .laterTimestamps([end + 3]) }
        let out = TestFolder()
        let report = try ArchiveTests.write("2025-10", months.folder, to: out)
        let outcome = try await months.drop(try months.terms(archive: report.path))
        guard case .dropped = outcome else {
            Issue.record("\(outcome)")
            return
        }
        // It is still the journal's, for what comes next.
        #expect(try months.folder.names("timestamps") == [TimestampShelf.name(end + 3)])
        try Droppable.expectSound(months.folder)
    }

    // MARK: What is written to the next base

    @Test("is refused when nobody knows who wrote the base of the month before")
    func unsigned() async throws {
        let months = try await Droppable()
        try await months.dropped()
        let base = try #require(try JournalBase.load(in: months.folder.path))
        let text = String(decoding: base.bytes, as: UTF8.self)
        // The archive's name in the line of the month, and an end line that is right again.
        let edited =
            text.split(separator: "\n").dropLast().map {
                $0.hasPrefix("month ")
                    ? $0.split(separator: " ").dropLast().joined(separator: " ") + " none.tar" : String($0)
            }.joined(separator: "\n") + "\n"
        let bytes = Array(edited.utf8) + Array("end \(SHA256.hash(Array(edited.utf8)))\n".utf8)
        #expect(JournalBase(bytes)?.months.last?.name == "none.tar")
        try months.folder.write(bytes, "base")
        let segments = try months.folder.names("segments")
        for month in ["2025-10", "2025-11"] {
            await Self.expectDamage("none of the hub's keys signed it") { try await months.dropped(month) }
        }
        #expect(try months.folder.bytes("base") == bytes && months.folder.names("segments") == segments)
        try months.folder.write(base.bytes, "base")
        try await months.dropped("2025-11")
        try Droppable.expectSound(months.folder)
    }

    @Test("is refused when the totals of the database are not those of its rows")
    func miscounted() async throws {
        let months = try await Droppable()
        let projection = try Projection.open(months.folder.path + "/projection.sqlite")
        try await projection.pool.write { try $0.execute(sql: "UPDATE counters SET value = value + 1") }
        projection.close()
        await Self.expectDamage("the total") { try await months.dropped() }
        #expect(!months.folder.exists("base"))
        _ = try await SegmentJournal.rebuild(try months.settings())
        try await months.dropped()
        try Droppable.expectSound(months.folder)
    }

    @Test("counts a message of a time that has not come as received now")
    func ahead() async throws {
        let months = try await Droppable()
        months.clock.set("2025-10-02T00:00:00Z")
        let projection = try Projection.open(months.folder.path + "/projection.sqlite")
        let now = months.clock.now.advanced(by: .seconds(-3600))
        #expect(try projection.newest(before: 1 << 40, notAfter: now) == now)
        projection.close()
        months.clock.set("2025-10-01T00:00:00Z")
        try await Self.expectRefusal(months) { refusal in
            if case .identities(let until) = refusal { until > months.clock.now } else { false }
        }
    }

    // MARK: A check and a backup

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

    @Test("is undone with the archive when its base is lost, and is done again by the same command")
    func undone() async throws {
        let months = try await Droppable()
        try await months.dropped()
        let base = try #require(try JournalBase.load(in: months.folder.path))
        try months.folder.remove("base")
        try months.folder.removeProjection()
        for file in try ArchiveTests.files(months.archive("2025-10")) {
            let name = String(file.name.dropFirst(JournalArchive.folder.utf8.count))
            guard ["segments/", "spool/", "timestamps/"].contains(where: { name.hasPrefix($0) }) else {
                continue
            }
            let path = URL(filePath: months.folder.path).appending(path: name)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.bytes).write(to: path)
        }
        let journal = try await months.open()
        #expect(try await Droppable.answers(journal, from: 0).suffix(13) == months.answers.suffix(13))
        #expect(try await journal.message(JournalSamples.id(0)) != nil)
        await journal.close()
        try Droppable.expectSound(months.folder)
        let receipts = try ThreeMonths.audit(months.folder, receipts: months.receipts).audit
        #expect(receipts.faults == [] && receipts.receipts == 18)
        let again = try await months.dropped()
        #expect(again.record == nil && again.messages == 12)
        #expect(try JournalBase.load(in: months.folder.path)?.months == base.months)
        try Droppable.expectSound(months.folder)
    }

    @Test("leaves no backup that began before it and ended behind it")
    func backup() async throws {
        let months = try await Droppable()
        let dropped = try months.folder.copy()
        try await months.dropped(in: dropped)
        let bytes = try dropped.bytes("base")
        let backup = TestFolder()
        let terms = JournalBackup.Terms(journal: months.folder.path, path: backup.path, now: months.clock.now)
        do {
            _ = try JournalBackup.write(terms) { _ in
                if !months.folder.exists("base") { try? months.folder.write(bytes, "base") }
            }
            Issue.record("it was made")
        } catch {
            #expect(error.code == .backupUnavailable && error.detail("file") == "base")
        }
        #expect(!backup.exists("MANIFEST"))
    }
}
