import HubJSON
import HubMapping
import HubModel
import HubXML
import HubYAML
import Testing

/// Numbers that a seed repeats (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Mappings made from a seed")
struct MappingModelTests {
    private static let keys = ["a", "b", "c", "d"]
    private static let texts = ["", "0", "1", "Sở", "x y"]

    /// A list of flat records; some fields are absent.
    typealias Records = [[String: String]]

    /// One step over the records, as text of a mapping and as what it must give.
    private struct Step {
        let yaml: String
        let expected: JSONValue?
    }

    private static func records(_ random: inout SeededNumbers) -> Records {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
            var record: [String: String] = [:]
            for key in self.keys where Bool.random(using: &random) {
                record[key] = self.texts.randomElement(using: &random)
            }
            return record
        }
    }

    private static func step(over records: Records, _ random: inout SeededNumbers) -> Step {
        let key = self.keys[Int.random(in: 0..<self.keys.count, using: &random)]
        let other = self.keys[Int.random(in: 0..<self.keys.count, using: &random)]
        let text = self.texts[Int.random(in: 0..<self.texts.count, using: &random)]
        let index = Int.random(in: 0...4, using: &random)
        let value = records.indices.contains(index) ? records[index][key] : nil
        let all = records.compactMap { $0[key] }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return Step(yaml: "constant: '\(text)'", expected: .string(text))
        case 1:
            return Step(
                yaml: "copy: { from: /r/\(index)/\(key), optional: true }",
                expected: value.flatMap { $0.isEmpty ? nil : .string($0) }
            )
        case 2:
            return Step(
                yaml: "copy: { from: /r/\(index)/\(key), otherwise: '\(text)' }",
                expected: .string(value.flatMap { $0.isEmpty ? nil : $0 } ?? text)
            )
        case 3:
            return Step(yaml: "count: /r/*/\(key)", expected: .number(JSONNumber(all.count)))
        case 4:
            let present = all.filter { !$0.isEmpty }
            return Step(
                yaml: "join: { parts: [{ copy: { from: /r/*/\(key), all: true } }], with: '-' }",
                expected: present.isEmpty ? nil : .string(present.joined(separator: "-"))
            )
        default:
            let chosen = records.filter { ($0[key] ?? "") == text }
            let steps = "[{ set: /k, copy: { from: /\(other), otherwise: none } }]"
            return Step(
                yaml: "each: { from: /r, when: { from: /\(key), equals: '\(text)' }, steps: \(steps) }",
                expected: .array(
                    chosen.map { record in
                        let value = record[other] ?? ""
                        return ["k": .string(value.isEmpty ? "none" : value)]
                    }
                )
            )
        }
    }

    @Test("give what a model over plain dictionaries gives", arguments: UInt64(0)..<200)
    func model(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let records = Self.records(&random)
        let steps = (0..<Int.random(in: 1...8, using: &random)).map { _ in Self.step(over: records, &random) }
        let body = steps.enumerated().map { "  - set: /s\($0.offset)\n    \($0.element.yaml)\n" }.joined()
        let source = JSONValue.array(
            records.map { record in
                .object(JSONObject(record.map { (key: $0.key, value: JSONValue.string($0.value)) }))
            }
        )
        let result = try compiled("steps:\n" + body).apply(to: .json(["r": source]))
        for (index, step) in steps.enumerated() {
            #expect(result["s\(index)"] == step.expected, "\(step.yaml) over \(source.text)")
        }
    }

    /// Files with most of what a mapping can say.
    private static let files = [
        """
        \(head)tables: { t: { "0": new } }
        steps:
          - when: { from: a/b, not: x }
            set: /k/l
            lookup: { from: a/c, table: t, otherwise: other }
          - set: /m
            each: { from: a/d, steps: [{ set: /n, date: { from: ., reads: edxml, writes: iso } }] }
        """,
        """
        \(head)root: { name: "q:r", namespaces: { q: "urn:q", "": "urn:d" } }
        tables: { t: { "0": new } }
        steps:
          - { set: "/q:a/@b", text: { from: /a/b, case: upper, trim: true, take: 5, normal: nfc } }
          - { set: /a/c, split: { from: /a/b, with: ",", part: -1, optional: true } }
          - { set: /d, decimal: { from: /n, reads: vietnamese, places: 2, optional: true } }
          - set: /e
            each: { from: /l, steps: [{ set: ., copy: . }, { set: "/@f", context: id }] }
          - within: { from: /j, form: json, optional: true }
            steps: [{ set: /g, lookup: { from: /a, table: t, reverse: true, otherwise: "9" } }]
          - set: /h
            base64: { of: { xml: { root: x, steps: [{ set: /y, unbase64: { from: /z, optional: true } }] } } }
          - set: /i
            digest: { parts: [{ first: { of: [{ copy: /a/b }, { constant: c }] } }], with: "|" }
        """,
    ]

    @Test("are answered, whatever a damaged file holds", arguments: UInt64(0)..<80)
    func damaged(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let good = Array(Self.files[Int(seed) % Self.files.count].utf8)
        let json = try source(
            #"{"a": {"b": "x,y"}, "l": [1, null, {}], "j": "{\"a\": \"new\"}", "n": "1,5", "z": "eA=="}"#)
        let xml = try source("<r><a><b/><c>0</c><d>2024/03/15</d></a></r>")
        for _ in 0..<40 {
            var bytes = good
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let at = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = good[Int.random(in: good.indices, using: &random)]
                case 1: bytes.remove(at: at)
                default: bytes.insert(contentsOf: good.dropFirst(at).prefix(9), at: at)
                }
            }
            guard case .success(let tree) = YAMLReader.read(bytes, file: "f") else { continue }
            switch Mapping.compile(tree, file: "f") {
            case .success(let mapping):
                for source in [json, xml] {
                    let result = try? mapping.run(on: source, context: ["id": "i"], digest: { _ in .zero })
                    let trace = mapping.trace(on: source, context: ["id": "i"], digest: { _ in .zero })
                    #expect(try result?.bytes == (result == nil ? nil : trace.result.get().bytes))
                    if case .xml(let bytes) = result {
                        #expect(throws: Never.self) { try XMLDocument.parse(bytes) }
                    }
                }
                if case .failure(let faults) = mapping.inverse() { #expect(!faults.faults.isEmpty) }
            case .failure(let faults):
                #expect(!faults.faults.isEmpty)
            }
        }
    }
}
