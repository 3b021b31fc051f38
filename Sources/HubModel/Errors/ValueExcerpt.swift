/// What a report shows of a value of a document: enough to find it again, too little to know it.
///
/// A value of at most three characters stands whole. Of a longer one stands the first third, four characters at most, and how
/// many it has: “0010… (12 characters)”. A name, a number or a birthday of somebody cannot be read out of a report. Where
/// the value stands in the document, the line, the column and the path say.
public enum ValueExcerpt {
    private static let longestWhole = 3
    private static let longestPrefix = 4
    /// What has more is not counted to its end: a value may be a whole file.
    private static let longestCount = 4_000

    /// - Parameters:
    ///   - text: Its characters are code points; one that controls is shown as U+FFFD.
    ///   - open: The quotation mark before it; nothing for a number.
    public static func shown(_ text: some StringProtocol, open: String = "", close: String = "") -> Bilingual
    {
        let count = text.unicodeScalars.prefix(self.longestCount + 1).count
        let length = count <= self.longestWhole ? count : min(self.longestPrefix, count / 3)
        var prefix = ""
        for scalar in text.unicodeScalars.prefix(length) {
            prefix.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar)
        }
        guard count > length else { return Bilingual(vi: open + prefix + close, en: open + prefix + close) }
        let shown = open + prefix + "…" + close
        return count > self.longestCount
            ? Bilingual(
                vi: "\(shown) (hơn \(self.longestCount) ký tự)",
                en: "\(shown) (more than \(self.longestCount) characters)")
            : Bilingual(vi: "\(shown) (\(count) ký tự)", en: "\(shown) (\(count) characters)")
    }
}
