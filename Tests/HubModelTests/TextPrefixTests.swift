import HubModel
import Testing

@Suite("The beginning of a text")
struct TextPrefixTests {
    @Test(
        "is cut by bytes, and never inside a character code",
        arguments: [
            ("abc", 3, "abc"), ("abc", 2, "ab"), ("ấn", 3, "ấ"), ("ấn", 2, ""), ("a\u{301}\u{301}", 3, "a\u{301}"), ("", 0, ""),
            ("🇻🇳", 4, "🇻"), ("abc", 0, ""),
        ])
    func cut(text: String, limit: Int, expected: String) {
        #expect(Array(text.prefix(bytes: limit).unicodeScalars) == Array(expected.unicodeScalars))
    }
}
