extension JSONParser {
    /// Reads a string; the front is its opening quotation mark.
    @inline(__always)
    mutating func text(_ bytes: Span<UInt8>) throws(JSONFault) -> String {
        let start = self.index + 1
        var index = start
        // Eight bytes at a time while they are plain ASCII without anything special.
        let raw = bytes.bytes
        while index + 8 <= bytes.count {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let special = Self.specialBytes(word)
            if special == 0 {
                index += 8
            } else {
                index += special.trailingZeroBitCount / 8
                break
            }
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                self.index = index + 1
                return String(
                    copying: UTF8Span(unchecked: bytes.extracting(start..<index), isKnownASCII: true))
            }
            if byte < 0x20 || byte == UInt8(ascii: "\\") || byte >= 0x80 { break }
            index += 1
        }
        return try self.textBeyondASCII(bytes, start: start, from: index)
    }

    /// Marks the bytes of a word that are a quotation mark, a backslash, a control character or outside ASCII; the
    /// lowest mark is exact.
    @inline(__always)
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let word = UInt64(littleEndian: word)
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5c)
        let found =
            (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word | word
        return found & tops
    }

    private mutating func textBeyondASCII(
        _ bytes: Span<UInt8>, start: Int, from plainEnd: Int
    ) throws(JSONFault) -> String {
        var index = plainEnd
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                self.index = index + 1
                return try Self.validated(bytes, start..<index)
            }
            if byte == UInt8(ascii: "\\") {
                return try self.textWithEscapes(bytes, start: start, from: index)
            }
            if byte < 0x20 {
                _ = try Self.validated(bytes, start..<index)
                throw JSONFault(kind: .malformed(.escapedControl), offset: index)
            }
            index += 1
        }
        _ = try Self.validated(bytes, start..<index)
        throw JSONFault(kind: .malformed(.closingQuote), offset: index)
    }

    private static func validated(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(JSONFault) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            throw JSONFault(kind: .malformed(.utf8), offset: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    private mutating func textWithEscapes(
        _ bytes: Span<UInt8>, start: Int, from firstEscape: Int
    ) throws(JSONFault) -> String {
        var text = try Self.validated(bytes, start..<firstEscape)
        var plainStart = firstEscape
        self.index = firstEscape
        while self.index < bytes.count {
            let byte = bytes[self.index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 {
                if plainStart < self.index { text += try Self.validated(bytes, plainStart..<self.index) }
                if byte == UInt8(ascii: "\"") {
                    self.index += 1
                    return text
                }
                guard byte == UInt8(ascii: "\\") else { throw self.expected(.escapedControl) }
                text.unicodeScalars.append(try self.escape(bytes))
                plainStart = self.index
            } else {
                self.index += 1
            }
        }
        _ = try Self.validated(bytes, plainStart..<bytes.count)
        throw self.expected(.closingQuote)
    }

    /// Reads one escape, or the two of a surrogate pair; the front is the backslash.
    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONFault) -> UnicodeScalar {
        let start = self.index
        self.index += 1
        guard self.index < bytes.count else { throw self.expected(.escape) }
        let letter = bytes[self.index]
        if letter == UInt8(ascii: "u") {
            self.index += 1
            let unit = try self.hexUnit(bytes)
            if let scalar = UnicodeScalar(unit) { return scalar }
            let lonely = JSONFault(kind: .malformed(.surrogatePair), offset: start)
            guard unit < 0xdc00, self.index + 1 < bytes.count, bytes[self.index] == UInt8(ascii: "\\"),
                bytes[self.index + 1] == UInt8(ascii: "u")
            else { throw lonely }
            self.index += 2
            let low = try self.hexUnit(bytes)
            guard low >= 0xdc00, low < 0xe000 else { throw lonely }
            let code = 0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00)
            guard let scalar = UnicodeScalar(code) else { throw lonely }
            return scalar
        }
        guard let scalar = Self.shortEscape(letter) else { throw self.expected(.escape) }
        self.index += 1
        return scalar
    }

    private static func shortEscape(_ letter: UInt8) -> UnicodeScalar? {
        switch letter {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{c}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
        }
    }

    private mutating func hexUnit(_ bytes: Span<UInt8>) throws(JSONFault) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard self.index < bytes.count, let digit = Self.hexDigit(bytes[self.index]) else {
                throw self.expected(.hexDigits)
            }
            unit = unit << 4 | digit
            self.index += 1
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case 0x30...0x39: UInt16(byte - 0x30)
        case 0x41...0x46: UInt16(byte - 0x41 + 10)
        case 0x61...0x66: UInt16(byte - 0x61 + 10)
        default: nil
        }
    }
}
