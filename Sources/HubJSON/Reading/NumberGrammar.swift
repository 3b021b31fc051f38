/// The grammar of numbers in RFC 8259.
enum NumberGrammar {
    /// How many of the first bytes form a number; `nil` when not even the shortest one stands there, or when it
    /// breaks off after a point or an exponent's sign.
    static func length(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let fault = Self.scan(bytes.span, from: 0)
        return fault.expected == nil ? fault.end : nil
    }

    /// Reads on from `start`.
    ///
    /// - Returns: Where the number ends; or where it goes wrong, and what was expected there.
    static func scan(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, expected: JSONFault.Expected?) {
        var index = start
        let end = bytes.count
        if index < end, bytes[index] == UInt8(ascii: "-") { index += 1 }
        guard index < end, Self.isDigit(bytes[index]) else { return (index, .digit) }
        if bytes[index] == UInt8(ascii: "0") {
            index += 1
            if index < end, Self.isDigit(bytes[index]) { return (index, .noLeadingZero) }
        } else {
            index = Self.skipDigits(bytes, from: index)
        }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard index < end, Self.isDigit(bytes[index]) else { return (index, .digit) }
            index = Self.skipDigits(bytes, from: index)
        }
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            guard index < end, Self.isDigit(bytes[index]) else { return (index, .digit) }
            index = Self.skipDigits(bytes, from: index)
        }
        return (index, nil)
    }

    private static func skipDigits(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, Self.isDigit(bytes[index]) { index += 1 }
        return index
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
