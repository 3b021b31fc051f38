internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Writes a `ustar` archive file after file, none of them ever whole in memory.
///
/// All files are in one folder; the last one is `SHA256SUMS`.
struct TarFileWriter {
    private let file: OpenFile
    private let folder: String
    private let time: Timestamp
    private let disk: DiskCalls
    private var sums = ""
    /// Bytes written.
    private(set) var count = 0

    /// - Parameters:
    ///   - path: Of a file that does not exist.
    ///   - folder: Ends with a slash.
    ///   - time: Of every file.
    /// - Throws: `journal.unavailable`.
    init(_ path: String, folder: String, time: Timestamp, disk: DiskCalls) throws(HubError) {
        self.file = try OpenFile(path, .create, with: disk)
        self.folder = folder
        self.time = time
        self.disk = disk
    }

    /// - Throws: `journal.unavailable`.
    mutating func add(_ name: String, _ bytes: [UInt8]) throws(HubError) {
        try self.begin(name, bytes.count)
        try self.write(bytes)
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
            try self.write(bytes)
            position += bytes.count
        }
        try self.end(name, count, hasher.finish())
    }

    /// Writes what ends the archive, and syncs it.
    /// - Throws: `journal.unavailable`.
    mutating func finish() throws(HubError) {
        try self.add("SHA256SUMS", Array(self.sums.utf8))
        try self.write([UInt8](repeating: 0, count: 2 * TarArchive.block))
        try self.file.sync(with: self.disk)
    }

    private mutating func begin(_ name: String, _ count: Int) throws(HubError) {
        guard count <= TarArchive.longest else {
            throw HubError(
                .configurationInvalid, "A file is larger than an archive can hold.",
                details: [ErrorDetail("file", name), ErrorDetail("limit", TarArchive.longest)]
            )
        }
        try self.write(TarArchive.header(self.folder + name, count, self.time))
    }

    private mutating func end(_ name: String, _ count: Int, _ digest: Digest) throws(HubError) {
        try self.write([UInt8](repeating: 0, count: TarArchive.padding(count)))
        self.sums += "\(digest)  \(name)\n"
    }

    private mutating func write(_ bytes: [UInt8]) throws(HubError) {
        let fault = bytes.withUnsafeBytes { self.disk.write(self.file.descriptor, $0, self.count) }
        guard fault == 0 else { throw DiskFault.error(fault, "write", self.file.path) }
        self.count += bytes.count
    }
}
