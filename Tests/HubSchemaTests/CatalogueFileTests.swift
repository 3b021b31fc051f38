import HubJSON
import HubModel
import HubSchema
import HubXML
import Testing

@Suite("The catalogue of types")
struct CatalogueFileTests {
    private static let head = """
        format: catalogue-1
        domains:
          a:
            title: { vi: A, en: A }
            owner: { vi: B, en: B }
            types:

        """
    private static let json = "status: published, schema: draft2020-12, format-assertion: false"

    /// A folder with types, each with a line of the catalogue and a schema.
    private func folder(_ lines: [String], _ files: [(name: String, text: String)]) throws -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        try folder.write(Self.head + lines.map { "      \($0)\n" }.joined(), to: "catalogue.yaml")
        for (name, text) in files { try folder.write(text, to: "a/\(name)") }
        return folder
    }

    private func faults(_ lines: [String], _ files: [(name: String, text: String)]) throws -> [String] {
        let folder = try self.folder(lines, files)
        do throws(HubError) {
            _ = try SchemaCatalogue.load(folder: folder.path)
            return []
        } catch {
            var faults: [String] = []
            for detail in error.details {
                switch detail.key {
                case "file": faults.append(String(detail.value.dropFirst(folder.path.count + 1)))
                case "line": faults[faults.count - 1] += ":" + detail.value
                case "reason": faults[faults.count - 1] += ": " + detail.value
                default: break
                }
            }
            return faults
        }
    }

    @Test("of the project has every domain in both languages, with an owner")
    func repository() throws {
        let catalogue = try Repository.catalogue()
        #expect(catalogue.domains.flatMap(\.entries).map(\.type).sorted() == messageTypes.sorted())
        for domain in catalogue.domains {
            #expect(![domain.title.vi, domain.title.en, domain.owner.vi, domain.owner.en].contains(""))
        }
        let entry = try #require(catalogue.entry(of: .dossierSync))
        #expect(entry.status == .published)
        #expect(entry.draft == .draft2020)
        #expect(catalogue.entry(of: .edocDocument)?.draft == nil)
    }

    @Test("may have types without a form, which are told apart")
    func withoutForm() throws {
        #expect(try Repository.catalogue().hasForm(.edocDocument))
        let folder = try self.folder(["b/1: { \(Self.json) }"], [("b/1/schema.json", "{}")])
        let type = try #require(MessageType("a/b/1"))
        #expect(try !SchemaCatalogue.load(folder: folder.path).hasForm(type))
    }

    @Test(
        "is refused where it contradicts the folders or itself, with the line",
        arguments: [
            (
                ["b/1: { \(json) }", "c/1: { \(json) }"],
                "catalogue.yaml:8: There is no folder for a/c/1. (did you mean 'a/b/1'?)"
            ),
            ([], "a/b/1: The type a/b/1 is not in catalogue.yaml; give it a line, below its domain."),
            (["b/1: { \(json) }", "b/1: { \(json) }"], "catalogue.yaml:8: "),
            (
                ["b/1: { status: published, schema: xsd }"],
                "a/b/1: catalogue.yaml says 'xsd' of a/b/1, which has a schema of the other form."
            ),
            (
                ["b/1: { status: publishd, schema: xsd }"],
                "catalogue.yaml:7: The value 'publishd' of 'status' is not one of: published, draft. (did you mean 'published'?)"
            ),
            (
                ["b/1: { status: draft, schema: draft7 }"],
                "catalogue.yaml:7: The key 'format-assertion' is missing."
            ),
            (
                ["b/1: { status: draft, schema: xsd, format-assertion: true }"],
                "catalogue.yaml:7: 'format-assertion' is for JSON Schemas."
            ),
            (["b/1: { \(json), use: [a/c/1] }"], "catalogue.yaml:7: The key 'use' is not known here"),
            (
                ["b/1: { \(json), uses: [a/c/1] }"],
                "catalogue.yaml:7: a/b/1 uses a/c/1, which the catalogue does not have."
            ),
            (
                ["b/1: { \(json), uses: [a/b/1] }"],
                "catalogue.yaml:7: a/b/1 uses itself, in a circle of 'uses'."
            ),
            (["b: { \(json) }"], "catalogue.yaml:7: 'b' is not a type and its version, such as document/1."),
            (["b/1: { \(json), uses: [c] }"], "catalogue.yaml:7: 'c' is not a type such as edoc/document/1."),
        ]
    )
    func contradictions(_ lines: [String], _ fault: String) throws {
        let faults = try self.faults(lines, [("b/1/schema.json", "{}")])
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }

    @Test("decides whether formats are asserted")
    func formats() throws {
        let text = #"{"format": "date"}"#
        for (asserts, count) in [("true", 1), ("false", 0)] {
            let folder = try self.folder(
                ["b/1: { status: draft, schema: draft2020-12, format-assertion: \(asserts) }"],
                [("b/1/schema.json", text)])
            let schema = try SchemaCatalogue.load(folder: folder.path).schema(
                for: try #require(MessageType("a/b/1")))
            let document = Document.json(try JSONDocument.parse(Array(#""yesterday""#.utf8)))
            #expect(schema.violations(in: document, limit: 5).count == count)
        }
    }

    @Test("lets a JSON Schema refer to parts of the types that it uses, and to those behind them")
    func usesJSON() throws {
        let folder = try self.folder(
            [
                "b/1: { \(Self.json), uses: [a/c/1] }", "c/1: { \(Self.json), uses: [a/d/1] }",
                "d/1: { \(Self.json) }",
            ],
            [
                (
                    "b/1/schema.json",
                    #"{"properties": {"x": {"$ref": "urn:lgsp-hub:schema:a:c:1#/$defs/small"}}}"#
                ),
                (
                    "c/1/schema.json",
                    #"{"$id": "urn:lgsp-hub:schema:a:c:1", "$defs": {"small": {"$ref": "urn:lgsp-hub:schema:a:d:1"}}}"#
                ),
                ("d/1/schema.json", #"{"maximum": 9}"#),
            ])
        let schema = try SchemaCatalogue.load(folder: folder.path).schema(
            for: try #require(MessageType("a/b/1")))
        for (value, count) in [(9, 0), (10, 1)] {
            let document = Document.json(try JSONDocument.parse(Array(#"{"x": \#(value)}"#.utf8)))
            #expect(schema.violations(in: document, limit: 5).count == count)
        }
    }

    private static func xsd(_ body: String, namespace: String) -> String {
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='\(namespace)' elementFormDefault='qualified'>\n\(body)</xs:schema>"
    }

    private static let small = xsd(
        "<xs:simpleType name='S'><xs:restriction base='xs:int'><xs:maxInclusive value='9'/></xs:restriction></xs:simpleType>",
        namespace: "urn:c")

    @Test("lets an XSD import the types that it uses")
    func usesXSD() throws {
        let main = Self.xsd(
            "<xs:import namespace='urn:c' schemaLocation='urn:lgsp-hub:schema:a:c:1'/>\n<xs:element name='x' xmlns:c='urn:c' type='c:S'/>",
            namespace: "urn:b")
        let folder = try self.folder(
            ["b/1: { status: draft, schema: xsd, uses: [a/c/1] }", "c/1: { status: draft, schema: xsd }"],
            [("b/1/schema.xsd", main), ("c/1/schema.xsd", Self.small)])
        let schema = try SchemaCatalogue.load(folder: folder.path).schema(
            for: try #require(MessageType("a/b/1")))
        for (value, count) in [(9, 0), (10, 1)] {
            let document = Document.xml(try XMLDocument.parse(Array("<x xmlns='urn:b'>\(value)</x>".utf8)))
            #expect(schema.violations(in: document, limit: 5).count == count)
        }
    }

    @Test("asks that references and 'uses' agree, and that a schema calls itself by its name")
    func strayReferences() throws {
        let other = ("c/1/schema.json", "{}")
        let reference = ("b/1/schema.json", "{\n\"$ref\": \"urn:lgsp-hub:schema:a:c:1\"}")
        let lines = ["b/1: { \(Self.json) }", "c/1: { \(Self.json) }"]
        #expect(
            try self.faults(lines, [reference, other]).first
                == "a/b/1/schema.json:2: The schema refers to a/c/1; name it in 'uses' of a/b/1 in catalogue.yaml."
        )
        #expect(
            try self.faults(
                ["b/1: { \(Self.json), uses: [a/c/1] }", lines[1]], [("b/1/schema.json", "{}"), other])
                == ["a/b/1/schema.json: catalogue.yaml says that a/b/1 uses a/c/1, but its schema does not."])
        #expect(
            try self.faults(
                lines, [("b/1/schema.json", "{\"a\": 1,\n\"$id\": \"urn:lgsp-hub:schema:a:b:2\"}"), other])
                == [
                    "a/b/1/schema.json:2: The schema calls itself 'urn:lgsp-hub:schema:a:b:2'; it is 'urn:lgsp-hub:schema:a:b:1'."
                ])
        #expect(
            try self.faults(
                lines,
                [("b/1/schema.json", "{\n\"$schema\": \"http://json-schema.org/draft-07/schema#\"}"), other])
                == ["a/b/1/schema.json:2: catalogue.yaml says 'draft2020-12', the schema another draft."])
        let mixed = ["b/1: { status: draft, schema: xsd, uses: [a/c/1] }", lines[1]]
        #expect(
            try self.faults(mixed, [("b/1/schema.xsd", Self.small), other]).contains {
                $0.contains("uses a/c/1, which is of the other form")
            })
    }
}
