import CLibXML2

/// What the library says, made fit for reports that people outside may read.
enum ErrorText {
    private static let longestQuote = 40

    /// The first line of the library's message, with each text it quotes from the document cut to a prefix.
    static func reason(of error: xmlError) -> String {
        var message = unsafe self.string(error.message) ?? "not well-formed"
        let quoted = unsafe [self.string(error.str1), self.string(error.str2), self.string(error.str3)]
        for case .some(let text) in quoted where text.utf8.count > self.longestQuote {
            message.replace(text, with: self.shortened(text, to: self.longestQuote))
        }
        return String(message.prefix { !$0.isNewline }.prefix(200))
    }

    /// At most `count` characters of `text`, and `…` if there were more.
    static func shortened(_ text: some StringProtocol, to count: Int) -> String {
        let prefix = text.prefix(count)
        return prefix.endIndex == text.endIndex ? String(prefix) : prefix + "…"
    }

    static func string(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(cString: pointer)
    }
}
