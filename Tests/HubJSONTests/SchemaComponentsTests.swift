import Testing

@testable import HubJSON

@Suite("Schemas as components of OpenAPI")
struct SchemaComponentsTests {
    private static func source(
        _ name: String, _ text: String, draft: JSONSchemaDraft = .draft2020
    ) throws -> SchemaComponents.Source {
        let value = try JSONDocument.parse(Array(text.utf8)).value
        return SchemaComponents.Source(name: "a.\(name).1", uri: "urn:s:\(name)", value: value, draft: draft)
    }

    private static func components(_ sources: SchemaComponents.Source...) -> String {
        JSONValue.object(SchemaComponents(sources).schemas).text
    }

    @Test("lose what belongs to a document, and refer to components, each definition one of its own")
    func moved() throws {
        let schema = #"""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:s:b","type":"object",
             "properties":{"x":{"$ref":"#/$defs/x"},"self":{"$ref":"#"},"y":{"$ref":"urn:s:b#/properties/x"},"z":{"$ref":"#/$defs/x/items"}},
             "$defs":{"x":{"type":"array","items":{"type":"string"}}}}
            """#
        #expect(
            Self.components(try Self.source("b", schema))
                == ##"{"a.b.1":{"type":"object","properties":{"x":{"$ref":"#/components/schemas/a.b.1.x"},"self":{"$ref":"#/components/schemas/a.b.1"},"##
                + ##""y":{"$ref":"#/components/schemas/a.b.1/properties/x"},"z":{"$ref":"#/components/schemas/a.b.1.x/items"}}},"##
                + #""a.b.1.x":{"type":"array","items":{"type":"string"}}}"#)
    }

    @Test("refer to each other, whether they say what they are called or not")
    func across() throws {
        let user = try Self.source("b", ##"{"allOf":[{"$ref":"urn:s:c"},{"$ref":"urn:s:c#/$defs/y"}]}"##)
        let used = try Self.source("c", ##"{"$ref":"#/$defs/y","$defs":{"y":true}}"##)
        #expect(
            Self.components(user, used)
                == ##"{"a.b.1":{"allOf":[{"$ref":"#/components/schemas/a.c.1"},{"$ref":"#/components/schemas/a.c.1.y"}]},"##
                + ##""a.c.1":{"$ref":"#/components/schemas/a.c.1.y"},"a.c.1.y":true}"##)
    }

    @Test("are changed where schemas stand and nowhere else")
    func places() throws {
        let schema =
            ##"{"properties":{"$ref":{"const":{"$ref":"#"}},"$id":{"enum":["#"]}},"default":{"$ref":"#/x"},"x-own":{"$ref":"#"}}"##
        #expect(Self.components(try Self.source("b", schema)) == #"{"a.b.1":\#(schema)}"#)
    }

    @Test(
        "have definitions whose names a component may have, each once, and pointers that may stand in a URI")
    func names() throws {
        let schema =
            ##"{"$defs":{"tên/x":{},"t n~x":{"properties":{"tên":true}},"t_n_x":{"$ref":"#/$defs/t n~0x/properties/t%C3%AAn"}}}"##
        #expect(
            Self.components(try Self.source("b", schema))
                == ##"{"a.b.1":{},"a.b.1.t_n_x":{},"a.b.1.t_n_x-2":{"properties":{"tên":true}},"a.b.1.t_n_x-3":{"$ref":"#/components/schemas/a.b.1.t_n_x-2/properties/t%C3%AAn"}}"##
        )
    }

    @Test(
        "stay as they are, found by an identifier, where a place is not all that a reference may mean",
        arguments: [
            (##"{"$anchor":"top"}"##, JSONSchemaDraft.draft2020),
            (##"{"items":{"$dynamicRef":"#x"}}"##, .draft2020),
            (##"{"items":{"$id":"urn:other","$ref":"#"}}"##, .draft2020),
            (##"{"$ref":"urn:elsewhere"}"##, .draft2020),
            (##"{"$ref":"#/x-own/y","x-own":{"y":{}}}"##, .draft2020),
            (##"{"definitions":{"y":{}}}"##, .draft7),
            (##"{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{}}"##, .draft2020),
        ]
    )
    func kept(_ text: String, _ draft: JSONSchemaDraft) throws {
        let source = try Self.source("b", text, draft: draft)
        let user = try Self.source("c", ##"{"$ref":"urn:s:b"}"##)
        let schemas = SchemaComponents([source, user]).schemas
        let kept = try #require(schemas["a.b.1"]?.object)
        #expect(kept["$id"] == "urn:s:b" && kept["$schema"] != nil)
        for (key, value) in source.value.object?.members ?? [] { #expect(kept[key] == value) }
        #expect(schemas["a.c.1"]?["$ref"] == "urn:s:b")
    }

    @Test("that are kept keep what they refer to as well")
    func keptTogether() throws {
        let user = try Self.source("b", ##"{"$anchor":"top","$ref":"urn:s:c#/$defs/y"}"##)
        let used = try Self.source("c", ##"{"$defs":{"y":{"$ref":"#"}}}"##)
        let schemas = SchemaComponents([user, used]).schemas
        #expect(schemas.keys == ["a.b.1", "a.c.1"])
        #expect(schemas["a.c.1"]?["$id"] == "urn:s:c" && schemas["a.c.1"]?.value(at: "/$defs/y/$ref") == "#")
    }

    @Test("have titles that no other has: the others' are descriptions")
    func titles() throws {
        let one = try Self.source("b", #"{"title":"T","description":"D","$defs":{"y":{"title":"U"}}}"#)
        let other = try Self.source("c", #"{"title":"T"}"#)
        #expect(
            Self.components(one, other)
                == #"{"a.b.1":{"description":"T. D"},"a.b.1.y":{"title":"U"},"a.c.1":{"description":"T"}}"#)
    }
}
