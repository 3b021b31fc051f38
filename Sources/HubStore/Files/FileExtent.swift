internal import HubEnvelope
internal import HubModel

/// A part of an open file that is read like a file: a segment or a payload on its own, or inside an archive.
struct FileExtent: Sendable {
    let file: OpenFile
    private let start: Int
    let count: Int

    /// One read of a long part is at most this long.
    static let piece = 1 << 20

    init(_ file: OpenFile, from start: Int, count: Int) {
        self.file = file
        self.start = start
        self.count = count
    }

    /// The whole file.
    /// - Throws: `journal.unavailable`.
    init(_ file: OpenFile) throws(HubError) {
        self.init(file, from: 0, count: try file.size())
    }

    /// As many bytes as there are, at most `count`.
    /// - Throws: `journal.unavailable`.
    func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
        guard offset < self.count else { return [] }
        return try self.file.read(min(count, self.count - offset), at: self.start + offset)
    }

    /// SHA-256 of everything.
    /// - Throws: `journal.unavailable`.
    func digest() throws(HubError) -> Digest {
        var hasher = SHA256Hasher()
        var position = 0
        while position < self.count {
            let bytes = try self.read(Self.piece, at: position)
            guard !bytes.isEmpty else { break }
            hasher.update(bytes)
            position += bytes.count
        }
        return hasher.finish()
    }
}
