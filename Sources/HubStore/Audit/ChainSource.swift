internal import HubCore
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

extension ChainSource {
    /// Looks at each message whose payload is neither in its block nor in the spool.
    ///
    /// What is not sound is passed over.
    ///
    /// - Throws: `journal.unavailable`, and what `body` throws.
    func forEachAbsence(
        in numbers: [Int],
        _ body: (_ block: StoredBlock, _ index: Int, _ sequence: Int64, _ type: MessageType) throws(HubError) -> Void
    ) throws(HubError) {
        for number in numbers {
            var scan = SegmentScan(number, in: try self.segment(number))
            reading: while true {
                switch try scan.next() {
                case .block(let block):
                    for index in block.index.records.indices {
                        guard case .accepted(let message) = try? JournalRecord(bytes: block.record(index)),
                            try block.isAbsent(message, at: index, in: self)
                        else { continue }
                        try body(block, index, block.header.firstSequence &+ Int64(index), message.type)
                    }
                case .end: break reading
                case .unsound: guard try scan.resynchronise() else { break reading }
                }
            }
        }
    }
}

/// The folder of a journal, with `segments` and `spool`.
struct JournalFolder: ChainSource {
    let files: SegmentFiles
    private let spool: Spool

    /// - Parameter base: Where the journal begins; `nil` for its first block.
    init(_ folder: String, base: JournalBase? = nil) {
        self.files = SegmentFiles(folder: folder + "/segments", from: base?.firstSegment ?? 0)
        self.spool = Spool(folder: folder + "/spool", disk: .system)
    }

    func segments() throws(HubError) -> [Int] {
        let first = self.files.first
        return try Folder.names(in: self.files.folder).compactMap { SegmentHeader.number(fileName: $0) }
            .filter { $0 >= first }.sorted()
    }

    func segment(_ number: Int) throws(HubError) -> FileExtent { try FileExtent(try self.files.file(number)) }

    func spooled(_ digest: Digest) throws(HubError) -> FileExtent? {
        let path = self.spool.path(digest)
        guard try Folder.exists(path) else { return nil }
        return try FileExtent(try OpenFile(path, .read))
    }
}
