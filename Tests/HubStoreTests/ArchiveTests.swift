import Foundation
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A month in an archive")
struct ArchiveTests {
    /// Archives of October and November, and nothing else of the journal.
    struct Made {
        let months: ThreeMonths
        let out = TestFolder()
        let october: JournalArchive.Report
        let november: JournalArchive.Report

        init(_ months: ThreeMonths) throws {
            self.months = months
            self.october = try ArchiveTests.write("2025-10", months.folder, to: self.out)
            self.november = try ArchiveTests.write("2025-11", months.folder, to: self.out)
        }
    }

    struct NotWritten: Error {
        let outcome: JournalArchive.Outcome
    }

    static func month(_ text: String) throws -> CivilMonth { try #require(CivilMonth(iso: text)) }

    static func write(_ month: String, _ folder: TestFolder, to out: TestFolder) throws
        -> JournalArchive.Report
    {
        let outcome = try JournalArchive.write(
            try Self.month(month), of: folder.path, to: out.path, keys: [try Fixture.key.get().publicKey])
        guard case .written(let report) = outcome else { throw NotWritten(outcome: outcome) }
        return report
    }

    static func verify(
        _ paths: [String], receipts: [Receipt] = [], timestamps: TrustStore? = nil
    ) throws -> [ArchiveAudit] {
        try ArchiveReader.verify(
            paths, keys: [try Fixture.key.get().publicKey], hub: "H44", receipts: receipts,
            timestamps: timestamps)
    }

    static func files(_ path: String) throws -> [TarArchive.File] {
        try TarArchive.read(Array(try Data(contentsOf: URL(filePath: path))))
    }

    /// The same archive with other files.
    static func rewrite(_ path: String, _ change: (inout [TarArchive.File]) throws -> Void) throws {
        var files = try Self.files(path)
        try change(&files)
        try Data(TarArchive.write(files, time: JournalSamples.time(0))).write(to: URL(filePath: path))
    }

    private static func place(of bytes: [UInt8], in path: String) throws -> Int {
        let archive = try Data(contentsOf: URL(filePath: path))
        return try #require(archive.range(of: Data(bytes))?.lowerBound)
    }

    static func flip(_ place: Int, in path: String) throws {
        var archive = try Data(contentsOf: URL(filePath: path))
        archive[place] ^= 0x01
        try archive.write(to: URL(filePath: path))
    }

    @Test("verifies alone, with every receipt in its place, and says where it begins and ends")
    func alone() async throws {
        let made = try Made(try await ThreeMonths())
        try FileManager.default.removeItem(atPath: made.months.folder.path)
        let october = try #require(
            try Self.verify([made.october.path], receipts: Array(made.months.receipts[ThreeMonths.october]))
                .first)
        #expect(october.audit.faults == [] && october.month.description == "2025-10")
        #expect(october.audit.receipts == 12 && october.audit.records == 23 && october.audit.hub == "H44")
        #expect(october.audit.firstBlock == 0 && october.audit.previousDigest == .zero)
        #expect(october.audit.lastBlock == 22 && october.audit.segments > 2)
        let bytes = ThreeMonths.october.map { ThreeMonths.size($0) }.reduce(0, +)
        #expect(october.audit.payloadBytes == bytes)
        let november = try #require(
            try Self.verify([made.november.path], receipts: Array(made.months.receipts[ThreeMonths.november]))
                .first)
        #expect(november.audit.faults == [] && november.audit.receipts == 4)
        #expect(november.audit.firstBlock == 23 && november.audit.previousDigest == october.audit.lastDigest)
        #expect(made.november.previousDigest == made.october.lastDigest && made.october.lastBlock == 22)
        #expect(made.october.spooled == 4 && made.october.records == 23 && made.october.blocks == 23)
    }

    @Test("is the same, byte for byte, whenever it is written")
    func deterministic() async throws {
        let made = try Made(try await ThreeMonths())
        let again = TestFolder()
        let report = try Self.write("2025-10", made.months.folder, to: again)
        #expect(
            try Data(contentsOf: URL(filePath: report.path))
                == Data(contentsOf: URL(filePath: made.october.path)))
        #expect(try Data(contentsOf: URL(filePath: report.path)).count == report.bytes)
        #expect(report.path.hasSuffix("/H44-2025-10.tar"))
        let exists = #expect(throws: HubError.self) {
            _ = try Self.write("2025-10", made.months.folder, to: again)
        }
        #expect(exists?.code == .configurationInvalid)
    }

    @Test("holds what SHA256SUMS says, and nothing that is missing there")
    func sums() async throws {
        let made = try Made(try await ThreeMonths())
        let files = try Self.files(made.october.path)
        let sums = files.dropLast().map {
            "\(SHA256.hash($0.bytes))  \($0.name.dropFirst("archive/".count))\n"
        }
        #expect(files.last?.name == "archive/SHA256SUMS")
        #expect(files.last?.bytes == Array(sums.joined().utf8))
        #expect(files.filter { $0.name.hasPrefix("archive/spool/") }.count == 4)
        let key = try Fixture.key.get().publicKey
        #expect(files.contains(TarArchive.File("archive/keys/\(key.fingerprint).pem", key.pem)))
    }

    @Test("joins the month before it, in whichever order they are given")
    func joined() async throws {
        let made = try Made(try await ThreeMonths())
        let audits = try Self.verify(
            [made.november.path, made.october.path], receipts: Array(made.months.receipts[..<16]))
        #expect(audits.map(\.month.description) == ["2025-10", "2025-11"])
        #expect(audits.allSatisfy { $0.audit.faults == [] } && audits.map(\.audit.receipts) == [12, 4])
    }

    @Test("does not join a month that is not the next one, or of another chain")
    func notJoined() async throws {
        let months = try await ThreeMonths()
        let journal = try await months.open()
        months.clock.set("2026-01-05T00:00:00Z")
        try await Fixture.fill(journal, 50..<51)
        await journal.close()
        let made = try Made(months)
        let december = try Self.write("2025-12", months.folder, to: made.out)
        let audits = try Self.verify([made.october.path, december.path])
        #expect(audits[0].audit.faults == [])
        #expect(
            audits[1].audit.faults.map(\.what) == [
                "it begins with block 31, and the archive before it ends with block 22"
            ])
        // Another journal with the same numbers and the same key.
        let other = try Made(try await ThreeMonths(start: "2025-10-03T00:00:00Z"))
        let mixed = try Self.verify([made.october.path, other.november.path])
        #expect(
            mixed[1].audit.faults.map(\.what) == [
                "its first block does not name the last block of the archive before it"
            ])
    }

    @Test("names the record and the message whose payload was changed", arguments: [7, 6])
    func changedPayload(number: Int) async throws {
        let made = try Made(try await ThreeMonths())
        let path = made.october.path
        try Self.flip(try Self.place(of: ThreeMonths.payload(number), in: path) + 700, in: path)
        let audit = try #require(try Self.verify([path]).first?.audit)
        let fault = try #require(audit.faults.first { $0.what == "the payload is another one" })
        #expect(fault.message == JournalSamples.id(number))
        #expect(fault.record == Int64(9 + 2 * (number - 5)))
        // One that stands in a block breaks its checksum too.
        #expect(audit.faults.count == (number == 7 ? 2 : 1))
    }

    @Test("lets no byte of a block or a payload be changed unnoticed")
    func anyByte() async throws {
        let made = try Made(try await ThreeMonths())
        let path = made.november.path
        let whole = try Data(contentsOf: URL(filePath: path))
        var position = 0
        var tried = 0
        for file in try Self.files(path) {
            position += TarArchive.block
            if file.name.hasPrefix("archive/segments/") || file.name.hasPrefix("archive/spool/") {
                for place in stride(from: 0, to: file.bytes.count, by: 97) {
                    try Self.flip(position + place, in: path)
                    #expect(
                        try Self.verify([path]).first?.audit.faults.isEmpty == false,
                        "\(file.name) at \(place)")
                    try whole.write(to: URL(filePath: path))
                    tried += 1
                }
            }
            position += file.bytes.count + TarArchive.padding(file.bytes.count)
        }
        #expect(tried > 150)
        #expect(try Self.verify([path]).first?.audit.faults == [])
    }

    @Test("names a segment that is missing from it", arguments: 0..<3)
    func missingSegment(_ kind: Int) async throws {
        let made = try Made(try await ThreeMonths())
        let names = try Self.files(made.october.path).map(\.name).filter { $0.hasPrefix("archive/segments/") }
        let gone = [names[0], names[1], names[names.count - 1]][kind]
        try Self.rewrite(made.october.path) { $0.removeAll { $0.name == gone } }
        let faults = try #require(try Self.verify([made.october.path]).first?.audit.faults).map(\.what)
        if kind < 2 {
            #expect(faults.first == "the segment before this one is missing")
        } else {
            #expect(faults.count == 1 && faults[0].hasSuffix("and says that it ends with another block 22"))
        }
    }

    @Test("names a receipt that is in none of the archives, and a payload that is missing from one")
    func missing() async throws {
        let made = try Made(try await ThreeMonths())
        let audits = try Self.verify(
            [made.october.path, made.november.path],
            receipts: [made.months.receipts[3], made.months.receipts[17]])
        #expect(audits[0].audit.faults == [] && audits[0].audit.receipts == 1)
        #expect(audits[1].audit.faults.map(\.what) == ["a receipt names block 33, which is not here"])
        let name = "archive/" + ThreeMonths.spoolFile(3)
        try Self.rewrite(made.october.path) { $0.removeAll { $0.name == name } }
        let faults = try #require(try Self.verify([made.october.path]).first?.audit.faults)
        #expect(faults.map(\.what) == ["the payload is missing"] && faults[0].message == JournalSamples.id(3))
    }

    @Test("is refused when it is not laid out as one", arguments: 0..<4)
    func refused(_ kind: Int) async throws {
        let made = try Made(try await ThreeMonths())
        let path = made.october.path
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let changed: [UInt8]
        switch kind {
        case 0: changed = Array(bytes[..<(bytes.count / 2)])
        case 1: changed = bytes + [1]
        case 2: changed = []
        default:
            let files = try Self.files(path).filter { $0.name != "archive/chain" }
            changed = TarArchive.write(files, time: JournalSamples.time(0))
        }
        try Data(changed).write(to: URL(filePath: path))
        let error = #expect(throws: HubError.self) { _ = try Self.verify([path]) }
        #expect(error?.code == .evidenceInvalid && error?.detail("path") == path)
    }

    @Test("cannot say that it begins elsewhere than its first block does")
    func chainFile() async throws {
        let made = try Made(try await ThreeMonths())
        let path = made.november.path
        for (old, new) in [
            ("first-block 23", "first-block 22"), ("previous ", "previous 00"),
            ("last-block 30", "last-block 31"),
            ("first-record 23", "first-record 24"),
        ] {
            let files = try Self.files(path)
            try Self.rewrite(path) { files in
                let text = String(decoding: files[0].bytes, as: UTF8.self)
                var changed = text.replacing(old, with: new)
                if old == "previous " {
                    changed =
                        changed.split(separator: "\n").map {
                            $0.hasPrefix(old) ? $0.prefix(73) : $0
                        }.joined(separator: "\n") + "\n"
                }
                #expect(changed != text)
                files[0] = TarArchive.File(files[0].name, Array(changed.utf8))
            }
            #expect(try Self.verify([path]).first?.audit.faults.isEmpty == false, "\(new)")
            try Self.rewrite(path) { $0 = files }
        }
        #expect(try Self.verify([path]).first?.audit.faults == [])
    }

    @Test("is not written before the month is over, nor for a month without blocks")
    func notOver() async throws {
        let months = try await ThreeMonths()
        let out = TestFolder()
        for (month, outcome) in [("2025-12", JournalArchive.Outcome.notOver), ("2025-09", .noSuchMonth)] {
            let error = #expect(throws: NotWritten.self) { _ = try Self.write(month, months.folder, to: out) }
            #expect(error?.outcome == outcome)
        }
        #expect(!FileManager.default.fileExists(atPath: out.path))
        // A next segment that a crash left half made is none.
        try months.folder.write([UInt8](repeating: 0, count: 4096), "segments/00000099.seg")
        let last = try #require(try months.folder.names("segments").dropLast().last)
        let number = try #require(SegmentHeader.number(fileName: last))
        try FileManager.default.moveItem(
            atPath: months.folder.path + "/segments/00000099.seg",
            toPath: months.folder.path + "/segments/" + SegmentHeader.fileName(number + 1))
        let error = #expect(throws: NotWritten.self) { _ = try Self.write("2025-12", months.folder, to: out) }
        #expect(error?.outcome == .notOver)
    }

    @Test("is written beside a running hub")
    func running() async throws {
        let months = try await ThreeMonths()
        let journal = try await months.open()
        let out = TestFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Fixture.fill(journal, 200..<300, size: 300) }
            group.addTask {
                let report = try Self.write("2025-11", months.folder, to: out)
                #expect(try Self.verify([report.path]).first?.audit.faults == [])
            }
            try await group.waitForAll()
        }
        await journal.close()
    }

    @Test("is not made of what is not sound, and nothing is left behind", arguments: 0..<3)
    func damaged(_ kind: Int) async throws {
        let months = try await ThreeMonths()
        let out = TestFolder()
        switch kind {
        case 0: try months.folder.remove(ThreeMonths.spoolFile(3))
        case 1:
            var bytes = try months.folder.bytes("segments/00000001.seg")
            bytes[400] ^= 1
            try months.folder.write(bytes, "segments/00000001.seg")
        default:
            try months.folder.write(try months.folder.bytes("segments/00000000.seg"), "segments/00000001.seg")
        }
        let error = #expect(throws: HubError.self) { _ = try Self.write("2025-10", months.folder, to: out) }
        #expect(error?.code == .journalDamaged)
        #expect(!FileManager.default.fileExists(atPath: out.path))
    }

    @Test("needs the keys that signed its blocks")
    func keys() async throws {
        let months = try await ThreeMonths()
        let stranger = try SigningKey.generate(.p256).publicKey
        let (month, out) = (try Self.month("2025-10"), TestFolder())
        let error = #expect(throws: HubError.self) {
            _ = try JournalArchive.write(month, of: months.folder.path, to: out.path, keys: [stranger])
        }
        #expect(error?.code == .envelopeKeyUnknown)
        let made = try Made(months)
        let audit = try #require(try ArchiveReader.verify([made.october.path], keys: [stranger]).first?.audit)
        #expect(
            audit.faults.count == 23 && audit.faults.allSatisfy { $0.what.hasPrefix("another key signed it") }
        )
    }

    @Test("shows that payloads were removed by policy, and names them when it does not")
    func forgotten() async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        let made = try Made(months)
        #expect(made.october.forgotten == 11 && made.october.spooled == 0 && made.november.forgotten == 0)
        let receipts = Array(months.receipts[ThreeMonths.october])
        let audit = try #require(try Self.verify([made.october.path], receipts: receipts).first?.audit)
        #expect(audit.faults == [] && audit.forgotten == 11 && audit.receipts == 12)
        let november = try Self.files(made.november.path)
        #expect(!november.contains { $0.name.hasPrefix("archive/removals/") })
        // A record that somebody changed is none.
        let files = try Self.files(made.october.path)
        try Self.rewrite(made.october.path) { files in
            let place = try #require(files.firstIndex { $0.name == "archive/removals/1/record" })
            files[place] = TarArchive.File(files[place].name, files[place].bytes + [0])
        }
        let forged = try #require(try Self.verify([made.october.path]).first?.audit)
        #expect(
            forged.forgotten == 0 && forged.faults.filter { $0.what == "the payload is missing" }.count == 11)
        #expect(forged.faults.contains { $0.what == "it is no record of a removal that the hub signed" })
        try Self.rewrite(made.october.path) { $0 = files.filter { !$0.name.hasPrefix("archive/removals/") } }
        let bare = try #require(try Self.verify([made.october.path]).first?.audit)
        #expect(bare.faults.map(\.what) == [String](repeating: "the payload is missing", count: 11))
        #expect(
            bare.faults.first?.message == JournalSamples.id(0)
                && bare.faults.last?.message == JournalSamples.id(11))
    }

    @Test("shows what was removed by several decisions together, some of them in the month itself")
    func forgottenTwice() async throws {
        let months = try await ThreeMonths()
        months.clock.set("2025-12-03T00:00:00Z")
        _ = try await months.forget()
        let journal = try await months.open()
        try await journal.record([JournalSamples.event(ThreeMonths.waiting, .delivered)])
        months.clock.set("2026-01-05T00:00:00Z")
        try await Fixture.fill(journal, 50..<51)
        await journal.close()
        _ = try await months.forget(ThreeMonths.before("2026-01-01"))
        let out = TestFolder()
        let october = try Self.write("2025-10", months.folder, to: out)
        let december = try Self.write("2025-12", months.folder, to: out)
        #expect(october.forgotten == 12 && december.forgotten == 2)
        for (path, removals) in [(october.path, 2), (december.path, 1)] {
            let audit = try #require(try Self.verify([path]).first?.audit)
            #expect(audit.faults == [] && audit.forgotten == (path == october.path ? 12 : 2))
            let records = try Self.files(path).filter { $0.name.hasSuffix("/record") }
            #expect(records.count == removals)
        }
    }

    @Test("made before payloads were removed still has them")
    func before() async throws {
        let made = try Made(try await ThreeMonths())
        _ = try await made.months.forget()
        let audit = try #require(try Self.verify([made.october.path]).first?.audit)
        #expect(audit.faults == [] && audit.forgotten == 0)
        #expect(try Self.place(of: ThreeMonths.payload(1), in: made.october.path) > 0)
    }
}
