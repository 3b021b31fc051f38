import HubJSON
import HubMapping
import HubModel
import HubXML
import Testing

@Suite("A mapping")
struct MappingTests {
    @Test("builds an object in the order of its steps, with objects inside it")
    func order() throws {
        let mapping = try compiled(
            """
            steps:
              - set: /b
                constant: "1"
              - set: /period/day
                constant: d
              - set: /a
                constant: "2"
              - set: /period/hour
                constant: h
            """
        )
        let result = try mapping.apply(to: .json(.null))
        #expect(result.text == #"{"b":"1","period":{"day":"d","hour":"h"},"a":"2"}"#)
        #expect(mapping.source == .edocDocument)
        #expect(mapping.target == .indicatorEvent)
    }

    @Test(
        "runs a step only when its condition holds",
        arguments: [("0", "new"), ("1", "recall"), ("2", "other")])
    func conditions(type: String, expected: String) throws {
        let mapping = try compiled(
            """
            steps:
              - when: { from: /type, equals: "0" }
                set: /kind
                constant: new
              - when: { from: /type, equals: "1" }
                steps:
                  - set: /kind
                    constant: recall
                  - set: /reason
                    copy: { from: /reason, otherwise: none }
              - when: { from: /type, not: "0" }
                steps:
                  - when: { from: /type, not: "1" }
                    set: /kind
                    constant: other
              - when: { from: /absent }
                set: /never
                constant: x
            """
        )
        let result = try mapping.apply(to: .json(["type": .string(type), "absent": ""]))
        #expect(result["kind"]?.string == expected)
        #expect((result["reason"] != nil) == (type == "1"))
        #expect(result["never"] == nil)
    }

    @Test("says whether its paths are for XML or JSON")
    func form() throws {
        #expect(try compiled("steps: [{ set: /a, copy: b }]").readsXML == true)
        #expect(try compiled("steps: [{ set: /a, copy: /b }]").readsXML == false)
        #expect(try compiled("steps: [{ set: /a, constant: b }]").readsXML == nil)
    }

    @Test("stops before a message multiplies with itself")
    func budget() throws {
        let mapping = try compiled(
            """
            steps:
              - set: /a
                each:
                  from: /items
                  steps:
                    - set: /b
                      each:
                        from: /items
                        of: document
                        steps: [{ set: /c, constant: x }]
            """
        )
        let items = JSONValue.array(Array(repeating: 1, count: 1000))
        let error = try #require(throws: HubError.self) { try mapping.apply(to: .json(["items": items])) }
        #expect(error.detail("reason") == "too-large")
    }

    @Test("gives each thread its own document, whatever the order of the members in it")
    func threads() async throws {
        let mapping = try compiled(
            "steps: [{ set: /l, each: { from: /l, steps: [{ set: /a, copy: /a }, { set: /b, copy: /b }] } }]")
        let keys = ["a", "b", "c", "d"]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    var random = SeededNumbers(seed: UInt64(thread))
                    for number in 0..<200 {
                        let items = (0..<5).map { item in
                            JSONValue.object(
                                JSONObject(
                                    keys.shuffled(using: &random).map {
                                        ($0, .string("\($0) \(thread) \(number) \(item)"))
                                    }
                                )
                            )
                        }
                        let expected = items.map { item -> JSONValue in
                            ["a": item["a"] ?? .null, "b": item["b"] ?? .null]
                        }
                        let result = try mapping.apply(to: .json(["l": .array(items)]))
                        #expect(result == ["l": .array(expected)])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("joins very many texts without copying what it has for each of them", .timeLimit(.minutes(1)))
    func longJoin() throws {
        let mapping = try compiled(
            "steps: [{ set: /a, join: { parts: [{ copy: { from: /l/*, all: true } }], with: ',' } }]")
        let texts = JSONValue.array(
            Array(repeating: .string(String(repeating: "x", count: 1000)), count: 50_000))
        // Copied each time this would be more than a terabyte.
        let result = try mapping.apply(to: .json(["l": texts]))
        #expect(result["a"]?.string?.utf8.count == 50_000 * 1001 - 1)
    }

    @Test("does not write below a value that a condition put there")
    func taken() throws {
        let mapping = try compiled(
            """
            steps:
              - when: { from: /a }
                set: /x
                constant: "1"
              - when: { from: /a }
                set: /x/y
                constant: "2"
            """
        )
        let error = try #require(throws: HubError.self) { try mapping.apply(to: .json(["a": "1"])) }
        #expect(error.detail("reason") == "target-taken")
        #expect(error.detail("line") == "8")
    }

    @Test(
        "reads ISO times with a zone and writes Viet Nam's clock",
        arguments: [
            ("2024-03-15T02:12:44Z", "2024/03/15 09:12:44"),
            ("2024-03-15T23:30:00.123Z", "2024/03/16 06:30:00"),
            ("2024-03-15T09:12:44+07:00", "2024/03/15 09:12:44"),
            ("2024-03-15T09:12:44", "2024/03/15 09:12:44"),
            ("2024-03-15T00:00:00-05:30", "2024/03/15 12:30:00"), ("2024-03-15", "2024/03/15"),
        ]
    )
    func zones(given: String, expected: String) throws {
        let mapping = try compiled("steps: [{ set: /a, date: { from: /d, reads: iso, writes: edxml } }]")
        #expect(try mapping.apply(to: .json(["d": .string(given)])) == ["a": .string(expected)])
    }

    @Test(
        "refuses what is not a date",
        arguments: [
            "2024-3-15", "2024-03-15 09:12:44", "2024-03-15T24:00:00", "2024-03-15T09:12:44.Z",
            "2024-03-15T09:12:44+15:00",
            "2024-03-15T09:12:44x07:00", "2023-02-29", "", "２０２４-03-15", "2024-03-15T09:12:44+07:0",
        ]
    )
    func notDates(given: String) throws {
        let mapping = try compiled("steps: [{ set: /a, date: { from: /d, reads: iso, writes: edxml } }]")
        #expect(throws: HubError.self) { try mapping.apply(to: .json(["d": .string(given)])) }
    }
}

@Suite("A faulty mapping")
struct FaultyMappingTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        let body: String
        let fault: String
        var testDescription: String { self.fault }

        init(_ body: String, _ fault: String) {
            self.body = body
            self.fault = fault
        }
    }

    static let faultyBodies = [
        Fault("steps: []", "4:8: 'steps' needs at least one step."),
        Fault("steps: { a: b }", "4:8: The value of 'steps' must be a list."),
        Fault(
            "steps: [{ set: a, copy: /b }]",
            "4:16: The value 'a' of 'set' is not a pointer such as /period/day."),
        Fault(
            "steps: [{ set: /a }]", "4:9: A step needs exactly one of: copy, constant, context, date, count"),
        Fault("steps: [{ set: /a, copy: /b, count: /c }]", "4:9: A step needs exactly one of: copy"),
        Fault("steps: [{ copy: /b }]", "4:9: The key 'set' is missing."),
        Fault("steps: [{ set: /a, coppy: /b, count: /c }]", "4:20: The key 'coppy' is not known here"),
        Fault("steps: [{ set: /a, copy: '' }]", "4:26: '' is not a path"),
        Fault("steps: [{ set: /a, copy: /a~2 }]", "4:26: '/a~2' is not a path"),
        Fault("steps: [{ set: /a, copy: a//b }]", "4:26: 'a//b' is not a path"),
        Fault("steps: [{ set: /a, copy: [x] }]", "4:26: A map of keys is expected here."),
        Fault(
            "steps: [{ set: /a, copy: { from: /b, as: nummer } }]",
            "4:42: The value 'nummer' of 'as' is not one of"),
        Fault(
            "steps: [{ set: /a, copy: { from: /b, as: number, otherwise: x } }]", "4:61: 'x' is not a number."
        ),
        Fault(
            "steps: [{ set: /a, copy: { from: /b, of: root } }]",
            "4:42: The value 'root' of 'of' is not one of"),
        Fault(
            "steps: [{ set: /a, copy: { from: /b, all: true, otherwise: x } }]",
            "4:26: 'all' gives an empty list"),
        Fault("steps: [{ set: /a, constant: { is: x, as: number } }]", "4:36: 'x' is not a number."),
        Fault(
            "steps: [{ set: /a, context: tim }]",
            "4:29: 'tim' is not one of: id, type, time, sender, digest, secret, request-id, agency. (did"),
        Fault("steps: [{ set: /a, date: { from: /b, reads: iso } }]", "4:26: The key 'writes' is missing."),
        Fault("steps: [{ set: /a, date: /b }]", "4:26: The key 'reads' is missing."),
        Fault("steps: [{ set: /a, lookup: { from: /b, table: x } }]", "4:47: There is no table 'x'."),
        Fault(
            "steps: [{ set: /a, copy: /b }]\ntables: { t: { a: b } }",
            "5:14: The table 't' is used by no lookup."),
        Fault("steps: [{ set: /a, join: { parts: [] } }]", "4:26: 'join' needs at least one part."),
        Fault("steps: [{ set: /a, join: { parts: [{ }] } }]", "4:36: A part is exactly one operator"),
        Fault("steps: [{ set: /a, each: { from: /b } }]", "4:26: The key 'steps' is missing."),
        Fault(
            "steps: [{ set: /a, copy: /b }, { set: /a, copy: /c }]", "4:32: '/a' was set on line 4 already."),
        Fault(
            "steps: [{ set: /a, copy: /b }, { set: /a/c, copy: /c }]",
            "4:32: '/a/c' was set on line 4 already."),
        Fault(
            "steps: [{ set: /a, copy: /b }, { set: /c, copy: d }]",
            "4:49: This path is for XML, the one on line 4"),
        Fault(
            "steps: [{ steps: [{ set: /a, copy: /b }] }]", "4:9: A group of steps needs 'when' or 'within'."),
        Fault(
            "steps: [{ when: { from: /a, equals: x, not: y }, set: /a, copy: /b }]",
            "4:17: A condition has 'equals'"),
        Fault("steps: [{ when: { equals: x }, set: /a, copy: /b }]", "4:17: The key 'from' is missing."),
    ]

    @Test("is refused with file, line and column", arguments: Self.faultyBodies)
    func refused(_ fault: Fault) throws {
        let found = try faults(head + fault.body)
        #expect(found.contains { $0.hasPrefix("test.yaml:" + fault.fault) }, "\(found)")
    }

    @Test("shows all its faults at once, with suggestions")
    func allAtOnce() throws {
        let found = try faults(
            """
            format: mapping-2
            source: edoc
            steps:
              - set: /a
                lookup: { from: x, table: kind }
              - set: /b
                constnt: x
            tables:
              kinds: { a: b }
            """
        )
        #expect(found.count == 6, "\(found)")
        #expect(found[1].hasSuffix("(did you mean 'mapping-1'?)"))
        #expect(found.contains { $0.hasPrefix("test.yaml:5:") && $0.hasSuffix("(did you mean 'kinds'?)") })
        #expect(found.contains { $0.hasPrefix("test.yaml:7:") && $0.hasSuffix("(did you mean 'constant'?)") })
    }
}
