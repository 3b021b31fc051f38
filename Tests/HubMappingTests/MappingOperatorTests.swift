import HubJSON
import HubMapping
import HubModel
import Testing

@Suite("A mapping's operators")
struct MappingOperatorTests {
    static let json = #"""
        {"madonvi": "000.00.00.H44", "isUpdating": "False", "empty": "", "nothing": null, "deep": {"a/b": "slash"},
         "data": [
           {"MaHoSo": "H44.14-240315-0001", "NgayTiepNhan": "20240315081500", "TrangThaiHoSo": "2", "Gia": "15000",
            "Phi": [{"Ma": "A"}, {"Ma": "B"}]},
           {"MaHoSo": "H44.14-240315-0002", "NgayTiepNhan": "20240315", "TrangThaiHoSo": "9", "Gia": "1.50", "Phi": []}
         ]}
        """#
    static let xml = """
        <m xmlns="urn:x"><h><From><Id> H44.13 </Id></From><To><Id>H55.11</Id></To><To><Id>G14</Id></To>
        <Date>2024/03/15</Date><Stamp>2024/03/15 09:12:44</Stamp><Email/><Type>0</Type></h></m>
        """

    /// One step (with the tables of `lookup`), the source, and the value it sets.
    struct Case: CustomTestStringConvertible, Sendable {
        let step: String
        let source: String
        let expected: JSONValue?
        var testDescription: String { self.step }

        init(_ step: String, of source: String, gives expected: JSONValue?) {
            self.step = step
            self.source = source
            self.expected = expected
        }
    }

    static let cases: [Case] = [
        Case("copy: /madonvi", of: json, gives: "000.00.00.H44"),
        Case("copy: /deep/a~1b", of: json, gives: "slash"),
        Case("copy: /data/1/MaHoSo", of: json, gives: "H44.14-240315-0002"),
        Case("copy: /data/*/MaHoSo", of: json, gives: "H44.14-240315-0001"),
        Case("copy: /deep", of: json, gives: ["a/b": "slash"]),
        Case(
            "copy: { from: /data/*/MaHoSo, all: true }", of: json,
            gives: ["H44.14-240315-0001", "H44.14-240315-0002"]),
        Case("copy: { from: /none/*, all: true }", of: json, gives: []),
        Case("copy: { from: /none/*, all: true, optional: true }", of: json, gives: nil),
        Case("copy: /empty", of: json, gives: ""),
        Case("copy: { from: /empty, optional: true }", of: json, gives: nil),
        Case("copy: { from: /nothing, optional: true }", of: json, gives: nil),
        Case("copy: { from: /none, optional: true }", of: json, gives: nil),
        Case("copy: { from: /none, otherwise: x }", of: json, gives: "x"),
        Case("copy: { from: /empty, otherwise: '0', as: number }", of: json, gives: 0),
        Case("copy: { from: /data/0/Gia, as: number }", of: json, gives: 15000),
        Case("copy: { from: /isUpdating, as: boolean }", of: json, gives: false),
        Case("copy: h/From/Id", of: xml, gives: "H44.13"),
        Case("copy: h/To/Id", of: xml, gives: "H55.11"),
        Case("copy: { from: h/To/Id, all: true }", of: xml, gives: ["H55.11", "G14"]),
        Case("copy: { from: h/Email, optional: true }", of: xml, gives: nil),
        Case("constant: văn bản", of: xml, gives: "văn bản"),
        Case("constant: { is: '1', as: number }", of: xml, gives: 1),
        Case("constant: { is: 'true', as: boolean }", of: xml, gives: true),
        Case("context: id", of: xml, gives: "the-id"),
        Case("context: sender", of: xml, gives: "H44.13"),
        Case("count: h/To", of: xml, gives: 2),
        Case("count: h/None", of: xml, gives: 0),
        Case("count: { from: h/None, optional: true }", of: xml, gives: nil),
        Case("count: /data", of: json, gives: 2),
        Case("count: /data/*/Phi/*", of: json, gives: 2),
        Case("date: { from: h/Date, reads: edxml, writes: iso }", of: xml, gives: "2024-03-15"),
        Case("date: { from: h/Date, reads: edxml, writes: compact }", of: xml, gives: "20240315"),
        Case(
            "date: { from: h/Stamp, reads: edxml, writes: iso }", of: xml, gives: "2024-03-15T09:12:44+07:00"),
        Case(
            "date: { from: h/Stamp, reads: edxml, writes: iso, day-only: true }", of: xml, gives: "2024-03-15"
        ),
        Case("date: { from: h/Stamp, reads: edxml, writes: compact }", of: xml, gives: "20240315091244"),
        Case("date: { from: h/Email, reads: edxml, writes: iso, optional: true }", of: xml, gives: nil),
        Case(
            "date: { from: /data/0/NgayTiepNhan, reads: compact, writes: edxml }", of: json,
            gives: "2024/03/15 08:15:00"),
        Case(
            "date: { from: /data/1/NgayTiepNhan, reads: compact, writes: edxml }", of: json,
            gives: "2024/03/15"),
        Case("lookup: { from: h/Type, table: kinds }", of: xml, gives: "new"),
        Case("lookup: { from: h/Email, table: kinds, otherwise: unknown }", of: xml, gives: "unknown"),
        Case("lookup: { from: h/None, table: kinds, optional: true }", of: xml, gives: nil),
        Case(
            "join: { parts: [{ copy: h/From/Id }, { constant: x }], with: '→' }", of: xml, gives: "H44.13→x"),
        Case(
            "join: { parts: [{ copy: { from: h/To/Id, all: true } }], with: ', ' }", of: xml,
            gives: "H55.11, G14"),
        Case(
            "join: { parts: [{ count: h/To }, { copy: { from: h/Email, optional: true } }] }", of: xml,
            gives: "2"),
        Case("join: { parts: [{ copy: { from: h/Email, optional: true } }] }", of: xml, gives: nil),
        Case(
            "each: { from: /data, steps: [{ set: /id, copy: /MaHoSo }, { set: /unit, copy: { from: /madonvi, of: document } }] }",
            of: json,
            gives: [
                ["id": "H44.14-240315-0001", "unit": "000.00.00.H44"],
                ["id": "H44.14-240315-0002", "unit": "000.00.00.H44"],
            ]
        ),
        Case(
            "each: { from: /data/*/Phi/*, steps: [{ set: /code, copy: /Ma }] }", of: json,
            gives: [["code": "A"], ["code": "B"]]
        ),
        Case(
            "each: { from: /data, when: { from: /TrangThaiHoSo, equals: '9' }, steps: [{ set: /n, count: /Phi }] }",
            of: json, gives: [["n": 0]]
        ),
        Case(
            "each: { from: h/To, steps: [{ set: /to, copy: Id }] }", of: xml,
            gives: [["to": "H55.11"], ["to": "G14"]]
        ),
        Case(
            "each: { from: h/To/Id, steps: [{ set: /to, copy: . }] }", of: xml,
            gives: [["to": "H55.11"], ["to": "G14"]]),
        Case(
            "each: { from: /none, optional: true, steps: [{ set: /a, constant: b }] }", of: json, gives: nil),
    ]

    @Test("set what they say", arguments: Self.cases)
    func sets(_ example: Case) throws {
        let tables =
            example.step.contains("lookup") ? "tables: { kinds: { \"0\": new, \"1\": recalled } }\n" : ""
        let mapping = try compiled(tables + "steps:\n  - set: /value\n    \(example.step)\n")
        let result = try mapping.apply(
            to: source(example.source), context: ["id": "the-id", "sender": "H44.13"])
        #expect(result["value"] == example.expected)
        #expect(result.object?.count == (example.expected == nil ? 0 : 1))
    }

    struct Failure: CustomTestStringConvertible, Sendable {
        let step: String
        let source: String
        let reason: String
        var testDescription: String { "\(self.step) → \(self.reason)" }

        init(_ step: String, of source: String, _ reason: String) {
            self.step = step
            self.source = source
            self.reason = reason
        }
    }

    static let failures = [
        Failure("copy: /none", of: json, "absent"),
        Failure("copy: h/From", of: json, "absent"),
        Failure("copy: { from: /madonvi, as: number }", of: json, "not-number"),
        Failure("copy: { from: /data, as: text }", of: json, "not-text"),
        Failure(
            "copy: { from: h/Type, as: boolean }", of: xml.replacing("<Type>0", with: "<Type>3"),
            "not-boolean"),
        Failure("date: { from: /madonvi, reads: compact, writes: iso }", of: json, "not-date"),
        Failure("date: { from: h/Email, reads: edxml, writes: iso }", of: xml, "not-date"),
        Failure(
            "date: { from: h/Date, reads: edxml, writes: iso }",
            of: xml.replacing("/03/15<", with: "/02/30<"), "not-date"),
        Failure("date: { from: /data, reads: edxml, writes: iso }", of: json, "not-text"),
        Failure(
            "lookup: { from: h/Type, table: kinds }", of: xml.replacing("<Type>0", with: "<Type>7"),
            "not-in-table"),
        Failure("context: digest", of: xml, "context-absent"),
        Failure("join: { parts: [{ copy: /deep }] }", of: json, "not-text"),
    ]

    @Test("fail with the reason, the file and the line, and without the value", arguments: Self.failures)
    func fails(_ failure: Failure) throws {
        let tables =
            failure.step.contains("lookup") ? "tables: { kinds: { \"0\": new, \"1\": recalled } }\n" : ""
        let mapping = try compiled(tables + "steps:\n  - set: /value\n    \(failure.step)\n")
        let error = try #require(throws: HubError.self) {
            try mapping.apply(to: source(failure.source), context: ["id": "x"])
        }
        #expect(error.code == .mappingFailed)
        #expect(error.detail("reason") == failure.reason)
        #expect(error.detail("file") == "test.yaml")
        #expect(error.detail("line") == (tables.isEmpty ? "5" : "6"))
        #expect(!error.description.contains("000.00.00.H44"))
    }
}
