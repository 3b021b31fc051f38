import HubJSON
import HubMapping
import HubModel
import Testing

@Suite("The trace of a mapping")
struct TraceTests {
    /// One line for each step: its line, depth, condition, target, operator and outcome.
    private func lines(_ trace: MappingTrace) -> [String] {
        trace.steps.map { step in
            let condition = step.condition.map { $0 ? "+" : "-" } ?? ""
            let outcome =
                switch step.outcome {
                case .set(let value): "= \(value)"
                case .entered: "entered"
                case .skipped: "skipped"
                case .leftOut: "left out"
                case .failed(let reason): "failed: \(reason)"
                }
            return
                "\(step.line) \(String(repeating: ">", count: step.depth))\(condition)\(step.target ?? "") \(step.name) \(outcome)"
        }
    }

    private static let body = """
        steps:
          - set: /a
            copy: /x
          - when: { from: /x, equals: "2" }
            set: /b
            constant: y
          - when: { from: /x }
            steps:
              - set: /c
                copy: { from: /none, optional: true }
              - set: /d
                each: { from: /l, steps: [{ set: /e, copy: . }] }
          - set: /s
            join: { parts: [{ context: secret }, { copy: /long }] }
          - set: /last
            copy: /y
        """

    @Test("shows each step, also those inside others, and what it did")
    func steps() throws {
        let long = String(repeating: "ạ", count: 100)
        let source = MappingSource.json(["x": "1", "l": [1, 2], "long": .string(long), "y": true])
        let mapping = try compiled(Self.body)
        let trace = mapping.trace(on: source, context: ["secret": "s3cr3t"])
        #expect(
            self.lines(trace) == [
                #"5 /a copy = "1""#, "7 -/b constant skipped", "10 + steps entered", "12 >/c copy left out",
                #"14 >/d each = [{"e":1},{"e":2}]"#, "15 >>/e copy = 1", "15 >>/e copy = 2",
                "16 /s join = \"•••" + String(repeating: "ạ", count: 75) + "…", "18 /last copy = true",
            ]
        )
        #expect(trace.dropped == 0)
        #expect(try trace.result.get().bytes == mapping.run(on: source, context: ["secret": "s3cr3t"]).bytes)
    }

    @Test("ends with the step that failed, and those around it")
    func failed() throws {
        let trace = try compiled(
            """
            steps:
              - set: /a
                constant: x
              - set: /l
                each: { from: /l, steps: [{ set: /n, copy: { from: ., as: number } }] }
              - set: /b
                constant: y
            """
        ).trace(on: .json(["l": ["1", "x"]]))
        #expect(
            self.lines(trace) == [
                #"5 /a constant = "x""#, "7 /l each failed: not-number", "8 >/n copy = 1",
                "8 >/n copy failed: not-number",
            ]
        )
        guard case .failure(let error) = trace.result else {
            Issue.record("did not fail")
            return
        }
        #expect(error.detail("line") == "8")
    }

    @Test("shows elements of a list by their number")
    func elements() throws {
        let trace = try compiledXML(
            "steps: [{ set: '/q:a', each: { from: /l, steps: [{ set: ., copy: . }] } }]"
        )
        .trace(on: .json(["l": [1, 2, 3]]))
        #expect(self.lines(trace).first == "5 /q:a each = 3 × </q:a>")
    }

    @Test("lists so many steps and counts the rest")
    func bounded() throws {
        let trace = try compiled("steps: [{ set: /l, each: { from: /l, steps: [{ set: /n, copy: . }] } }]")
            .trace(on: .json(["l": .array(Array(repeating: 1, count: 12_000))]))
        #expect(trace.steps.count == 10_000)
        #expect(trace.dropped == 2001)
        #expect(try trace.result.get().bytes.count > 12_000)
    }
}
