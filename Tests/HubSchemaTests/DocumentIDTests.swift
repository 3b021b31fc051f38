import HubModel
import HubSchema
import HubXML
import Testing

/// The pattern of `DocumentId` stands in both schemas of edXML, in a form that needs no going back in the text.
///
/// What it accepts is what its first form accepted, which ended in `[^,]+/[^,]+`.
@Suite("The id of a document", .timeLimit(.minutes(1)))
struct DocumentIDTests {
    static let head = "000.00.13.H44,2025/01/01,"
    static let types: [MessageType] = [.edocDocument, .edocStatus]

    /// A schema whose only element has the pattern that `type` has for ids.
    private static func schema(of type: MessageType, in folder: TemporaryFolder) throws -> XMLSchema {
        let text = String(
            decoding: try Repository.bytes("\(Repository.schemas)/\(type)/schema.xsd"), as: UTF8.self)
        let pattern = try #require(
            text.firstMatch(of: #/<xs:simpleType name="DocumentId">(?s:.*?)<xs:pattern value="([^"]*)"/#))
        try folder.write(
            """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="id"><xs:simpleType>
            <xs:restriction base="xs:token"><xs:pattern value="\(pattern.1)"/></xs:restriction>
            </xs:simpleType></xs:element></xs:schema>
            """, to: "schema.xsd")
        return try XMLSchema(file: folder.path + "/schema.xsd", within: folder.path)
    }

    @Test("is accepted exactly as by the first form of its pattern", arguments: Self.types)
    func sameTexts(type: MessageType) throws {
        let schema = try Self.schema(of: type, in: TemporaryFolder())
        var ends = [""]
        var accepted = 0
        for _ in 0..<6 {
            ends = ends.flatMap { end in ["/", ",", "1", "Đ"].map { end + $0 } }
            for end in ends {
                let expected = end.wholeMatch(of: #/[^,]+\/[^,]+/#) != nil
                accepted += expected ? 1 : 0
                let document = try XMLDocument.parse(Array("<id>\(Self.head)\(end)</id>".utf8))
                #expect(schema.violations(in: document, limit: 1).isEmpty == expected, "\(end)")
            }
        }
        #expect(accepted > 500)
    }

    @Test("costs no more than its length, however it is made up", arguments: Self.types)
    func cost(type: MessageType) throws {
        let examples = "\(Repository.schemas)/\(type)/examples/"
        let example = type == .edocStatus ? "valid-01-arrived.xml" : "valid-new.xml"
        let text = String(decoding: try Repository.bytes(examples + example), as: UTF8.self)
        let schema = try Repository.catalogue().schema(for: type)
        for piece in ["/", "1/", "a", "//a"] {
            for end in ["", ",x", "/", "/x"] {
                let id = Self.head + "1" + String(repeating: piece, count: 100_000) + end
                let changed = text.replacing(#/(<(?:edXML:)?DocumentId>)[^<]*</#) { "\($0.1)\(id)<" }
                #expect(changed != text)
                let document = Document.xml(try XMLDocument.parse(Array(changed.utf8)))
                #expect(!schema.violations(in: document, limit: 100).isEmpty)
            }
        }
    }
}
