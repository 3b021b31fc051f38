import Foundation
import HubModel
import HubXML
import Testing

@Suite("A schema in files")
struct XMLSchemaFilesTests {
    private static func schema(_ body: String, namespace: String = "urn:t") -> String {
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='\(namespace)' xmlns='\(namespace)'"
            + " elementFormDefault='qualified'>\n\(body)\n</xs:schema>"
    }

    private static let type =
        "<xs:simpleType name='T'><xs:restriction base='xs:string'><xs:maxLength value='1'/></xs:restriction></xs:simpleType>"

    private func refusal(_ file: String, within folder: String) -> HubError? {
        do throws(HubError) {
            _ = try XMLSchema(file: file, within: folder)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "includes and imports from its folder, whatever the folder is called",
        arguments: ["plain", "with space", "Lược đồ %41 #1"])
    func parts(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema(Self.type), to: name + "/parts/type one.xsd")
        try folder.write(Self.schema(Self.type, namespace: "urn:o"), to: name + "/other.xsd")
        try folder.write(
            Self.schema(
                "<xs:import namespace='urn:o' schemaLocation='../other.xsd'/><xs:include schemaLocation='type%20one.xsd'/><xs:element name='b' type='o:T' xmlns:o='urn:o'/>"
            ),
            to: name + "/parts/elements.xsd"
        )
        let main = try folder.write(
            Self.schema(
                "<xs:include schemaLocation='parts/elements.xsd'/><xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='T'/><xs:element ref='b'/></xs:sequence></xs:complexType></xs:element>"
            ),
            to: name + "/main.xsd"
        )
        let schema = try XMLSchema(file: main, within: folder.path + "/" + name)
        let good = try Fixture.parse("<r xmlns='urn:t'><a>x</a><b>y</b></r>")
        #expect(schema.violations(in: good, limit: 5).isEmpty)
        let bad = try Fixture.parse("<r xmlns='urn:t'><a>xx</a><b>yy</b></r>")
        #expect(schema.violations(in: bad, limit: 5).map(\.path) == ["/r/a[1]", "/r/b[1]"])
    }

    @Test(
        "takes nothing from elsewhere",
        arguments: [
            "../outside.xsd", "parts/../../outside.xsd", "%2e%2e/outside.xsd", "/etc/passwd",
            "file:///etc/passwd",
            "http://127.0.0.1:9/x.xsd", "ftp://127.0.0.1:9/x.xsd", "link.xsd", "schema:///../outside.xsd",
            "missing.xsd", "",
        ]
    )
    func elsewhere(location: String) throws {
        let folder = try TemporaryFolder()
        let outside = try folder.write(Self.schema(Self.type), to: "outside.xsd")
        try folder.write("", to: "in/parts/x")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/in/link.xsd", withDestinationPath: outside)
        for tag in ["include", "import namespace='urn:o'", "redefine"] {
            let main = try folder.write(
                Self.schema("<xs:\(tag) schemaLocation='\(location)'/><xs:element name='r'/>"),
                to: "in/main.xsd")
            let error = try #require(self.refusal(main, within: folder.path + "/in"), "\(tag)")
            #expect(error.code == .schemaInvalid)
            #expect(error.detail("file")?.isEmpty == false)
            #expect(error.detail("message")?.isEmpty == false)
        }
    }

    @Test("must lie in its folder itself")
    func outside() throws {
        let folder = try TemporaryFolder()
        let main = try folder.write(Self.schema(Self.type), to: "main.xsd")
        try folder.write("", to: "main/x")
        for place in ["/main", "/nowhere"] {
            #expect(self.refusal(main, within: folder.path + place)?.code == .schemaInvalid)
        }
        #expect(self.refusal(folder.path + "/none.xsd", within: folder.path)?.code == .schemaInvalid)
    }

    @Test("is refused with file and line where it is wrong")
    func wrong() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema("<xs:element name='a' type='Nowhere'/>"), to: "wrong.xsd")
        let main = try folder.write(Self.schema("<xs:include schemaLocation='wrong.xsd'/>"), to: "main.xsd")
        let error = try #require(self.refusal(main, within: folder.path))
        #expect(error.detail("file") == "wrong.xsd", "\(error)")
        #expect(error.detail("line") == "2")
        #expect(error.detail("message")?.contains("Nowhere") == true)
    }

    @Test("is refused where it is no safe XML", arguments: ["<!DOCTYPE x><x/>", "<x>", "", "<a/>", "text"])
    func unsafe(text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "main.xsd")
        let error = try #require(self.refusal(file, within: folder.path))
        #expect(error.code == .schemaInvalid)
        #expect(error.detail("file") == "main.xsd")
    }
}
