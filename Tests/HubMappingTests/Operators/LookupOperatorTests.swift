import HubJSON
import Testing

@Suite("The operator lookup in reverse")
struct LookupOperatorTests {
    static let tables = "tables: { kinds: { \"0\": new, \"1\": recalled } }\n"

    @Test(
        "gives the key of a text",
        arguments: [
            OperatorExample(
                "lookup: { from: /a, table: kinds, reverse: true }", of: #"{"a": "recalled"}"#, gives: "1"),
            OperatorExample(
                "lookup: { from: /a, table: kinds, reverse: false }", of: #"{"a": "1"}"#, gives: "recalled"),
            OperatorExample(
                "lookup: { from: /a, table: kinds, reverse: true, otherwise: '9' }", of: #"{"a": "x"}"#,
                gives: "9"),
            OperatorExample(
                "lookup: { from: /a, table: kinds, reverse: true }", of: #"{"a": "1"}"#, fails: "not-in-table"
            ),
        ]
    )
    func gives(_ example: OperatorExample) throws { try example.check(tables: Self.tables) }

    @Test("is refused when two keys have the same text")
    func notInjective() throws {
        try FaultExample(
            "tables: { t: { a: x, b: y, c: x } }\nsteps: [{ set: /a, lookup: { from: /b, table: t, reverse: true } }]",
            "5:59: The table 't' has 'x' for 'a' and 'c'; it cannot be read in reverse."
        ).check()
    }
}
