import HubModel

/// The order of bytes in UTF-16, told by a byte order mark or by the way a `<` looks.
enum UTF16Order {
    case big, little

    init?(of bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0xFF, 0xFE, 0, 0): return nil  // UTF-32, which is not read.
        case (0xFE, 0xFF, _, _), (0, 0x3C, 0, 1...): self = .big
        case (0xFF, 0xFE, _, _), (0x3C, 0, 1..., 0): self = .little
        default: return nil
        }
    }
}

extension XMLSource {
    /// UTF-16 as UTF-8, without the byte order mark.
    static func decodeUTF16(_ bytes: [UInt8], _ order: UTF16Order) throws(HubError) -> [UInt8] {
        let high = order == .big ? 0 : 1
        func unit(_ index: Int) -> UInt16 {
            UInt16(bytes[2 * index + high]) << 8 | UInt16(bytes[2 * index + 1 - high])
        }
        let count = bytes.count / 2
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = unit(0) == 0xFEFF ? 1 : 0
        while index < count {
            var value = UInt32(unit(index))
            index += 1
            if value & 0xFC00 == 0xD800, index < count, unit(index) & 0xFC00 == 0xDC00 {
                value = 0x10000 + (value & 0x3FF) << 10 + UInt32(unit(index) & 0x3FF)
                index += 1
            }
            guard value != 0 else { throw Self.unreadable("NUL byte", behind: result) }
            guard let scalar = Unicode.Scalar(value) else {
                throw Self.unreadable("invalid UTF-16", behind: result)
            }
            Self.append(scalar, to: &result)
        }
        guard bytes.count.isMultiple(of: 2) else { throw Self.unreadable("invalid UTF-16", behind: result) }
        return result
    }

    /// ISO-8859-1, or US-ASCII with `highest` 0x7F, as UTF-8.
    static func decodeLatin1(_ bytes: [UInt8], highest: UInt8) throws(HubError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        for byte in bytes {
            guard byte != 0 else { throw Self.unreadable("NUL byte", behind: result) }
            guard byte <= highest else { throw Self.unreadable("byte outside US-ASCII", behind: result) }
            Self.append(Unicode.Scalar(byte), to: &result)
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        // Only a surrogate has no encoding, and a scalar is none.
        guard let encoded = UTF8.encode(scalar) else { return }
        bytes.append(contentsOf: encoded)
    }

    /// The fault in the character that would follow `text`.
    private static func unreadable(_ reason: String, behind text: [UInt8]) -> HubError {
        Self.unreadable(reason, at: Self.place(of: text.count, in: text[...]))
    }
}
