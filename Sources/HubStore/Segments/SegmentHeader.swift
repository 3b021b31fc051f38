internal import HubEnvelope

/// The first 32 bytes of a segment: `LGSPSEG1`, its number (8), the number of its first block (8), CRC-32C of these
/// 24 bytes (4), zeros (4).
struct SegmentHeader: Hashable {
    static let length = 32
    private static let magic = Array("LGSPSEG1".utf8)
    /// What the first bytes of a segment of every format have in common; one byte that says which follows.
    private static let family = magic.dropLast()

    let number: Int
    let firstBlock: Int64

    init(number: Int, firstBlock: Int64) {
        self.number = number
        self.firstBlock = firstBlock
    }

    /// `nil` for anything that `bytes` would not write.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.length, let number = Int(exactly: bytes.number(at: 8, bytes: 8)) else {
            return nil
        }
        self.init(number: number, firstBlock: Int64(bitPattern: bytes.number(at: 16, bytes: 8)))
        guard Array(bytes[..<Self.length]) == self.bytes else { return nil }
    }

    var bytes: [UInt8] {
        var bytes = Self.magic
        bytes.append(fixed: UInt64(self.number))
        bytes.append(fixed: self.firstBlock)
        bytes.append(fixed: CRC32C.checksum(bytes.span.bytes))
        bytes.append(fixed: UInt32(0))
        return bytes
    }

    /// The first eight bytes of a segment that another version made; `nil` for one of this format, and for bytes that are
    /// the head of no segment.
    ///
    /// One that would be a head of this format but for its first bytes is one in which these were damaged.
    static func otherFormat(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= Self.magic.count, bytes.starts(with: Self.family), !bytes.starts(with: Self.magic),
            case let format = bytes[Self.family.count], (0x21...0x7E).contains(format)
        else { return nil }
        guard Self.init(Self.magic + bytes.dropFirst(Self.magic.count)) == nil else { return nil }
        return String(decoding: bytes[..<Self.magic.count], as: UTF8.self)
    }

    /// `00000000.seg` and so on.
    static func fileName(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits + ".seg"
    }

    /// The number in a file name, or `nil` for a file that is not a segment.
    static func number(fileName: String) -> Int? {
        guard fileName.hasSuffix(".seg"), let number = Int(fileName.dropLast(4)), number >= 0,
            Self.fileName(number) == fileName
        else { return nil }
        return number
    }
}
