import HubJSON
import HubModel
import Testing

/// A file of ours that has a schema for editors.
struct HubFile: CustomTestStringConvertible, Sendable {
    let format: String
    let path: String

    var testDescription: String { self.path }

    static let all: [HubFile] =
        Repository.names(in: Repository.schemas + "/directory").filter { $0.hasSuffix(".yaml") }
        .map { HubFile(format: "directory-1", path: "schemas/directory/\($0)") }
        + messageTypes.map { "schemas/\($0)" }
        .filter { Repository.names(in: "\(Repository.root)/\($0)").contains("form.yaml") }
        .map { HubFile(format: "form-1", path: "\($0)/form.yaml") }
        + [HubFile(format: "catalogue-1", path: "schemas/catalogue.yaml")]
        + Repository.names(in: Repository.root + "/adapters").filter { !$0.hasPrefix(".") }
        .map { HubFile(format: "adapter-1", path: "adapters/\($0)/adapter.yaml") }
        + [HubFile(format: "process-1", path: "adapters/lien-thong-khai-sinh/process/khai-sinh.yaml")]
}

@Suite("The schemas of our own files")
struct HubFileTests {
    private static func schema(_ format: String) throws -> JSONSchema {
        let bytes = try Repository.bytes("\(Repository.schemas)/hub/\(format).json")
        return try JSONSchema.compile(try JSONDocument.parse(bytes).value)
    }

    /// The tree as JSON; scalars stay texts, as the hub reads them.
    private static func value(of tree: SettingsTree) -> JSONValue {
        switch tree {
        case .scalar(let text, _): .string(text)
        case .list(let items, _): .array(items.map(Self.value))
        case .map(let entries, _): .object(JSONObject(entries.map { ($0.key, Self.value(of: $0.value)) }))
        }
    }

    @Test("fit the files that are there", arguments: HubFile.all)
    func fits(_ file: HubFile) throws {
        let tree = try Repository.tree("\(Repository.root)/\(file.path)")
        let violations = try Self.schema(file.format).violations(in: Self.value(of: tree), limit: 5)
        #expect(violations == [])
    }

    private static let head = #""title": {"vi": "A", "en": "A"}"#

    @Test(
        "find what the hub would find",
        arguments: [
            ("directory-1", #""agencies": [{"code": "h44", "name": {"vi": "A", "en": "A"}, "sure": "S"}]"#),
            ("directory-1", #""aliases": [{"text": "x", "code": "H44", "til": "2025-01-01"}]"#),
            ("form-1", Self.head + #", "media-type": "text/xml", "recognise": {"path": "a"}, "sender": "b""#),
            (
                "form-1",
                Self.head + #", "media-type": "application/xml", "recognise": {"path": "a"}, "sender": "b""#
                    + #", "recipients": "c", "goes-to": "national:x""#
            ),
            (
                "catalogue-1",
                #""domains": {"a": {"types": {"b/1": {"status": "published", "schema": "xsd"}}}}"#
            ),
            (
                "catalogue-1",
                #""domains": {"a": {"title": {"vi": "A", "en": "A"}, "owner": {"vi": "A", "en": "A"}, "types": "#
                    + #"{"b/1": {"status": "published", "schema": "xsd", "format-assertion": "true"}}}}"#
            ),
            ("adapter-1", Self.head + #", "system": "x", "kind": "one-stop", "speaks": "exchange""#),
        ]
    )
    func refuses(format: String, members: String) throws {
        let json = "{\"format\": \"\(format)\", \(members)}"
        let value = try JSONDocument.parse(Array(json.utf8)).value
        #expect(try !Self.schema(format).isValid(value))
    }
}
