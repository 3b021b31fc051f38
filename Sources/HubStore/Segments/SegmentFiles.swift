internal import HubCore
internal import HubModel
internal import Synchronization

/// The segments as they are on disk, for reading from any thread.
final class SegmentFiles: Sendable {
    let folder: String
    private struct State {
        var first: Int
        var open: [Int: OpenFile] = [:]
        /// How often a file took the place of another one.
        var exchanges = 0
    }

    private let state: Mutex<State>
    /// Files kept open; above it all are let go, which is rare and cheap.
    private static let limit = 64

    /// - Parameter first: As the base of the journal says.
    init(folder: String, from first: Int = 0) {
        self.folder = folder
        self.state = Mutex(State(first: first))
    }

    /// The number of the first segment: what has a lower one was dropped, and its file is on its way out.
    var first: Int { self.state.withLock { $0.first } }

    /// Begins with a later segment from now on.
    func begin(with first: Int) {
        self.state.withLock { state in
            state.first = first
            state.open = state.open.filter { $0.key >= first }
            state.exchanges += 1
        }
    }

    /// The numbers of the segments, ascending.
    /// - Throws: `journal.damaged` if one in the middle is missing, or the first behind what was dropped.
    func numbers() throws(HubError) -> [Int] {
        let first = self.first
        let numbers = try Folder.names(in: self.folder).compactMap { SegmentHeader.number(fileName: $0) }
            .filter { $0 >= first }.sorted()
        let expected = first > 0 ? [first - 1] + numbers : numbers
        if first > 0, numbers.isEmpty {
            throw HubError(
                .journalDamaged, "A segment of the journal is missing. Restore it from a backup.",
                details: [ErrorDetail("segment", SegmentHeader.fileName(first))]
            )
        }
        for (before, after) in zip(expected, expected.dropFirst()) where after != before + 1 {
            throw HubError(
                .journalDamaged, "A segment of the journal is missing. Restore it from a backup.",
                details: [ErrorDetail("segment", SegmentHeader.fileName(before + 1))]
            )
        }
        return numbers
    }

    func path(_ number: Int) -> String { self.folder + "/" + SegmentHeader.fileName(number) }

    /// - Throws: `journal.unavailable`.
    func file(_ number: Int) throws(HubError) -> OpenFile {
        let (known, exchanges) = self.state.withLock { ($0.open[number], $0.exchanges) }
        if let known { return known }
        let file = try OpenFile(self.path(number), .read)
        self.state.withLock { state in
            // One that was opened before an exchange may be the old one. It reads well, but must not be kept.
            guard state.exchanges == exchanges else { return }
            if state.open.count >= Self.limit { state.open.removeAll() }
            state.open[number] = file
        }
        return file
    }

    /// For a segment whose file was removed, or exchanged for another one.
    func forget(_ number: Int) {
        self.state.withLock { state in
            state.open[number] = nil
            state.exchanges += 1
        }
    }

    /// A whole block.
    /// - Throws: `journal.damaged` if there is none at this place.
    func block(at location: BlockLocation) throws(HubError) -> StoredBlock {
        let bytes = try self.bytes(0..<location.length, of: location)
        guard let block = StoredBlock(bytes, at: location) else { throw Self.damage(location) }
        return block
    }

    /// The tables of a block, without its contents.
    ///
    /// - Parameter file: The segment, when more is to be read from the very same file.
    /// - Throws: `journal.damaged`.
    func index(at location: BlockLocation, in file: OpenFile? = nil) throws(HubError) -> BlockIndex {
        let start = try self.bytes(0..<min(BlockLayout.headLength, location.length), of: location, in: file)
        guard let head = BlockHead(start), head.length == location.length,
            let index = BlockIndex(head, try self.bytes(0..<head.headerOffset, of: location, in: file))
        else { throw Self.damage(location) }
        return index
    }

    /// A part of a block.
    /// - Throws: `journal.damaged` if the file ends before it, `message.not_found` if its month was dropped since the place
    ///   was looked up.
    func bytes(
        _ range: Range<Int>, of location: BlockLocation, in file: OpenFile? = nil
    ) throws(HubError) -> [UInt8] {
        guard location.segment >= self.first else {
            throw HubError(
                .messageNotFound, "The month of this message is not in the journal any more; its archive has it.",
                details: [ErrorDetail("segment", SegmentHeader.fileName(location.segment))]
            )
        }
        guard try Folder.exists(self.path(location.segment)) else {
            throw HubError(
                .journalDamaged, "A segment of the journal is missing. Restore it from a backup.",
                details: [ErrorDetail("segment", SegmentHeader.fileName(location.segment))]
            )
        }
        let file = if let file { file } else { try self.file(location.segment) }
        let size = try file.size()
        // No length is believed that the file does not bear out.
        guard location.offset <= size, range.upperBound <= size - location.offset else {
            throw Self.damage(location)
        }
        let bytes = try file.read(range.count, at: location.offset + range.lowerBound)
        guard bytes.count == range.count else { throw Self.damage(location) }
        return bytes
    }

    static func damage(_ location: BlockLocation, _ what: String = "the block is not readable") -> HubError {
        HubError(
            .journalDamaged, "A block of the journal is damaged. Restore its segment from a backup.",
            details: [
                ErrorDetail("segment", SegmentHeader.fileName(location.segment)),
                ErrorDetail("offset", location.offset), ErrorDetail("fault", what),
            ]
        )
    }
}
