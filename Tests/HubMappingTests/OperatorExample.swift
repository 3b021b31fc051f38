import HubJSON
import HubMapping
import HubModel
import Testing

/// One step over a source: the value it sets (`nil` when it is left out), or the reason for which it fails.
struct OperatorExample: CustomTestStringConvertible, Sendable {
    let step: String
    let source: String
    let expected: JSONValue?
    let reason: String?
    var testDescription: String { self.reason.map { "\(self.step) → \($0)" } ?? self.step }

    init(_ step: String, of source: String, gives expected: JSONValue?) {
        self.step = step
        self.source = source
        self.expected = expected
        self.reason = nil
    }

    init(_ step: String, of source: String, fails reason: String) {
        self.step = step
        self.source = source
        self.expected = nil
        self.reason = reason
    }

    /// - Parameter tables: Lines before the steps.
    func check(tables: String = "", context: [String: String] = [:], digest: MappingDigest? = nil) throws {
        let mapping = try compiled(tables + "steps:\n  - set: /value\n    \(self.step)\n")
        guard let reason = self.reason else {
            let result = try mapping.apply(
                to: HubMappingTests.source(self.source), context: context, digest: digest)
            #expect(result["value"] == self.expected)
            #expect(result.object?.count == (self.expected == nil ? 0 : 1))
            return
        }
        let error = try #require(throws: HubError.self) {
            try mapping.apply(to: HubMappingTests.source(self.source), context: context, digest: digest)
        }
        #expect(error.code == .mappingFailed)
        #expect(error.detail("reason") == reason)
        #expect(error.detail("file") == "test.yaml")
        #expect(error.detail("line") == String(5 + tables.split(separator: "\n").count))
        #expect(error.detail("target") == "/value")
        #expect(error.details.allSatisfy { !$0.value.contains("VALUE") })
    }
}

/// A piece of a mapping file that is refused, and the fault it must show.
struct FaultExample: CustomTestStringConvertible, Sendable {
    let body: String
    let fault: String
    var testDescription: String { self.fault }

    init(_ body: String, _ fault: String) {
        self.body = body
        self.fault = fault
    }

    func check() throws {
        let found = try faults(head + self.body)
        #expect(found.contains { $0.hasPrefix("test.yaml:" + self.fault) }, "\(found)")
    }
}
