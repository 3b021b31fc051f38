internal import HubEnvelope
public import HubModel

/// What the hub signs once for all records that were committed together.
///
/// Bytes (all numbers big-endian): `LGSPBLK1`, hub name (1 byte of length, then text), block number (8), digest of
/// the previous header (32), records in the block (4), records before it (8), time in nanoseconds since 1970 (8),
/// Merkle root (32). The layout is part of every receipt and never changes; a new one gets a new magic.
public struct BlockHeader: Sendable, Hashable {
    /// The agency code or name of the hub, at most 255 bytes.
    public let hub: String
    /// From 0.
    public let number: Int64
    /// All zero in block 0.
    public let previous: Digest
    public let count: Int
    /// The sequence number of the block's first record.
    public let firstSequence: Int64
    public let time: Timestamp
    public let root: Digest

    public init(
        hub: String, number: Int64, previous: Digest, count: Int, firstSequence: Int64, time: Timestamp, root: Digest
    ) {
        self.hub = hub
        self.number = number
        self.previous = previous
        self.count = count
        self.firstSequence = firstSequence
        self.time = time
        self.root = root
    }

    private static let magic = Array("LGSPBLK1".utf8)

    /// The signed bytes.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.raw(Self.magic)
        writer.raw([UInt8(truncatingIfNeeded: min(self.hub.utf8.count, 255))])
        writer.raw(Array(self.hub.utf8.prefix(255)))
        writer.fixed(UInt64(bitPattern: self.number), bytes: 8)
        writer.raw(self.previous.bytes)
        writer.fixed(UInt64(self.count), bytes: 4)
        writer.fixed(UInt64(bitPattern: self.firstSequence), bytes: 8)
        writer.fixed(UInt64(bitPattern: self.time.nanoseconds), bytes: 8)
        writer.raw(self.root.bytes)
        return writer.bytes
    }

    /// SHA-256 of the signed bytes; what the next block names as its predecessor.
    public var digest: Digest { SHA256.hash(self.bytes) }

    /// - Throws: `evidence.invalid` for anything but exactly one header.
    public init(bytes: [UInt8]) throws(HubError) {
        var reader = ByteReader(bytes)
        guard try reader.raw(8) == Self.magic else {
            throw HubError(.evidenceInvalid, "The block header begins with an unknown magic.")
        }
        let length = Int(try reader.fixed(bytes: 1))
        guard let hub = String(validating: try reader.raw(length), as: UTF8.self) else {
            throw HubError(.evidenceInvalid, "The name of the hub in the block header is not UTF-8.")
        }
        self.hub = hub
        self.number = Int64(bitPattern: try reader.fixed(bytes: 8))
        self.previous = try reader.digest()
        self.count = Int(try reader.fixed(bytes: 4))
        self.firstSequence = Int64(bitPattern: try reader.fixed(bytes: 8))
        self.time = Timestamp(nanoseconds: Int64(bitPattern: try reader.fixed(bytes: 8)))
        self.root = try reader.digest()
        try reader.end()
    }
}
