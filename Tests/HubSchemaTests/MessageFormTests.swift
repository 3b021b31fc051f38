import Foundation
import HubModel
import HubSchema
import HubXML
import HubYAML
import Testing

@Suite("A message form")
struct MessageFormTests {
    static func read(_ yaml: String) throws -> (form: MessageForm?, faults: [String]) {
        let tree = try YAMLReader.read(Array(yaml.utf8), file: "form.yaml").get()
        let reader = SettingsReader(tree, file: "form.yaml")
        let form = MessageForm(settings: reader, type: try #require(MessageType("a/b/1")))
        return (form, reader.faults.map(\.description))
    }

    static func example(_ type: MessageType, _ file: String) throws -> (form: MessageForm, document: Document)
    {
        let path = "\(Repository.schemas)/\(type)/examples/\(file)"
        return (try Repository.form(of: type), try Repository.document(path))
    }

    @Test("reads who sends a document, who receives it, and what it is called")
    func document() throws {
        let (form, document) = try Self.example(.edocDocument, "valid-new.xml")
        #expect(form.sender(in: document) == "000.00.13.H44")
        #expect(form.recipients(in: document) == ["000.00.11.H55", "000.00.00.G14", "H44.11"])
        #expect(form.text(of: "DocumentId", in: document) == "000.00.13.H44,2024/03/15,412/STTTT-VP")
        #expect(form.text(of: "Priority", in: document) == "1")
        #expect(form.text(of: "Nothing", in: document) == nil)
    }

    @Test(
        "gives a new document no revision, and each update and recall its own",
        arguments: [
            ("valid-new.xml", "0", ""), ("valid-without-business.xml", "0", ""),
            ("valid-recall.xml", "1", "2024/03/16 08:00:00"),
            ("valid-update-receivers.xml", "2", "2024/03/16 08:05:00"),
        ]
    )
    func revision(file: String, kind: String, revision: String) throws {
        let (form, document) = try Self.example(.edocDocument, file)
        #expect(form.text(of: "BussinessDocType", in: document) == kind)
        #expect(form.text(of: "Revision", in: document) == revision)
    }

    @Test("puts a document, its recall and its statuses on one thread")
    func thread() throws {
        let thread = "000.00.13.H44,2024/03/15,412/STTTT-VP"
        for (type, file) in [
            (MessageType.edocDocument, "valid-new.xml"), (.edocDocument, "valid-recall.xml"),
            (.edocStatus, "valid-03-accepted.xml"),
        ] {
            let (form, document) = try Self.example(type, file)
            #expect(form.text(of: "Thread", in: document) == thread)
        }
    }

    @Test("sends a status back to whoever sent the document")
    func status() throws {
        let (form, document) = try Self.example(.edocStatus, "valid-03-accepted.xml")
        #expect(form.sender(in: document) == "000.00.11.H55")
        #expect(form.recipients(in: document) == ["000.00.13.H44"])
        #expect(form.text(of: "StatusCode", in: document) == "03")
    }

    @Test(
        "sends dossiers to the national portal and names each of a packet",
        arguments: ["valid-two-dossiers.json"])
    func dossiers(file: String) throws {
        let (form, document) = try Self.example(.dossierProgress, file)
        #expect(form.goesTo == "national:dossier")
        #expect(form.recipients(in: document) == [])
        #expect(
            form.fields["MaHoSo"]?.texts(in: document) == ["000.00.14.H44-240315-0001", "H44.14-240315-0002"])
    }

    @Test("takes the thread of another document only where one is meant")
    func strayThread() throws {
        let form = try Self.example(.edocDocument, "valid-new-unsigned.xml").form
        let path = "\(Repository.schemas)/edoc/document/1/examples/valid-new-unsigned.xml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for (kind, thread) in [("0", "000.00.13.H44,2024/03/15,412/STTTT-VP"), ("2", "X")] {
            let changed = text.replacing("<edXML:BussinessDocType>0<", with: "<edXML:BussinessDocType>\(kind)<")
                .replacing("<edXML:Paper>", with: "<edXML:DocumentId>X</edXML:DocumentId><edXML:Paper>")
            let document = Document.xml(try XMLDocument.parse(Array(changed.utf8)))
            #expect(form.text(of: "Thread", in: document) == thread)
            #expect(form.text(of: "ReferredDocumentId", in: document) == (kind == "0" ? "" : "X"))
        }
    }

    @Test("refuses places that are none, and a course of fields that are not there")
    func places() throws {
        let (form, faults) = try Self.read(
            """
            format: form-1
            title: { vi: Thử, en: Try }
            media-type: application/json
            recognise: { path: /service, equals: A }
            sender: /madonvi
            fields:
              A:
                path:
                  - { path: /a, when: { path: /b } }
                  - [/c]
            course: { status: B }
            """
        )
        #expect(form == nil)
        #expect(
            faults == [
                "form.yaml:9:27: A condition needs 'equals' or 'not'.",
                "form.yaml:10:9: Each item of 'path' must be a path, or a path with a condition.",
                "form.yaml:11:9: The key 'matter' is missing.",
                "form.yaml:11:19: The value 'B' of 'status' is not the name of a field of this form.",
            ]
        )
    }

    @Test("with several faults names them all, with their places")
    func faults() throws {
        let (form, faults) = try Self.read(
            """
            format: form-1
            title: { vi: Thử }
            media-type: application/json
            recognise: { path: service, equals: A }
            sender: /madonvi
            recipients: /to
            goes-to: national
            feilds: {}
            """
        )
        #expect(form == nil)
        #expect(
            faults == [
                "form.yaml:2:8: The key 'en' is missing.",
                "form.yaml:4:20: The value 'service' of 'path' is not a JSON Pointer such as /data/*/MaHoSo.",
                "form.yaml:7:10: The value 'national' of 'goes-to' is not a platform and its service, such as "
                    + "national:dossier.",
                "form.yaml:7:10: A type has 'recipients' or 'goes-to', not both.",
                "form.yaml:8:1: The key 'feilds' is not known here; known are: format, title, media-type, recognise, "
                    + "sender, recipients, goes-to, fields, course. (did you mean 'fields'?)",
            ]
        )
    }

    @Test(
        "refuses a field that says too little or too much",
        arguments: [
            ("{ path: /a, when: { path: /b } }", "A condition needs 'equals' or 'not'."),
            (
                "{ path: /a, when: { path: /b, equals: x, not: y } }",
                "A condition has 'equals' or 'not', not both."
            ),
            ("{ default: x }", "The key 'path' is missing."),
            ("{ path: [] }", "'path' needs at least one path."),
            ("{ path: [/a, b] }", "'b' is not a JSON Pointer such as /data/*/MaHoSo."),
            ("a/b", "The value 'a/b' of 'F' is not a JSON Pointer such as /data/*/MaHoSo."),
            ("{ path: /a, whne: x }", "The key 'whne' is not known here; known are: path, when, default."),
        ]
    )
    func field(yaml: String, fault: String) throws {
        let (form, faults) = try Self.read(
            """
            format: form-1
            title: { vi: Thử, en: Test }
            media-type: application/json
            recognise: { path: /a }
            sender: /a
            fields: { F: \(yaml) }
            """
        )
        #expect(form == nil)
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    @Test("refuses a format it does not know")
    func format() throws {
        let (form, faults) = try Self.read("format: form-2\n")
        #expect(form == nil)
        #expect(
            faults.first
                == "form.yaml:1:9: The value 'form-2' of 'format' is not one of: form-1. (did you mean 'form-1'?)"
        )
    }
}
