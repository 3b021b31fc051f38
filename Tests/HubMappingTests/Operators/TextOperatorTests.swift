import HubJSON
import Testing

@Suite("The operator text")
struct TextOperatorTests {
    static let json = #"""
        {"ten": " Nguyễn Thị Đỗ Ừ ", "thuong": "tỉnh phú thọ", "roi": "Tiê\u0301ng", "trong": "", "so": 12.50, "nhom": [1],
         "null": null, "khoang": " \t ", "dai": "👨‍👩‍👧‍👦ế👍🏽x"}
        """#

    @Test(
        "gives a text in another writing",
        arguments: [
            OperatorExample("text: { from: /thuong, case: upper }", of: json, gives: "TỈNH PHÚ THỌ"),
            OperatorExample("text: { from: /ten, case: lower }", of: json, gives: " nguyễn thị đỗ ừ "),
            OperatorExample("text: { from: /ten, trim: true }", of: json, gives: "Nguyễn Thị Đỗ Ừ"),
            OperatorExample(
                "text: { from: /ten, trim: true, take: 6, case: upper }", of: json, gives: "NGUYỄN"),
            OperatorExample("text: { from: /thuong, take: 50 }", of: json, gives: "tỉnh phú thọ"),
            OperatorExample("text: { from: /dai, take: 3 }", of: json, gives: "👨‍👩‍👧‍👦ế👍🏽"),
            OperatorExample("text: /thuong", of: json, gives: "tỉnh phú thọ"),
            OperatorExample("text: { from: /roi }", of: json, gives: "Tiê\u{301}ng"),
            OperatorExample("text: { from: /roi, normal: nfc }", of: json, gives: "Tiếng"),
            OperatorExample("text: { from: /so }", of: json, gives: "12.50"),
            OperatorExample("text: { from: /trong }", of: json, gives: ""),
            OperatorExample("text: { from: /null, optional: true }", of: json, gives: nil),
            OperatorExample("text: { from: /trong, optional: true }", of: json, gives: nil),
            OperatorExample("text: { from: /khoang, trim: true, optional: true }", of: json, gives: nil),
            OperatorExample("text: { from: /khoang, trim: true, otherwise: x }", of: json, gives: "x"),
            OperatorExample("text: { from: /none, otherwise: Khác, case: upper }", of: json, gives: "Khác"),
            OperatorExample("text: { from: /none, optional: true }", of: json, gives: nil),
            OperatorExample("text: { from: /none }", of: json, fails: "absent"),
            OperatorExample("text: { from: /nhom }", of: json, fails: "not-text"),
            OperatorExample("text: { from: a/b, case: upper }", of: "<r><a><b> đ </b></a></r>", gives: "Đ"),
        ]
    )
    func gives(_ example: OperatorExample) throws { try example.check() }

    @Test(
        "is refused with file, line and column",
        arguments: [
            FaultExample(
                "steps: [{ set: /a, text: { from: /b, case: title } }]",
                "4:44: The value 'title' of 'case' is not one of: upper, lower."),
            FaultExample(
                "steps: [{ set: /a, text: { from: /b, take: 0 } }]",
                "4:44: The value '0' of 'take' is not a whole number from 1"),
            FaultExample("steps: [{ set: /a, text: { form: /b } }]", "4:26: The key 'from' is missing."),
            FaultExample(
                "steps: [{ set: /a, text: { from: /b, normal: nfd } }]",
                "4:46: The value 'nfd' of 'normal' is not one of: nfc. (did you mean 'nfc'?)"),
        ]
    )
    func faults(_ example: FaultExample) throws { try example.check() }
}
