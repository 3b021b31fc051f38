import FoundationEssentials
import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

@Suite("A backup in a hostile world")
struct BackupHostileTests {
    private static let spooled = Spool.name(SHA256.hash(JournalSamples.payload(5, count: 3000)))

    private static func backup() async throws -> TestFolder {
        let (folder, _, _) = try await BackupTests.journal()
        let backup = TestFolder()
        _ = try BackupTests.write(folder, to: backup)
        return backup
    }

    // MARK: Files

    @Test(
        "is refused by name when a byte of it was changed",
        arguments: ["segments/00000000.seg", Self.spooled, "timestamps/0000000000000005.tsr", "MANIFEST"])
    func flipped(_ name: String) async throws {
        let backup = try await Self.backup()
        var bytes = try backup.bytes(name)
        bytes[bytes.count / 2] ^= 1
        try backup.write(bytes, name)
        let target = TestFolder()
        let error = BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }
        #expect(error?.code == .backupInvalid && error?.detail("file") == name)
    }

    @Test(
        "is refused by name when a file vanished, is shorter, longer, a link, a folder or a pipe",
        arguments: 0..<6)
    func files(_ kind: Int) async throws {
        let backup = try await Self.backup()
        let path = backup.path + "/" + Self.spooled
        let bytes = try backup.bytes(Self.spooled)
        switch kind {
        case 0: try backup.remove(Self.spooled)
        case 1: try backup.write(Array(bytes.dropLast()), Self.spooled)
        case 2: try backup.write(bytes + [0], Self.spooled)
        case 3:
            try backup.write(bytes, "elsewhere")
            try backup.remove(Self.spooled)
            #expect(symlink(backup.path + "/elsewhere", path) == 0)
        case 4:
            try backup.remove(Self.spooled)
            #expect(mkdir(path, 0o700) == 0)
        default:
            try backup.remove(Self.spooled)
            #expect(mkfifo(path, 0o600) == 0)
        }
        let target = TestFolder()
        let error = BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }
        #expect(error?.code == .backupInvalid && error?.detail("file") == Self.spooled)
    }

    @Test("is refused when a folder of it is a link")
    func linkedFolder() async throws {
        let backup = try await Self.backup()
        #expect(rename(backup.path + "/segments", backup.path + "/s") == 0)
        #expect(symlink("s", backup.path + "/segments") == 0)
        let target = TestFolder()
        let error = BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }
        #expect(error?.code == .backupInvalid && error?.detail("file") == "segments/00000000.seg")
    }

    @Test("is refused without a manifest, and where there is none at all")
    func noManifest() async throws {
        let backup = try await Self.backup()
        try backup.remove("MANIFEST")
        let target = TestFolder()
        #expect(
            BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }?.detail("file")
                == "MANIFEST")
        #expect(
            BackupTests.refusal(target) { _ = try BackupTests.restore(TestFolder(), to: target) }?.code
                == .backupInvalid)
    }

    // MARK: Manifests

    @Test(
        "is refused when its manifest names what no journal has",
        arguments: [
            "../outside", "/etc/passwd", "segments/../../x.seg", "segments/00000000.seg/",
            "spool/../MANIFEST",
            "segments/0.seg", "spool/ab/abcd", "timestamps/5.tsr", "lock", "projection.sqlite", "",
            "spool/\(String(repeating: "a", count: 64))", "restored", "segments/00000000.seg.part",
        ])
    func names(_ name: String) async throws {
        let backup = try await Self.backup()
        let manifest = try BackupManifest(try backup.bytes("MANIFEST"))
        let file = BackupManifest.File(name: name, count: 1, digest: SHA256.hash("x"))
        try backup.write(Self.bytes(manifest, manifest.files + [file]), "MANIFEST")
        let target = TestFolder()
        let error = BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }
        #expect(error?.code == .backupInvalid && error?.detail("file") == "MANIFEST")
        #expect(error?.detail("names") == name)
    }

    @Test(
        "is refused when its manifest lies about sizes, segments, the end or the number of records",
        arguments: 0..<7)
    func lies(_ kind: Int) async throws {
        let backup = try await Self.backup()
        let manifest = try BackupManifest(try backup.bytes("MANIFEST"))
        var files = manifest.files
        var (block, records, missing) = (manifest.lastBlock, manifest.records, 0)
        switch kind {
        case 0:
            files[1] = BackupManifest.File(
                name: files[1].name, count: files[1].count + 1, digest: files[1].digest)
        case 1: files[1] = BackupManifest.File(name: files[1].name, count: .max, digest: files[1].digest)
        case 2: files.removeFirst()
        case 3: block += 1
        case 4: records += 1
        case 5: files.append(files[0])
        default: missing = 1
        }
        let lying = BackupManifest(
            hub: manifest.hub, made: manifest.made, lastBlock: block, lastDigest: manifest.lastDigest,
            records: records, missing: missing, files: files
        )
        try backup.write(lying.bytes, "MANIFEST")
        let target = TestFolder()
        guard kind < 6 else {
            // More may be there than it says was missing.
            _ = try BackupTests.restore(backup, to: target)
            return
        }
        let error = BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }
        #expect(error?.code == .backupInvalid)
    }

    @Test("is refused when the last segment was left out of the manifest, or a payload")
    func leftOut() async throws {
        for left in ["segments/", "spool/"] {
            let backup = try await Self.backup()
            let manifest = try BackupManifest(try backup.bytes("MANIFEST"))
            let last = try #require(manifest.files.last { $0.name.hasPrefix(left) })
            try backup.write(Self.bytes(manifest, manifest.files.filter { $0 != last }), "MANIFEST")
            let target = TestFolder()
            let error = BackupTests.refusal(target) { _ = try BackupTests.restore(backup, to: target) }
            #expect(error?.code == .backupInvalid)
        }
    }

    private static func bytes(_ manifest: BackupManifest, _ files: [BackupManifest.File]) -> [UInt8] {
        BackupManifest(
            hub: manifest.hub, made: manifest.made, lastBlock: manifest.lastBlock,
            lastDigest: manifest.lastDigest,
            records: manifest.records, missing: manifest.missing, files: files
        ).bytes
    }

    @Test("is refused with the key of another hub, under another name, and with a receipt that does not fit")
    func foreign() async throws {
        let backup = try await Self.backup()
        let target = TestFolder()
        let stranger = try SigningKey.generate(.p256).publicKey
        var terms = JournalBackup.RestoreTerms(backup: backup.path, journal: target.path, keys: [stranger])
        #expect(
            BackupTests.refusal(target) { _ = try JournalBackup.restore(terms) }?.code == .envelopeKeyUnknown)
        terms.keys = [try Fixture.key.get().publicKey]
        terms.hub = "H45"
        #expect(
            BackupTests.refusal(target) { _ = try JournalBackup.restore(terms) }?.code
                == .configurationInvalid)
        terms.hub = nil
        let other = TestFolder()
        let journal = try await SegmentJournal.open(try BackupTests.configuration(other))
        try await Fixture.fill(journal, 100..<101)
        terms.receipts = [try await journal.receipt(of: JournalSamples.id(100))]
        await journal.close()
        let error = BackupTests.refusal(target) { _ = try JournalBackup.restore(terms) }
        #expect(error?.code == .backupInvalid && error?.detail("file") == "receipt")
    }

    // MARK: Targets

    @Test("never replaces anything, and is not made inside the journal")
    func targets() async throws {
        let (folder, _, _) = try await BackupTests.journal()
        let target = TestFolder()
        try FileManager.default.createDirectory(atPath: target.path, withIntermediateDirectories: true)
        #expect(symlink(folder.path, target.path + "/link") == 0)
        try target.write([1], "file")
        let paths = [
            target.path, target.path + "/file", target.path + "/link", folder.path, folder.path + "/backup",
            folder.path + "/spool/x/y", target.path + "/link/b", "", "/", target.path + "/..",
        ]
        for path in paths {
            let terms = JournalBackup.Terms(journal: folder.path, path: path, now: JournalSamples.time(0))
            let error = #expect(throws: HubError.self, "\(path)") { _ = try JournalBackup.write(terms) }
            #expect(error?.code == .configurationInvalid, "\(path)")
        }
        #expect(
            try folder.names("").filter { !$0.hasPrefix("projection") } == [
                "lock", "segments", "spool", "timestamps",
            ])
        let none = JournalBackup.Terms(
            journal: target.path, path: target.path + "/b", now: JournalSamples.time(0))
        #expect(throws: HubError.self) { _ = try JournalBackup.write(none) }
    }

    @Test("is not restored over a journal, or over anything else, but into an empty folder")
    func occupied() async throws {
        let backup = try await Self.backup()
        let (journal, _, _) = try await BackupTests.journal()
        let before = try journal.bytes(Fixture.segment)
        let error = #expect(throws: HubError.self) { _ = try BackupTests.restore(backup, to: journal) }
        #expect(error?.code == .configurationInvalid)
        #expect(try journal.bytes(Fixture.segment) == before)
        let target = TestFolder()
        try FileManager.default.createDirectory(atPath: target.path, withIntermediateDirectories: true)
        _ = try BackupTests.restore(backup, to: target)
        #expect(throws: HubError.self) { _ = try BackupTests.restore(backup, to: target) }
    }

    @Test("is refused to a second one who writes to the same place, and takes over what a crash left")
    func partial() async throws {
        let (folder, _, _) = try await BackupTests.journal()
        let target = TestFolder()
        do {
            let other = try PartialFolder(for: target.path, disk: .system)
            let error = #expect(throws: HubError.self) { _ = try BackupTests.write(folder, to: target) }
            #expect(error?.code == .backupUnavailable)
            _ = try other.write("segments/old") { add throws(HubError) in try add([1]) }
        }
        _ = try BackupTests.write(folder, to: target)
        #expect(try !target.names("segments").contains("old"))
        let linked = TestFolder()
        #expect(symlink(folder.path, linked.path + ".part") == 0)
        defer { unlink(linked.path + ".part") }
        let error = #expect(throws: HubError.self) { _ = try BackupTests.write(folder, to: linked) }
        #expect(error?.code == .backupUnavailable)
        #expect(try folder.names("segments").count > 1)
    }

    // MARK: Disks and crashes

    @Test(
        "leaves nothing behind on a disk that is full or may not be written",
        arguments: [ENOSPC, EACCES, EIO], [0, 3])
    func full(_ fault: Int32, opens: Int) async throws {
        let (folder, _, _) = try await BackupTests.journal()
        let backup = try await Self.backup()
        for kind in 0..<3 {
            let disk = FaultyDisk()
            switch kind {
            case 0: disk.fail(write: fault)
            case 1: disk.fail(sync: fault, of: opens == 0 ? ".seg" : "MANIFEST")
            default: disk.fail(open: fault, afterOpens: 5 + opens)
            }
            let target = TestFolder()
            let error = BackupTests.refusal(target) {
                _ = try BackupTests.write(folder, to: target, disk: disk.calls)
            }
            #expect(error?.code == .backupUnavailable)
            let made = TestFolder()
            // The manifest is only written by the other.
            if kind == 1, opens > 0 { continue }
            let other = BackupTests.refusal(made) {
                _ = try BackupTests.restore(backup, to: made, disk: disk.calls)
            }
            #expect(other?.code == .backupUnavailable)
        }
    }

    @Test(
        "that was killed on the way is none, and the next one is whole", arguments: [1, 2, 5, 11, 17, 26, 40])
    func killed(step: Int) async throws {
        let (folder, answers, _) = try await BackupTests.journal()
        let (backup, made) = (TestFolder(), TestFolder())
        let key = folder.path + "/key.pem"
        try Data(try Fixture.key.get().publicKey.pem).write(to: URL(filePath: key))
        let (from, to) = (folder.path, backup.path)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [from = from as String, to = to as String, step = step as Int] in
            var terms = JournalBackup.Terms(journal: from, path: to, now: JournalSamples.time(1))
            terms.disk = BackupHostileTests.deadly(after: step)
            _ = try JournalBackup.write(terms)
            CrashTests.die()
        }
        // Either there is none, or it is whole: the name is the last thing.
        if !backup.exists("") { _ = try BackupTests.write(folder, to: backup) }
        let target = made.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [to = to as String, target = target as String, key = key as String, step = step as Int] in
            let keys = try PublicKey.all(pem: Array(try Data(contentsOf: URL(filePath: key))))
            var terms = JournalBackup.RestoreTerms(backup: to, journal: target, keys: keys)
            terms.disk = BackupHostileTests.deadly(after: step)
            _ = try JournalBackup.restore(terms)
            CrashTests.die()
        }
        if !made.exists("") { _ = try BackupTests.restore(backup, to: made) }
        #expect(try BackupTests.audit(made).faults == [])
        let journal = try await SegmentJournal.open(try BackupTests.configuration(made))
        #expect(try await RecoveryTests.answers(journal) == answers)
        await journal.close()
    }

    /// Writes and syncs until so many are done, then ends the process in the middle of one.
    static func deadly(after step: Int) -> DiskCalls {
        let count = Mutex(0)
        let real = DiskCalls.system
        let isDue: @Sendable () -> Bool = {
            count.withLock { count in
                count += 1
                return count >= step
            }
        }
        return DiskCalls(
            open: real.open,
            write: { file, bytes, offset in
                guard isDue() else { return real.write(file, bytes, offset) }
                _ = real.write(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)), offset)
                CrashTests.die()
                return EIO
            },
            syncData: real.syncData,
            sync: { file in
                if isDue() { CrashTests.die() }
                return real.sync(file)
            }, allocate: real.allocate
        )
    }
}
