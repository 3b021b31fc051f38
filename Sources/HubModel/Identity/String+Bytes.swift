extension String {
    /// The beginning, at most `limit` bytes of UTF-8 and no half a character code.
    ///
    /// A limit in characters would be none: one character may be of any length.
    package func prefix(bytes limit: Int) -> String {
        guard self.utf8.count > limit else { return self }
        var end = self.utf8.index(self.utf8.startIndex, offsetBy: limit)
        while end > self.utf8.startIndex, UTF8.isContinuation(self.utf8[end]) { end = self.utf8.index(before: end) }
        return String(self.unicodeScalars[..<end])
    }
}
