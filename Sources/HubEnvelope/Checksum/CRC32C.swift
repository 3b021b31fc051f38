private import CChecksum

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), by the processor's own instruction where it has one.
///
/// It tells a block that was cut off by a crash from a whole one. It proves nothing against tampering; the signed
/// chain does.
package enum CRC32C {
    private static let isFast = hub_has_crc32c() != 0

    /// The checksum of the bytes.
    package static func checksum(_ bytes: RawSpan) -> UInt32 {
        Self.isFast
            ? unsafe bytes.withUnsafeBytes { unsafe hub_crc32c($0.baseAddress, $0.count) } : Self.tabular(bytes)
    }

    /// Table `k` advances a byte over `k` zero bytes that follow it.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for table in 1..<8 {
            for byte in 0..<256 {
                let before = tables[(table - 1) * 256 + byte]
                tables[table * 256 + byte] = before >> 8 ^ tables[Int(before & 0xFF)]
            }
        }
        return tables
    }()

    /// The same on any processor, eight bytes a step.
    package static func tabular(_ bytes: RawSpan) -> UInt32 {
        let table = Self.tables.span
        var value: UInt32 = 0xFFFF_FFFF
        var position = 0
        while position + 8 <= bytes.byteCount {
            let word = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let low = UInt32(truncatingIfNeeded: word) ^ value
            let high = UInt32(truncatingIfNeeded: word >> 32)
            let first = table[1792 + Int(low & 0xFF)] ^ table[1536 + Int(low >> 8 & 0xFF)]
            let second = table[1280 + Int(low >> 16 & 0xFF)] ^ table[1024 + Int(low >> 24)]
            let third = table[768 + Int(high & 0xFF)] ^ table[512 + Int(high >> 8 & 0xFF)]
            let fourth = table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
            value = first ^ second ^ third ^ fourth
            position += 8
        }
        while position < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)]
            position += 1
        }
        return ~value
    }
}
