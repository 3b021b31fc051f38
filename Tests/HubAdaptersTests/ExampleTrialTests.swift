import HubAdapters
import HubModel
import HubSchema
import Testing

@Suite("A mapping that no sample leads through")
struct ExampleTrialTests {
    private static let manifest = """
        format: adapter-1
        system: thong-ke-h44
        title: { vi: Thống kê, en: Statistics }
        kind: operations-centre
        agencies: [H44.01]
        speaks: exchange
        subscribes:
          - message: edoc/document/1
            as: indicator/event/1
            mapping: mapping/van-ban.yaml
            by: mailbox

        """

    private static func subscription(_ steps: String, when condition: String = "") throws -> AdapterFolder {
        let folder = try AdapterFolder()
        try folder.write(Self.manifest + condition, to: "thong-ke-h44/adapter.yaml")
        try folder.write(
            "format: mapping-1\nsource: edoc/document/1\ntarget: indicator/event/1\nsteps:\n" + steps,
            to: "thong-ke-h44/mapping/van-ban.yaml"
        )
        return folder
    }

    private static let file = "thong-ke-h44/mapping/van-ban.yaml"

    @Test("is held against the schema of its target with the examples of its source")
    func target() throws {
        let folder = try Self.subscription("  - set: /Fone\n    constant: \"1\"\n")
        let faults = try folder.sampleFaults()
        #expect(
            faults.contains { $0.hasPrefix("\(Self.file):5:10: With valid-") && $0.contains("What is made does not fit indicator/event/1: /Fone: ") },
            "\(faults)"
        )
        #expect(faults.contains { $0.hasPrefix("\(Self.file):3:9: With valid-") && $0.contains("indicator") }, "\(faults)")
    }

    @Test("is told what it reads and some message has not, with the line, and how many examples lack it")
    func source() throws {
        let folder = try AdapterFolder()
        try folder.copy("ioc-h44")
        try folder.remove("ioc-h44/samples")
        try folder.change("ioc-h44/mapping/edoc-status.yaml", "\nsteps:", to: "\nsteps:\n  - { set: /labels/x, copy: OrganId/StatusCode }")
        let faults = try folder.sampleFaults()
        #expect(faults.count == 1, "\(faults)")
        #expect(faults.first?.hasPrefix("ioc-h44/mapping/edoc-status.yaml:") == true, "\(faults)")
        #expect(
            faults.first?.contains(
                "of the examples of edoc/status/1: The source has no such value. (path=OrganId/StatusCode, target=/labels/x, reason=absent)"
            ) == true, "\(faults)"
        )
    }

    @Test("is told all that is wrong with it at once: what cannot be read, what must not be made, and what is missing")
    func both() throws {
        let folder = try Self.subscription(
            "  - set: /Fone\n    copy: Subject\n  - set: /kind\n    copy: OrganId\n")
        let faults = try folder.sampleFaults()
        let places = Set(faults.map { $0.prefix { $0 != " " } })
        #expect(places == ["\(Self.file):3:9:", "\(Self.file):5:1:", "\(Self.file):5:10:", "\(Self.file):7:1:"], "\(faults)")
    }

    @Test("and no example is a fault: somebody has to show a message that it is for")
    func untried() throws {
        let folder = try Self.subscription(
            "  - set: /indicator\n    constant: a\n", when: "    when: { field: Subject, equals: \"nothing says this\" }\n")
        #expect(
            try folder.sampleFaults() == [
                "\(Self.file):3:9: Neither a sample nor an example of edoc/document/1 leads through this mapping; add a sample that does."
            ]
        )
    }

    @Test("of a request must take whatever may be asked, one of a reply at least one answer")
    func services() throws {
        let folder = try AdapterFolder()
        try folder.copy("vnpost")
        try folder.remove("vnpost/samples")
        #expect(try folder.sampleFaults() == [])
        try folder.change("vnpost/mapping/gui.yaml", "\nsteps:", to: "\nsteps:\n  - { set: /khong, copy: /khongCo }")
        try folder.change("vnpost/mapping/gui-tra-loi.yaml", "\nsteps:", to: "\nsteps:\n  - { set: /khong, copy: /khongCo }")
        let faults = try folder.sampleFaults()
        #expect(Set(faults.map { $0.prefix { $0 != ":" } }) == ["vnpost/mapping/gui.yaml", "vnpost/mapping/gui-tra-loi.yaml"], "\(faults)")
        #expect(faults.count { $0.contains("has 'khongCo', so '/khongCo' is never there.") } == 2, "\(faults)")
    }

    @Test(
        "is told what no message can have, also where it may be absent, and what it may be a misspelling of",
        arguments: [
            (
                "copy: { from: edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo/Piority, optional: true }", 19,
                "No edoc/document/1 has 'Piority', so 'edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo/Piority' is never there. (did you mean 'Priority'?)"
            ),
            (
                "copy: { from: edXMLEnvelope/Khac/MessageHeader, otherwise: x }", 19,
                "No edoc/document/1 has 'Khac', so 'edXMLEnvelope/Khac/MessageHeader' is never there."
            ),
            (
                "first: { of: [{ copy: { from: Nhieu, optional: true } }, { constant: a }] }", 35,
                "No edoc/document/1 has 'Nhieu', so 'Nhieu' is never there."
            ),
        ])
    func never(operation: String, column: Int, fault: String) throws {
        let folder = try AdapterFolder()
        try folder.copy("ioc-h44")
        #expect(try folder.sampleFaults() == [])
        try folder.change("ioc-h44/mapping/edoc-document.yaml", "\nsteps:", to: "\nsteps:\n  - set: /labels/x\n    \(operation)")
        let faults = try folder.sampleFaults()
        let never = faults.filter { !$0.contains("samples/van-ban-moi/expected.json:1:1: /labels/x was not expected") }
        #expect(never == ["ioc-h44/mapping/edoc-document.yaml:12:\(column): \(fault)"], "\(faults)")
    }

    @Test(
        "is told nothing of what a schema leaves open: a signature, another document, a member of any name",
        arguments: [
            (
                "ioc-h44", "edoc-document.yaml",
                "{ set: /labels/x, copy: { from: edXMLEnvelope/edXMLHeader/Signature/SignatureValue, optional: true } }"
            ),
            (
                "ioc-h44", "edoc-document.yaml",
                "{ within: { from: edXMLEnvelope/edXMLHeader/MessageHeader/Content, form: json, optional: true }, steps: [{ set: /labels/x, copy: { from: /gi, optional: true } }] }"
            ),
            ("lien-thong-khai-sinh", "cu-tru.yaml", "{ when: { from: /request/gi/do }, set: /maHoSo, constant: a }"),
        ])
    func open(system: String, file: String, step: String) throws {
        let folder = try AdapterFolder()
        for system in Set([system, "ho-tich", "bhxh", "cu-tru"]) { try folder.copy(system) }
        try folder.change("\(system)/mapping/\(file)", "\nsteps:", to: "\nsteps:\n  - \(step)")
        #expect(try folder.sampleFaults().filter { $0.contains("never there") } == [])
    }

    @Test(
        "of a process is run as the process would, forwards and back",
        arguments: [
            ("cu-tru.yaml", "/steps/khai-sinh/reply/soDinhDanh", "/steps/khai-sinh/reply/soDinhDan"),
            ("huy-cu-tru.yaml", "/failed/service", "/failed/servise"),
            ("ket-qua.yaml", "/steps/the-bhyt/reply/maThe", "/steps/the-bhyt/reply/maTh"),
            ("ket-qua.yaml", "/failed/code", "/failed/kode"),
        ]
    )
    func process(file: String, path: String, other: String) throws {
        let folder = try AdapterFolder()
        for system in ["lien-thong-khai-sinh", "ho-tich", "bhxh", "cu-tru"] { try folder.copy(system) }
        #expect(try folder.sampleFaults() == [])
        try folder.change("lien-thong-khai-sinh/mapping/\(file)", "copy: \(path)", to: "copy: \(other)")
        let faults = try folder.sampleFaults()
        #expect(!faults.isEmpty)
        #expect(faults.allSatisfy { $0.hasPrefix("lien-thong-khai-sinh/mapping/\(file):") && ($0.contains("path=\(other),") || $0.contains("'\(other)' is never there")) }, "\(faults)")
    }
}
