import HubXML
import Testing

@Suite("Paths that are looked up together")
struct XMLPathSetTests {
    private func found(_ paths: [String], in text: String) throws -> [String] {
        var found: [String] = []
        XMLPathSet(paths).visit(below: try Fixture.parse(text).root) { number, element in
            found.append("\(number)=\(element.text)")
        }
        return found
    }

    @Test("are found in the order of the document, each with its number, whatever the namespaces")
    func order() throws {
        let text = "<r><a><c>1</c><b>2</b></a><x:a xmlns:x='urn:x'><b>3</b></x:a><d>4</d></r>"
        #expect(try self.found(["d", "a/b", "a/c", "a/none"], in: text) == ["2=1", "1=2", "1=3", "0=4"])
    }

    @Test("may be part of one another, and begin below the root only")
    func nested() throws {
        #expect(try self.found(["a", "a/a", "r"], in: "<r><a>x<a>y</a></a></r>") == ["0=xy", "1=y"])
    }

    @Test("find nothing where there is nothing")
    func nothing() throws {
        #expect(try self.found([], in: "<r><a/></r>") == [])
        #expect(try self.found(["a/b", "ab"], in: "<r><a/>text<abc/></r>") == [])
    }
}
