import FoundationEssentials
import GRDB
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A month that is dropped")
struct DroppingTests {
    @Test("is gone with its segments, rows, payloads and timestamps, and everything else answers as before")
    func dropped() async throws {
        let months = try await Droppable()
        let segments = try months.folder.names("segments")
        let report = try await months.dropped()
        #expect(report.messages == 12 && report.segments > 2 && report.files == 4 && !report.isRepeated)
        #expect(report.record != nil && report.bytes > 0 && report.month.firstBlock == 0)
        let base = try #require(try JournalBase.load(in: months.folder.path))
        #expect(base.firstSegment == report.segments && base.chain.number + 1 == report.firstBlock)
        // The decision is of another month, so it begins a segment.
        #expect(try months.folder.names("segments").dropLast() == segments.dropFirst(report.segments))
        #expect(try months.folder.names("timestamps") == [])
        #expect(
            !months.folder.exists(ThreeMonths.spoolFile(0)) && months.folder.exists(ThreeMonths.spoolFile(12))
        )
        try Droppable.expectSound(months.folder)
        let tables = ["messages", "deliveries", "identities", "refusals", "lookups", "courses", "spooled"]
        let rows = try Droppable.rows(months.folder, tables)
        let expected = [
            "messages": 6, "deliveries": 6, "identities": 6, "refusals": 1, "lookups": 0, "courses": 1,
            "spooled": 2,
        ]
        #expect(rows == expected)

        let journal = try await months.open()
        #expect(journal.startReport.replayedBlocks == 0)
        #expect(try await Droppable.answers(journal) == months.answers)
        #expect(try await journal.message(JournalSamples.id(0)) == nil)
        #expect(
            try await journal.message(from: SystemID("qlvb-mau-1") ?? .national, identity: "van-ban-0") == nil
        )
        #expect(try await journal.course(of: "hồ sơ 1").count == 1)
        #expect(try await journal.messages(before: nil, limit: 100).count == 6)
        // Numbers of blocks are those of before.
        let first = report.firstBlock
        let headers = try await journal.headers(from: first, through: first + 2)
        #expect(try headers.map { try BlockHeader(bytes: $0).number } == [first, first + 1, first + 2])
        #expect(try await journal.headers(from: first - 1, through: first) == [])
        do {
            _ = try await journal.receipt(of: JournalSamples.id(3))
            Issue.record("a receipt was made of a dropped block")
        } catch {
            #expect(error.code == .messageNotFound)
        }
        // A repeat is a new message.
        let again = RetentionTests.message(0, [1, 2], at: months.clock.now)
        guard case .committed = try await journal.append(.accepted(again), payload: [1, 2]) else {
            Issue.record("a dropped message was recognised")
            return
        }
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("leaves a database that a rebuild makes again, row for row")
    func rebuilt() async throws {
        let months = try await Droppable()
        try await months.dropped()
        let before = try Droppable.rows(months.folder, ["messages", "attempts", "blocks", "operations"])
        let report = try await SegmentJournal.rebuild(try months.settings())
        #expect(report.replayedRecords > 0 && report.removedOrphans == 0)
        try Droppable.expectSound(months.folder)
        #expect(
            try Droppable.rows(months.folder, ["messages", "attempts", "blocks", "operations"]) == before)
        // A start does the same by itself.
        try months.folder.removeProjection()
        let journal = try await months.open()
        #expect(journal.startReport.isRebuilt)
        #expect(try await Droppable.answers(journal) == months.answers)
        try await RetentionTests.fill(journal, 20..<22, at: months.clock)
        await journal.close()
        try Droppable.expectSound(months.folder)
    }

    @Test("is followed by the next, with a base that knows both, and can be asked for again")
    func second() async throws {
        let months = try await Droppable()
        let october = try await months.dropped()
        // Archived anew, the month that is there makes the same bytes.
        let other = TestFolder()
        let report = try ArchiveTests.write("2025-11", months.folder, to: other)
        #expect(report.firstBlock == october.firstBlock)
        #expect(try other.bytes("H44-2025-11.tar") == months.out.bytes("H44-2025-11.tar"))
        let november = try await months.dropped("2025-11")
        #expect(november.messages == 4 && november.month.firstBlock == october.firstBlock)
        try Droppable.expectSound(months.folder)
        let (audit, _) = try ThreeMonths.audit(months.folder)
        #expect(audit.dropped == [october.month, november.month] && audit.firstBlock == november.firstBlock)
        let head = audit.lastDigest
        for month in ["2025-10", "2025-11"] {
            let again = try await months.dropped(month)
            #expect(again.isRepeated && again.segments == 0 && again.record == nil)
        }
        #expect(try ThreeMonths.audit(months.folder).audit.lastDigest == head)
        let journal = try await months.open()
        #expect(try await Droppable.answers(journal, from: 16).prefix(2) == months.answers.prefix(2))
        await journal.close()
        _ = try await SegmentJournal.rebuild(try months.settings())
        try Droppable.expectSound(months.folder)
    }

    @Test("is proved by its archive: receipts are found there, and the journal goes on where it ends")
    func archives() async throws {
        let months = try await Droppable()
        try await months.dropped()
        let keys = [try Fixture.key.get().publicKey]
        let alone = try ThreeMonths.audit(months.folder, receipts: months.receipts).audit
        #expect(alone.receipts == 6 && alone.faults.count == 12)
        #expect(
            alone.faults.allSatisfy {
                $0.kind == .receipt && $0.what.contains("archive of 2025-10, H44-2025-10.tar")
            })
        let both = try SegmentReader.verify(
            folder: months.folder.path, behind: [months.archive("2025-10")], keys: keys, hub: "H44",
            receipts: months.receipts)
        #expect(both.journal.faults == [] && both.journal.receipts == 6)
        #expect(both.archives.map(\.audit.receipts) == [12] && both.archives[0].audit.faults == [])
        // Of a month whose archive is not given, it is said where it is.
        let wrong = try SegmentReader.verify(
            folder: months.folder.path, behind: [months.archive("2025-11")], keys: keys, hub: "H44",
            receipts: months.receipts)
        #expect(wrong.journal.faults.first?.kind == .archive && wrong.journal.receipts == 6)
        #expect(wrong.journal.faults.dropFirst().count { $0.what.contains("archive of 2025-10") } == 12)
        let none = try SegmentReader.verify(
            folder: months.folder.path, behind: [], keys: keys, hub: "H44", receipts: months.receipts)
        #expect(none.archives.isEmpty && none.journal == alone)
    }

    // MARK: What must stay

    private static func expectRefusal(
        _ months: Droppable, _ terms: DropTerms? = nil, _ comment: String = "",
        _ isMeant: (DropRefusal) -> Bool
    ) async throws {
        let head = try ThreeMonths.audit(months.folder).audit.lastDigest
        guard case .refused(let refusal) = try await months.drop(terms) else {
            Issue.record("it was dropped \(comment)")
            return
        }
        #expect(isMeant(refusal), "\(refusal)")
        #expect(!months.folder.exists("base"), "\(comment)")
        #expect(try ThreeMonths.audit(months.folder).audit.lastDigest == head, "\(comment)")
    }

    @Test("must be the first, be over, and be the one in the archive")
    func order() async throws {
        let months = try await Droppable()
        let october = try ArchiveTests.month("2025-10")
        try await Self.expectRefusal(months, try months.terms("2025-11")) { $0 == .notFirst(october) }
        try await Self.expectRefusal(months, try months.terms("2025-11", archive: months.archive("2025-10")))
        {
            $0 == .otherMonth(october)
        }
        try await Self.expectRefusal(months, try months.terms("2025-09", archive: months.archive("2025-10")))
        {
            $0 == .otherMonth(october)
        }
        try await months.dropped("2025-10")
        try await months.dropped("2025-11")
        // Nothing makes an archive of a month that is not over, but its segments may be those of one that once was.
        let early = try await Droppable()
        try FileManager.default.removeItem(atPath: early.folder.path + "/projection.sqlite")
        for name in try early.folder.names("segments") where try early.isLater(name) {
            try early.folder.remove("segments/" + name)
        }
        try early.folder.removeProjection()
        guard case .refused(let refusal) = try await early.drop() else {
            Issue.record("a month that is not over was dropped")
            return
        }
        #expect(refusal == .notOver)
    }

    @Test("must have an archive that verifies and holds the same blocks")
    func forged() async throws {
        let months = try await Droppable()
        func isNotSound(_ refusal: DropRefusal) -> Bool {
            if case .notSound(let faults) = refusal { !faults.isEmpty } else { false }
        }
        let bad = TestFolder()
        try FileManager.default.createDirectory(atPath: bad.path, withIntermediateDirectories: true)
        let copy = bad.path + "/copy.tar"
        let archive = try months.out.bytes("H44-2025-10.tar")
        for place in [archive.count / 3, archive.count / 2, archive.count * 2 / 3] {
            try bad.write(archive, "copy.tar")
            try ArchiveTests.flip(place, in: copy)
            try await Self.expectRefusal(months, try months.terms(archive: copy), "flipped at \(place)") {
                isNotSound($0)
            }
        }
        try bad.write(Array(archive.prefix(archive.count / 2)), "copy.tar")
        try await Self.expectRefusal(months, try months.terms(archive: copy), "cut") { isNotSound($0) }
        try await Self.expectRefusal(months, try months.terms(archive: bad.path + "/none"), "absent") {
            isNotSound($0)
        }
        // The last segment left out, and the file that names the blocks not changed.
        try bad.write(archive, "copy.tar")
        try ArchiveTests.rewrite(copy) { files in
            let last = files.map(\.name).filter { $0.hasSuffix(".seg") }.max()
            files.removeAll { $0.name == last }
        }
        try await Self.expectRefusal(months, try months.terms(archive: copy), "without its end") {
            isNotSound($0)
        }
        // A sound archive of the same month, of the same hub with the same key, in another history.
        let other = try await ThreeMonths(start: "2025-10-03T00:00:00Z")
        let out = TestFolder()
        let report = try ArchiveTests.write("2025-10", other.folder, to: out)
        try await Self.expectRefusal(months, try months.terms(archive: report.path)) { refusal in
            if case .otherBlocks = refusal { true } else { false }
        }
        // Signed by someone else than is believed.
        var terms = try months.terms()
        terms.keys = [try SigningKey.generate(.p256).publicKey]
        try await Self.expectRefusal(months, terms) { isNotSound($0) }
        let inside = months.folder.path + "/kept.tar"
        try months.folder.write(archive, "kept.tar")
        try await Self.expectRefusal(months, try months.terms(archive: inside)) { $0 == .inside }
        try months.folder.remove("kept.tar")
        try TimestampShelf(journal: months.folder.path).keep([4, 5], of: 7)
        try await Self.expectRefusal(months) { $0 == .laterTimestamps([7]) }
    }

    @Test("must have repeats that are not needed any more")
    func needed() async throws {
        let months = try await Droppable()
        try await Self.expectRefusal(months, try months.terms(identities: nil)) { $0 == .identitiesForEver }
        months.clock.set("2026-02-28T23:59:59Z")
        // 150 days after the second of October.
        try await Self.expectRefusal(months, try months.terms(identities: 150)) {
            $0 == .identities(until: Timestamp(rfc3339: "2026-03-01T00:00:00Z") ?? months.clock.now)
        }
        months.clock.set("2026-03-01T00:00:00Z")
        let report = try await SegmentJournal.drop(
            try months.terms(identities: 150), in: try months.settings())
        guard case .dropped = report else {
            Issue.record("\(report)")
            return
        }
        try Droppable.expectSound(months.folder)
    }

    @Test("lets a removal of payloads that was decided over it go on in what is left")
    func removal() async throws {
        let months = try await Droppable()
        let end = try ArchiveFile(months.archive("2025-11")).chain.end.nextSequence
        var journal = try await months.open()
        let operation = Droppable.operation(
            "payload.forget", "before=2025-12-01 sequences=0-\(end - 1)", months.clock.now)
        _ = try await journal.append(.operation(operation), payload: nil)
        await journal.close()
        try await months.dropped()
        journal = try await months.open()
        var memory = RetentionMemory()
        let report = try await journal.retain(RetentionTests.policy(payloads: 3000), &memory)
        #expect(report.segments > 0 && report.payloads == 0)
        #expect(try await RetentionTests.forgotten(journal, 12..<18) == Array(12..<16))
        await journal.close()
        let (audit, differences) = try ThreeMonths.audit(months.folder)
        #expect(audit.faults == [] && differences == [] && audit.forgotten == 4)
    }

    @Test("keeps a store within its bound, however many months come")
    func bound() async throws {
        let (folder, out, clock) = (TestFolder(), TestFolder(), SetClock("2026-01-05T00:00:00Z"))
        let key = try Fixture.key.get().publicKey
        var sizes: [Int] = []
        var last: CivilMonth?
        for month in 0..<10 {
            clock.set(Timestamp(rfc3339: "2026-01-05T00:00:00Z")!.advanced(by: .seconds(31 * 86_400 * month)))
            let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
            try await RetentionTests.fill(journal, month * 40..<month * 40 + 40, at: clock, waiting: [])
            await journal.close()
            let now = CivilMonth(clock.now)
            if let last {
                let report = try ArchiveTests.write("\(last)", folder, to: out)
                let terms = DropTerms(
                    month: last, archive: report.path, keys: [key], identities: .seconds(86_400),
                    actor: "hub",
                    reason: "giữ một tháng")
                let outcome = try await SegmentJournal.drop(
                    terms, in: try ThreeMonths.settings(folder, clock))
                guard case .dropped(let dropped) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(dropped.messages == 40)
                #expect(
                    try Droppable.rows(folder, ["messages", "deliveries", "attempts", "identities"]).values
                        .allSatisfy { $0 == 40 })
            }
            last = now
            sizes.append(try Self.size(folder.path))
        }
        // One month and what a database needs anyway; never more, whatever went before.
        let bound = sizes[1] + sizes[1] / 4
        #expect(sizes.dropFirst().allSatisfy { $0 <= bound }, "\(sizes)")
        try Droppable.expectSound(folder)
        let archives = try out.names("").map { out.path + "/" + $0 }
        let found = try SegmentReader.verify(folder: folder.path, behind: archives, keys: [key], hub: "H44")
        #expect(found.journal.faults == [] && found.archives.count == 9)
        #expect(found.archives.allSatisfy { $0.audit.faults == [] })
        let journal = try await SegmentJournal.open(try ThreeMonths.settings(folder, clock))
        #expect(try await journal.totals().messages == 400)
        await journal.close()
    }

    private static func size(_ path: String) throws -> Int {
        var size = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
            if attributes[.type] as? FileAttributeType == .typeRegular {
                size += attributes[.size] as? Int ?? 0
            }
        }
        return size
    }
}

extension Droppable {
    /// Whether a segment is of November or later.
    func isLater(_ name: String) throws -> Bool {
        guard let number = SegmentHeader.number(fileName: name) else { return false }
        let time = try SegmentScan(number, in: SegmentFiles(folder: self.folder.path + "/segments"))
            .firstTime()
        return try time.map { CivilMonth($0) }.map { try $0 != ArchiveTests.month("2025-10") } ?? false
    }
}
