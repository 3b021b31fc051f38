import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A backup in one file")
struct BackupArchiveTests {
    /// How an archive is given to a restore.
    enum Way: CaseIterable { case file, pipe }

    private static func terms(_ folder: TestFolder, to target: TestFolder) -> JournalBackup.Terms {
        var terms = JournalBackup.Terms(journal: folder.path, path: target.path, now: JournalSamples.time(500))
        terms.form = .archive
        return terms
    }

    /// The bytes of an archive of the journal of the tests of folders.
    private static func archive() async throws -> [UInt8] {
        let (folder, _, _) = try await BackupTests.journal()
        let target = TestFolder()
        _ = try JournalBackup.write(Self.terms(folder, to: target))
        return try target.bytes("")
    }

    static func restore(
        _ archive: [UInt8], to target: TestFolder, by way: Way, hub: String = "H44"
    ) throws -> JournalBackup.Report {
        let file = TestFolder()
        try file.write(archive, "")
        var terms = JournalBackup.RestoreTerms(
            backup: way == .file ? file.path : "-", journal: target.path,
            keys: [try Fixture.key.get().publicKey], hub: hub)
        terms.input = open(file.path, O_RDONLY)
        defer { close(terms.input) }
        return try JournalBackup.restore(terms)
    }

    private static func refusal(
        _ archive: [UInt8], by way: Way, location: SourceLocation = #_sourceLocation
    ) -> HubError? {
        let target = TestFolder()
        let error = BackupTests.refusal(target, location: location) {
            _ = try Self.restore(archive, to: target, by: way)
        }
        #expect(error?.code == .backupInvalid, sourceLocation: location)
        return error
    }

    // MARK: Whole ones

    @Test("is restored as the folder is, from the file and from a pipe", arguments: Way.allCases)
    func whole(_ way: Way) async throws {
        let (folder, answers, _) = try await BackupTests.journal()
        let (backup, file, made) = (TestFolder(), TestFolder(), TestFolder())
        let report = try BackupTests.write(folder, to: backup)
        let written = try JournalBackup.write(Self.terms(folder, to: file))
        #expect(written.lastDigest == report.lastDigest && written.bytes == report.bytes && written.path == file.path)
        #expect(!FileManager.default.fileExists(atPath: file.path + ".part"))
        // The same files, byte for byte, the MANIFEST at the end.
        let members = try TarArchive.read(try file.bytes(""))
        let manifest = try BackupManifest(try backup.bytes("MANIFEST"))
        #expect(members.map(\.name) == (manifest.files.map(\.name) + ["MANIFEST"]).map { "lgsp-backup/" + $0 })
        for member in members { #expect(try backup.bytes(String(member.name.dropFirst(12))) == member.bytes) }

        let restored = try Self.restore(try file.bytes(""), to: made, by: way)
        #expect(restored.lastBlock == 16 && restored.lastDigest == report.lastDigest && restored.records == 17)
        #expect(try BackupTests.audit(made).faults == [])
        let journal = try await SegmentJournal.open(try BackupTests.configuration(made))
        #expect(journal.startReport.restored != nil)
        #expect(try await RecoveryTests.answers(journal) == answers)
        await journal.close()
    }

    @Test("goes through a pipe to a restore at its other end, and holds what was acknowledged before it began")
    func piped() async throws {
        let folder = TestFolder()
        let journal = try await SegmentJournal.open(try BackupTests.configuration(folder))
        let load = BackupTests.Load()
        let made = TestFolder()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let before = try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 { group.addTask { try await load.write(to: journal, from: writer) } }
            while load.acknowledged.count < 200 { await Task.yield() }
            let before = load.acknowledged
            let key = try Fixture.key.get().publicKey
            let (path, target) = (folder.path, made.path)
            // Threads of their own: each waits for the other, and the shared pool may have a single one.
            let (sender, receiver) = (try WorkerThread.start(), try WorkerThread.start())
            defer {
                sender.stop()
                receiver.stop()
            }
            async let sent = sender.run { () throws(HubError) in
                var terms = JournalBackup.Terms(journal: path, path: "-", now: JournalSamples.time(500))
                terms.form = .stream(writing)
                defer { close(writing) }
                return try JournalBackup.write(terms)
            }
            async let received = receiver.run { () throws(HubError) in
                var terms = JournalBackup.RestoreTerms(backup: "-", journal: target, keys: [key], hub: "H44")
                terms.input = reading
                defer { close(reading) }
                return try JournalBackup.restore(terms)
            }
            let (written, restored) = (try await sent, try await received)
            load.end()
            try await group.waitForAll()
            #expect(written.lastDigest == restored.lastDigest && written.path == "-")
            return before
        }
        await journal.close()
        #expect(try BackupTests.audit(made).faults == [])
        let restored = try await SegmentJournal.open(try BackupTests.configuration(made))
        for number in before {
            let payload = try await restored.payload(of: JournalSamples.id(number))
            #expect(payload == JournalSamples.payload(number, count: BackupTests.size(number)))
        }
        await restored.close()
    }

    @Test("of an empty journal, and of one that a crash left without its database, is one", arguments: Way.allCases)
    func crashed(_ way: Way) async throws {
        let folder = TestFolder()
        let journal = try await SegmentJournal.open(try BackupTests.configuration(folder))
        let (empty, none) = (TestFolder(), TestFolder())
        #expect(try JournalBackup.write(Self.terms(folder, to: empty)).lastBlock == -1)
        #expect(try Self.restore(try empty.bytes(""), to: none, by: way).records == 0)
        try await Fixture.fill(journal, 0..<5)
        let crashed = try folder.copy()
        await journal.close()
        try crashed.removeProjection()
        let end = try #require(try Fixture.blocks(crashed).last?.end)
        var bytes = try crashed.bytes(Fixture.segment)
        bytes.replaceSubrange(end..<end + 4, with: Array("BLK1".utf8))
        try crashed.write(bytes, Fixture.segment)
        let (file, made) = (TestFolder(), TestFolder())
        #expect(try JournalBackup.write(Self.terms(crashed, to: file)).lastBlock == 4)
        #expect(try Self.restore(try file.bytes(""), to: made, by: way).records == 5)
        #expect(try BackupTests.audit(made).tornBytes == 0)
    }

    // MARK: Parts of one

    @Test("that ends too early is none, wherever it ends", arguments: Way.allCases)
    func cut(_ way: Way) async throws {
        let archive = try await Self.archive()
        // The last block of zeros may be missing; tar does not need it either.
        var cuts = Array(stride(from: 0, through: archive.count - 2 * TarArchive.block, by: TarArchive.block * 5))
        cuts += [1, 511, archive.count - 2 * TarArchive.block - 1, archive.count - 2 * TarArchive.block + 1]
        for cut in cuts {
            let error = Self.refusal(Array(archive.prefix(cut)), by: way)
            #expect(error != nil, "\(cut) of \(archive.count) bytes")
        }
        // With an end put behind what there is, it looks like an archive and has no MANIFEST.
        let half = archive.count / 2 / TarArchive.block * TarArchive.block
        let members = try TarArchive.read(archive).dropLast()
        let ended = TarArchive.write(Array(members), time: JournalSamples.time(1))
        #expect(Self.refusal(ended, by: way)?.detail("file") == "MANIFEST")
        #expect(Self.refusal(Array(archive[..<half]) + Array(repeating: 0, count: 1024), by: way) != nil)
    }

    @Test("leaves nothing when the disk is full, and a crash leaves a part that the next one takes over")
    func full() async throws {
        let (folder, _, _) = try await BackupTests.journal()
        let target = TestFolder()
        for (write, sync) in [(ENOSPC, 0), (0, EIO)] as [(Int32, Int32)] {
            let disk = FaultyDisk()
            disk.fail(write: write, sync: sync)
            var terms = Self.terms(folder, to: target)
            terms.disk = disk.calls
            let error = BackupTests.refusal(target) { _ = try JournalBackup.write(terms) }
            #expect(error?.code == .backupUnavailable)
        }
        let part = URL(filePath: target.path + ".part")
        try Data(repeating: 7, count: 1 << 20).write(to: part)
        #expect(try JournalBackup.write(Self.terms(folder, to: target)).lastBlock == 16)
        #expect(!FileManager.default.fileExists(atPath: part.path))
        #expect(try Self.restore(try target.bytes(""), to: TestFolder(), by: .file).lastBlock == 16)
    }

    @Test("is written by one at a time, replaces nothing, and is not made in the journal")
    func places() async throws {
        let (folder, _, _) = try await BackupTests.journal()
        let target = TestFolder()
        var error: HubError?
        _ = try JournalBackup.write(Self.terms(folder, to: target)) { _ in
            guard error == nil else { return }
            error = #expect(throws: HubError.self) { _ = try JournalBackup.write(Self.terms(folder, to: target)) }
        }
        #expect(error?.code == .backupUnavailable)
        let bytes = try target.bytes("")
        error = #expect(throws: HubError.self) { _ = try JournalBackup.write(Self.terms(folder, to: target)) }
        #expect(error?.code == .configurationInvalid)
        #expect(try target.bytes("") == bytes)
        var terms = Self.terms(folder, to: target)
        terms.path = folder.path + "/backup.tar"
        error = #expect(throws: HubError.self) { _ = try JournalBackup.write(terms) }
        #expect(error?.code == .configurationInvalid)
        // A link under the name of the part leads nowhere else.
        let other = TestFolder()
        try other.write([1, 2, 3], "")
        let linked = TestFolder()
        #expect(symlink(other.path, linked.path + ".part") == 0)
        error = #expect(throws: HubError.self) { _ = try JournalBackup.write(Self.terms(folder, to: linked)) }
        #expect(try other.bytes("") == [1, 2, 3] && error?.code == .backupUnavailable)
        try? FileManager.default.removeItem(atPath: linked.path + ".part")
    }

    @Test("says so when nobody reads the pipe any more")
    func closedPipe() async throws {
        signal(SIGPIPE, SIG_IGN)
        let (folder, _, _) = try await BackupTests.journal()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        var terms = JournalBackup.Terms(journal: folder.path, path: "-", now: JournalSamples.time(500))
        terms.form = .stream(ends[1])
        let wanted = terms
        let error = #expect(throws: HubError.self) { _ = try JournalBackup.write(wanted) }
        #expect(error?.code == .backupUnavailable)
    }

    // MARK: Hostile ones

    @Test("is refused, or restored as it was, whichever byte of it was changed", arguments: 0..<24)
    func flipped(seed: Int) async throws {
        let archive = try await Self.archive()
        let random = SeededRandom(seed: UInt64(seed))
        var bytes = archive
        bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
        let target = TestFolder()
        do {
            // What fills up to the next block of 512 says nothing.
            let report = try Self.restore(bytes, to: target, by: random.any(of: Way.allCases))
            #expect(report.lastBlock == 16 && report.records == 17, "seed \(seed)")
            #expect(try BackupTests.audit(target).faults == [], "seed \(seed)")
        } catch let error as HubError {
            #expect(error.code == .backupInvalid, "seed \(seed): \(error)")
            #expect(!target.exists("") && !FileManager.default.fileExists(atPath: target.path + ".part"))
        }
    }

    @Test("is refused with a file too many, twice, of another folder or behind its MANIFEST", arguments: Way.allCases)
    func members(_ way: Way) async throws {
        let files = try TarArchive.read(try await Self.archive())
        func refused(_ files: [TarArchive.File]) -> HubError? {
            Self.refusal(TarArchive.write(files, time: JournalSamples.time(1)), by: way)
        }
        let segment = TarArchive.File("lgsp-backup/segments/00000099.seg", [1])
        #expect(refused([segment] + files)?.detail("file") == "segments/00000099.seg")
        #expect(refused(files + [segment])?.detail("file") == "segments/00000099.seg")
        #expect(refused([files[0]] + files) != nil)
        #expect(refused([TarArchive.File("elsewhere/MANIFEST", [1])] + files) != nil)
        for name in ["projection.sqlite", "lock", "restored", "segments/0.seg", "segments/00000000.seg/x"] {
            #expect(refused([TarArchive.File("lgsp-backup/" + name, [1])] + files) != nil, "\(name)")
        }
        #expect(refused(Array(files.dropFirst()))?.detail("file") == files[0].name.dropFirst(12).description)
        let archive = TarArchive.write(files, time: JournalSamples.time(1))
        #expect(Self.refusal(archive + [1], by: way) != nil)
        #expect(Self.refusal(archive + Array(repeating: 0, count: 2 << 20), by: way) != nil)
        // Zeros up to a full record are what tar writes.
        #expect(try Self.restore(archive + Array(repeating: 0, count: 9216), to: TestFolder(), by: way).lastBlock == 16)
        #expect(Self.refusal([], by: way) != nil)
        let target = TestFolder()
        let error = BackupTests.refusal(target) { _ = try Self.restore(archive, to: target, by: way, hub: "H45") }
        #expect(error?.code == .configurationInvalid)
    }
}
