import HubJSON
import HubMapping
import Testing

@Suite("The operator decimal")
struct DecimalOperatorTests {
    private static func plain(_ more: String, _ value: String, _ expected: JSONValue?) -> OperatorExample {
        OperatorExample("decimal: { from: /v\(more) }", of: #"{"v": \#(value)}"#, gives: expected)
    }

    private static func fails(_ more: String, _ value: String, _ reason: String) -> OperatorExample {
        OperatorExample("decimal: { from: /v\(more) }", of: #"{"v": \#(value)}"#, fails: reason)
    }

    static let examples = [
        plain("", #""1234.5""#, "1234.5"),
        plain(", writes: vietnamese", #""1234.5""#, "1.234,5"),
        plain(", writes: vietnamese", "1234567", "1.234.567"),
        plain(", writes: vietnamese", "-123", "-123"),
        plain(", writes: vietnamese, places: 2", "1000", "1.000,00"),
        plain(", reads: vietnamese", #""1.234.567,89""#, "1234567.89"),
        plain(", reads: vietnamese", #""1234567,89""#, "1234567.89"),
        plain(", reads: vietnamese, as: number", #""-1.234,5""#, .number(JSONNumber(-1234.5) ?? 0)),
        plain(", as: number, places: 0", #""15000.00""#, 15000),
        plain(", places: 3", #""0.1""#, "0.100"),
        plain(", places: 2", #""007.100""#, "7.10"),
        plain(", places: 2", #""-0.00""#, "0.00"),
        plain("", "1.5E3", "1500"),
        plain("", "125e-2", "1.25"),
        plain("", "5e-3", "0.005"),
        // No floating point has these digits.
        plain(
            "", #""12345678901234567890.12345678901234567890""#, "12345678901234567890.12345678901234567890"),
        plain(", optional: true", #""""#, nil),
        fails("", #""""#, "not-number"),
        fails("", #""1,5""#, "not-number"),
        fails("", #""VALUE""#, "not-number"),
        fails("", #""+1""#, "not-number"),
        fails("", #""1.""#, "not-number"),
        fails("", #"".5""#, "not-number"),
        fails("", #""1e""#, "not-number"),
        fails("", "1e999999999", "not-number"),
        fails("", #""١""#, "not-number"),
        fails(", reads: vietnamese", #""1.23""#, "not-number"),
        fails(", reads: vietnamese", #""1234.567""#, "not-number"),
        fails(", reads: vietnamese", #""1,2,3""#, "not-number"),
        fails(", places: 1", #""1.25""#, "not-exact"),
        fails("", "[1]", "not-text"),
    ]

    @Test("moves digits and never counts with them", arguments: Self.examples)
    func gives(_ example: OperatorExample) throws { try example.check() }

    @Test("gives back what it wrote, whatever the number", arguments: UInt64(0)..<100)
    func thereAndBack(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let whole = String(
            UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0..<64, using: &random))
        let places = Int.random(in: 0...5, using: &random)
        let digits = (0..<places).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        let number = places == 0 ? whole : "\(whole).\(digits)"
        let there = try compiled("steps: [{ set: /v, decimal: { from: /v, writes: vietnamese } }]")
        let back = try compiled("steps: [{ set: /v, decimal: { from: /v, reads: vietnamese } }]")
        let written = try there.apply(to: .json(["v": .string(number)]))
        #expect(try back.apply(to: .json(written)) == ["v": .string(number)])
    }

    @Test(
        "is refused with file, line and column",
        arguments: [
            FaultExample(
                "steps: [{ set: /a, decimal: { from: /b, writes: vietnamese, as: number } }]",
                "4:29: A number of JSON is written plain; 'vietnamese' is a text."),
            FaultExample(
                "steps: [{ set: /a, decimal: { from: /b, reads: vietnam } }]",
                "4:48: The value 'vietnam' of 'reads' is not one of: plain, vietnamese."),
            FaultExample(
                "steps: [{ set: /a, decimal: { from: /b, places: 31 } }]",
                "4:49: The value '31' of 'places' is not a whole number from 0 to 30."),
        ]
    )
    func faults(_ example: FaultExample) throws { try example.check() }
}
