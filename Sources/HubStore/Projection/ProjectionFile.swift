internal import HubModel

/// The file of the database, looked at before SQLite does.
///
/// SQLite opens a file that lacks its end, and finds out when a page of it is wanted: the hub would have begun to accept by
/// then. [The layout](https://www.sqlite.org/fileformat2.html), sections 1.3 and 4.1.
struct ProjectionFile {
    private let path: String

    private static let headerLength = 100
    private static let logHeaderLength = 32
    private static let frameHeaderLength = 24

    init(_ path: String) {
        self.path = path
    }

    /// Whether every page that the file says it has is in it, or in its log from which a checkpoint had begun to copy.
    ///
    /// A file without a header is for SQLite to judge.
    ///
    /// - Throws: `journal.unavailable`.
    func isWhole() throws(HubError) -> Bool {
        guard try Folder.exists(self.path) else { return true }
        let file = try OpenFile(self.path, .read)
        let header = try file.read(Self.headerLength, at: 0)
        guard header.count == Self.headerLength, let size = Self.pageSize(header[16..<18]) else { return true }
        // The number of pages counts when it was written with the last change.
        guard header[24..<28].elementsEqual(header[92..<96]) else { return true }
        let (count, held) = (Self.number(header[28..<32]), try file.size() / size)
        guard held < count else { return true }
        var missing = Set(held + 1...count)
        try self.forEachLogged(size) { missing.remove($0) }
        return missing.isEmpty
    }

    /// Looks at the number of each page in the log.
    private func forEachLogged(_ size: Int, _ body: (Int) -> Void) throws(HubError) {
        guard try Folder.exists(self.path + "-wal") else { return }
        let log = try OpenFile(self.path + "-wal", .read)
        let header = try log.read(Self.logHeaderLength, at: 0)
        guard header.count == Self.logHeaderLength, Self.number(header[8..<12]) == size else { return }
        var offset = Self.logHeaderLength
        while case let frame = try log.read(Self.frameHeaderLength, at: offset), frame.count == Self.frameHeaderLength,
            frame[8..<16].elementsEqual(header[16..<24])
        {
            body(Self.number(frame[0..<4]))
            offset += Self.frameHeaderLength + size
        }
    }

    private static func pageSize(_ bytes: ArraySlice<UInt8>) -> Int? {
        let size = Self.number(bytes)
        if size == 1 { return 65_536 }
        return size >= 512 && size.nonzeroBitCount == 1 ? size : nil
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
