import HubModel
import Testing

@Suite("What is shown of a value")
struct ValueExcerptTests {
    @Test(
        "is the whole of a short one, and never more than four characters or a third of a longer one",
        arguments: [
            ("", ""), ("7", "7"), ("abc", "abc"), ("abcd", "a… (4 characters)"),
            ("12345", "1… (5 characters)"),
            ("123456", "12… (6 characters)"), ("0010000000012", "0010… (13 characters)"),
            ("Trần Thị Mẫu 1", "Trần… (14 characters)"), ("a\nb", "a\u{FFFD}b"),
        ]
    )
    func shown(_ text: String, _ shown: String) {
        #expect(ValueExcerpt.shown(text).en == shown)
        #expect(ValueExcerpt.shown(text).vi == shown.replacing("characters", with: "ký tự"))
    }

    @Test("stands in quotation marks, and how long it was behind them")
    func quoted() {
        #expect(ValueExcerpt.shown("ab", open: "“", close: "”").en == "“ab”")
        #expect(ValueExcerpt.shown("abcdef", open: "“", close: "”").vi == "“ab…” (6 ký tự)")
    }

    @Test("is not counted to the end of a value without an end")
    func long() {
        let excerpt = ValueExcerpt.shown(String(repeating: "x", count: 1_000_000))
        #expect(excerpt.en == "xxxx… (more than 4000 characters)" && excerpt.vi == "xxxx… (hơn 4000 ký tự)")
        #expect(ValueExcerpt.shown("a" + String(repeating: "\u{301}", count: 100_000)).en.utf8.count < 60)
    }
}
