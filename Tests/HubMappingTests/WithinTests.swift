import HubJSON
import HubModel
import Testing

@testable import HubMapping

@Suite("Steps that read what is inside a text")
struct WithinTests {
    private static let inner = "<c><CongDan><HoVaTen><Ho>TRẦN</Ho></HoVaTen><Ma loai='1'/></CongDan></c>"

    private func outcome(_ body: String, _ value: JSONValue) throws -> JSONValue {
        try compiled(body).apply(to: .json(value))
    }

    @Test(
        "read XML and JSON, plain and in base64",
        arguments: [
            ("xml", "c/Ho", "<r><c><Ho> TRẦN </Ho></c></r>"), ("json", "/c/Ho", #"{"c": {"Ho": "TRẦN"}}"#),
            ("base64-xml", "c/Ho", Base64.text(Array("<r><c><Ho>TRẦN</Ho></c></r>".utf8))),
            ("base64-json", "/c/Ho", Base64.text(Array(#"{"c": {"Ho": "TRẦN"}}"#.utf8))),
        ]
    )
    func forms(form: String, path: String, text: String) throws {
        let mapping = try compiled(
            """
            steps:
              - within: { from: /message, form: \(form) }
                steps:
                  - set: /name/family
                    copy: \(path)
              - set: /after
                copy: /message
            """
        )
        let result = try mapping.apply(to: .json(["message": .string(text)]))
        #expect(result == ["name": ["family": "TRẦN"], "after": .string(text)])
        #expect(mapping.readsXML == false)
    }

    @Test("begin at the inner document also with of: document, and leave the outer one as it was")
    func document() throws {
        let mapping = try compiled(
            """
            steps:
              - within: { from: body/text, form: json }
                steps:
                  - set: /list
                    each:
                      from: /items
                      steps:
                        - set: /n
                          copy: .
                        - set: /all
                          copy: { from: /name, of: document }
                  - within: { from: /xml, form: xml }
                    steps:
                      - set: /deep
                        copy: a/@id
              - set: /outer
                copy: body/other
            """
        )
        let json = #"{"items": [1, 2], "name": "x", "xml": "<r><a id='7'/></r>"}"#
        let result = try mapping.apply(
            to: source(
                "<m><body><text>\(json.replacing("<", with: "&lt;"))</text><other>o</other></body></m>"))
        #expect(
            result == ["list": [["n": 1, "all": "x"], ["n": 2, "all": "x"]], "deep": "7", "outer": "o"])
        #expect(mapping.readsXML == true)
    }

    @Test(
        "are skipped for an absent or blank text where that is allowed, and when their condition does not hold"
    )
    func skipped() throws {
        let body =
            "steps: [{ when: { from: /do, equals: y }, within: { from: /m, form: json, optional: true }, steps: [{ set: /a, copy: /b }] }]"
        #expect(try self.outcome(body, ["do": "y", "m": #"{"b": 1}"#]) == ["a": 1])
        #expect(try self.outcome(body, ["do": "y", "m": ""]) == [:])
        #expect(try self.outcome(body, ["do": "y"]) == [:])
        #expect(try self.outcome(body, ["do": "n", "m": "VALUE"]) == [:])
    }

    /// A text that is no document, and how that is reported.
    struct Hostile: CustomTestStringConvertible, Sendable {
        let form: String
        let text: String
        let reason: String
        let code: String?
        var testDescription: String { "\(self.form): \(self.text.prefix(20)) → \(self.code ?? self.reason)" }

        init(_ form: String, _ text: String, _ reason: String, _ code: String?) {
            self.form = form
            self.text = text
            self.reason = reason
            self.code = code
        }
    }

    static let hostile = [
        Hostile("xml", "VALUE", "not-xml", "xml.malformed"),
        Hostile("xml", "", "not-xml", "xml.malformed"),
        Hostile("xml", "<!DOCTYPE r [<!ENTITY e 'VALUE'>]><r>&e;</r>", "not-xml", "xml.doctype_forbidden"),
        Hostile("xml", "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>", "not-xml", "xml.doctype_forbidden"),
        Hostile("xml", String(repeating: "<a>", count: 5000), "not-xml", "xml.too_deep"),
        Hostile("json", "VALUE", "not-json", "json.malformed"),
        Hostile("json", #"{"VALUE": 1, "VALUE": 2}"#, "not-json", "json.duplicate_key"),
        Hostile("json", String(repeating: "[", count: 5000), "not-json", "json.too_deep"),
        Hostile(
            "json", "[" + String(repeating: "0,", count: 1_000_001) + "0]", "too-large", "intake.too_large"),
        Hostile(
            "xml", "<r>" + String(repeating: "<a/>", count: 1_000_001) + "</r>", "too-large",
            "intake.too_large"),
        Hostile("base64-json", "VALUE", "not-base64", nil),
        Hostile("base64-xml", Base64.text([0xFF, 0xFE, 0xFF]), "not-xml", "xml.malformed"),
        Hostile("base64-json", Base64.text(Array(#"{"a": "#.utf8) + [0xFF]), "not-json", "json.malformed"),
    ]

    @Test(
        "fail with reason, line and path for what is not read, and never with a piece of it",
        arguments: Self.hostile)
    func fails(_ hostile: Hostile) throws {
        let mapping = try compiled(
            "steps:\n  - within: { from: /m, form: \(hostile.form) }\n    steps: [{ set: /a, constant: b }]\n"
        )
        let error = try #require(throws: HubError.self) {
            try mapping.apply(to: .json(["m": .string(hostile.text)]))
        }
        #expect(error.code == .mappingFailed)
        #expect(error.detail("reason") == hostile.reason)
        #expect(error.detail("code") == hostile.code)
        #expect(error.detail("path") == "/m")
        #expect(error.detail("line") == "5")
        #expect(!error.description.contains("VALUE"))
        #expect(error.cause == nil)
    }

    @Test(
        "name the absent and what has no text", arguments: [("{}", "absent"), (#"{"m": [1]}"#, "not-text")])
    func noText(value: String, reason: String) throws {
        let mapping = try compiled(
            "steps: [{ within: { from: /m, form: json }, steps: [{ set: /a, constant: b }] }]")
        let error = try #require(throws: HubError.self) { try mapping.apply(to: source(value)) }
        #expect(error.detail("reason") == reason)
    }

    @Test("have one bound for the values of all inner documents of a message", arguments: ["json", "xml"])
    func budget(form: String) throws {
        let mapping = try compiled(
            """
            steps:
              - set: /l
                each:
                  from: /items
                  steps:
                    - within: { from: /m, of: document, form: \(form) }
                      steps: [{ set: /a, constant: x }]
            """
        )
        let text =
            form == "json"
            ? "[" + String(repeating: "0,", count: 200_000) + "0]"
            : "<r>" + String(repeating: "<a/>", count: 200_000) + "</r>"
        func message(_ count: Int) -> MappingSource {
            .json(["m": .string(text), "items": .array(Array(repeating: 1, count: count))])
        }
        #expect(try mapping.apply(to: message(4))["l"]?.array?.count == 4)
        let error = try #require(throws: HubError.self) { try mapping.apply(to: message(5)) }
        #expect(error.detail("reason") == "too-large")
    }

    @Test("have one bound for the bytes of a result that repeats a long text")
    func repeated() throws {
        let mapping = try compiled(
            "steps: [{ set: /l, each: { from: /items, steps: [{ set: /t, copy: { from: /long, of: document } }] } }]"
        )
        let long = String(repeating: "x", count: 1 << 20)
        let items = JSONValue.array(Array(repeating: 1, count: 1000))
        let error = try #require(throws: HubError.self) {
            try mapping.apply(to: .json(["long": .string(long), "items": items]))
        }
        #expect(error.detail("reason") == "too-large")
    }

    @Test("have one bound for what paths lead to")
    func visits() throws {
        let mapping = try compiled(
            "steps: [{ set: /l, each: { from: /items, when: { from: /items/*/x, of: document }, steps: [{ set: /t, constant: x }] } }]"
        )
        let message = MappingSource.json(["items": .array(Array(repeating: 1, count: 300))])
        #expect(try mapping.apply(to: message) == ["l": []])
        let error = try #require(throws: HubError.self) {
            let budget = MappingBudget(visits: 50_000)
            return try mapping.run(
                on: message, MappingRun(context: [:], digest: nil, trace: nil, budget: budget))
        }
        #expect(error.detail("reason") == "too-large")
    }

    @Test(
        "are refused with file, line and column",
        arguments: [
            FaultExample(
                "steps: [{ within: { from: /m }, steps: [{ set: /a, copy: /b }] }]",
                "4:19: The key 'form' is missing."),
            FaultExample(
                "steps: [{ within: { form: xml }, steps: [{ set: /a, copy: b }] }]",
                "4:19: The key 'from' is missing."),
            FaultExample(
                "steps: [{ within: { from: /m, form: jsn }, steps: [{ set: /a, copy: /b }] }]",
                "4:37: The value 'jsn' of 'form' is not one of: xml, json, base64-xml, base64-json. (did you mean 'json'?)"
            ),
            FaultExample(
                "steps: [{ within: { from: /m, form: xml }, steps: [{ set: /a, copy: /b }] }]",
                "4:69: This path is for JSON, the one on line 4 for XML"),
            FaultExample(
                "steps: [{ within: { from: /m, form: xml }, set: /a, copy: /b }]",
                "4:9: 'within' stands at a group of steps"),
            FaultExample(
                "steps: [{ within: { from: /m, form: xml }, steps: [{ set: /a, copy: b }] }, { set: /a, copy: /c }]",
                "4:77: '/a' was set on line 4 already."),
        ]
    )
    func refused(_ example: FaultExample) throws { try example.check() }
}
