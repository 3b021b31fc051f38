internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Writes a `ustar` archive file after file, none of them ever whole in memory.
///
/// All files are in one folder; the last one is `SHA256SUMS`, unless something else in it has the sums.
struct TarFileWriter {
    private let file: OpenFile
    private let folder: String
    private let time: Timestamp
    private let disk: DiskCalls
    private let hasSums: Bool
    private var sums = ""
    /// Bytes written.
    private(set) var count = 0

    /// - Parameters:
    ///   - path: Of a file that does not exist.
    ///   - folder: Ends with a slash.
    ///   - time: Of every file.
    /// - Throws: `journal.unavailable`.
    init(_ path: String, folder: String, time: Timestamp, disk: DiskCalls) throws(HubError) {
        self.init(try OpenFile(path, .create, with: disk), folder: folder, time: time, disk: disk, hasSums: true)
    }

    /// - Parameters:
    ///   - file: Empty, or a pipe whose `disk` writes one behind the other.
    ///   - hasSums: Whether the last file is `SHA256SUMS`.
    init(_ file: OpenFile, folder: String, time: Timestamp, disk: DiskCalls, hasSums: Bool) {
        self.file = file
        self.hasSums = hasSums
        self.folder = folder
        self.time = time
        self.disk = disk
    }

    /// - Throws: `journal.unavailable`.
    mutating func add(_ name: String, _ bytes: [UInt8]) throws(HubError) {
        try self.begin(name, bytes.count)
        try self.append(bytes)
        try self.end(name, bytes.count, SHA256.hash(bytes))
    }

    /// - Parameter count: As much of the beginning as is wanted.
    /// - Throws: `journal.unavailable`.
    mutating func add(_ name: String, _ source: FileExtent, count: Int) throws(HubError) {
        try self.begin(name, count)
        var hasher = SHA256Hasher()
        var position = 0
        while position < count {
            let bytes = try source.read(min(FileExtent.piece, count - position), at: position)
            guard !bytes.isEmpty else {
                throw HubError(
                    .journalUnavailable, "A file became shorter while it was read.",
                    details: [ErrorDetail("path", source.file.path)]
                )
            }
            hasher.update(bytes)
            try self.append(bytes)
            position += bytes.count
        }
        try self.end(name, count, hasher.finish())
    }

    /// Writes what ends the archive, and syncs it.
    /// - Throws: `journal.unavailable`.
    mutating func finish() throws(HubError) {
        if self.hasSums { try self.add("SHA256SUMS", Array(self.sums.utf8)) }
        try self.append([UInt8](repeating: 0, count: 2 * TarArchive.block))
        try self.file.sync(with: self.disk)
    }

    /// Begins a file of `count` bytes, which are appended next.
    /// - Throws: `journal.unavailable`, `configuration.invalid` for a file that is too large.
    mutating func begin(_ name: String, _ count: Int) throws(HubError) {
        guard count <= TarArchive.longest else {
            throw HubError(
                .configurationInvalid, "A file is larger than an archive can hold.",
                details: [ErrorDetail("file", name), ErrorDetail("limit", TarArchive.longest)]
            )
        }
        try self.append(TarArchive.header(self.folder + name, count, self.time))
    }

    /// Ends the file that was begun.
    /// - Throws: `journal.unavailable`.
    mutating func end(_ name: String, _ count: Int, _ digest: Digest) throws(HubError) {
        try self.append([UInt8](repeating: 0, count: TarArchive.padding(count)))
        if self.hasSums { self.sums += "\(digest)  \(name)\n" }
    }

    /// Writes the next bytes of the file that was begun.
    /// - Throws: `journal.unavailable`.
    mutating func append(_ bytes: [UInt8]) throws(HubError) {
        let fault = bytes.withUnsafeBytes { self.disk.write(self.file.descriptor, $0, self.count) }
        guard fault == 0 else { throw DiskFault.error(fault, "write", self.file.path) }
        self.count += bytes.count
    }
}
