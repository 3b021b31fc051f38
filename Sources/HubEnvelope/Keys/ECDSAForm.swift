/// The two ways of writing an ECDSA signature.
///
/// XML-DSig and JWS write the numbers r and s with a fixed length, one after the other (RFC 7518, 3.4); the library
/// speaks DER (SEQUENCE of two INTEGERs). Each number has a length of one byte; the two together need a second one for
/// P-521.
enum ECDSAForm {
    /// - Parameter raw: r and s, each half of it; the caller has checked the length.
    static func der(fromRaw raw: [UInt8]) -> [UInt8] {
        let half = raw.count / 2
        var numbers: [UInt8] = []
        numbers.reserveCapacity(raw.count + 6)
        Self.append(raw[..<half], to: &numbers)
        Self.append(raw[half...], to: &numbers)
        return [0x30] + (numbers.count < 0x80 ? [] : [0x81]) + [UInt8(numbers.count)] + numbers
    }

    /// - Returns: `nil` unless these are two numbers in DER that fit into `length` bytes.
    static func raw(fromDER der: [UInt8], length: Int) -> [UInt8]? {
        guard der.first == 0x30, der.count >= 3 else { return nil }
        let isLong = der[1] == 0x81
        var cursor = isLong ? 3 : 2
        // The shorter way of writing a length is the only one that DER allows.
        guard Int(der[cursor - 1]) == der.count - cursor, (der[cursor - 1] >= 0x80) == isLong else { return nil }
        var raw = [UInt8](repeating: 0, count: length)
        for end in [length / 2, length] {
            guard cursor + 2 <= der.count, der[cursor] == 0x02 else { return nil }
            let count = Int(der[cursor + 1])
            var number = der[(cursor + 2)...].prefix(count)
            guard number.count == count, count > 0 else { return nil }
            cursor += 2 + count
            number = number.drop { $0 == 0 }
            guard number.count <= length / 2 else { return nil }
            raw.replaceSubrange((end - number.count)..<end, with: number)
        }
        return cursor == der.count ? raw : nil
    }

    private static func append(_ number: ArraySlice<UInt8>, to der: inout [UInt8]) {
        let digits = number.drop { $0 == 0 }
        let needsZero = digits.first.map { $0 >= 0x80 } ?? true
        der.append(0x02)
        der.append(UInt8(digits.count + (needsZero ? 1 : 0)))
        if needsZero { der.append(0) }
        der += digits
    }
}
