/// Finds where the edXML header ends in the text of a document.
///
/// The document has been parsed before, so it is known to be well formed and without a document type. What remains is
/// to tell tags from comments, CDATA sections, processing instructions and attribute values, and to count them.
struct HeaderEnd {
    private let bytes: [UInt8]
    private var cursor: Int

    /// The position of the `<` of `</…edXMLHeader>`, whatever its prefix.
    ///
    /// It is the first `edXMLHeader` in the first `edXMLEnvelope` below the root, as in the parsed tree. `nil` if there
    /// is none, if it is written as an empty tag, or if the text is not UTF-8.
    static func offset(in bytes: [UInt8]) -> Int? {
        var scanner = HeaderEnd(bytes: bytes)
        return scanner.isUTF8 ? scanner.find() : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        // A byte order mark of UTF-8 may stand in front.
        self.cursor = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Another encoding could hide tags in other bytes, so a declared one is read and anything but UTF-8 given up.
    private var isUTF8: Bool {
        guard self.starts(with: "<?xml", at: self.cursor),
            let end = self.position(after: "?>", from: self.cursor)
        else {
            return self.cursor < self.bytes.count && self.bytes[self.cursor] != 0
        }
        let declaration = String(decoding: self.bytes[self.cursor..<end], as: UTF8.self)
        let parts = declaration.split(whereSeparator: { " \t\r\n='\"?<>".contains($0) })
        guard let name = parts.firstIndex(of: "encoding") else { return true }
        return parts.dropFirst(name + 1).first?.uppercased() == "UTF-8"
    }

    private mutating func find() -> Int? {
        let path = ["edXMLEnvelope", "edXMLHeader"].map { Array($0.utf8) }
        var depth = 0
        // How many elements of `path` the scanner is inside of; only then are names of interest.
        var matched = 0
        while let start = self.bytes[self.cursor...].firstIndex(of: 0x3C), start + 1 < self.bytes.count {
            switch self.bytes[start + 1] {
            case 0x21:
                let end: StaticString = self.starts(with: "<!--", at: start) ? "-->" : "]]>"
                guard let next = self.position(after: end, from: start + 4) else { return nil }
                self.cursor = next
            case 0x3F:
                guard let next = self.position(after: "?>", from: start + 2) else { return nil }
                self.cursor = next
            case 0x2F:
                if matched == path.count && depth == matched + 1 { return start }
                // The first envelope ends without a header.
                if matched == 1 && depth == 2 { return nil }
                depth -= 1
                guard let next = self.position(after: ">", from: start) else { return nil }
                self.cursor = next
            default:
                guard let tag = self.startTag(at: start) else { return nil }
                self.cursor = tag.end
                let isNext =
                    matched < path.count && depth == matched + 1 && tag.localName == path[matched][...]
                if isNext {
                    if tag.isEmpty { return nil }
                    matched += 1
                }
                if !tag.isEmpty { depth += 1 }
            }
        }
        return nil
    }

    private func startTag(at start: Int) -> (localName: ArraySlice<UInt8>, end: Int, isEmpty: Bool)? {
        var index = start + 1
        var nameStart = index
        while index < self.bytes.count, ![0x20, 0x09, 0x0D, 0x0A, 0x2F, 0x3E].contains(self.bytes[index]) {
            if self.bytes[index] == 0x3A { nameStart = index + 1 }
            index += 1
        }
        let localName = self.bytes[nameStart..<index]
        var quote: UInt8?
        while index < self.bytes.count {
            let byte = self.bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
            } else if byte == 0x3E {
                return (localName, index + 1, self.bytes[index - 1] == 0x2F)
            }
            index += 1
        }
        return nil
    }

    private func starts(with text: StaticString, at position: Int) -> Bool {
        self.bytes[position...].starts(with: Self.bytes(of: text))
    }

    private func position(after text: StaticString, from start: Int) -> Int? {
        let wanted = Self.bytes(of: text)
        var index = start
        while index + wanted.count <= self.bytes.count {
            if self.bytes[index] == wanted[0], self.bytes[index...].starts(with: wanted) {
                return index + wanted.count
            }
            index += 1
        }
        return nil
    }

    private static func bytes(of text: StaticString) -> [UInt8] {
        Array(text.description.utf8)
    }
}
