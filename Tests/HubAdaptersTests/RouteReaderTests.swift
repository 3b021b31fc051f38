import Foundation
import HubAdapters
import HubCore
import HubModel
import HubSchema
import Testing

@Suite("Routing rules")
struct RouteReaderTests {
    private static func read(_ files: [String: String]) throws -> Result<[RoutingRule], SettingsFaults> {
        let folder = try AdapterFolder()
        for (name, text) in files { try folder.write(text, to: name) }
        let catalogue = try AdapterCatalogue.load(
            folder: Repository.adapters, schemas: Repository.catalogue.get()
        ).get()
        return RouteReader(catalogue).load(folder: folder.path).mapError { faults in
            SettingsFaults(
                faults.faults.map { fault in
                    SettingsFault(
                        file: String(fault.file.dropFirst(folder.path.count + 1)), place: fault.place, message: fault.message,
                        suggestion: fault.suggestion
                    )
                }
            )
        }
    }

    private static func rule(_ body: String) -> String {
        "format: routes-1\nrules:\n  - rule: mau\n    title: { vi: Mẫu, en: A sample }\n" + body
    }

    @Test("are read in the order of their files")
    func order() throws {
        let rules = try Self.read([
            "b.yaml": Self.rule("    split: true\n    stop: true\n"),
            "a.yaml": """
            format: routes-1
            rules:
              - rule: khan
                title: { vi: Khẩn, en: Urgent }
                message: [edoc/document/1, edoc/status/1]
                from: [H44.13]
                when:
                  - { path: edXMLEnvelope/edXMLHeader/MessageHeader/Subject, matches: "^[A-Z]" }
                  - { path: edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo/Priority, at-least: 3 }
                copy-to: qlvb-so-tc-h44
            """,
        ]).get()
        #expect(rules.map(\.name) == ["khan", "mau"])
        #expect(rules.map(\.isLast) == [false, true])
        #expect(rules[0].conditions.count == 2)
        #expect(rules[0].senders.map(\.text) == ["H44.13"])
        guard case .copy(let system, .mailbox, nil, "") = rules[0].action else {
            Issue.record("\(rules[0].action)")
            return
        }
        #expect(system.description == "qlvb-so-tc-h44")
    }

    static let faults: [(body: String, fault: String)] = [
        ("", "3:5: A rule does exactly one of: copy-to, redirect-to, split, refuse."),
        ("    split: true\n    refuse: { vi: a, en: b }\n", "3:5: A rule does exactly one of"),
        ("    copy-to: qlvb-so-tc-h44\n", "5:14: A rule that sends somewhere says which 'message' it sends."),
        ("    message: edoc/document/1\n    copy-to: qlvb-so-tc-h4\n", "6:14: There is no adapter of 'qlvb-so-tc-h4'. (did you mean 'qlvb-so-tc-h44'?)"),
        ("    message: edoc/document/1\n    copy-to: ioc-h44\n", "6:14: ioc-h44 does not receive edoc/document/1; add it to 'receives' of its adapter."),
        ("    message: edoc/dokument/1\n    split: true\n", "5:14: There is no message type 'edoc/dokument/1'. (did you mean 'edoc/document/1'?)"),
        ("    message: edoc/document/1\n    when: [{ field: Prioriti, equals: \"3\" }]\n    split: true\n", "6:21: The form of edoc/document/1 has no field 'Prioriti'. (did you mean 'Priority'?)"),
        ("    when: [{ field: Priority, equals: \"3\" }]\n    split: true\n", "5:21: A rule that asks for a field says of which 'message'."),
        ("    message: edoc/document/1\n    when: [{ path: /data, present: true }]\n    split: true\n", "6:20: This path is for application/json, but edoc/document/1 is application/xml."),
        ("    message: edoc/document/1\n    when: [{ field: Subject, matches: \"(a\" }]\n    split: true\n", "6:39: '(a' is not a pattern: a bracket is not closed or not opened."),
        ("    message: edoc/document/1\n    when: [{ field: Subject, contains: a, equals: b }]\n    split: true\n", "6:12: A condition has exactly one of"),
        ("    message: edoc/document/1\n    when: [{ field: Subject, at-least: nhiều }]\n    split: true\n", "6:40: The value 'nhiều' of 'at-least' is not a number."),
        ("    split: false\n", "5:12: 'split' is true; without the rule nothing is split."),
        ("    split: true\n    as: indicator/event/1\n", "6:9: 'as' belongs to 'copy-to'."),
        ("    message: edoc/document/1\n    copy-to: ioc-h44\n    as: indicator/event/1\n    mapping: mapping/khac.yaml\n", "6:14: 'as' and 'mapping' name one of the mappings"),
        ("    split: true\n    stopp: true\n", "6:5: The key 'stopp' is not known here"),
    ]

    @Test("that are faulty are told with file, line, column and suggestion", arguments: Self.faults.map(\.body))
    func faulty(_ body: String) throws {
        let expected = try #require(Self.faults.first { $0.body == body }?.fault)
        guard case .failure(let faults) = try Self.read(["a.yaml": Self.rule(body)]) else {
            Issue.record("There is no fault.")
            return
        }
        #expect(faults.faults.contains { $0.description.hasPrefix("a.yaml:" + expected) }, "\(faults)")
    }

    @Test("have names that occur once in all files")
    func twice() throws {
        let text = Self.rule("    split: true\n")
        guard case .failure(let faults) = try Self.read(["a.yaml": text, "b.yaml": text]) else {
            Issue.record("There is no fault.")
            return
        }
        #expect(faults.faults.map(\.file) == ["b.yaml"])
        #expect(faults.description.contains("line 3 already."))
    }

    @Test("are told all that is wrong with them at once, whatever of it could be read")
    func atOnce() throws {
        let text = """
            format: routes-1
            rules:
              - rule: mau
                message: edoc/dokument/1
                copy-to: qlvb-so-tc-h4
                refuse: { vi: a, en: b }
              - rule: mau
                title: { vi: Mẫu, en: A sample }
                split: true
                stopp: true

            """
        guard case .failure(let faults) = try Self.read(["a.yaml": text]) else {
            Issue.record("There is no fault.")
            return
        }
        let expected = [
            "a.yaml:3:5: The key 'title' is missing.", "a.yaml:3:5: A rule does exactly one of",
            "a.yaml:4:14: There is no message type 'edoc/dokument/1'.", "a.yaml:5:14: There is no adapter of 'qlvb-so-tc-h4'.",
            "a.yaml:7:5: The rule 'mau' stands in", "a.yaml:10:5: The key 'stopp' is not known here",
        ]
        for fault in expected { #expect(faults.faults.contains { $0.description.hasPrefix(fault) }, "\(fault) is not in \(faults)") }
        #expect(faults.faults.count == expected.count, "\(faults)")
    }

    @Test("are held against adapters with faults too, which are told with the adapters")
    func faultyAdapter() throws {
        let folder = try AdapterFolder()
        for system in ["qlvb-so-tc-h44", "qlvb-so-tttt-h44"] { try folder.copy(system) }
        try folder.change("qlvb-so-tc-h44/adapter.yaml", "kind: document-management", to: "kind: documents")
        let (catalogue, faults) = AdapterCatalogue.read(folder: folder.path, schemas: try Repository.catalogue.get())
        #expect(faults.count == 1)
        let rules = try AdapterFolder()
        let body = "    message: edoc/document/1\n    copy-to: "
        try rules.write(Self.rule(body + "qlvb-so-tc-h44\n"), to: "a.yaml")
        try rules.write(Self.rule(body + "qlvb-so-tttt-h4\n").replacing("mau", with: "khac"), to: "b.yaml")
        #expect(RouteReader(catalogue).read(folder: rules.path).faults.map(\.message) == ["There is no adapter of 'qlvb-so-tttt-h4'."])
    }
}
