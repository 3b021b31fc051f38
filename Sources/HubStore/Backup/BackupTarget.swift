internal import Glibc
internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Where a backup is written to.
///
/// Whatever it is, it is whole only when `finish` has returned.
protocol BackupTarget: AnyObject {
    /// Whether the length of a file must be known before its first byte.
    var wantsLengths: Bool { get }

    /// Makes an empty folder, where there is such a thing.
    /// - Throws: `backup.unavailable`.
    func makeFolder(_ name: String) throws(HubError)

    /// Writes a file; what `body` gives to the function it is lent comes one behind the other.
    ///
    /// - Parameters:
    ///   - name: Plain, below the backup.
    ///   - count: Its length; never `nil` where lengths are wanted.
    /// - Returns: Its length and digest.
    /// - Throws: `backup.unavailable`, and what `body` throws.
    func write(
        _ name: String, count: Int?,
        _ body: (_ add: ([UInt8]) throws(HubError) -> Void) throws(HubError) -> Void
    ) throws(HubError) -> BackupManifest.File

    /// Brings everything to the disk and gives it its name.
    /// - Throws: `backup.unavailable`.
    func finish() throws(HubError)

    /// Removes what was written.
    func discard()
}

extension PartialFolder: BackupTarget {
    var wantsLengths: Bool { false }

    func write(
        _ name: String, count: Int?,
        _ body: (_ add: ([UInt8]) throws(HubError) -> Void) throws(HubError) -> Void
    ) throws(HubError) -> BackupManifest.File {
        try self.write(name, body)
    }
}

/// A backup in one file, or on its way through a pipe: a `ustar` archive with the files of the folder form in the folder
/// `lgsp-backup`, `MANIFEST` last.
///
/// Nothing is ever whole in memory but a block and the list of files. What ends too early has no MANIFEST, and is refused.
final class BackupArchive: BackupTarget {
    static let folder = "lgsp-backup/"

    private var tar: TarFileWriter
    /// `nil` for a pipe.
    private let partial: PartialFile?

    /// - Throws: `backup.unavailable`.
    init(for target: String, time: Timestamp, disk: DiskCalls) throws(HubError) {
        let partial = try PartialFile(for: target, disk: disk)
        self.partial = partial
        self.tar = TarFileWriter(partial.file, folder: Self.folder, time: time, disk: disk, hasSums: false)
    }

    /// - Parameter descriptor: Of what is open for writing, and stays so.
    /// - Throws: `backup.unavailable`.
    init(to descriptor: Int32, time: Timestamp) throws(HubError) {
        let copy = dup(descriptor)
        let number = errno
        try BackupFault.converting { () throws(HubError) in
            guard copy >= 0 else { throw DiskFault.untouched(number, "open", "-") }
        }
        self.partial = nil
        self.tar = TarFileWriter(
            OpenFile(adopting: copy, path: "-"), folder: Self.folder, time: time, disk: .stream, hasSums: false)
    }

    var wantsLengths: Bool { true }

    func makeFolder(_ name: String) {}

    func write(
        _ name: String, count: Int?,
        _ body: (_ add: ([UInt8]) throws(HubError) -> Void) throws(HubError) -> Void
    ) throws(HubError) -> BackupManifest.File {
        let count = count ?? 0
        var hasher = SHA256Hasher()
        var left = count
        try BackupFault.converting { () throws(HubError) in try self.tar.begin(name, count) }
        // What the journal's own disk says while it is read is no fault of this one, so only the writes are converted.
        try body { bytes throws(HubError) in
            left -= bytes.count
            guard left >= 0 else { throw Self.otherLength(name) }
            hasher.update(bytes)
            try BackupFault.converting { () throws(HubError) in try self.tar.append(bytes) }
        }
        guard left == 0 else { throw Self.otherLength(name) }
        let digest = hasher.finish()
        try BackupFault.converting { () throws(HubError) in try self.tar.end(name, count, digest) }
        return BackupManifest.File(name: name, count: count, digest: digest)
    }

    private static func otherLength(_ name: String) -> HubError {
        HubError(
            .backupUnavailable, "A file of the journal became longer or shorter while it was read; make the backup again.",
            details: [ErrorDetail("file", name)]
        )
    }

    func finish() throws(HubError) {
        try BackupFault.converting { () throws(HubError) in try self.tar.finish() }
        try self.partial?.finish()
    }

    func discard() { self.partial?.discard() }
}
