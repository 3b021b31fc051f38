import HubJSON
import HubMapping
import Testing

@Suite("The operators base64 and unbase64")
struct Base64OperatorTests {
    static let json = #"""
        {"ten": "Đỗ", "ma": "xJDhu5c=", "xuong": "xJDh\r\nu5c=\n", "so": 5, "doi": {"a": 1}, "hong": "VALUE", "anh": "/w==",
         "trong": ""}
        """#

    @Test(
        "write and read the UTF-8 of texts",
        arguments: [
            OperatorExample("base64: /ten", of: json, gives: "xJDhu5c="),
            OperatorExample("base64: { from: /none, optional: true }", of: json, gives: nil),
            OperatorExample("base64: { of: { copy: /ten } }", of: json, gives: "xJDhu5c="),
            OperatorExample("base64: { of: { copy: /so } }", of: json, gives: "NQ=="),
            OperatorExample("base64: { of: { copy: /doi } }", of: json, gives: "eyJhIjoxfQ=="),
            OperatorExample(
                "base64: { of: { json: { steps: [{ set: /a, constant: { is: '1', as: number } }] } } }",
                of: json,
                gives: "eyJhIjoxfQ=="),
            OperatorExample(
                "base64: { of: { xml: { root: a, steps: [{ set: /b, copy: /so }] } } }", of: json,
                gives: "PGE+PGI+NTwvYj48L2E+"),
            OperatorExample(
                "base64: { of: { copy: { from: /none, optional: true } } }", of: json, gives: nil),
            OperatorExample("base64: { of: { copy: /none } }", of: json, fails: "absent"),
            OperatorExample("base64: /doi", of: json, fails: "not-text"),
            OperatorExample("unbase64: /ma", of: json, gives: "Đỗ"),
            OperatorExample("unbase64: /xuong", of: json, gives: "Đỗ"),
            OperatorExample("unbase64: /trong", of: json, gives: ""),
            OperatorExample("unbase64: { from: /trong, optional: true }", of: json, gives: nil),
            OperatorExample("unbase64: /hong", of: json, fails: "not-base64"),
            OperatorExample("unbase64: /anh", of: json, fails: "not-base64"),
            OperatorExample("unbase64: /none", of: json, fails: "absent"),
        ]
    )
    func gives(_ example: OperatorExample) throws { try example.check() }

    @Test("reads a path from the document inside each, beside an operator called of")
    func document() throws {
        let mapping = try compiled(
            "steps: [{ set: /l, each: { from: /items, steps: [{ set: /x, base64: { from: /ten, of: document } }] } }]"
        )
        #expect(try mapping.apply(to: source(#"{"ten": "Đỗ", "items": [1]}"#)) == ["l": [["x": "xJDhu5c="]]])
    }

    @Test(
        "are refused with file, line and column",
        arguments: [
            FaultExample(
                "steps: [{ set: /a, base64: { off: { copy: /b } } }]", "4:28: The key 'of' is missing."),
            FaultExample(
                "steps: [{ set: /a, base64: { of: document } }]", "4:34: A map of keys is expected here."),
            FaultExample(
                "steps: [{ set: /a, base64: { of: { copy: /b, constant: x } } }]",
                "4:34: A part is exactly one operator"),
            FaultExample(
                "steps: [{ set: /a, base64: { of: { each: { from: /b, steps: [{ set: /c, copy: . }] } } } }]",
                "4:42: 'each' makes a list and stands in a step of its own"),
        ]
    )
    func faults(_ example: FaultExample) throws { try example.check() }
}
