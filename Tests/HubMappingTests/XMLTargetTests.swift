import HubJSON
import HubMapping
import HubModel
import HubXML
import Testing

@Suite("A mapping to XML")
struct XMLTargetTests {
    static let json = #"""
        {"ten": "Đỗ & <Mẫu>", "so": 1.50, "co": true, "null": null, "trong": "", "nhieu": ["a", "b"], "doi": {"x": 1},
         "ds": [{"ma": "1", "ten": "một"}, {"ma": "2"}], "dieu": "a\"b\tc\nd\re", "hong": "VALUE\u0007"}
        """#

    /// Steps, and the document without its declaration and the root's start.
    static let examples = [
        ("[{ set: '/s:a/b', copy: /ten }]", "><s:a><b>Đỗ &amp; &lt;Mẫu&gt;</b></s:a></s:r>"),
        ("[{ set: /a, copy: /so }, { set: /b, copy: /co }]", "><a>1.50</a><b>true</b></s:r>"),
        ("[{ set: /a, copy: /null }, { set: /b, copy: /trong }]", "><a/><b/></s:r>"),
        (
            "[{ set: /b, constant: x }, { set: '/a/q:c', constant: y }, { set: /a/d, constant: z }]",
            "><b>x</b><a><q:c>y</q:c><d>z</d></a></s:r>"
        ),
        ("[{ set: /a/@id, constant: x }]", "><a id=\"x\"/></s:r>"),
        (
            "[{ set: /a, constant: y }, { set: '/a/@q:id', constant: x }, { set: /@v, constant: '1' }]",
            " v=\"1\"><a q:id=\"x\">y</a></s:r>"
        ),
        (
            "[{ set: '/a/@xml:lang', constant: vi }, { set: /a/b, constant: y }]",
            "><a xml:lang=\"vi\"><b>y</b></a></s:r>"
        ),
        ("[{ set: /a, copy: /dieu }]", ">\(#"<a>a"b"# + "\tc\nd&#13;e")</a></s:r>"),
        ("[{ set: /@a, copy: /dieu }]", " a=\"a&quot;b&#9;c&#10;d&#13;e\"/>"),
        (
            "[{ set: /a/b, copy: { from: /nhieu/*, all: true } }, { set: /a/@n, count: /nhieu }]",
            "><a n=\"2\"><b>a</b><b>b</b></a></s:r>"
        ),
        ("[{ set: /a, copy: /nhieu }]", "><a>a</a><a>b</a></s:r>"),
        ("[{ set: /a/b, copy: { from: /none/*, all: true } }]", "><a/></s:r>"),
        ("[{ set: ., copy: /ten }, { set: /@id, constant: x }]", " id=\"x\">Đỗ &amp; &lt;Mẫu&gt;</s:r>"),
        ("[{ when: { from: /none }, set: /a, constant: x }]", "/>"),
        (
            "[{ set: '/q:l', each: { from: /ds, steps: [{ set: /@ma, copy: /ma }, { set: ., copy: { from: /ten, optional: true } }] } }]",
            "><q:l ma=\"1\">một</q:l><q:l ma=\"2\"/></s:r>"
        ),
        (
            "[{ set: /l, each: { from: /ds, steps: [{ set: '/s:ma/m', copy: /ma }] } }, { set: /l/@x, constant: y }]",
            "><l x=\"y\"><s:ma><m>1</m></s:ma></l><l x=\"y\"><s:ma><m>2</m></s:ma></l></s:r>"
        ),
        ("[{ set: /a, each: { from: /none, steps: [{ set: ., copy: . }] } }]", "/>"),
        (
            "[{ set: /t, json: { steps: [{ set: /a, copy: /ten }] } }]",
            "><t>{\"a\":\"Đỗ &amp; &lt;Mẫu&gt;\"}</t></s:r>"
        ),
        (
            "[{ set: /t, xml: { root: 'p:x', namespaces: { p: 'urn:p' }, steps: [{ set: '/p:y', copy: /so }] } }]",
            "><t>&lt;p:x xmlns:p=\"urn:p\"&gt;&lt;p:y&gt;1.50&lt;/p:y&gt;&lt;/p:x&gt;</t></s:r>"
        ),
    ]

    @Test("writes elements in the order in which they are first set", arguments: Self.examples)
    func writes(steps: String, expected: String) throws {
        let mapping = try compiledXML("steps: \(steps)\n")
        #expect(mapping.writesXML)
        #expect(try xml(mapping, of: Self.json) == expected)
        _ = try XMLDocument.parse(try mapping.run(on: source(Self.json)).bytes)
    }

    @Test("writes what a parser reads back, in its namespaces")
    func readBack() throws {
        let mapping = try compiledXML("steps: [{ set: '/q:a', copy: /ten }, { set: /b/@c, copy: /dieu }]")
        let root = try XMLDocument.parse(try mapping.run(on: source(Self.json)).bytes).root
        #expect(root.isNamed("r", in: "urn:s"))
        #expect(root.child("a")?.isNamed("a", in: "urn:q") == true)
        #expect(root.child("a")?.text == "Đỗ & <Mẫu>")
        #expect(root.child("b")?.isNamed("b", in: "urn:d") == true)
        #expect(root.child("b")?.attribute("c") == "a\"b\tc\nd\re")
    }

    @Test("leaves names without prefix in no namespace when there is no default one")
    func noDefault() throws {
        let mapping = try compiled("root: { name: r }\nsteps: [{ set: /a, constant: x }]")
        let root = try XMLDocument.parse(try mapping.run(on: .json(.null)).bytes).root
        #expect(root.namespace == nil)
        #expect(root.child("a")?.namespace == nil)
    }

    @Test(
        "fails where XML has no place for a value",
        arguments: [
            ("{ set: /a, copy: /hong }", "not-xml-text"), ("{ set: /@a, copy: /hong }", "not-xml-text"),
            ("{ set: /a, copy: /doi }", "not-text"), ("{ set: /a, copy: /ds }", "not-text"),
            ("{ set: /@a, copy: /nhieu }", "not-text"), ("{ set: ., copy: /nhieu }", "not-text"),
        ]
    )
    func fails(step: String, reason: String) throws {
        let error = try #require(throws: HubError.self) {
            try compiledXML("steps: [\(step)]").run(on: source(Self.json))
        }
        #expect(error.detail("reason") == reason)
        #expect(error.detail("line") == "5")
        #expect(error.detail("target") != nil)
        #expect(!error.description.contains("VALUE"))
    }

    @Test(
        "does not write below a text, nor a text around elements",
        arguments: [("/x", "/x/y"), ("/x/y", "/x")])
    func taken(first: String, second: String) throws {
        let mapping = try compiledXML(
            "steps: [{ when: { from: /a }, set: \(first), constant: x }, { when: { from: /a }, set: \(second), constant: y }]"
        )
        let error = try #require(throws: HubError.self) { try mapping.run(on: .json(["a": "1"])) }
        #expect(error.detail("reason") == "target-taken")
    }

    @Test("is not taken for one that makes JSON")
    func wrongTarget() throws {
        let mapping = try compiledXML("steps: [{ set: /a, constant: x }]")
        let error = try #require(throws: HubError.self) { try mapping.apply(to: .json(.null)) }
        #expect(error.detail("reason") == "wrong-target")
        #expect(error.detail("file") == "test.yaml")
    }

    private static let good = "root: { name: r, namespaces: { q: 'urn:q' } }\n"

    @Test(
        "is refused with file, line and column",
        arguments: [
            FaultExample(
                "root: { name: 'x:r' }\nsteps: [{ set: /a, copy: /b }]",
                "4:15: The prefix 'x' is not one of 'namespaces'."),
            FaultExample(
                "root: { namespaces: { q: 'urn:q' } }\nsteps: [{ set: /a, copy: /b }]",
                "4:7: The key 'name' is missing."),
            FaultExample("root: r\nsteps: [{ set: /a, copy: /b }]", "4:7: A map of keys is expected here."),
            FaultExample(
                "root: { name: '1r' }\nsteps: [{ set: /a, copy: /b }]", "4:15: '1r' is not a name of XML."),
            FaultExample(
                "root: { name: r, namespace: {} }\nsteps: [{ set: /a, copy: /b }]",
                "4:18: The key 'namespace' is not known"),
            FaultExample(
                "root: { name: r, namespaces: { xml: 'urn:q' } }\nsteps: [{ set: /a, copy: /b }]",
                "4:37: 'xml' cannot be a prefix."),
            FaultExample(
                "root: { name: r, namespaces: { q: '' } }\nsteps: [{ set: /a, copy: /b }]",
                "4:35: '' cannot be the URI of a prefix."),
            FaultExample(
                good + "steps: [{ set: '/p:a', copy: /b }]",
                "5:16: The prefix 'p' is not one of 'namespaces'."),
            FaultExample(
                good + "steps: [{ set: '/q:a:b', copy: /b }]", "5:16: 'q:a:b' is not a name of XML."),
            FaultExample(good + "steps: [{ set: '/a b', copy: /b }]", "5:16: 'a b' is not a name of XML."),
            FaultExample(
                good + "steps: [{ set: '/a/@xmlns', copy: /b }]", "5:16: 'xmlns' is not a name of XML."),
            FaultExample(
                good + "steps: [{ set: '/@a/b', copy: /b }]", "5:16: Nothing stands below the attribute '@a'."
            ),
            FaultExample(
                good + "steps: [{ set: a, copy: /b }]", "5:16: The value 'a' of 'set' is not a pointer"),
            FaultExample(
                good + "steps: [{ set: /a, copy: /b }, { set: /a/b, copy: /c }]",
                "5:32: '/a/b' was set on line 5 already."),
            FaultExample(
                good + "steps: [{ set: /a/b, copy: /b }, { set: /a, copy: /c }]",
                "5:34: Something below '/a' was set on line 5 already."),
            FaultExample(
                good
                    + "steps: [{ set: /a, each: { from: /b, steps: [{ set: /@i, copy: . }] } }, { set: /a/@i, copy: /c }]",
                "5:9: The attribute 'i' of '/a' is set inside 'each' and beside it."),
            FaultExample(
                "steps: [{ set: /a, xml: { steps: [{ set: /b, copy: /c }] } }]",
                "4:25: The key 'root' is missing."),
            FaultExample(
                "steps: [{ set: /a, xml: { root: 'x:a', steps: [{ set: /b, copy: /c }] } }]",
                "4:33: The prefix 'x' is not one of 'namespaces'."),
        ]
    )
    func refused(_ example: FaultExample) throws { try example.check() }

    @Test("suggests the prefix that was meant")
    func suggestion() throws {
        let found = try faults(
            head + "root: { name: r, namespaces: { soap: 'urn:s' } }\nsteps: [{ set: '/soa:a', copy: /b }]")
        #expect(
            found == ["test.yaml:5:16: The prefix 'soa' is not one of 'namespaces'. (did you mean 'soap'?)"])
    }
}
