import HubJSON
import HubMapping
import HubModel
import HubXML
import Testing

@Suite("The inverse of a mapping")
struct InverseTests {
    private func reasons(_ body: String) throws -> [String] {
        guard case .failure(let faults) = try compiled(body).inverse() else { return [] }
        return faults.faults.map(\.description)
    }

    @Test("goes from the target to the source, over the same tables")
    func turnsAround() throws {
        let mapping = try compiled(
            """
            tables: { kinds: { "0": new, "1": recalled } }
            steps:
              - { set: /kind, lookup: { from: /loai, table: kinds } }
              - { set: /day, date: { from: /ngay, reads: compact, writes: iso } }
              - { set: /hub, context: id }
              - { set: /type, constant: x }
            """
        )
        let inverse = try mapping.inverse().get()
        #expect(inverse.source == mapping.target)
        #expect(inverse.target == mapping.source)
        #expect(inverse.file == mapping.file)
        let there = try mapping.apply(to: source(#"{"loai": "1", "ngay": "20240315"}"#), context: ["id": "i"])
        #expect(there == ["kind": "recalled", "day": "2024-03-15", "hub": "i", "type": "x"])
        #expect(try inverse.apply(to: .json(there)) == ["loai": "1", "ngay": "20240315"])
        #expect(
            try inverse.inverse().get().apply(to: .json(["loai": "0", "ngay": "20240315"])) == [
                "kind": "new", "day": "2024-03-15",
            ])
    }

    @Test("fails at run time with the line of the step it comes from")
    func line() throws {
        let inverse = try compiled("steps:\n  - set: /b\n    copy: /a\n").inverse().get()
        let error = try #require(throws: HubError.self) { try inverse.apply(to: .json([:])) }
        #expect(error.detail("line") == "5")
        #expect(error.detail("target") == "/a")
        #expect(error.detail("path") == "/b")
    }

    @Test(
        "is refused with the place and the reason of each step that does not say enough",
        arguments: [
            ("steps: [{ set: /a, join: { parts: [{ copy: /b }] } }]", "4:26: What 'join' makes does not say"),
            ("steps: [{ set: /a, first: { of: [{ copy: /b }] } }]", "4:27: What 'first' makes does not say"),
            ("steps: [{ set: /a, text: /b }]", "4:26: What 'text' makes does not say"),
            ("steps: [{ set: /a, split: { from: /b, with: x, part: 1 } }]", "4:27: What 'split' makes"),
            ("steps: [{ set: /a, count: /b }]", "4:27: What 'count' makes does not say"),
            ("steps: [{ set: /a, digest: { parts: [{ copy: /b }] } }]", "4:28: What 'digest' makes"),
            ("steps: [{ when: { from: /b }, set: /a, copy: /b }]", "4:17: A step under a condition cannot"),
            (
                "steps: [{ set: /a, copy: { from: /b, otherwise: x } }]",
                "4:49: 'otherwise' stands for nothing"
            ),
            ("steps: [{ set: /a, copy: { from: /b, as: boolean } }]", "4:42: 'as: boolean' makes one value"),
            ("steps: [{ set: /a, copy: { from: /b, as: text } }]", "4:42: 'as: text' makes one value"),
            ("steps: [{ set: /a, copy: /b/*/c }]", "4:26: '/b/*/c' leads to items of a list"),
            ("steps: [{ set: /a, copy: /b/0 }]", "4:26: '/b/0' leads to items of a list"),
            (
                "steps: [{ set: /a, copy: { from: /b/*/c, all: true } }]",
                "4:34: A list can be turned around when"
            ),
            ("steps: [{ set: '/*', copy: /b }]", "4:16: A member called '*' cannot be read"),
            ("steps: [{ set: /a, copy: . }]", "4:26: The whole source, or item, cannot be set."),
            ("steps: [{ set: /a, copy: b }]", "2:9: The source is XML: the mapping does not say"),
            ("steps: [{ set: /a, constant: b }]", "4:8: No step takes anything from the source."),
            (
                "steps: [{ set: /a, date: { from: /b, reads: edxml, writes: year } }]",
                "4:60: A year does not say the day"
            ),
            (
                "steps: [{ set: /a, date: { from: /b, reads: edxml, writes: iso, day-only: true } }]",
                "4:75: A day does not say the time"
            ),
            (
                "tables: { t: { a: x, b: y } }\nsteps: [{ set: /a, lookup: { from: /b, table: t, otherwise: x } }]",
                "5:61: 'otherwise' stands for every value"
            ),
            (
                "tables: { t: { a: x, b: x } }\nsteps: [{ set: /a, lookup: { from: /b, table: t } }]",
                "5:47: The table 't' has 'x' for 'a' and 'b'"
            ),
            (
                "steps: [{ set: /a, each: { from: /b, when: { from: /c }, steps: [{ set: /d, copy: /e }] } }]",
                "4:44: Items that were left out cannot"
            ),
            (
                "steps: [{ set: /a, each: { from: /b, steps: [{ set: /d, copy: { from: /e, of: document } }] } }]",
                "4:79: Inside 'each' nothing of the whole source"
            ),
            (
                "steps: [{ set: /a, each: { from: /b, steps: [{ set: /d, constant: e }] } }]",
                "4:45: No step takes anything from the items."
            ),
            (
                "steps: [{ within: { from: /m, form: xml }, steps: [{ set: /a, copy: b }] }]",
                "4:19: The inside is XML"
            ),
            (
                "steps: [{ within: { from: /m, form: json, optional: true }, steps: [{ set: /a, copy: /b }] }]",
                "4:19: An inside that may be absent"
            ),
            ("steps: [{ set: /a, base64: { of: { context: id } } }]", "4:34: What is inside this base64"),
            (
                "steps: [{ set: /a, copy: /c }, { set: /b, copy: /c }]",
                "4:32: '/c' was set on line 4 already."
            ),
        ]
    )
    func refused(body: String, fault: String) throws {
        let found = try self.reasons(body)
        #expect(found.contains { $0.hasPrefix("test.yaml:" + fault) }, "\(found)")
    }

    @Test("is refused when names of two namespaces would be read as one")
    func ambiguous() throws {
        guard
            case .failure(let faults) = try compiledXML(
                "steps: [{ set: '/q:a', copy: /b }, { set: '/s:a', copy: /c }]"
            ).inverse()
        else {
            Issue.record("turned around")
            return
        }
        #expect(faults.faults.map(\.message) == ["'s:a' and 'q:a' have the same local names."])
    }

    @Test("shows all steps that do not say enough at once")
    func allAtOnce() throws {
        let found = try self.reasons(
            "steps: [{ set: /a, text: /b }, { set: /c, count: /d }, { set: /e, copy: /f }]")
        #expect(found.count == 2)
    }
}
