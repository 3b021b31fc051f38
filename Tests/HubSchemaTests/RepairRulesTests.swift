import HubModel
import HubSchema
import HubXML
import HubYAML
import Testing

@Suite("The file of repair rules")
struct RepairRulesTests {
    private func faults(_ text: String) throws -> [String] {
        let reader = SettingsReader(
            try YAMLReader.read(Array(text.utf8), file: "repairs.yaml").get(), file: "repairs.yaml")
        let rules = RepairRules(settings: reader)
        #expect((rules == nil) == !reader.faults.isEmpty)
        return reader.faults.map { String($0.description.dropFirst("repairs.yaml:".count)) }
    }

    private static let head = "format: repairs-1\nnamespace: urn:x\n"
    private static let tail = "root: { name: a, type: A }\ntypes:\n  A: [{ name: b }]\n"

    @Test("is taken when it is sound")
    func sound() throws {
        #expect(try self.faults(Self.head + Self.tail) == [])
    }

    @Test(
        "is refused with file and line",
        arguments: [
            // Two ways to write a date of which one text could be either.
            (
                "dates: [{ form: dd/MM/yyyy, sure: S }, { form: MM/dd/yyyy, sure: K }]\n" + tail,
                "3:40: One text could be read"
            ),
            ("dates: [{ form: d/M/yyyy, sure: S }]\n" + tail, "3:17: The value 'd/M/yyyy' of 'form' is not"),
            ("stamps: [{ form: dd/MM/yyyy, sure: S }]\n" + tail, "3:10: A stamp needs a time."),
            ("namespaces: [{ uri: urn:y }]\n" + tail, "3:14: The key 'sure' is missing."),
            ("namespaces: [{ uri: urn:y, sure: sicher }]\n" + tail, "3:34: The value 'sicher' of 'sure'"),
            ("codes: { p: [{ found: [A, a], read: '1', sure: S }] }\n" + tail, "3:27: 'a' is listed twice."),
            (
                "root: { name: a, type: B }\ntypes:\n  A: [{ name: b }]\n",
                "3:24: The value 'B' of 'type' is not one of: A."
            ),
            (
                "root: { name: a, type: A, alone: c }\ntypes:\n  A: [{ name: b }]\n",
                "3:34: The root has no part 'c'."
            ),
            (
                "root: { name: a, type: A }\ntypes:\n  A: [{ name: b }, { name: c, also: [{ name: b, sure: S }] }]\n",
                "5:20: Two elements of 'A'"
            ),
            (
                "root: { name: a, type: A }\ntypes:\n  A: [{ name: b, form: date, type: A }]\n",
                "5:7: Only one of"
            ),
            ("root: { name: a, type: A }\ntypes:\n  A: b\n", "5:6: A type is a list of elements."),
            ("spelling: []\n" + tail, "3:1: The key 'spelling' is not known here"),
            ("types: {}\n", "1:1: The key 'root' is missing."),
        ]
    )
    func faulty(_ text: String, _ fault: String) throws {
        let faults = try self.faults(Self.head + text)
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }

    @Test(
        "has the elements of the schema beside it, in the same order",
        arguments: [MessageType.edocDocument, .edocStatus])
    func schema(_ type: MessageType) throws {
        let folder = "\(Repository.schemas)/\(type)"
        let rules = try Repository.tree(folder + "/repairs.yaml")
        let reader = SettingsReader(rules, file: "repairs.yaml")
        let types = try #require(reader.map("types"))
        let root = try #require(reader.map("root"))
        let schema = try XMLDocument.parse(try Repository.bytes(folder + "/schema.xsd")).root
        let shape = XSDShape(schema)
        var open = [(element: try #require(schema.child("element")), part: root)]
        var seen = 0
        while let (element, part) = open.popLast() {
            let declared = shape.parts(of: element)
            guard let name = part.string("type") else {
                // A value, or the signature, of which the schema says as little.
                #expect(declared.isEmpty, "\(part.string("name") ?? "")")
                continue
            }
            seen += 1
            let tree = try #require(types.tree(name))
            let parts: [SettingsReader]
            if case .map = tree {
                let details = types.reader(of: tree)
                parts = details.list("any-order").map { details.reader(of: $0) }
            } else {
                parts = types.list(name).map { types.reader(of: $0) }
            }
            let named = parts.filter { $0.tree("namespace") == nil }
            #expect(named.compactMap { $0.string("name") } == declared.map(\.name), "\(name)")
            #expect(named.map { $0.boolean("many") ?? false } == declared.map(\.isMany), "\(name)")
            open += zip(declared.map(\.element), named).map { ($0, $1) }
        }
        #expect(seen > 5)
        #expect(reader.faults.isEmpty)
    }

    @Test("knows each repair that the page about it lists, and the page each repair")
    func page() throws {
        let page = String(decoding: try Repository.bytes(Repository.root + "/docs/edxml.md"), as: UTF8.self)
        #expect(
            Set(page.matches(of: /`(repair\.[a-z_]+)`/).map { String($0.1) }).subtracting(["repair.ambiguous"]
            ) == Set(Repair.allCases.map(\.rawValue)))
        #expect(
            Set(page.matches(of: /`(check\.[a-z_]+)`/).map { String($0.1) })
                == Set(CheckCode.allCases.map(\.rawValue)))
    }
}

/// As much of an XSD as says which elements are in which.
private struct XSDShape {
    private let types: [String: XMLElement]

    init(_ schema: XMLElement) {
        self.types = Dictionary(
            schema.children("complexType").map { ($0.attribute("name") ?? "", $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The elements in an element, in their order, each once.
    func parts(of element: XMLElement) -> [(name: String, isMany: Bool, element: XMLElement)] {
        guard let type = element.attribute("type").map({ self.types[$0] }) ?? element.child("complexType")
        else { return [] }
        var found: [(name: String, isMany: Bool, element: XMLElement)] = []
        var open = [type]
        while !open.isEmpty {
            let next = open.removeFirst()
            if next.isNamed("element") {
                let name = next.attribute("name") ?? ""
                let isMany = next.attribute("maxOccurs") == "unbounded"
                if let index = found.firstIndex(where: { $0.name == name }) {
                    found[index].isMany = found[index].isMany || isMany
                } else {
                    found.append((name, isMany, next))
                }
            } else if ["complexType", "sequence", "choice", "all"].contains(next.localName) {
                open = next.children + open
            }
        }
        return found
    }
}
