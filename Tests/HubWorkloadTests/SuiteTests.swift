import FoundationEssentials
import HubModel
import HubYAML
import Testing

@testable import HubWorkload

@Suite("suite.yaml")
struct SuiteTests {
    static let quickstart =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/suites/quickstart"

    static func read(_ actions: String) throws -> HubWorkload.Suite {
        let text = """
            format: suite-1
            title: { vi: Thử, en: Test }
            steps:
              - title: { vi: Một, en: One }
                do:
            \(actions)

            """
        let tree = try YAMLReader.read(Array(text.utf8), file: "suite.yaml").get()
        return try HubWorkload.Suite.read(tree, file: "suite.yaml", folder: Self.quickstart)
    }

    @Test("of the quick start is sound and has every kind of action")
    func quickstart() throws {
        let suite = try HubWorkload.Suite.load(folder: Self.quickstart)
        #expect(suite.name == "quickstart")
        let actions = suite.steps.flatMap(\.actions)
        let refusals = actions.compactMap { action -> String? in
            guard case .submit(let submit) = action, case .refused(let code, _, _) = submit.expectation else {
                return nil
            }
            return code
        }
        #expect(Set(refusals).count == 10)
        #expect(actions.contains { if case .outage(.seconds(10)) = $0 { true } else { false } })
        #expect(actions.contains { if case .expireTokens = $0 { true } else { false } })
        #expect(actions.contains { if case .pause = $0 { true } else { false } })
        #expect(actions.contains { if case .lookup = $0 { true } else { false } })
    }

    @Test("of the quick start has messages that can be filled, without a field left open")
    func messages() throws {
        let suite = try HubWorkload.Suite.load(folder: Self.quickstart)
        let now = try #require(Timestamp(rfc3339: "2026-01-02T03:04:05Z"))
        var template = Template(now: now, unique: "abcdef01")
        for action in suite.steps.flatMap(\.actions) {
            let (file, label, variables): (String, String, [String: String])
            switch action {
            case .submit(let submit): (file, label, variables) = (submit.file, submit.label, submit.variables)
            case .lookup(let lookup):
                (file, label, variables) = (lookup.file, lookup.service, lookup.variables)
            default: continue
            }
            let text = try String(contentsOfFile: "\(suite.folder)/\(file)", encoding: .utf8)
            let filled = try template.fill(text, label: label, variables: variables, now: now)
            #expect(!filled.contains("{{"), "\(file)")
            #expect(!filled.contains("}}"), "\(file)")
        }
    }

    @Test(
        "names what is wrong with an action",
        arguments: [
            ("      - sumbit: a", "did you mean 'submit'"),
            (
                "      - submit: a\n        as: x\n        file: messages/nothing.xml",
                "is not in the suite's folder"
            ),
            (
                "      - submit: a\n        as: x\n        file: ../quickstart/suite.yaml",
                "is not in the suite's folder"
            ),
            ("      - submit: a\n        file: suite.yaml", "The key 'as' is missing."),
            (
                "      - submit: a\n        as: x\n        file: suite.yaml\n        expect: { refused: xml.bad }",
                "is not one of the hub's"
            ),
            ("      - await: delivered\n        of: nobody", "is not that of an earlier submission"),
            ("      - outage: soon", "is not a duration"),
            ("      - pause: x\n        of: y", "The key 'of' is not known here"),
            (
                "      - submit: a\n        as: x\n        file: suite.yaml\n      - submit: a\n        as: x\n        file: suite.yaml",
                "The label 'a' stands twice."
            ),
        ])
    func faults(actions: String, message: String) throws {
        let error = try #require(throws: HubError.self) { try Self.read(actions) }
        #expect(error.code == .configurationInvalid)
        #expect(error.description.contains(message), "\(error.description)")
    }

    @Test("reads what a refusal must look like")
    func expectation() throws {
        let suite = try Self.read(
            """
                  - submit: a
                    as: x
                    file: suite.yaml
                    expect: { refused: schema.payload_invalid, line: 23, path: Date }
                    pad: 2KB
                    raw: true
            """)
        guard case .submit(let submit) = try #require(suite.steps.first?.actions.first) else {
            Issue.record("not a submission")
            return
        }
        #expect(submit.expectation == .refused(code: "schema.payload_invalid", line: 23, path: "Date"))
        #expect(submit.padding == 2048)
        #expect(submit.isRaw)
        #expect(submit.signer == "own")
    }
}

@Suite("A template")
struct TemplateTests {
    static let now = Timestamp(rfc3339: "2026-01-02T18:04:05Z")!

    @Test(
        "fills in days and moments of Viet Nam",
        arguments: [
            ("{{date}}", "2026/01/03"), ("{{stamp}}", "2026/01/03 01:04:05"),
            ("{{compact}}", "20260103010405"),
            ("{{day}}", "260103"), ("{{unique}}", "u"), ("a{{x}}b{{x}}", "a1b1"), ("{{y}}", "1-u"),
            ("none", "none"),
        ])
    func values(text: String, filled: String) throws {
        var template = Template(now: Self.now, unique: "u")
        let variables = ["x": "1", "y": "{{x}}-{{unique}}"]
        #expect(try template.fill(text, label: "l", variables: variables, now: Self.now) == filled)
    }

    @Test("gives a name the same number each time, and another name another")
    func numbers() throws {
        var template = Template(now: Self.now, unique: "u")
        func number(_ text: String, _ label: String) throws -> String {
            try template.fill(text, label: label, variables: [:], now: Self.now)
        }
        let first = try number("{{number}}", "a")
        #expect(first.count == 5)
        #expect(try number("{{number:a}}", "b") == first)
        #expect(try number("{{number}}", "b") != first)
    }

    @Test("keeps the day of its beginning beyond midnight")
    func midnight() throws {
        var template = Template(now: Self.now, unique: "u")
        let later = Self.now.advanced(by: .seconds(86_400))
        #expect(try template.fill("{{date}}", label: "", variables: [:], now: later) == "2026/01/03")
    }

    @Test("refuses what it does not know", arguments: ["{{nothing}}", "{{number", "{{pdf:big}}", "{{a:b}}"])
    func unknown(text: String) throws {
        var template = Template(now: Self.now, unique: "u")
        let error = try #require(throws: HubError.self) {
            try template.fill(text, label: "", variables: [:], now: Self.now)
        }
        #expect(error.code == .configurationInvalid)
    }

    @Test("does not fill a value into itself for ever")
    func recursion() {
        var template = Template(now: Self.now, unique: "u")
        #expect(throws: HubError.self) {
            try template.fill("{{x}}", label: "", variables: ["x": "{{x}}"], now: Self.now)
        }
    }

    @Test(
        "makes PDFs of exactly the size that is asked for",
        arguments: [1 << 10, 40 << 10, 99_999, 100_000, 100_001])
    func pdf(size: Int) throws {
        var template = Template(now: Self.now, unique: "u")
        let text = try template.fill("{{pdf:\(size)}}", label: "", variables: [:], now: Self.now)
        let bytes = try #require(Base64.bytes(text))
        #expect(bytes.count == size)
        #expect(bytes.starts(with: Array("%PDF-1.4".utf8)))
        let tail = String(decoding: bytes.suffix(60), as: UTF8.self)
        #expect(tail.contains("startxref"))
        #expect(tail.contains("%%EOF"))
        let start = try #require(
            tail.split(separator: "\n").drop { $0 != "startxref" }.dropFirst().first.flatMap { Int($0) })
        #expect(bytes[start...].starts(with: Array("xref".utf8)))
    }
}
