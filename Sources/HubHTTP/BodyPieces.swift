internal import NIOCore

/// A body that is read as it is sent, no faster than the peer takes it.
struct BodyPieces: AsyncSequence, Sendable {
    private static let length = 256 << 10

    let count: Int
    let read: @Sendable (_ count: Int, _ offset: Int) throws -> [UInt8]

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let pieces: BodyPieces
        private var offset = 0

        fileprivate init(pieces: BodyPieces) { self.pieces = pieces }

        mutating func next() async throws -> ByteBuffer? {
            guard self.offset < self.pieces.count else { return nil }
            let piece = try self.pieces.read(Swift.min(BodyPieces.length, self.pieces.count - self.offset), self.offset)
            self.offset += piece.count
            return ByteBuffer(bytes: piece)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: self) }
}
