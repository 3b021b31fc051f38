/// Tells a few short texts apart; a collision only costs a comparison.
///
/// Whoever knows it can make texts that collide, so it is nothing for tables that a message fills.
enum SmallHash {
    @inline(__always)
    static func of(_ text: Span<UInt8>) -> UInt32 {
        let raw = text.bytes
        let count = text.count
        var hash = UInt64(count)
        if count >= 8 {
            var index = 0
            while index + 8 <= count {
                hash =
                    (hash ^ raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
                    &* 0x9e37_79b9_7f4a_7c15
                hash ^= hash >> 29
                index += 8
            }
            hash ^= raw.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else {
            for index in text.indices { hash = hash << 8 | UInt64(text[index]) }
        }
        return UInt32(truncatingIfNeeded: (hash &* 0x9e37_79b9_7f4a_7c15) >> 32)
    }
}
