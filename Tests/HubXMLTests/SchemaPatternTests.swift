import HubModel
import HubXML
import Testing

@Suite("An expression of a schema")
struct SchemaPatternTests {
    /// `nil` if the schema may have it.
    private func refusal(_ pattern: String) throws -> HubError? {
        let folder = try TemporaryFolder()
        let text = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
            <xs:element name="r"><xs:simpleType><xs:restriction base="xs:string">
            <xs:pattern value="\(XMLText.escaped(pattern))"/>
            </xs:restriction></xs:simpleType></xs:element></xs:schema>
            """
        let file = try folder.write(text, to: "schema.xsd")
        do throws(HubError) {
            _ = try XMLSchema(file: file, within: folder.path)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "is refused when inside a repetition the next character does not decide how to go on",
        arguments: [
            "[^,]+/[^,]+", ".*@.*", "(a|a)*", "(a|ab)*", "(a*)*", "(a+)+b", "(a?b?)*", "(a*b*)+", "\\s*.*x",
            "\\w+[a-z]+", "\\d+[0-9]+", "[a-z]{2,}[b-c]", "(a{1,5}){1,5}", "(a?){20}b",
            "[\\i-[:]][\\c-[:]]*[a-z]*",
            "[^a]*[^b]*", "\\p{L}+\\p{Lu}+", "ă*[à-ỹ]*", "[^ă]*é*", "x*(y|xz)", "(.{0,3}){0,3}", "\\S+\\W*",
        ])
    func refused(pattern: String) throws {
        let error = try #require(try self.refusal(pattern))
        #expect(error.code == .schemaInvalid)
        #expect(error.detail("line") == "3")
        #expect(error.detail("pattern") == pattern)
    }

    @Test("is refused when it cannot be read, or is too large written out", arguments: ["(.{1,200}x){0,100}"])
    func tooLarge(pattern: String) throws {
        #expect(try self.refusal(pattern)?.code == .schemaInvalid)
    }

    @Test(
        "is allowed everything else that XSD has",
        arguments: [
            "", "a", "[^,][^,/]*/[^,]+", "[0-9]{3}\\.[0-9]{2}|[0-9]{2}\\.W",
            "([A-Z][0-9]{2}(\\.[0-9A-Z]{2,10}){0,4}),x",
            "cid:.{1,200}", "[0-9]{0,9}", "\\s*\\S.*", "[\\i-[:]][\\c-[:]]*", "\\d+(,\\d+)*",
            "[a-z-[aeiou]]+[aeiou]*",
            "([a-z]+ )*[0-9]", "\\p{Lu}\\P{Lu}*", "\\p{IsBasicLatin}*", "[\\-\\]\\[^]+x", "(a|b|c){2,}",
            "[-a]+b[a-]*",
            "\\w+ \\w+", "[^@ ]+@[^@ ]+", "(ab?c)*", "a{0}", "()", "(0[1-9]|[12][0-9])/(0[13]|0[2-9])",
            "[à-ỹ]*[a-z]*",
        ])
    func allowed(pattern: String) throws {
        let error = try self.refusal(pattern)
        #expect(error == nil, "\(String(describing: error))")
    }
}
