import HubJSON
import Testing

@Suite("The operator split")
struct SplitOperatorTests {
    static let json = #"""
        {"so": "412/VP-TH", "id": "000.00.01.H03,2024/03/15,412/VP-TH", "mot": "x", "gach": "a--b---c", "trong": "a,,b",
         "het": "a,"}
        """#

    @Test(
        "gives one part of a text",
        arguments: [
            OperatorExample("split: { from: /so, with: /, part: 1 }", of: json, gives: "412"),
            OperatorExample("split: { from: /so, with: '/', part: 2 }", of: json, gives: "VP-TH"),
            OperatorExample("split: { from: /id, with: ',', part: -1 }", of: json, gives: "412/VP-TH"),
            OperatorExample("split: { from: /id, with: ',', part: -3 }", of: json, gives: "000.00.01.H03"),
            OperatorExample("split: { from: /mot, with: ',', part: 1 }", of: json, gives: "x"),
            OperatorExample("split: { from: /gach, with: '--', part: 3 }", of: json, gives: "-c"),
            OperatorExample("split: { from: /trong, with: ',', part: 2 }", of: json, gives: ""),
            OperatorExample("split: { from: /het, with: ',', part: -1 }", of: json, gives: ""),
            OperatorExample(
                "split: { from: /trong, with: ',', part: 2, optional: true }", of: json, gives: nil),
            OperatorExample("split: { from: /so, with: ',', part: 2, optional: true }", of: json, gives: nil),
            OperatorExample(
                "split: { from: /none, with: ',', part: 2, optional: true }", of: json, gives: nil),
            OperatorExample("split: { from: /so, with: ',', part: 2 }", of: json, fails: "absent"),
            OperatorExample("split: { from: /so, with: ',', part: -2 }", of: json, fails: "absent"),
            OperatorExample("split: { from: /none, with: ',', part: 1 }", of: json, fails: "absent"),
        ]
    )
    func gives(_ example: OperatorExample) throws { try example.check() }

    @Test(
        "is refused with file, line and column",
        arguments: [
            FaultExample(
                "steps: [{ set: /a, split: { from: /b, with: ',', part: 0 } }]",
                "4:56: The value '0' of 'part' is not a whole number other than 0."),
            FaultExample(
                "steps: [{ set: /a, split: { from: /b, with: '', part: 1 } }]",
                "4:27: 'with' is the text between the parts and cannot be empty."),
            FaultExample(
                "steps: [{ set: /a, split: { from: /b, part: 1 } }]", "4:27: The key 'with' is missing."),
            FaultExample("steps: [{ set: /a, split: /b }]", "4:27: The key 'part' is missing."),
        ]
    )
    func faults(_ example: FaultExample) throws { try example.check() }
}
