import HubModel

/// Counts the attributes of each start tag before the parser meets them.
///
/// The parser compares each attribute of a tag with every other, and asks nobody until the tag is complete, so a
/// single tag of a few megabytes would keep a core busy for hours. The count follows the document's tokens only
/// while they are well-formed; from the first fault on the parser does no work either.
enum AttributeCount {
    /// Smaller documents cannot hold enough attributes to matter; there the parser's own count is enough.
    static let scanFrom = 16 << 10

    /// - Throws: `intake.too_large` with the line of the tag that has more than `limit`.
    static func check(_ source: XMLSource, limit: Int) throws(HubError) {
        var scan = Scan(bytes: source.bytes, offset: source.start)
        while let tag = scan.nextTag() {
            guard let count = scan.attributes(upTo: limit) else { return }
            guard count <= limit else {
                throw HubError(
                    .intakeTooLarge, "An element of the document has more attributes than allowed.",
                    details: [
                        ErrorDetail("line", source.place(at: tag).line), ErrorDetail("allowed", limit),
                    ]
                )
            }
        }
    }
}

/// A walk over the tokens of a document.
private struct Scan {
    let bytes: [UInt8]
    var offset: Int

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
