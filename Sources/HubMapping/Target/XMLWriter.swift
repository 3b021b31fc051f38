/// Writes tags and texts of XML as bytes.
struct XMLWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ markup: String) {
        self.bytes.append(contentsOf: markup.utf8)
    }

    mutating func append(_ written: [UInt8]) {
        self.bytes.append(contentsOf: written)
    }

    /// Makes the start tag that was just written the only one of its element.
    mutating func closeEmptyElement() {
        self.bytes.removeLast()
        self.append("/>")
    }

    /// A text between tags.
    mutating func append(text: String) {
        self.append(text, isAttribute: false)
    }

    /// A text between quotes; white space other than the blank is kept from the parser that would change it.
    mutating func append(attribute text: String) {
        self.append(text, isAttribute: true)
    }

    /// Whether XML 1.0 has all the characters of a text.
    ///
    /// Most control characters can be written in no way at all.
    static func canHold(_ text: String) -> Bool {
        var last: (UInt8, UInt8) = (0, 0)
        for byte in text.utf8 {
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
            if byte >= 0xBE, last == (0xEF, 0xBF), byte <= 0xBF { return false }
            last = (last.1, byte)
        }
        return true
    }

    private mutating func append(_ text: String, isAttribute: Bool) {
        var text = text
        text.withUTF8 { text in
            var plain = 0
            for index in text.indices {
                guard let escape = Self.escape(text[index], isAttribute: isAttribute) else { continue }
                self.bytes.append(contentsOf: text[plain..<index])
                self.bytes.append(contentsOf: escape.utf8)
                plain = index + 1
            }
            self.bytes.append(contentsOf: text[plain...])
        }
    }

    /// A carriage return would be read as a line feed, so it is never written as it is.
    @inline(__always)
    private static func escape(_ byte: UInt8, isAttribute: Bool) -> String? {
        if byte > 0x3E { return nil }
        switch byte {
        case UInt8(ascii: "&"): return "&amp;"
        case UInt8(ascii: "<"): return "&lt;"
        case UInt8(ascii: ">"): return "&gt;"
        case 0x0D: return "&#13;"
        case UInt8(ascii: "\"") where isAttribute: return "&quot;"
        case 0x09 where isAttribute: return "&#9;"
        case 0x0A where isAttribute: return "&#10;"
        default: return nil
        }
    }
}
