import HubJSON
import HubModel
import HubSchema
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
        + Self.besideSchemas("repairs") + Self.besideSchemas("checks")
        + [HubFile(format: "catalogue-1", path: "schemas/catalogue.yaml")]
        + Repository.names(in: Repository.root + "/adapters").filter { !$0.hasPrefix(".") }
        .map { HubFile(format: "adapter-1", path: "adapters/\($0)/adapter.yaml") }
        + [HubFile(format: "process-1", path: "adapters/lien-thong-khai-sinh/process/khai-sinh.yaml")]
}

extension HubFile {
    /// The files of this name that types have.
    private static func besideSchemas(_ name: String) -> [HubFile] {
        let folders = messageTypes.map { "schemas/\($0)" }
        return folders.filter { Repository.names(in: "\(Repository.root)/\($0)").contains(name + ".yaml") }
            .map { HubFile(format: name + "-1", path: "\($0)/\(name).yaml") }
    }
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

    @Test("know every check")
    func checks() throws {
        let bytes = try Repository.bytes("\(Repository.schemas)/hub/checks-1.json")
        let schema = try JSONDocument.parse(bytes).value
        let item = schema["properties"]?["checks"]?["items"]
        let codes = item?["properties"]?["code"]?["enum"]?.array?.compactMap(\.string) ?? []
        #expect(codes.sorted() == CheckCode.allCases.map(\.rawValue).sorted())
        #expect(item?["allOf"]?.array?.count == codes.count)
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
            ("repairs-1", #""namespace": "a", "root": {"name": "a", "type": "A"}"#),
            ("repairs-1", #""namespace": "a", "root": {"name": "a", "many": "yes"}, "types": {}"#),
            ("repairs-1", #""namespace": "a", "root": {"name": "a", "type": "A", "form": "text"}, "types": {}"#),
            ("repairs-1", #""namespace": "a", "root": {"name": "a"}, "types": {"A": [{"name": "b", "alone": "c"}]}"#),
            (
                "repairs-1",
                #""namespace": "a", "root": {"name": "a"}, "types": {}, "dates": [{"form": "dd/MM/yy", "sure": "S"}]"#
            ),
            (
                "repairs-1",
                #""namespace": "a", "root": {"name": "a"}, "types": {}, "codes": {"x": [{"found": ["1"], "read": "2"}]}"#
            ),
            ("checks-1", #""checks": []"#),
            ("checks-1", #""below": "a", "checks": [{"code": "check.unheard_of", "sure": "S"}]"#),
            ("checks-1", #""below": "a", "checks": [{"code": "check.filler", "paths": ["a"], "sure": "S"}]"#),
            ("checks-1", #""below": "a", "checks": [{"code": "check.filler", "paths": ["a"], "texts": [], "sure": "S"}]"#),
            (
                "checks-1",
                #""below": "a", "checks": [{"code": "check.filler", "paths": ["a"], "texts": ["-"], "most": "5", "sure": "S"}]"#
            ),
            (
                "checks-1",
                #""below": "a", "checks": [{"code": "check.too_long", "paths": ["a"], "most": "0", "sure": "S"}]"#
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
