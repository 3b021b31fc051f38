internal import HubModel

/// Where a check of the chain reads from: the folder of a journal, or an archive.
protocol ChainSource: Sendable {
    /// The numbers of the segments that are there, ascending.
    /// - Throws: `journal.unavailable`.
    func segments() throws(HubError) -> [Int]

    /// - Throws: `journal.unavailable`.
    func segment(_ number: Int) throws(HubError) -> FileExtent

    /// A payload that is not in a block; `nil` when it is not there.
    /// - Throws: `journal.unavailable`.
    func spooled(_ digest: Digest) throws(HubError) -> FileExtent?
}

/// The folder of a journal, with `segments` and `spool`.
struct JournalFolder: ChainSource {
    let files: SegmentFiles
    private let spool: Spool

    init(_ folder: String) {
        self.files = SegmentFiles(folder: folder + "/segments")
        self.spool = Spool(folder: folder + "/spool", disk: .system)
    }

    func segments() throws(HubError) -> [Int] {
        try Folder.names(in: self.files.folder).compactMap { SegmentHeader.number(fileName: $0) }.sorted()
    }

    func segment(_ number: Int) throws(HubError) -> FileExtent { try FileExtent(try self.files.file(number)) }

    func spooled(_ digest: Digest) throws(HubError) -> FileExtent? {
        let path = self.spool.path(digest)
        guard try Folder.exists(path) else { return nil }
        return try FileExtent(try OpenFile(path, .read))
    }
}
