import HubJSON
import HubMapping
import HubModel
import HubXML
import Testing

@Suite("Mappings made from a seed, there and back")
struct InverseModelTests {
    /// Steps of a mapping as text, and the members of a source that they read.
    private struct Part {
        var steps: [String] = []
        var members: [(path: [String], value: JSONValue)] = []
    }

    /// Makes parts whose names do not meet.
    private struct Maker {
        var random: SeededNumbers
        /// Whether the target is XML.
        var isXML: Bool
        private var number = 0

        init(seed: UInt64) {
            self.random = SeededNumbers(seed: seed)
            self.isXML = Bool.random(using: &self.random)
        }

        private mutating func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: values.indices, using: &self.random)]
        }

        /// A pointer of one to three tokens, the last of which no other has.
        private mutating func sourcePath() -> [String] {
            self.number += 1
            return self.pick([[], ["nhom"], ["nhom", "con"]]) + ["s\(self.number)"]
        }

        private mutating func target(_ isXML: Bool, takesAttribute: Bool = true) -> String {
            self.number += 1
            let last = "t\(self.number)"
            guard isXML else { return self.pick(["/", "/group/", "/group/inner/"]) + last }
            let element = self.pick(["'/", "'/q:group/", "'/q:group/inner/"])
            return element + self.pick(takesAttribute ? ["", "q:", "@"] : ["", "q:"]) + last + "'"
        }

        private mutating func text() -> String {
            self.pick(["x", "Sở Tài chính", "a<b>&\"c\"", "0", "1,2", "ế"])
        }

        /// One value that stands for itself.
        mutating func scalar(_ isXML: Bool) -> Part {
            let path = self.sourcePath()
            let from = "/" + path.joined(separator: "/")
            let isOptional = Bool.random(using: &self.random)
            let more = isOptional ? ", optional: true" : ""
            let step: String
            let value: JSONValue
            switch Int.random(in: 0..<7, using: &self.random) {
            case 0, 1:
                step = "copy: { from: \(from)\(more) }"
                value =
                    isXML
                    ? .string(self.text())
                    : self.pick([.string(self.text()), 5, true, ["a": [1, nil]], [1, "2"]])
            case 2:
                step =
                    "date: { from: \(from), reads: compact, writes: \(self.pick(["edxml", "iso", "vietnamese"]))\(more) }"
                value = .string(self.pick(["20240315", "19991231235959", "20000229000000"]))
            case 3:
                step = "decimal: { from: \(from), writes: vietnamese\(more) }"
                value = .string(self.pick(["0", "-1", "1234.50", "1234567", "0.007"]))
            case 4:
                step = "lookup: { from: \(from), table: kinds\(more) }"
                value = .string(self.pick(["0", "1", "2"]))
            case 5:
                step = "base64: { from: \(from)\(more) }"
                value = .string(self.text())
            default:
                step = "unbase64: { from: \(from)\(more) }"
                value = .string(Base64.text(Array(self.text().utf8)))
            }
            let isPresent = !isOptional || Bool.random(using: &self.random)
            return Part(
                steps: ["{ set: \(self.target(isXML)), \(step) }"], members: isPresent ? [(path, value)] : [])
        }

        mutating func list(_ isXML: Bool) -> Part {
            let path = self.sourcePath()
            let count = Int.random(in: 0...3, using: &self.random)
            let items = (0..<count).map { _ in JSONValue.string(self.text()) }
            let target = self.target(isXML, takesAttribute: false)
            return Part(
                steps: ["{ set: \(target), copy: { from: /\(path.joined(separator: "/"))/*, all: true } }"],
                members: [(path, .array(items))]
            )
        }

        mutating func each(_ isXML: Bool) -> Part {
            let path = self.sourcePath()
            let inner = self.parts(isXML, depth: 1, isFlat: true)
            let count = Int.random(in: 0...3, using: &self.random)
            let items = Array(repeating: InverseModelTests.object(inner.members), count: count)
            let target = self.target(isXML, takesAttribute: false)
            let steps = inner.steps.joined(separator: ", ")
            return Part(
                steps: [
                    "{ set: \(target), each: { from: /\(path.joined(separator: "/")), steps: [\(steps)] } }"
                ],
                members: [(path, .array(items))]
            )
        }

        /// Members of the source that become a document inside a text.
        mutating func document(_ isXML: Bool) -> Part {
            let makesXML = Bool.random(using: &self.random)
            let inner = self.parts(makesXML, depth: 1, isFlat: false)
            let steps = inner.steps.joined(separator: ", ")
            let made =
                makesXML
                ? "xml: { root: 'q:r', namespaces: { q: 'urn:q' }, steps: [\(steps)] }"
                : "json: { steps: [\(steps)] }"
            let step = Bool.random(using: &self.random) ? made : "base64: { of: { \(made) } }"
            return Part(steps: ["{ set: \(self.target(isXML)), \(step) }"], members: inner.members)
        }

        /// A document inside a text of the source, all of whose members are taken in its order.
        mutating func within(_ isXML: Bool) -> Part {
            let path = self.sourcePath()
            let names = (0..<Int.random(in: 1...3, using: &self.random)).map { "m\($0)" }
            let members = names.map { (path: [$0], value: JSONValue.string(self.text())) }
            let steps = names.map { "{ set: \(self.target(isXML)), copy: /\($0) }" }.joined(separator: ", ")
            let text = InverseModelTests.object(members).text
            let isBase64 = Bool.random(using: &self.random)
            let form = isBase64 ? "base64-json" : "json"
            let value = JSONValue.string(isBase64 ? Base64.text(Array(text.utf8)) : text)
            return Part(
                steps: [
                    "{ within: { from: /\(path.joined(separator: "/")), form: \(form) }, steps: [\(steps)] }"
                ],
                members: [(path, value)]
            )
        }

        mutating func parts(_ isXML: Bool, depth: Int, isFlat: Bool) -> Part {
            // The first one makes sure that something is taken.
            var all = [self.scalar(isXML)]
            for _ in 0..<Int.random(in: 0...4, using: &self.random) {
                switch Int.random(in: 0..<8, using: &self.random) {
                case 0: all.append(self.list(isXML))
                case 1 where depth < 1: all.append(self.each(isXML))
                case 2 where depth < 1: all.append(self.document(isXML))
                case 3 where !isFlat: all.append(self.within(isXML))
                case 4: all.append(Part(steps: ["{ set: \(self.target(isXML)), constant: hằng }"]))
                default: all.append(self.scalar(isXML))
                }
            }
            return Part(steps: all.flatMap(\.steps), members: all.flatMap(\.members))
        }
    }

    /// The object that has these values at these places.
    private static func object(_ members: [(path: [String], value: JSONValue)]) -> JSONValue {
        var object = JSONObject()
        for (path, value) in members { self.put(value, path[...], into: &object) }
        return .object(object)
    }

    private static func put(_ value: JSONValue, _ path: ArraySlice<String>, into object: inout JSONObject) {
        guard let key = path.first else { return }
        if path.count == 1 {
            object[key] = value
        } else {
            var inner = object[key]?.object ?? JSONObject()
            self.put(value, path.dropFirst(), into: &inner)
            object[key] = .object(inner)
        }
    }

    @Test("give the document they were given", arguments: UInt64(0)..<400)
    func thereAndBack(seed: UInt64) throws {
        var maker = Maker(seed: seed)
        let part = maker.parts(maker.isXML, depth: 0, isFlat: false)
        let steps = part.steps.map { "  - \($0)\n" }.joined()
        let table =
            steps.contains("table: kinds") ? "tables: { kinds: { '0': mới, '1': thu hồi, '2': '0' } }\n" : ""
        let root = maker.isXML ? "root: { name: 'q:root', namespaces: { q: 'urn:q' } }\n" : ""
        let body = root + table + "steps:\n" + steps
        let document = Self.object(part.members)

        let mapping = try compiled(body)
        let inverse = try mapping.inverse().get()
        let made = try mapping.run(on: .json(document))
        let source: MappingSource =
            switch made {
            case .json(let value): .json(value)
            case .xml(let bytes): .xml(try XMLDocument.parse(bytes))
            }
        #expect(
            try inverse.apply(to: source) == document,
            "\(body)\n\(document.text)\n\(String(decoding: made.bytes, as: UTF8.self))")
    }
}
