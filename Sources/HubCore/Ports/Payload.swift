public import HubModel

/// The bytes of a message.
public enum Payload: Sendable {
    /// In memory.
    case whole([UInt8])
    /// More than are held at a time: whoever needs them reads one piece after the other.
    case large(any LargePayload)

    /// Payloads of more bytes than this are never held whole.
    public static let longestWhole = 8 << 20

    /// Bytes of a large payload that are read at a time; a multiple of three, so that each piece is base64 by itself.
    public static let pieceLength = 192 << 10

    /// How many bytes there are.
    public var count: Int {
        switch self {
        case .whole(let bytes): bytes.count
        case .large(let large): large.count
        }
    }

    /// The bytes, if they are in memory.
    public var inMemory: [UInt8]? {
        if case .whole(let bytes) = self { bytes } else { nil }
    }

    /// `count` bytes from `offset` on. Of a large payload, blocks the thread for as long as the disk takes.
    ///
    /// - Throws: As `LargePayload.read`.
    public func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
        switch self {
        case .whole(let bytes): Array(bytes[offset..<offset + count])
        case .large(let large): try large.read(count, at: offset)
        }
    }

    /// All bytes at once, for what cannot be done piece by piece.
    ///
    /// - Throws: `intake.too_large` for a large payload, whose bytes nobody should hold.
    public func whole() throws(HubError) -> [UInt8] {
        switch self {
        case .whole(let bytes): return bytes
        case .large(let large): throw Self.tooLarge(large.count, "what is asked for needs the message as a whole")
        }
    }

    /// Gives all bytes in order.
    ///
    /// - Throws: What reading throws, what `body` throws.
    public func forEachPiece(_ body: (ArraySlice<UInt8>) throws(HubError) -> Void) throws(HubError) {
        switch self {
        case .whole(let bytes): try body(bytes[...])
        case .large(let large): try large.forEachPiece(of: 0..<large.count, body)
        }
    }

    /// The refusal of something that is done with whole messages only.
    package static func tooLarge(_ count: Int, _ reason: StaticString, _ details: [ErrorDetail] = []) -> HubError {
        HubError(
            .intakeTooLarge, "A message of this size cannot be handled here.",
            details: [
                ErrorDetail("bytes", count), ErrorDetail("allowed-bytes", Self.longestWhole), ErrorDetail("reason", reason),
            ] + details
        )
    }
}

/// A payload that is kept in a file and read where it is needed.
public protocol LargePayload: Sendable {
    /// How many bytes there are.
    var count: Int { get }

    /// SHA-256 of all of them.
    var digest: Digest { get }

    /// `count` bytes from `offset` on. Blocks the thread for as long as the disk takes.
    ///
    /// - Throws: `journal.unavailable`; `journal.damaged` when there are not so many any more.
    func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8]
}

extension LargePayload {
    /// Gives a part of the bytes in order.
    ///
    /// - Throws: What reading throws, what `body` throws.
    public func forEachPiece(
        of range: Range<Int>, _ body: (ArraySlice<UInt8>) throws(HubError) -> Void
    ) throws(HubError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try self.read(min(Payload.pieceLength, range.upperBound - offset), at: offset)
            try body(piece[...])
            offset += piece.count
        }
    }
}

/// Takes a large payload as it comes in.
///
/// What is let go before `finish` leaves nothing behind.
public protocol PayloadReception: Sendable {
    /// Puts the next bytes behind those that came before.
    ///
    /// - Throws: `journal.overloaded` when there is no room for it: nothing else is affected.
    func write(_ bytes: [UInt8]) async throws(HubError)

    /// The payload, once all of it is there. It is not synced before a message with it is appended.
    ///
    /// - Throws: As `write`.
    func finish() async throws(HubError) -> any LargePayload
}
