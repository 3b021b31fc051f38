internal import HubModel

/// The end of the chain on disk: the segment that grows.
///
/// Belongs to the writer's thread.
struct SegmentWriter {
    private let folder: String
    private let size: Int
    private let disk: DiskCalls
    private var file: OpenFile
    private var number: Int
    private var capacity: Int
    private(set) var offset: Int
    /// Behind the blocks, where the zeros end that were written and not only set aside.
    private var prepared = 0
    /// Of the first block in the segment; `nil` before it is written.
    private var month: CivilMonth?

    /// Goes on in the last segment, at the end of its last block.
    ///
    /// - Parameter month: Of the first block in it; `nil` when there is none.
    /// - Throws: `journal.unavailable`.
    init(
        continuing number: Int, at offset: Int, month: CivilMonth?, folder: String, size: Int, disk: DiskCalls
    ) throws(HubError) {
        let file = try OpenFile(folder + "/" + SegmentHeader.fileName(number), .write)
        self.folder = folder
        self.size = size
        self.disk = disk
        self.number = number
        self.offset = offset
        self.month = month
        self.file = file
        self.capacity = try file.size()
    }

    /// Begins a new segment.
    /// - Throws: `journal.unavailable`.
    init(
        creating number: Int, firstBlock: Int64, folder: String, size: Int, disk: DiskCalls
    ) throws(HubError) {
        self.folder = folder
        self.size = size
        self.disk = disk
        self.number = number
        self.capacity = size
        self.offset = SegmentHeader.length
        self.file = try Self.create(number, firstBlock: firstBlock, folder: folder, size: size, disk: disk)
    }

    /// Writes one block and syncs it; it is on disk when this returns.
    ///
    /// A block of a later month than the first one in the segment begins another segment, so that a month is a run of
    /// whole segments. One of an earlier month does not: a clock that is set back and forth would begin many.
    ///
    /// - Throws: `journal.unavailable`: the file must then not be used again, since what the disk holds of it is
    ///   unknown. `journal.overloaded` when the system has no descriptor for the next segment: nothing was written,
    ///   and the next block may fare better.
    mutating func append(
        _ block: [UInt8], number blockNumber: Int64, time: Timestamp
    ) throws(HubError) -> BlockLocation {
        let month = CivilMonth(time)
        let isLater = self.month.map { $0 < month } ?? false
        if isLater || self.offset + block.count > self.capacity {
            // A segment cut short by an earlier start may still have room on the disk, but a new one is as good.
            try self.roll(for: block.count, firstBlock: blockNumber)
        }
        let location = BlockLocation(segment: self.number, offset: self.offset, length: block.count)
        var step = "write"
        var fault = block.withUnsafeBytes { self.disk.write(self.file.descriptor, $0, self.offset) }
        if fault == 0 {
            step = "sync"
            fault = self.disk.syncData(self.file.descriptor)
        }
        guard fault == 0 else {
            // So that the next start does not find what was not accepted. If the disk refuses this too, the block
            // comes back as one whose sender never got an answer, and the sender's repeat is recognised.
            try? self.file.resize(self.offset)
            throw DiskFault.error(fault, step, self.file.path)
        }
        self.offset = location.end
        if self.month == nil { self.month = month }
        return location
    }

    /// Writes zeros where the next small blocks will stand, and syncs them, when few are left.
    ///
    /// The sync of a block has to bring along that space which was set aside is in use now, and where this was said before it
    /// takes half as long. Whoever is in a hurry need not call it: what was set aside reads as zeros anyway.
    ///
    /// - Throws: `journal.unavailable` when the sync fails; the file must then not be used again.
    mutating func prepare() throws(HubError) {
        // Not in the page that holds the end of a block: what was accepted is not written again.
        let start = (max(self.offset, self.prepared) + Self.page - 1) & ~(Self.page - 1)
        let end = min(start + Self.ahead, self.capacity)
        guard self.prepared - self.offset < Self.few, start < end else { return }
        self.prepared = end
        for offset in stride(from: start, to: end, by: Self.zeros.count) {
            let fault = Self.zeros.withUnsafeBytes {
                self.disk.write(self.file.descriptor, UnsafeRawBufferPointer(rebasing: $0.prefix(end - offset)), offset)
            }
            // Nothing rests on them. What ails the disk is for the next block to find out.
            guard fault == 0 else { break }
        }
        let fault = self.disk.syncData(self.file.descriptor)
        guard fault == 0 else { throw DiskFault.error(fault, "sync", self.file.path) }
    }

    static let page = 4096
    /// Bytes that are prepared at once: those of some hundred messages, so that few wait for it.
    static let ahead = 2 << 20
    /// Bytes of which more are wanted when fewer are left.
    private static let few = 64 << 10
    private static let zeros = [UInt8](repeating: 0, count: 256 << 10)

    private mutating func roll(for count: Int, firstBlock: Int64) throws(HubError) {
        let next = self.number + 1
        let size = max(self.size, SegmentHeader.length + count)
        let file = try Self.create(
            next, firstBlock: firstBlock, folder: self.folder, size: size, disk: self.disk)
        // Gives back what was set aside; the blocks themselves are synced already.
        try self.file.resize(self.offset)
        self.file = file
        self.number = next
        self.capacity = size
        self.offset = SegmentHeader.length
        self.prepared = 0
        self.month = nil
    }

    private static func create(
        _ number: Int, firstBlock: Int64, folder: String, size: Int, disk: DiskCalls
    ) throws(HubError) -> OpenFile {
        // Both are open before anything is written.
        let names = try OpenFile(folder, .read, with: disk)
        let file = try OpenFile(folder + "/" + SegmentHeader.fileName(number), .create, with: disk)
        var step = "set space aside"
        var fault = disk.allocate(file.descriptor, size)
        if fault == 0 {
            step = "write"
            let header = SegmentHeader(number: number, firstBlock: firstBlock).bytes
            fault = header.withUnsafeBytes { disk.write(file.descriptor, $0, 0) }
        }
        if fault == 0 {
            step = "sync"
            fault = disk.sync(file.descriptor)
        }
        guard fault == 0 else {
            // Without blocks it holds nothing; left behind it would only be in the way.
            try? Folder.remove(file.path)
            throw DiskFault.error(fault, step, file.path)
        }
        try names.sync(with: disk)
        return file
    }
}
