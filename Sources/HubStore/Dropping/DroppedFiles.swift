internal import HubModel

/// The files of months that were dropped: their segments, and the timestamps over their blocks.
///
/// Payloads in the spool are no part of it: others may refer to them.
struct DroppedFiles {
    private let base: JournalBase
    private let folder: String

    init(_ base: JournalBase, _ folder: String) {
        self.base = base
        self.folder = folder
    }

    /// Whether any is still there.
    /// - Throws: `journal.unavailable`.
    func areLeft() throws(HubError) -> Bool {
        guard try Self.segments(in: self.folder + "/segments", before: self.base.firstSegment).isEmpty else {
            return true
        }
        return try TimestampShelf(journal: self.folder).blocks().contains { $0 <= self.base.chain.number }
    }

    /// Removes those that are there, the oldest first.
    ///
    /// The base is on disk by then, and the database has no row about them any more.
    ///
    /// - Returns: How many segments, and how many bytes they had.
    /// - Throws: `journal.unavailable`.
    func remove(with disk: DiskCalls) throws(HubError) -> (segments: Int, bytes: Int) {
        let segments = self.folder + "/segments"
        let old = try Self.segments(in: segments, before: self.base.firstSegment)
        var bytes = 0
        for number in old {
            let path = segments + "/" + SegmentHeader.fileName(number)
            bytes += try OpenFile(path, .read).size()
            try Folder.remove(path)
        }
        if !old.isEmpty { try Folder.sync(segments, with: disk) }
        let last = self.base.chain.number
        let shelf = TimestampShelf(journal: self.folder)
        let stamps = try shelf.blocks().filter { $0 <= last }
        for block in stamps { try Folder.remove(self.folder + "/timestamps/" + TimestampShelf.name(block)) }
        if !stamps.isEmpty { try Folder.sync(self.folder + "/timestamps", with: disk) }
        return (old.count, bytes)
    }

    /// The numbers of segments that are there and come before one, ascending.
    /// - Throws: `journal.unavailable`.
    static func segments(in folder: String, before first: Int) throws(HubError) -> [Int] {
        try Folder.names(in: folder).compactMap { SegmentHeader.number(fileName: $0) }.filter { $0 < first }
            .sorted()
    }
}
