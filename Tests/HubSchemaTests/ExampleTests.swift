import HubModel
import HubSchema
import Testing

/// One file of an `examples` folder.
struct Example: CustomTestStringConvertible, Sendable {
    let type: MessageType
    let file: String

    var testDescription: String { "\(self.type)/\(self.file)" }
    var folder: String { "\(Repository.schemas)/\(self.type)/examples" }
    var path: String { "\(self.folder)/\(self.file)" }

    static func all(_ prefix: String) -> [Example] {
        messageTypes.flatMap { type in
            Repository.names(in: "\(Repository.schemas)/\(type)/examples").filter { $0.hasPrefix(prefix) }
                .map { Example(type: type, file: $0) }
        }
    }
}

/// What `expected.yaml` says of an invalid example: a code when it cannot even be read, otherwise the rule and the
/// path of the first violation.
struct Expectation {
    let line: Int?
    let path: String?
    let rule: String?
    let code: String?

    init(of example: Example) throws {
        let file = try Repository.reader(example.folder + "/expected.yaml")
        #expect(file.choice("format", ["expected-1"]) != nil)
        let entry = try #require(file.map(example.file), "expected.yaml does not name \(example.file)")
        self.line = entry.integer("line", in: 1...100_000)
        self.path = entry.string("path")
        self.rule = entry.string("rule")
        self.code = entry.string("code")
        entry.refuseOtherKeys()
        #expect(file.faults.map(\.description) == [])
    }
}

@Suite("The examples of the schemas")
struct ExampleTests {
    let catalogue: SchemaCatalogue

    init() throws {
        self.catalogue = try Repository.catalogue()
    }

    @Test("that are valid fit the schema of their folder", arguments: Example.all("valid-"))
    func fits(_ example: Example) throws {
        let schema = try self.catalogue.schema(for: example.type)
        #expect(schema.violations(in: try Repository.document(example.path), limit: 10) == [])
    }

    @Test("that are valid are recognised as their own type and as no other", arguments: Example.all("valid-"))
    func recognised(_ example: Example) throws {
        let document = try Repository.document(example.path)
        let recognised = try messageTypes.filter {
            try Repository.form(of: $0).recognises(document)
        }
        #expect(recognised == [example.type])
    }

    @Test("that are valid name a sending agency", arguments: Example.all("valid-"))
    func sender(_ example: Example) throws {
        let form = try Repository.form(of: example.type)
        let sender = try #require(form.sender(in: try Repository.document(example.path)))
        #expect(AgencyCode(sender) != nil)
    }

    @Test("that are invalid are refused where and why expected.yaml says", arguments: Example.all("invalid-"))
    func refused(_ example: Example) throws {
        let expected = try Expectation(of: example)
        let document: Document
        do throws(HubError) {
            document = try Repository.document(example.path)
        } catch {
            #expect(error.code.rawValue == expected.code)
            #expect(error.detail("line") == expected.line.map(String.init))
            return
        }
        let schema = try self.catalogue.schema(for: example.type)
        let first = try #require(schema.violations(in: document, limit: 10).first)
        #expect(expected.code == nil)
        #expect(first.line == expected.line)
        if let path = expected.path { #expect(first.path == path) }
        #expect(first.rule == expected.rule)
        #expect(!first.message.vi.isEmpty && !first.message.en.isEmpty)
    }

    @Test("are several of each sort, and expected.yaml names no others", arguments: messageTypes)
    func complete(_ type: MessageType) throws {
        let folder = "\(Repository.schemas)/\(type)/examples"
        let files = Repository.names(in: folder)
        let invalid = files.filter { $0.hasPrefix("invalid-") }
        #expect(files.filter { $0.hasPrefix("valid-") }.count >= 2)
        #expect(invalid.count >= 4)
        #expect(
            try Repository.reader(folder + "/expected.yaml").keys.sorted() == (invalid + ["format"]).sorted())
    }
}
