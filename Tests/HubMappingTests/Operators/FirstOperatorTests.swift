import HubJSON
import HubMapping
import HubModel
import Testing

@Suite("The operator first")
struct FirstOperatorTests {
    static let json = #"{"a": "", "b": null, "c": "x", "d": "VALUE", "l": []}"#

    @Test(
        "gives the first value that is not blank",
        arguments: [
            OperatorExample(
                "first: { of: [{ copy: /a }, { copy: /b }, { copy: /c }, { copy: /d }] }", of: json,
                gives: "x"),
            OperatorExample("first: { of: [{ copy: /none }, { copy: /c }] }", of: json, gives: "x"),
            OperatorExample(
                "first: { of: [{ copy: { from: /none, optional: true } }, { count: /l }] }", of: json,
                gives: 0),
            OperatorExample(
                "first: { of: [{ join: { parts: [{ copy: /none }] } }, { constant: y }] }", of: json,
                gives: "y"),
            OperatorExample("first: { of: [{ copy: /none }, { copy: /a }] }", of: json, gives: nil),
            OperatorExample("first: { of: [{ unbase64: /d }, { copy: /c }] }", of: json, fails: "not-base64"),
        ]
    )
    func gives(_ example: OperatorExample) throws { try example.check() }

    @Test("does not pass over what a step inside an operator misses")
    func inside() throws {
        let mapping = try compiled(
            """
            steps:
              - set: /value
                first:
                  of:
                    - json: { steps: [{ set: /x, copy: /none }] }
                    - copy: /c
            """
        )
        let error = try #require(throws: HubError.self) { try mapping.apply(to: source(Self.json)) }
        #expect(error.detail("reason") == "absent")
        #expect(error.detail("line") == "8")
        #expect(error.detail("target") == "/x")
    }

    @Test(
        "is refused with file, line and column",
        arguments: [
            FaultExample("steps: [{ set: /a, first: { of: [] } }]", "4:27: 'first' needs at least one part."),
            FaultExample(
                "steps: [{ set: /a, first: { of: { copy: /b } } }]", "4:33: The value of 'of' must be a list."
            ),
        ]
    )
    func faults(_ example: FaultExample) throws { try example.check() }
}
