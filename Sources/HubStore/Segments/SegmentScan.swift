private import Glibc
internal import HubCore
internal import HubModel

/// Reads the blocks of one segment from first to last.
struct SegmentScan {
    enum Step {
        case block(StoredBlock)
        /// Nothing but zeros follows.
        case end
        /// Something follows that is not a block.
        case unsound
    }

    let number: Int
    /// Of the next block.
    private(set) var offset: Int
    private let file: FileExtent
    private var size: Int { self.file.count }

    /// - Throws: `journal.unavailable`.
    init(_ number: Int, from offset: Int = SegmentHeader.length, in files: SegmentFiles) throws(HubError) {
        self.init(number, from: offset, in: try FileExtent(try files.file(number)))
    }

    /// - Parameter file: The segment, wherever it is kept.
    init(_ number: Int, from offset: Int = SegmentHeader.length, in file: FileExtent) {
        self.number = number
        self.offset = offset
        self.file = file
    }

    /// What the file says about itself; `nil` when that is unreadable.
    /// - Throws: `journal.unavailable`.
    func header() throws(HubError) -> SegmentHeader? {
        SegmentHeader(try self.file.read(SegmentHeader.length, at: 0))
    }

    /// The format of a segment that another version made, as its head says; `nil` for one that is not.
    /// - Throws: `journal.unavailable`.
    func laterFormat() throws(HubError) -> String? {
        SegmentHeader.otherFormat(try self.file.read(SegmentHeader.length, at: 0))
    }

    /// The time of the block at the place where the scan stands; `nil` when there is none that is sound.
    /// - Throws: `journal.unavailable`.
    func firstTime() throws(HubError) -> Timestamp? { try self.block(at: self.offset)?.header.time }

    /// - Throws: `journal.unavailable`.
    mutating func next() throws(HubError) -> Step {
        if let block = try self.block(at: self.offset) {
            self.offset = block.location.end
            return .block(block)
        }
        return try self.endOfData(after: self.offset) == self.offset ? .end : .unsound
    }

    /// What stands at the place where `next()` found something unsound, if it is a block but for its checksum; the next
    /// one is then looked for behind it.
    /// - Throws: `journal.unavailable`.
    mutating func takeUnchecked() throws(HubError) -> StoredBlock? {
        guard let block = try self.block(at: self.offset, isChecked: false) else { return nil }
        self.offset = block.location.end
        return block
    }

    /// Goes to the next sound block behind the place where `next()` found something unsound; what stands at that
    /// place is not looked at again.
    /// - Returns: `false` if there is none.
    /// - Throws: `journal.unavailable`.
    mutating func resynchronise() throws(HubError) -> Bool {
        let magic = BlockLayout.magic
        let step = 1 << 20
        var start = self.offset + BlockLayout.alignment
        while start < self.size {
            // A few bytes more, so that no beginning is cut in two.
            let bytes = try self.file.read(min(step + magic.count, self.size - start), at: start)
            var candidate = 0
            while candidate + magic.count <= bytes.count, candidate < step {
                if bytes[candidate] == magic[0], Array(bytes[candidate..<candidate + magic.count]) == magic,
                    try self.block(at: start + candidate) != nil
                {
                    self.offset = start + candidate
                    return true
                }
                candidate += BlockLayout.alignment
            }
            start += step
        }
        return false
    }

    /// One behind the last byte that is not zero, or `offset` when there is none.
    /// - Throws: `journal.unavailable`.
    func endOfData(after offset: Int) throws(HubError) -> Int {
        var (position, end) = (offset, offset)
        while position < self.size {
            let bytes = try self.file.read(min(1 << 20, self.size - position), at: position)
            guard !bytes.isEmpty else { break }
            if !Self.isZero(bytes) { end = position + (bytes.lastIndex { $0 != 0 } ?? 0) + 1 }
            position += bytes.count
        }
        return end
    }

    private func block(at offset: Int, isChecked: Bool = true) throws(HubError) -> StoredBlock? {
        guard offset + BlockLayout.headLength <= self.size,
            let head = BlockHead(try self.file.read(BlockLayout.headLength, at: offset)),
            head.length <= self.size - offset
        else { return nil }
        return StoredBlock(
            try self.file.read(head.length, at: offset),
            at: BlockLocation(segment: self.number, offset: offset, length: head.length), isChecked: isChecked
        )
    }

    /// Compares the bytes with themselves, moved by one: fast even where the compiler does not optimise.
    private static func isZero(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress, buffer[0] == 0 else { return buffer.isEmpty }
            return memcmp(start, start + 1, buffer.count - 1) == 0
        }
    }
}
