import Foundation
import HubModel
import HubXML
import Testing

@Suite("The canonical form")
struct CanonicalisationTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let document: String
        let exclusive: String
        let inclusive: String
    }

    static let vectors: [Vector] = [
        Vector(
            testDescription: "drops declaration and comments, keeps instructions on their own lines",
            document: "<?xml version='1.0'?>\n<?go  on?><!-- c -->\n<a><!-- d -->x<!-- e -->y</a><?end?>",
            exclusive: "<?go on?>\n<a>xy</a>\n<?end?>", inclusive: "<?go on?>\n<a>xy</a>\n<?end?>"
        ),
        Vector(
            testDescription: "opens empty elements, orders and quotes attributes",
            document: "<a  c = 'x\"y'   b='&#9;&#10;&#13;&amp;&lt;>' ></a  >",
            exclusive: #"<a b="&#x9;&#xA;&#xD;&amp;&lt;>" c="x&quot;y"></a>"#,
            inclusive: #"<a b="&#x9;&#xA;&#xD;&amp;&lt;>" c="x&quot;y"></a>"#
        ),
        Vector(
            testDescription: "writes text of every origin one way",
            document: "<a>&#13;\r\n<![CDATA[<&>]]>&quot;&apos;\u{1F1FB}</a>",
            exclusive: "<a>&#xD;\n&lt;&amp;&gt;\"'\u{1F1FB}</a>",
            inclusive: "<a>&#xD;\n&lt;&amp;&gt;\"'\u{1F1FB}</a>"
        ),
        Vector(
            testDescription: "writes unused namespaces in the inclusive form only",
            document: "<a xmlns:p='urn:p' xmlns='urn:d'><p:b xmlns:q='urn:q' q:c='1'/></a>",
            exclusive: #"<a xmlns="urn:d"><p:b xmlns:p="urn:p" xmlns:q="urn:q" q:c="1"></p:b></a>"#,
            inclusive: #"<a xmlns="urn:d" xmlns:p="urn:p"><p:b xmlns:q="urn:q" q:c="1"></p:b></a>"#
        ),
        Vector(
            testDescription: "orders attributes by namespace, then name",
            document: "<a xmlns:y='urn:1' xmlns:x='urn:2' x:a='1' y:b='2' c='3' y:a='4'/>",
            exclusive: #"<a xmlns:x="urn:2" xmlns:y="urn:1" c="3" y:a="4" y:b="2" x:a="1"></a>"#,
            inclusive: #"<a xmlns:x="urn:2" xmlns:y="urn:1" c="3" y:a="4" y:b="2" x:a="1"></a>"#
        ),
        Vector(
            testDescription: "undoes the default namespace where it ends",
            document: "<a xmlns='urn:d'><b xmlns=''><c xmlns=''/></b></a>",
            exclusive: #"<a xmlns="urn:d"><b xmlns=""><c></c></b></a>"#,
            inclusive: #"<a xmlns="urn:d"><b xmlns=""><c></c></b></a>"#
        ),
    ]

    @Test("is the one of the recommendation", arguments: Self.vectors)
    func recommended(_ vector: Vector) throws {
        let document = try Fixture.parse(vector.document)
        #expect(try document.canonical(.exclusive) == vector.exclusive)
        #expect(try document.canonical(.inclusive) == vector.inclusive)
    }

    static let nested = """
        <r xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="vi"><!-- x --><p:a i="1"><b xmlns:s="urn:s">x</b><?z?></p:a>\
        <p:a>other</p:a></r>
        """

    @Test("of a subtree has the namespaces it needs")
    func subtree() throws {
        let document = try Fixture.parse(Self.nested)
        let first = try #require(document.root.child("a"))
        #expect(
            try document.canonical(.exclusive, of: first)
                == #"<p:a xmlns:p="urn:p" i="1"><b xmlns="urn:d">x</b><?z?></p:a>"#
        )
        #expect(
            try document.canonical(.inclusive, of: first)
                == #"<p:a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" i="1" xml:lang="vi"><b xmlns:s="urn:s">x</b><?z?></p:a>"#
        )
        #expect(
            try document.canonical(.exclusive, of: first, inclusivePrefixes: ["q", "#default"])
                == #"<p:a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" i="1"><b>x</b><?z?></p:a>"#
        )
        #expect(try document.canonical(.exclusive, of: first.child("b")) == #"<b xmlns="urn:d">x</b>"#)
    }

    @Test("leaves out what is excluded, and nothing else")
    func excluding() throws {
        let document = try Fixture.parse(Self.nested)
        let first = try #require(document.root.child("a"))
        let inner = try #require(first.child("b"))
        #expect(
            try document.canonical(.exclusive, excluding: first)
                == #"<r xmlns="urn:d" xml:lang="vi"><p:a xmlns:p="urn:p">other</p:a></r>"#
        )
        #expect(
            try document.canonical(.exclusive, of: first, excluding: inner)
                == #"<p:a xmlns:p="urn:p" i="1"><?z?></p:a>"#)
        #expect(try document.canonical(.exclusive, of: first, excluding: first).isEmpty)
        #expect(try document.canonical(.exclusive, of: inner, excluding: first).isEmpty)
        #expect(try document.canonical(.exclusive, of: inner, excluding: document.root).isEmpty)
        let second = try #require(first.nextSibling)
        #expect(
            try document.canonical(.exclusive, of: inner, excluding: second) == #"<b xmlns="urn:d">x</b>"#)
    }

    @Test("of the root is that of the document, without what stands around it")
    func root() throws {
        let document = try Fixture.parse("<?a?><r><b/></r><?c?>")
        #expect(try document.canonical(of: document.root) == "<r><b></b></r>")
    }

    @Test("stays the same when its document is written out again", arguments: UInt64(0)..<40)
    func stable(seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        let document = try Fixture.parse(random.text())
        for method in [Canonicalisation.exclusive, .inclusive] {
            let canonical = try document.canonical(method)
            #expect(try Fixture.parse(canonical).canonical(method) == canonical)
        }
        for child in document.root.children {
            let canonical = try document.canonical(.exclusive, of: child)
            #expect(try Fixture.parse(canonical).canonical() == canonical)
        }
    }

    @Test("without an element is that of the document that never had it", arguments: UInt64(0)..<40)
    func sameAsWithout(seed: UInt64) throws {
        var with = RandomDocument(seed: seed)
        var without = RandomDocument(seed: seed)
        let signature = "<S xmlns=\"urn:s\" xmlns:a=\"urn:t\"><a:T><U/></a:T>text<?pi?></S>"
        let signed = try Fixture.parse(with.text(mark: signature))
        let unsigned = try Fixture.parse(without.text())
        let element = try #require(signed.root.descendant("s/S"))
        for method in [Canonicalisation.exclusive, .inclusive] {
            #expect(try signed.canonical(method, excluding: element) == unsigned.canonical(method))
            #expect(
                try signed.canonical(method, of: signed.root.child("s"), excluding: element)
                    == unsigned.canonical(method, of: unsigned.root.child("s"))
            )
        }
    }

    @Test("does not exist where a namespace is a relative URI")
    func relative() throws {
        let document = try Fixture.parse("<a xmlns='x/y'/>")
        let error = #expect(throws: HubError.self) { try document.canonical() }
        #expect(error?.code == .xmlMalformed)
    }

    @Test("is written by many threads at once")
    func threads() async throws {
        let document = try Fixture.parse(Fixture.edoc)
        let header = try #require(document.root.descendant("edXMLEnvelope/edXMLHeader"))
        let signature = try #require(header.child("Signature"))
        let expected = try document.canonical(of: header, excluding: signature)
        let results = await withTaskGroup(of: String?.self, returning: Set<String?>.self) { group in
            for _ in 0..<32 {
                group.addTask { try? document.canonical(of: header, excluding: signature) }
            }
            return await group.reduce(into: []) { $0.insert($1) }
        }
        #expect(results == [expected])
    }
}

@Suite(
    "The canonical form, next to that of xmllint",
    .enabled(if: Xmllint.isInstalled, "xmllint is not installed"))
struct CanonicalisationPeerTests {
    @Test("is the same for random documents", arguments: UInt64(0)..<30)
    func random(seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        let text = random.text()
        try self.compare(text)
    }

    @Test("is the same for a message as systems send it")
    func message() throws {
        try self.compare(Fixture.edoc)
    }

    private func compare(_ text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "document.xml")
        let document = try Fixture.parse(text)
        #expect(try document.canonical(.exclusive) == Xmllint.run("--exc-c14n", file))
        #expect(try document.canonical(.inclusive) == Xmllint.run("--c14n", file))
    }
}

/// The command of the same name, as a second opinion.
enum Xmllint {
    private static let path = "/usr/bin/xmllint"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: Self.path)

    static func run(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
