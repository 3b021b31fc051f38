internal import HubCore
internal import HubEnvelope
internal import HubModel

/// The bytes of a block in a segment; documented in `docs/journal-format.md`.
///
/// | offset | bytes | |
/// | --- | --- | --- |
/// | 0 | 4 | `BLK1` |
/// | 4 | 4 | CRC-32C of everything after these eight bytes |
/// | 8 | 8 | length of the whole block, a multiple of eight |
/// | 16 | 4 | number of records |
/// | 20 | 2 | length of the signed header |
/// | 22 | 2 | length of the signature |
/// | 24 | 32 | fingerprint of the key that signed |
/// | 56 | 8 each | per record: its length (4), the length of its inline payload (4), or `forgotten` |
/// | | | signed header, signature, records, inline payloads, zeros up to the length |
enum BlockLayout {
    static let magic: [UInt8] = Array("BLK1".utf8)
    static let headLength = 56
    static let alignment = 8
    /// Stands for the length of an inline payload that was removed by policy and takes no bytes any more.
    static let forgotten = UInt32.max

    /// One record on its way to a block.
    struct Entry {
        let record: [UInt8]
        /// `nil` when there is none or it is in the spool.
        let payload: [UInt8]?
    }

    /// Writes a block into `buffer`, which is emptied first so that its memory is used again.
    static func encode(
        _ entries: [Entry], header: [UInt8], signature: [UInt8], key: Digest, into buffer: inout [UInt8]
    ) {
        var length = Self.headLength + 8 * entries.count + header.count + signature.count
        for entry in entries { length += entry.record.count + (entry.payload?.count ?? 0) }
        length = Self.aligned(length)
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(length)
        buffer.append(contentsOf: Self.magic)
        buffer.append(fixed: UInt32(0))
        buffer.append(fixed: UInt64(length))
        buffer.append(fixed: UInt32(truncatingIfNeeded: entries.count))
        buffer.append(fixed: UInt16(truncatingIfNeeded: header.count))
        buffer.append(fixed: UInt16(truncatingIfNeeded: signature.count))
        buffer.append(contentsOf: key.bytes)
        for entry in entries {
            buffer.append(fixed: UInt32(truncatingIfNeeded: entry.record.count))
            buffer.append(fixed: UInt32(truncatingIfNeeded: entry.payload?.count ?? 0))
        }
        buffer.append(contentsOf: header)
        buffer.append(contentsOf: signature)
        for entry in entries { buffer.append(contentsOf: entry.record) }
        for entry in entries {
            if let payload = entry.payload { buffer.append(contentsOf: payload) }
        }
        Self.seal(&buffer, length)
    }

    /// Fills a block with zeros up to its length and puts its checksum in.
    static func seal(_ buffer: inout [UInt8], _ length: Int) {
        buffer.append(contentsOf: repeatElement(0, count: length - buffer.count))
        let checksum = CRC32C.checksum(buffer.span.bytes.extracting(droppingFirst: 8))
        for index in 0..<4 {
            buffer[4 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index))
        }
    }

    static func aligned(_ count: Int) -> Int {
        (count + Self.alignment - 1) / Self.alignment * Self.alignment
    }
}

/// The first bytes of a block: enough to find everything in it.
struct BlockHead {
    let length: Int
    let count: Int
    let headerLength: Int
    let signatureLength: Int
    let key: Digest

    /// `nil` unless the bytes begin like a block.
    ///
    /// Nothing is checked against the checksum here.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= BlockLayout.headLength, Array(bytes[0..<4]) == BlockLayout.magic,
            let length = Int(exactly: bytes.number(at: 8, bytes: 8)),
            let key = Digest(bytes: Array(bytes[24..<56]))
        else { return nil }
        self.length = length
        self.count = Int(bytes.number(at: 16, bytes: 4))
        self.headerLength = Int(bytes.number(at: 20, bytes: 2))
        self.signatureLength = Int(bytes.number(at: 22, bytes: 2))
        self.key = key
        guard self.length >= self.recordsOffset, self.length.isMultiple(of: BlockLayout.alignment),
            self.count > 0
        else { return nil }
    }

    var headerOffset: Int { BlockLayout.headLength + 8 * self.count }
    var recordsOffset: Int { self.headerOffset + self.headerLength + self.signatureLength }
}

/// The tables of a block: where its records and payloads stand, relative to its first byte.
struct BlockIndex {
    let head: BlockHead
    let records: [Range<Int>]
    /// Empty for a record without an inline payload.
    let payloads: [Range<Int>]
    /// The records whose inline payload was removed by policy; that of each is empty.
    let forgotten: Set<Int>

    /// - Parameter bytes: At least up to the end of the table.
    /// - Returns: `nil` when the lengths do not add up to the length of the block. One from which payloads were removed
    ///   is as long as it was before.
    init?(_ head: BlockHead, _ bytes: [UInt8]) {
        guard bytes.count >= head.headerOffset else { return nil }
        self.head = head
        var records: [Range<Int>] = []
        var payloads: [Range<Int>] = []
        records.reserveCapacity(head.count)
        payloads.reserveCapacity(head.count)
        var position = head.recordsOffset
        for index in 0..<head.count {
            let length = Int(bytes.number(at: BlockLayout.headLength + 8 * index, bytes: 4))
            guard length <= head.length - position else { return nil }
            records.append(position..<position + length)
            position += length
        }
        var forgotten: Set<Int> = []
        for index in 0..<head.count {
            var length = Int(bytes.number(at: BlockLayout.headLength + 8 * index + 4, bytes: 4))
            if length == BlockLayout.forgotten {
                forgotten.insert(index)
                length = 0
            }
            guard length <= head.length - position else { return nil }
            payloads.append(position..<position + length)
            position += length
        }
        let end = BlockLayout.aligned(position)
        guard end == head.length || !forgotten.isEmpty && end < head.length else { return nil }
        self.records = records
        self.payloads = payloads
        self.forgotten = forgotten
    }

    /// One behind the last byte of the last payload; zeros follow up to the length of the block.
    var end: Int { self.payloads.last?.upperBound ?? self.head.recordsOffset }
}

/// A whole block that was read back.
struct StoredBlock {
    let location: BlockLocation
    let bytes: [UInt8]
    let index: BlockIndex
    let header: BlockHeader

    /// `nil` unless `bytes` are exactly one block.
    ///
    /// - Parameter isChecked: Whether its checksum must be right, as it must for everything but finding out what someone
    ///   changed.
    init?(_ bytes: [UInt8], at location: BlockLocation, isChecked: Bool = true) {
        guard let head = BlockHead(bytes), head.length == bytes.count, let index = BlockIndex(head, bytes),
            !isChecked
                || bytes.number(at: 4, bytes: 4)
                    == UInt64(CRC32C.checksum(bytes.span.bytes.extracting(droppingFirst: 8)))
        else { return nil }
        self.location = location
        self.bytes = bytes
        self.index = index
        let header = Array(bytes[head.headerOffset..<head.headerOffset + head.headerLength])
        do throws(HubError) {
            self.header = try BlockHeader(bytes: header)
        } catch {
            return nil
        }
        guard self.header.count == head.count else { return nil }
    }

    var headerBytes: [UInt8] {
        let start = self.index.head.headerOffset
        return Array(self.bytes[start..<start + self.index.head.headerLength])
    }

    /// What the next block names as its predecessor.
    var digest: Digest {
        let start = self.index.head.headerOffset
        return SHA256.hash(self.bytes[start..<start + self.index.head.headerLength])
    }

    var signature: [UInt8] {
        let start = self.index.head.headerOffset + self.index.head.headerLength
        return Array(self.bytes[start..<start + self.index.head.signatureLength])
    }

    func record(_ index: Int) -> [UInt8] { Array(self.bytes[self.index.records[index]]) }

    /// The block without the inline payloads of some records: as long as before, with what was signed as it was, and a
    /// checksum of its own.
    ///
    /// The payloads that stay move together, so that what is free is one piece at the end.
    func forgetting(_ forgotten: Set<Int>) -> [UInt8] {
        guard let last = self.index.records.last else { return self.bytes }
        var bytes = Array(self.bytes[..<last.upperBound])
        bytes.reserveCapacity(self.bytes.count)
        for index in forgotten {
            let place = BlockLayout.headLength + 8 * index + 4
            bytes.replaceSubrange(place..<place + 4, with: repeatElement(0xFF, count: 4))
        }
        for (index, payload) in self.index.payloads.enumerated() where !forgotten.contains(index) {
            bytes += self.bytes[payload]
        }
        BlockLayout.seal(&bytes, self.bytes.count)
        return bytes
    }
}

/// Where a block stands.
struct BlockLocation: Hashable {
    let segment: Int
    let offset: Int
    let length: Int

    var end: Int { self.offset + self.length }
}

extension [UInt8] {
    /// Big-endian.
    mutating func append(fixed value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { self.append(contentsOf: $0) }
    }

    /// Big-endian; the bytes must be there.
    func number(at offset: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in offset..<offset + count { value = value << 8 | UInt64(self[index]) }
        return value
    }
}
