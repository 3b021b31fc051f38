import Foundation
import HubJSON
import HubModel
import Testing

/// The public JSON-Schema-Test-Suite, where it is found on this machine.
enum SchemaSuite {
    /// `LGSP_JSON_SCHEMA_SUITE`, or `json-schema` in `HUB_CONFORMANCE_SUITES`, or beside the checkout.
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment
        var candidates: [String] = []
        if let folder = environment["LGSP_JSON_SCHEMA_SUITE"] { candidates.append(folder) }
        if let folder = environment["HUB_CONFORMANCE_SUITES"] { candidates.append(folder + "/json-schema") }
        let checkout = #filePath.split(separator: "/").dropLast(3)
        candidates.append("/" + (checkout.dropLast() + ["shared/suites/json-schema"]).joined(separator: "/"))
        return candidates.first { FileManager.default.fileExists(atPath: $0 + "/tests") }
    }()

    struct File: CustomTestStringConvertible, Sendable {
        let draft: JSONSchemaDraft
        let path: String

        var testDescription: String { path.split(separator: "/").suffix(2).joined(separator: "/") }
    }

    static let files: [File] = {
        guard let folder else { return [] }
        return [("draft2020-12", JSONSchemaDraft.draft2020), ("draft7", .draft7)].flatMap { name, draft in
            let files =
                (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/tests/\(name)")) ?? []
            return files.filter { $0.hasSuffix(".json") }.sorted().map {
                File(draft: draft, path: "\(folder)/tests/\(name)/\($0)")
            }
        }
    }()

    static func read(_ path: String) throws -> JSONValue {
        try JSONDocument.parse([UInt8](try Data(contentsOf: URL(filePath: path)))).value
    }

    /// Everything below `remotes`, by the address that the tests know it under.
    static let remotes: [String: JSONValue] = {
        guard let folder else { return [:] }
        var documents: [String: JSONValue] = [:]
        for path in FileManager.default.subpaths(atPath: folder + "/remotes") ?? []
        where path.hasSuffix(".json") {
            documents["http://localhost:1234/" + path] = try? Self.read("\(folder)/remotes/\(path)")
        }
        return documents
    }()

    struct Case {
        let name: String
        let schema: JSONValue
        let data: JSONValue
        let isValid: Bool
    }

    static func cases(_ file: File) throws -> [Case] {
        var cases: [Case] = []
        for group in try Self.read(file.path).array ?? [] {
            for test in group["tests"]?.array ?? [] {
                let name = "\(group["description"]?.string ?? ""): \(test["description"]?.string ?? "")"
                let schema = try #require(group["schema"])
                let data = try #require(test["data"])
                let isValid = test["valid"] == true
                cases.append(Case(name: name, schema: schema, data: data, isValid: isValid))
            }
        }
        return cases
    }
}

@Suite("The JSON Schema test suite")
struct JSONSchemaSuiteTests {
    @Test(
        "gets the answers it expects from both drafts",
        .enabled(if: SchemaSuite.folder != nil, "The JSON-Schema-Test-Suite is not on this machine."),
        arguments: SchemaSuite.files
    )
    func answers(_ file: SchemaSuite.File) throws {
        let cases = try SchemaSuite.cases(file)
        try #require(!cases.isEmpty)
        var compiled: (source: JSONValue, schema: JSONSchema)?
        for test in cases {
            if compiled?.source != test.schema { compiled = nil }
            let schema: JSONSchema
            do {
                schema =
                    try compiled?.schema
                    ?? JSONSchema.compile(
                        test.schema, baseURI: "http://localhost:1234/\(file.draft)/root.json",
                        documents: SchemaSuite.remotes, draft: file.draft
                    )
            } catch {
                Issue.record("\(test.name): \(error)")
                continue
            }
            compiled = (test.schema, schema)
            #expect(schema.isValid(test.data) == test.isValid, "\(test.name)")
            #expect(schema.violations(in: test.data).isEmpty == test.isValid, "\(test.name)")
        }
    }
}
