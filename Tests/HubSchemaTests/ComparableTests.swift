import HubSchema
import Testing

@Suite("A text as it is compared")
struct ComparableTests {
    @Test(
        "is composed and has no white space around it",
        arguments: [
            ("", ""), ("abc", "abc"), ("  abc\t\n", "abc"), ("a  b", "a  b"), (" ", ""),
            ("\u{A0}abc\u{3000}", "abc"),
            ("Tiê\u{301}ng Vie\u{323}\u{302}t", "Tiếng Việt"), ("Tiếng Việt", "Tiếng Việt"), ("đ", "đ"),
            // Marks in the other order, and a letter that has a code of its own besides.
            ("e\u{302}\u{323}", "ệ"), ("\u{212B}", "Å"), ("a\u{301}", "á"),
        ]
    )
    func composed(_ text: String, _ wanted: String) {
        #expect(Array(text.comparable.unicodeScalars) == Array(wanted.unicodeScalars))
    }

    @Test(
        "stays the same when it is taken again",
        arguments: ["Tie\u{302}\u{301}ng", " x ", "ệ e\u{323}\u{302} ẹ\u{302}", "\u{1100}\u{1161}\u{11A8}"])
    func stable(_ text: String) {
        #expect(Array(text.comparable.comparable.utf8) == Array(text.comparable.utf8))
    }

    @Test("tells apart what is different: no compatibility, no case")
    func different() {
        #expect("ﬁ".comparable != "fi".comparable)
        #expect("H44".comparable != "h44".comparable)
        #expect("hòa".comparable != "hoà".comparable)
    }
}
