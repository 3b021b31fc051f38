import HubModel
import HubSchema
import Testing

@Suite("The names that a schema declares")
struct DeclaredNamesTests {
    private func names(_ schema: String, file: String = "schema.json", beside files: [(String, String)] = []) throws -> DeclaredNames? {
        let folder = try TemporaryFolder()
        for (name, text) in [(file, schema)] + files { try folder.write(text, to: "a/b/1/" + name) }
        let type = try #require(MessageType("a/b/1"))
        return try SchemaCatalogue.load(folder: folder.path).names(of: type)
    }

    @Test("of JSON are those of all parts, and what is open is open below")
    func json() throws {
        let names = try #require(
            try self.names(
                #"""
                {"type": "object", "additionalProperties": false,
                 "properties": {
                   "text": {"type": "string"}, "list": {"type": "array", "items": {"$ref": "#/$defs/item"}},
                   "free": {"type": "object"}, "frees": {"type": "array", "items": {"properties": {"known": {"type": "string"}}}},
                   "either": {"oneOf": [{"$ref": "#/$defs/item"}, {"type": "null"}]}, "any": true, "loop": {"$ref": "#/$defs/loop"},
                   "both": {"allOf": [{"properties": {"deep": {"type": "string"}}}], "unevaluatedProperties": false}
                 },
                 "$defs": {"item": {"type": "object", "properties": {"id": {"enum": [1]}}, "additionalProperties": false},
                           "loop": {"type": "object", "properties": {"loop": {"$ref": "#/$defs/loop"}}, "additionalProperties": false}}}
                """#))
        for way in [["text"], ["list", "id"], ["free", "x"], ["frees", "y", "z"], ["either", "id"], ["any", "q"], ["both", "deep"], ["loop", "loop"], []] {
            #expect(names.stranger(in: way) == nil, "\(way)")
        }
        for (way, stranger) in [(["texts"], "texts"), (["list", "ids", "free"], "ids"), (["either", "x"], "x"), (["text", "no", "any"], "no")] {
            #expect(names.stranger(in: way).map { way[$0] } == stranger, "\(way)")
        }
        #expect(try self.names(#"{"type": "object", "properties": {"a": {"type": "string"}}}"#) == nil)
        #expect(try self.names("true") == nil)
        // Whatever makes that other names may stand somewhere.
        for words in [
            #""patternProperties": {"^x": true}, "additionalProperties": false"#,
            #""unevaluatedProperties": false, "allOf": [{"additionalProperties": {"type": "string"}}]"#,
            #""unevaluatedProperties": false, "additionalProperties": true"#,
        ] {
            #expect(try self.names("{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"string\"}}, \(words)}") == nil, "\(words)")
        }
        let named = try #require(
            try self.names(
                #"{"type": "object", "properties": {"a": {"const": {"b": 1}}, "c": {"enum": ["d"]}}, "additionalProperties": false}"#))
        #expect(named.stranger(in: ["a", "b"]) == nil && named.stranger(in: ["c", "d"]) == 1)
    }

    private static func xsd(_ content: String) -> String {
        #"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\#(content)</xs:schema>"#
    }

    @Test("of XML are those of all files, and a part of any name makes that nothing can be said")
    func xml() throws {
        func element(_ content: String) -> String {
            #"<xs:element name="r"><xs:complexType><xs:sequence>\#(content)</xs:sequence><xs:attribute name="n"/></xs:complexType></xs:element>"#
        }
        let names = try #require(
            try self.names(
                Self.xsd(
                    #"<xs:include schemaLocation="more.xsd"/>"#
                        + element(#"<xs:element ref="other"/><xs:element name="h" type="xs:anyType"/>"#)),
                file: "schema.xsd", beside: [("more.xsd", Self.xsd(#"<xs:element name="other" type="xs:string"/>"#))]))
        #expect(names.stranger(in: ["other"]) == nil && names.stranger(in: ["h", "x"]) == nil && names.stranger(in: ["n"]) == nil)
        #expect(names.stranger(in: ["r", "others", "h"]) == 1)
        #expect(
            try self.names(Self.xsd(element(#"<xs:any processContents="skip" minOccurs="0"/>"#)), file: "schema.xsd") == nil)
        #expect(try self.names(Self.xsd(#"<xs:element name="r"/>"#), file: "schema.xsd") == nil)
        let untyped = try #require(try self.names(Self.xsd(element(#"<xs:element name="u"/>"#)), file: "schema.xsd"))
        #expect(untyped.stranger(in: ["u", "x"]) == nil && untyped.stranger(in: ["x"]) == 0)
        let signed = try #require(
            try self.names(
                Self.xsd(element(#"<xs:any namespace="http://www.w3.org/2000/09/xmldsig#" processContents="skip" minOccurs="0"/>"#)),
                file: "schema.xsd"))
        #expect(signed.stranger(in: ["Signature", "SignatureValue"]) == nil && signed.stranger(in: ["SignatureValue"]) != nil)
    }
}
