internal import Foundation

/// Fields of a mail's header.
enum HeaderText {
    /// Bytes of text in one encoded word: 60 letters of base64, below the 75 that a word may have (RFC 2047).
    private static let wordBytes = 45

    /// A field with its line end. What is not short and plain ASCII goes as encoded words (RFC 2047), a line each, so
    /// that no value can begin a field of its own.
    static func field(_ name: String, _ value: String) -> String {
        let isPlain =
            value.utf8.count <= 900 && value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !value.contains("=?")
            && !value.hasPrefix(" ") && !value.hasSuffix(" ")
        guard !isPlain else { return "\(name): \(value)\n" }
        var words: [[UInt8]] = [[]]
        for scalar in value.unicodeScalars {
            let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            // A letter is not divided between words.
            if words[words.count - 1].count + bytes.count > Self.wordBytes { words.append([]) }
            words[words.count - 1] += bytes
        }
        return "\(name):\n" + words.map { " =?utf-8?B?\(Data($0).base64EncodedString())?=\n" }.joined()
    }
}
