/// A walk over the tokens of a document.
struct TokenScan {
    private let bytes: [UInt8]
    private var offset: Int

    init(bytes: [UInt8], offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Goes behind the `<` of the next start tag and tells where that `<` is; `nil` at the end, or where the
    /// document ceases to be one.
    mutating func nextTag() -> Int? {
        while let open = self.find(UInt8(ascii: "<")) {
            self.offset = open + 1
            guard self.offset < self.bytes.count else { return nil }
            switch self.bytes[self.offset] {
            case UInt8(ascii: "/"):
                continue
            case UInt8(ascii: "?"):
                self.offset += 1
                guard self.skip(past: "?>") else { return nil }
            case UInt8(ascii: "!"):
                let rest = self.bytes[self.offset...]
                if rest.starts(with: "!--".utf8) {
                    self.offset += 3
                    guard self.skip(past: "-->") else { return nil }
                } else if rest.starts(with: "![CDATA[".utf8) {
                    self.offset += 8
                    guard self.skip(past: "]]>") else { return nil }
                } else {
                    return nil
                }
            default:
                return open
            }
        }
        return nil
    }

    /// Counts the quoted values up to the end of the tag, giving up above `limit`; `nil` if the tag is broken.
    mutating func attributes(upTo limit: Int) -> Int? {
        var count = 0
        while self.offset < self.bytes.count {
            let byte = self.bytes[self.offset]
            self.offset += 1
            switch byte {
            case UInt8(ascii: ">"):
                return count
            case UInt8(ascii: "<"):
                return nil
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let close = self.find(byte) else { return nil }
                self.offset = close + 1
                count += 1
                if count > limit { return count }
            default:
                continue
            }
        }
        return nil
    }

    /// Where the name of an attribute begins, in a start tag of a document that is well-formed.
    ///
    /// - Parameters:
    ///   - index: Which one, from 0; namespace declarations are not among them.
    ///   - tag: Where the `<` of the tag is.
    /// - Returns: `nil` if the tag has not so many.
    mutating func attribute(_ index: Int, ofTagAt tag: Int) -> Int? {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        var left = index
        self.offset = tag
        guard let nameEnd = self.bytes[tag...].firstIndex(where: { isSpace($0) || $0 == UInt8(ascii: ">") })
        else { return nil }
        self.offset = nameEnd
        while let start = self.bytes[self.offset...].firstIndex(where: { !isSpace($0) }) {
            let name = self.bytes[start...].prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ">") }
            guard name.endIndex < self.bytes.endIndex, self.bytes[name.endIndex] == UInt8(ascii: "="),
                let open = self.bytes[name.endIndex...].firstIndex(where: { $0 == 0x22 || $0 == 0x27 }),
                let close = self.bytes[(open + 1)...].firstIndex(of: self.bytes[open])
            else { return nil }
            let bare = name.prefix { !isSpace($0) }
            if !bare.elementsEqual("xmlns".utf8), !bare.starts(with: "xmlns:".utf8) {
                if left == 0 { return start }
                left -= 1
            }
            self.offset = close + 1
        }
        return nil
    }

    /// Goes behind the next `end`, all of which is still to come: the dashes of `<!-->` only open a comment.
    private mutating func skip(past end: StaticString) -> Bool {
        let start = self.offset
        let length = end.utf8CodeUnitCount
        let ending = Array(end.description.utf8)
        while let last = self.find(ending[length - 1]) {
            self.offset = last + 1
            if self.bytes[start..<self.offset].suffix(length).elementsEqual(ending) { return true }
        }
        return false
    }

    /// The offset of the next `byte`, looked for eight bytes at a time: most of a large document is one value.
    private func find(_ byte: UInt8) -> Int? {
        let raw = unsafe self.bytes.span.bytes
        let lowBits: UInt64 = 0x0101_0101_0101_0101
        let pattern = lowBits &* UInt64(byte)
        var offset = self.offset
        while offset + 8 <= raw.byteCount {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ pattern
            if (word &- lowBits) & ~word & 0x8080_8080_8080_8080 != 0 { break }
            offset += 8
        }
        return self.bytes[offset...].firstIndex(of: byte)
    }
}
