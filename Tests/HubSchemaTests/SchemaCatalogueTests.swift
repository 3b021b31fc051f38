import HubJSON
import HubModel
import HubSchema
import HubXML
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that is removed with the value that made it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let name = "schemas-\(UInt64.random(in: 0...UInt64.max))"
        self.path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func write(_ text: String, to file: String) throws {
        let url = URL(filePath: self.path + "/" + file)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}

@Suite("The schema catalogue")
struct SchemaCatalogueTests {
    @Test("knows every message type that has a name in the code")
    func types() throws {
        let catalogue = try Repository.catalogue()
        #expect(catalogue.types == messageTypes.sorted())
        let named: [MessageType] = [
            .edocDocument, .edocStatus, .dossierSync, .dossierProgress, .dossierLookup, .citizenLookup,
            .enterpriseLookup, .indicatorEvent,
        ]
        #expect(Set(named).isSubset(of: catalogue.types))
    }

    @Test("refuses to guess at a type it does not have")
    func unknown() throws {
        let catalogue = try Repository.catalogue()
        let error = #expect(throws: HubError.self) {
            try catalogue.schema(for: try #require(MessageType("edoc/document/2")))
        }
        #expect(error?.code == .schemaUnknown)
        #expect(error?.detail("type") == "edoc/document/2")
    }

    @Test("finds that a document of the other form does not fit")
    func otherForm() throws {
        let schema = try Repository.catalogue().schema(for: .dossierSync)
        #expect(schema.mediaType == .json)
        let violations = schema.violations(in: .xml(try XMLDocument.parse(Array("<a/>".utf8))), limit: 5)
        #expect(violations.map(\.rule) == ["media-type"])
    }

    @Test("names every schema that cannot be used, with file and reason, at once")
    func faults() throws {
        let folder = try TemporaryFolder()
        let xsd = #"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#
        try folder.write(
            xsd + #"<xs:element name="a" type="Missing"/></xs:schema>"#, to: "a/xml/1/schema.xsd")
        try folder.write("\n{", to: "a/cut/1/schema.json")
        try folder.write(#"{"type": "nothing"}"#, to: "a/type/1/schema.json")
        try folder.write("{}", to: "a/both/1/schema.json")
        try folder.write(xsd + "</xs:schema>", to: "a/both/1/schema.xsd")
        try folder.write("", to: "a/neither/1/form.yaml")
        try folder.write("{}", to: "a/version/v1/schema.json")
        try folder.write("{}", to: "a/good/1/schema.json")
        try folder.write("not: looked at", to: "directory/agencies.yaml")
        let error = try #require(throws: HubError.self) { try SchemaCatalogue.load(folder: folder.path) }
        #expect(error.code == .schemaInvalid)
        let files = error.details.filter { $0.key == "file" }.map {
            String($0.value.dropFirst(folder.path.count + 1))
        }
        #expect(
            files == [
                "a/both/1", "a/cut/1/schema.json", "a/neither/1", "a/type/1/schema.json", "a/version/v1",
                "a/xml/1/schema.xsd",
            ]
        )
        #expect(error.details.count { $0.key == "reason" } == files.count)
    }

    @Test("says so when its folder is not there")
    func missing() throws {
        let error = #expect(throws: HubError.self) { try SchemaCatalogue.load(folder: "/nowhere/schemas") }
        #expect(error?.code == .schemaInvalid)
        #expect(error?.detail("file") == "/nowhere/schemas")
    }

    @Test("is used from many threads at once and gives all the same answer")
    func shared() async throws {
        let catalogue = try Repository.catalogue()
        let schema = try catalogue.schema(for: .edocDocument)
        let path = "\(Repository.schemas)/edoc/document/1/examples/invalid-priority.xml"
        let rules = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<32 {
                group.addTask {
                    (try? schema.violations(in: Repository.document(path), limit: 5).map(\.rule)) ?? []
                }
            }
            return await group.reduce(into: Set<[String]>()) { $0.insert($1) }
        }
        #expect(rules.count == 1)
        #expect(rules.first?.isEmpty == false)
    }
}
