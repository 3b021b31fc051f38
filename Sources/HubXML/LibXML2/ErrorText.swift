import CLibXML2

/// What the library says, made fit for reports that people outside may read.
enum ErrorText {
    private static let longestQuote = 40
    private static let longestReason = 200
    /// What is read of a text of the library's, from either end.
    ///
    /// It may hold a whole value of the document.
    private static let longestEnd = 8 << 10

    /// The first line of the library's message, with each text it quotes from the document cut to a prefix.
    static func reason(of error: xmlError) -> String {
        var message = unsafe self.ends(error.message) ?? "not well-formed"
        let quoted = unsafe [self.ends(error.str1), self.ends(error.str2), self.ends(error.str3)]
        for case .some(let text) in quoted where text.utf8.count > self.longestQuote {
            message.replace(text, with: self.shortened(text, to: self.longestQuote))
        }
        return self.shortened(message.prefix { !$0.isNewline }, to: self.longestReason)
    }

    /// At most `count` code points of `text`, and `…` if there were more.
    ///
    /// What looks like one character can be a whole payload of combining marks, so those are not what is counted.
    static func shortened(_ text: some StringProtocol, to count: Int) -> String {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return String(text) }
        return text[..<end] + "…"
    }

    /// At most `count` bytes of `text` in UTF-8, and `…` if there were more.
    static func shortened(_ text: String, toBytes count: Int) -> String {
        let bytes = text.utf8
        guard bytes.count > count else { return text }
        var end = bytes.index(bytes.startIndex, offsetBy: count)
        // Never within a character: back over the bytes that only continue one.
        while bytes[end] & 0xC0 == 0x80 { bytes.formIndex(before: &end) }
        return text[..<end] + "…"
    }

    /// A text of the library's, without the middle of a very long one.
    static func ends(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: Int(xmlStrlen(pointer)))
        guard bytes.count > 2 * self.longestEnd else { return unsafe String(cString: pointer) }
        let front = unsafe String(decoding: bytes.prefix(self.longestEnd), as: UTF8.self)
        let back = unsafe String(decoding: bytes.suffix(self.longestEnd), as: UTF8.self)
        return front + "…" + back
    }

    static func string(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(cString: pointer)
    }
}
