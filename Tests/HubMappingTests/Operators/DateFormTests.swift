import HubJSON
import HubMapping
import HubModel
import Testing

@Suite("Forms of dates")
struct DateFormTests {
    private static func date(_ options: String, _ value: String, _ expected: JSONValue) -> OperatorExample {
        OperatorExample("date: { from: /d, \(options) }", of: #"{"d": "\#(value)"}"#, gives: expected)
    }

    private static func fails(_ reads: String, _ value: String) -> OperatorExample {
        OperatorExample(
            "date: { from: /d, reads: \(reads), writes: iso }", of: #"{"d": "\#(value)"}"#, fails: "not-date")
    }

    static let examples = [
        date("reads: vietnamese, writes: iso", "15/03/2024", "2024-03-15"),
        date("reads: vietnamese, writes: iso", "15/03/2024 09:12:44", "2024-03-15T09:12:44+07:00"),
        date("reads: iso, writes: vietnamese", "2024-03-15T02:12:44Z", "15/03/2024 09:12:44"),
        date("reads: compact, writes: vietnamese", "20240315", "15/03/2024"),
        date("reads: compact, writes: vietnamese, day-only: true", "20240315091244", "15/03/2024"),
        date("reads: iso-local, writes: edxml", "2024-03-15T09:12:44", "2024/03/15 09:12:44"),
        date("reads: iso-local, writes: edxml", "2024-03-15T09:12:44.1234567", "2024/03/15 09:12:44"),
        date("reads: edxml, writes: iso-local", "2024/03/15 09:12:44", "2024-03-15T09:12:44.000"),
        date("reads: edxml, writes: iso-local", "2024/03/15", "2024-03-15T00:00:00.000"),
        date(
            "reads: edxml, writes: iso-local, day-only: true", "2024/03/15 09:12:44",
            "2024-03-15T00:00:00.000"),
        date("reads: vietnamese, writes: year", "15/03/2024 01:02:03", "2024"),
        date("reads: year, writes: vietnamese", "1990", "01/01/1990"),
        date("reads: year, writes: iso", "0090", "0090-01-01"),
        date("reads: iso, writes: iso", "9999-12-31T23:59:59+07:00", "9999-12-31T23:59:59+07:00"),
        fails("vietnamese", "2024/03/15"), fails("vietnamese", "31/04/2024"), fails("vietnamese", "1/2/2024"),
        fails("vietnamese", "15/03/2024T09:12:44"), fails("vietnamese", "15/03/2024 09:12"),
        fails("vietnamese", "15/03/2024 09:12:60"), fails("iso-local", "2024-03-15"),
        fails("iso-local", "2024-03-15T09:12:44Z"), fails("iso-local", "2024-03-15T09:12:44."),
        fails("iso-local", "2024-03-15T09:12:44.1234567890"), fails("year", "24"), fails("year", "20240"),
        fails("year", "0000"), fails("compact", "202403150"), fails("iso", "9999-12-31T23:59:59Z"),
        fails("edxml", "yyyy/MM/dd"), fails("compact", "dddddddd"), fails("iso", "2024-03-15T09:12:44+"),
    ]

    @Test("are read strictly and written in full", arguments: Self.examples)
    func gives(_ example: OperatorExample) throws { try example.check() }

    @Test("give the same date through each other", arguments: UInt64(0)..<60)
    func throughEachOther(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let date = CivilDate(daysSince1970: Int.random(in: -100_000...100_000, using: &random))
        let clock = (0..<3).map { Int.random(in: 0..<($0 == 0 ? 24 : 60), using: &random) }
        let civil = CivilTime(date: date, hour: clock[0], minute: clock[1], second: clock[2])
        let forms = ["edxml", "compact", "iso", "vietnamese", "iso-local"].shuffled(using: &random)
        var text = civil.edxmlStamp
        for (from, to) in zip(["edxml"] + forms, forms + ["edxml"]) {
            let mapping = try compiled(
                "steps: [{ set: /d, date: { from: /d, reads: \(from), writes: \(to) } }]")
            text = try mapping.apply(to: .json(["d": .string(text)]))["d"]?.string ?? ""
        }
        #expect(text == civil.edxmlStamp)
    }
}
