/// Finds the first byte that is not UTF-8 as RFC 3629 has it, or is U+0000.
enum UTF8Check {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101

    /// - Returns: The offset of the first faulty sequence; `nil` if all is text.
    static func firstFault(in bytes: Span<UInt8>, from start: Int) -> Int? {
        let count = bytes.count
        let raw = unsafe bytes.bytes
        var offset = start
        while offset < count {
            if offset + 8 <= count {
                let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
                // No byte is above 0x7F, and none is zero: with the high bits clear only a zero borrows.
                if (word | (word &- self.lowBits)) & self.highBits == 0 {
                    offset += 8
                    continue
                }
            }
            let length = self.sequenceLength(in: bytes, at: offset, count)
            guard length > 0 else { return offset }
            offset += length
        }
        return nil
    }

    /// The length of the character at `offset`, 0 if there is none.
    private static func sequenceLength(in bytes: Span<UInt8>, at offset: Int, _ count: Int) -> Int {
        func continues(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            offset + index < count && range.contains(bytes[offset + index])
        }
        switch bytes[offset] {
        case 0x01...0x7F: return 1
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
        case 0xE1...0xEC, 0xEE, 0xEF: return continues(1) && continues(2) ? 3 : 0
        case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
        case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }
}
