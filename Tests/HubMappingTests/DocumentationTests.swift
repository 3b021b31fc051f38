import HubJSON
import HubModel
import HubYAML
import Testing

@testable import HubMapping

@Suite("The documentation of mappings")
struct DocumentationTests {
    private static let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3)
        .joined(separator: "/")

    private static func text(_ path: String) throws -> String {
        try TextFile.read("\(self.repository)/\(path)")
    }

    /// The first cell of each row below a heading, without its code marks.
    private static func rows(below heading: String, in page: String) -> [Substring] {
        guard let start = page.firstRange(of: "\n## \(heading)\n") else { return [] }
        let section = page[start.upperBound...]
        let end = section.firstRange(of: "\n## ")?.lowerBound ?? section.endIndex
        return section[..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }
    }

    /// What stands between code marks in the first cell.
    private static func codes(_ row: Substring) -> [Substring] {
        let cell = row.split(separator: "|", omittingEmptySubsequences: true).first ?? ""
        return cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
    }

    @Test("has one row for each operator")
    func operators() throws {
        let page = try Self.text("docs/mapping.md")
        let names = Self.rows(below: "Operators", in: page).map { $0.dropFirst(3).prefix { $0 != ":" } }
        #expect(names.map(String.init) == OperatorKind.allCases.map(\.rawValue))
    }

    @Test("has one row for each form of a date")
    func dates() throws {
        let rows = Self.rows(below: "Dates", in: try Self.text("docs/mapping.md"))
        #expect(
            rows.flatMap(Self.codes).map(String.init).sorted() == DateForm.allCases.map(\.rawValue).sorted())
    }

    @Test("has each reason, and the one that the hub adds")
    func reasons() throws {
        let rows = Self.rows(below: "When it fails", in: try Self.text("docs/mapping.md"))
        let expected = MappingReason.allCases.map(\.rawValue) + ["result-invalid"]
        #expect(rows.flatMap(Self.codes).map(String.init).sorted() == expected.sorted())
    }

    @Test("names each value of the context")
    func contexts() throws {
        let row = Self.rows(below: "Operators", in: try Self.text("docs/mapping.md")).first {
            $0.hasPrefix("| `context")
        }
        for name in MappingContext.allCases { #expect(row?.contains("`\(name.rawValue)`") == true) }
    }

    // MARK: The schema for editors

    private static func schema() throws -> JSONSchema {
        try JSONSchema.compile(JSONDocument.parse(Array(self.text("schemas/hub/mapping-1.json").utf8)).value)
    }

    private static func json(_ tree: SettingsTree) -> JSONValue {
        switch tree {
        case .scalar(let text, _): .string(text)
        case .list(let items, _): .array(items.map(self.json))
        case .map(let entries, _):
            .object(JSONObject(entries.map { (key: $0.key, value: self.json($0.value)) }))
        }
    }

    private static func accepts(_ text: String) throws -> Bool {
        let tree = try YAMLReader.read(Array(text.utf8), file: "test.yaml").get()
        return try self.schema().violations(in: self.json(tree)).isEmpty
    }

    @Test("has a schema that accepts what the compiler accepts", arguments: SchemaExamples.good)
    func good(body: String) throws {
        if case .failure(let faults) = Mapping.compile(
            try YAMLReader.read(Array((head + body).utf8), file: "test.yaml").get(), file: "test.yaml")
        {
            Issue.record("\(faults)")
        }
        #expect(try Self.accepts(head + body))
    }

    @Test("has a schema that refuses what it can see", arguments: SchemaExamples.bad)
    func bad(body: String) throws {
        #expect(try !faults(head + body).isEmpty)
        #expect(try !Self.accepts(head + body))
    }

    @Test("has a schema that accepts every mapping of the repository, and each compiles")
    func repositoryMappings() throws {
        let folder = Self.repository + "/adapters"
        let paths = TextFile.paths(in: folder) { $0.hasSuffix(".yaml") && $0.contains("/mapping/") }
        #expect(!paths.isEmpty)
        let schema = try Self.schema()
        for path in paths {
            let text = try TextFile.read("\(folder)/\(path)")
            #expect(try faults(text) == [])
            let tree = try YAMLReader.read(Array(text.utf8), file: path).get()
            #expect(schema.violations(in: Self.json(tree)).isEmpty, "\(path)")
        }
    }

    @Test("shows a mapping that compiles")
    func example() throws {
        let page = try Self.text("docs/mapping.md")
        let start = try #require(page.firstRange(of: "```yaml\nformat"))
        let end = try #require(page[start.upperBound...].firstRange(of: "```"))
        let text = "format" + page[start.upperBound..<end.lowerBound]
        // Its table is there to be seen and used by none of its three steps.
        #expect(try faults(text) == ["test.yaml:5:10: The table 'kinds' is used by no lookup."])
        #expect(try Self.accepts(text))
    }
}
