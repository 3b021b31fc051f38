import HubModel

/// The bytes of a document as UTF-8 that is known to be valid, whatever encoding it arrived in.
///
/// Encodings are settled here, so that the parser has none to choose from and never hands foreign bytes to a
/// conversion library.
struct XMLSource {
    /// Valid UTF-8 without U+0000.
    let bytes: [UInt8]
    /// Where the document begins in `bytes`, behind a byte order mark.
    let start: Int

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Throws: `intake.too_large`, or `xml.malformed` with the place of the first byte that is no text.
    init(_ bytes: [UInt8], limits: XMLLimits) throws(HubError) {
        guard bytes.count <= min(limits.maxBytes, Int(Int32.max) - 1) else {
            throw HubError(
                .intakeTooLarge, "The document is larger than allowed.",
                details: [ErrorDetail("bytes", bytes.count), ErrorDetail("allowed", limits.maxBytes)]
            )
        }
        if let order = UTF16Order(of: bytes) {
            self.bytes = try Self.decodeUTF16(bytes, order)
            self.start = 0
            try self.requireEncoding(among: ["utf-16", order == .big ? "utf-16be" : "utf-16le"])
        } else if bytes.starts(with: Self.mark) {
            self.bytes = bytes
            self.start = Self.mark.count
            try self.requireEncoding(among: ["utf-8"])
            try self.requireUTF8()
        } else {
            switch try XMLDeclaration.encoding(of: bytes, from: 0)?.lowercased() {
            case nil, "utf-8", "utf8":
                self.bytes = bytes
                self.start = 0
                try self.requireUTF8()
            case "iso-8859-1", "latin1":
                self.bytes = try Self.decodeLatin1(bytes, highest: 0xFF)
                self.start = 0
            case "us-ascii", "ascii":
                self.bytes = try Self.decodeLatin1(bytes, highest: 0x7F)
                self.start = 0
            case .some:
                throw Self.unreadable("encoding not supported", at: SourcePlace(line: 1, column: 1))
            }
        }
        try self.requireBeginning()
        if bytes.count >= AttributeCount.scanFrom {
            try AttributeCount.check(self, limit: limits.maxAttributes)
        }
    }

    /// Line and column, both from 1, of the character at `offset`.
    func place(at offset: Int) -> SourcePlace {
        Self.place(of: offset, in: self.bytes[self.start...])
    }

    static func place(of offset: Int, in bytes: ArraySlice<UInt8>) -> SourcePlace {
        var line = 1
        var column = 1
        for byte in bytes.prefix(upTo: max(bytes.startIndex, min(offset, bytes.endIndex))) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return SourcePlace(line: line, column: column)
    }

    /// `xml.malformed` with a reason that is ours.
    static func unreadable(_ reason: String, at place: SourcePlace) -> HubError {
        HubError(
            .xmlMalformed, "The document is not well-formed XML.",
            details: [
                ErrorDetail("line", place.line), ErrorDetail("column", place.column),
                ErrorDetail("reason", reason),
            ]
        )
    }

    private func requireEncoding(among names: [String]) throws(HubError) {
        guard let declared = try XMLDeclaration.encoding(of: self.bytes, from: self.start) else { return }
        guard names.contains(declared.lowercased()) else {
            throw Self.unreadable(
                "declared encoding contradicts the bytes", at: SourcePlace(line: 1, column: 1))
        }
    }

    private func requireUTF8() throws(HubError) {
        guard let offset = UTF8Check.firstFault(in: self.bytes.span, from: self.start) else { return }
        let reason = self.bytes[offset] == 0 ? "NUL byte" : "invalid UTF-8"
        throw Self.unreadable(reason, at: self.place(at: offset))
    }

    /// A document begins with `<` or, without a declaration, with white space.
    ///
    /// Anything else could only set the parser guessing at encodings.
    private func requireBeginning() throws(HubError) {
        switch self.start < self.bytes.count ? self.bytes[self.start] : 0 {
        case UInt8(ascii: "<"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            return
        default:
            let reason = self.start < self.bytes.count ? "no start tag at the beginning" : "empty document"
            throw Self.unreadable(reason, at: SourcePlace(line: 1, column: 1))
        }
    }
}
