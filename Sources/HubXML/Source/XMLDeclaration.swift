import HubModel

/// The line `<?xml version="1.0" encoding="…"?>`, as far as it concerns how to read the rest.
enum XMLDeclaration {
    /// No declaration in use is longer.
    private static let longest = 1024

    /// The name of the encoding a document in an ASCII-like encoding declares for itself.
    ///
    /// A declaration with a fault is left to the parser to complain about.
    ///
    /// - Throws: `xml.malformed` if the declaration does not end within reach. An encoding further on would be read by
    ///   others and not here, and the same bytes would be two documents.
    static func encoding(of bytes: [UInt8], from start: Int) throws(HubError) -> String? {
        let head = bytes[start..<min(bytes.count, start + Self.longest)]
        guard head.starts(with: "<?xml".utf8), head.dropFirst(5).first.map(Self.isSpace) == true else {
            return nil
        }
        var encoding: String?
        var rest = head.dropFirst(5).drop(while: Self.isSpace)
        while !rest.starts(with: "?>".utf8) {
            guard let (name, value) = Self.pair(&rest) else {
                guard rest.isEmpty, head.endIndex < bytes.endIndex else { return nil }
                throw XMLSource.unreadable(
                    "the XML declaration does not end within \(Self.longest) bytes",
                    at: SourcePlace(line: 1, column: 1))
            }
            if name == "encoding", encoding == nil { encoding = value }
        }
        return encoding
    }

    /// Takes `name = "value"` and the white space behind it off the front.
    private static func pair(_ rest: inout ArraySlice<UInt8>) -> (name: String, value: String)? {
        let name = rest.prefix { $0 != UInt8(ascii: "=") && !self.isSpace($0) }
        rest = rest.dropFirst(name.count).drop(while: self.isSpace)
        guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
        rest = rest.drop(while: self.isSpace)
        guard let quote = rest.popFirst(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return nil
        }
        let value = rest.prefix { $0 != quote }
        rest = rest.dropFirst(value.count)
        guard rest.popFirst() == quote else { return nil }
        rest = rest.drop(while: self.isSpace)
        return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
