internal import HubCore
internal import HubModel

/// Writes a closed segment anew without some of its payloads.
///
/// Every block stays where it is and as long as it was, so nothing that knows a place has to change; what is free becomes
/// a hole in the file and is given back to the file system. The new file takes the place of the old one by its name, so a
/// crash leaves one or the other.
struct SegmentRewriting {
    private let files: SegmentFiles
    private let disk: DiskCalls

    private static let suffix = ".part"

    init(_ files: SegmentFiles, _ disk: DiskCalls) {
        self.files = files
        self.disk = disk
    }

    /// Takes the inline payloads out that `removals` cover.
    ///
    /// The names in the folder are for the caller to sync.
    ///
    /// - Parameter unfinished: Messages that keep their payload whatever was decided: a delivery of theirs was begun anew.
    /// - Throws: `journal.damaged` for a segment that is not sound, `journal.unavailable`. The segment is then as it was.
    func remove(
        _ removals: RemovalCover, sparing unfinished: Set<Int64> = [], from number: Int
    ) throws(HubError) {
        let path = self.files.path(number)
        let partial = path + Self.suffix
        try Folder.remove(partial)
        do throws(HubError) {
            let file = try OpenFile(partial, .create, with: self.disk)
            try self.write(number, without: { !unfinished.contains($0) && removals.covers($0, $1) }, to: file)
            try Folder.rename(partial, to: path)
        } catch {
            try? Folder.remove(partial)
            throw error
        }
        self.files.forget(number)
    }

    /// Removes what was being written when a crash came.
    /// - Throws: `journal.unavailable`.
    static func removeUnfinished(in folder: String) throws(HubError) {
        for name in try Folder.names(in: folder) where name.hasSuffix(Self.suffix) {
            try Folder.remove(folder + "/" + name)
        }
    }

    private func write(
        _ number: Int, without goes: (Int64, MessageType) -> Bool, to file: OpenFile
    ) throws(HubError) {
        var scan = try SegmentScan(number, in: self.files)
        guard let header = try scan.header(), header.number == number else {
            throw SegmentFiles.damage(
                BlockLocation(segment: number, offset: 0, length: 0), "the head of the segment is unreadable")
        }
        try self.write(header.bytes[...], at: 0, to: file)
        while true {
            switch try scan.next() {
            case .block(let block):
                let (bytes, end) = try Self.block(block, without: goes)
                // What follows up to the next block is zeros, and is not written.
                try self.write(bytes[..<end], at: block.location.offset, to: file)
            case .end:
                try file.resize(try self.files.file(number).size())
                return try file.sync(with: self.disk)
            case .unsound:
                throw SegmentFiles.damage(BlockLocation(segment: number, offset: scan.offset, length: 0))
            }
        }
    }

    /// - Returns: The block, and how much of it is not zeros.
    private static func block(
        _ block: StoredBlock, without goes: (Int64, MessageType) -> Bool
    ) throws(HubError) -> (bytes: [UInt8], end: Int) {
        var forgotten = block.index.forgotten
        for (index, sequence) in zip(block.index.records.indices, block.header.firstSequence...) {
            guard !block.index.payloads[index].isEmpty,
                case .accepted(let message) = try? JournalRecord(bytes: block.record(index)),
                goes(sequence, message.type)
            else { continue }
            forgotten.insert(index)
        }
        guard forgotten != block.index.forgotten else { return (block.bytes, block.index.end) }
        let bytes = block.forgetting(forgotten)
        guard let made = StoredBlock(bytes, at: block.location), made.headerBytes == block.headerBytes,
            made.signature == block.signature, made.index.records == block.index.records
        else {
            throw HubError(.internalFault, "A block without its payloads is not what it was.")
        }
        return (bytes, made.index.end)
    }

    private func write(_ bytes: ArraySlice<UInt8>, at offset: Int, to file: OpenFile) throws(HubError) {
        let fault = bytes.withUnsafeBytes { self.disk.write(file.descriptor, $0, offset) }
        guard fault == 0 else { throw DiskFault.error(fault, "write", file.path) }
    }
}
