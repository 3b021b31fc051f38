internal import Foundation
internal import HubAdapters
internal import HubCore
internal import HubEnvelope
public import HubJSON
internal import HubMapping
public import HubModel
internal import HubSchema
internal import HubXML
internal import HubYAML

/// Runs one mapping over one document, for whoever writes mappings.
public struct MappingDesk: Sendable {
    public init() {}

    /// One step as it went.
    public struct Step: Sendable {
        public let line: Int
        /// In how many other steps it is.
        public let depth: Int
        /// `nil` when the step has no condition.
        public let condition: Bool?
        public let target: String
        public let name: String
        /// `set`, `entered`, `skipped`, `left-out` or `failed`.
        public let outcome: String
        /// What was set, or why it failed.
        public let text: String

        var json: JSONValue {
            var object: JSONObject = [
                "line": .init(integerLiteral: self.line), "depth": .init(integerLiteral: self.depth), "target": .string(self.target),
                "operator": .string(self.name), "outcome": .string(self.outcome), "text": .string(self.text),
            ]
            object["condition"] = self.condition.map { .bool($0) }
            return .object(object)
        }
    }

    /// What became of the document.
    public struct Outcome: Sendable {
        public let source: MessageType
        public let target: MessageType
        public let steps: [Step]
        /// Steps beyond those that are listed.
        public let dropped: Int
        public let result: Result<[UInt8], HubError>
        /// Where the result does not fit the schema of its target; empty when no schemas were given.
        public let violations: [Violation]

        public var json: JSONValue {
            var object: JSONObject = [
                "source": .string(self.source.description), "target": .string(self.target.description),
                "steps": .array(self.steps.map(\.json)),
                "violations": .array(
                    self.violations.map {
                        .object([
                            "line": .init(integerLiteral: $0.line), "column": .init(integerLiteral: $0.column), "path": .string($0.path), "rule": .string($0.rule),
                            "message": .string($0.message.en),
                        ])
                    }
                ),
            ]
            switch self.result {
            case .success(let bytes):
                object["result"] = (try? JSONDocument.parse(bytes).value) ?? .string(String(decoding: bytes, as: UTF8.self))
            case .failure(let error):
                object["code"] = .string(error.code.rawValue)
                for detail in error.details where object[detail.key] == nil { object[detail.key] = .string(detail.value) }
            }
            return .object(object)
        }
    }

    /// - Parameters:
    ///   - reverse: Runs the inverse of the mapping, over a document of its target.
    ///   - context: What the operator `context` gives, over the values that samples have.
    ///   - library: Whose schemas the result is held against, and whose forms say which agency the document names.
    /// - Returns: The faults of the mapping if it cannot be read, or cannot be turned around.
    /// - Throws: `configuration.invalid` for a file that cannot be read, what parsing the document refuses.
    public func run(
        mapping file: String, document: String, reverse: Bool, context given: [String: String], library: Library?
    ) throws(HubError) -> Result<Outcome, SettingsFaults> {
        var compiled = YAMLReader.read(file: file).flatMap { Mapping.compile($0, file: file) }
        if reverse { compiled = compiled.flatMap { $0.inverse() } }
        let mapping: Mapping
        switch compiled {
        case .failure(let faults): return .failure(faults)
        case .success(let found): mapping = found
        }
        let read = try Document(bytes: try KeysDesk.read(document))
        let source: MappingSource =
            switch read {
            case .xml(let document): .xml(document)
            case .json(let document): .json(document.value)
            }
        let schemas = try library.map { library throws(HubError) in try SchemaCatalogue.load(folder: library.schemas) }
        let agency = schemas.flatMap { FormCatalogue($0.forms().forms)[mapping.source]?.sender(in: read) } ?? ""
        let facts = CallFacts.sample(type: mapping.source, agency: agency, sender: AgencyCode(agency)?.text ?? agency)
        var context = facts?.context(secret: "bi-mat-mau") ?? [:]
        context.merge(given) { $1 }
        let trace = mapping.trace(on: source, context: context) { bytes in SHA256.hash(bytes) }
        var violations: [Violation] = []
        if let schemas, case .success(let made) = trace.result {
            let schema = try schemas.schema(for: mapping.target)
            let result: Document
            switch made {
            case .json: result = .json(try JSONDocument.parse(made.bytes))
            case .xml: result = .xml(try XMLDocument.parse(made.bytes))
            }
            violations = schema.violations(in: result, limit: 100)
        }
        return .success(
            Outcome(
                source: mapping.source, target: mapping.target, steps: trace.steps.map(Self.step), dropped: trace.dropped,
                result: trace.result.map { made in
                    switch made {
                    case .json(let value): value.serialised(pretty: true)
                    case .xml(let bytes): bytes
                    }
                },
                violations: violations
            )
        )
    }

    private static func step(_ step: MappingTraceStep) -> Step {
        let (outcome, text) =
            switch step.outcome {
            case .set(let value): ("set", value)
            case .entered: ("entered", "")
            case .skipped: ("skipped", "")
            case .leftOut: ("left-out", "")
            case .failed(let reason): ("failed", reason)
            }
        return Step(
            line: step.line, depth: step.depth, condition: step.condition, target: step.target ?? "", name: step.name,
            outcome: outcome, text: text
        )
    }
}
