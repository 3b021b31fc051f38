/// What is said about a schema and is not in the library's sentences: read from its files when it is compiled.
struct SchemaFacts: Sendable {
    /// A key, values that may stand once, or a reference to a key.
    struct Constraint: Sendable {
        /// The elements it is about, by local name.
        let selected: [String]
        let fields: [Field]
        /// The key a reference means.
        let key: ExpectedName?
    }

    /// Where a part of a key stands, by local names: elements below the selected one, and perhaps an attribute.
    struct Field: Sendable {
        let elements: [String]
        let attribute: String?

        /// What people call it.
        var name: String? { self.attribute ?? self.elements.last }
    }

    private var constraints: [String: Constraint] = [:]

    /// - Parameter units: The files, the main one first.
    init(_ units: [SchemaCost.Unit]) {
        guard let main = units.first?.root else { return }
        let target = main.attribute("targetNamespace")
        for unit in units {
            // A file without one that is included takes over that of the main one.
            self.note(unit.root, target: unit.root.attribute("targetNamespace") ?? target)
        }
    }

    func constraint(_ name: ExpectedName) -> Constraint? { self.constraints[name.description] }

    private mutating func note(_ element: XMLElement, target: String?) {
        if element.namespace == SchemaCost.namespace {
            switch element.localName {
            case "key", "unique", "keyref": self.noteConstraint(element, target: target)
            default: break
            }
        }
        var next = element.firstChild
        while let child = next {
            self.note(child, target: target)
            next = child.nextSibling
        }
    }

    // MARK: Keys

    private mutating func noteConstraint(_ element: XMLElement, target: String?) {
        guard let name = element.attribute("name") else { return }
        let selected = (element.child("selector")?.attribute("xpath") ?? "").split(separator: "|")
            .compactMap { Self.field($0)?.elements.last }
        let fields = element.children("field").map { $0.attribute("xpath") ?? "" }
        let key = element.attribute("refer").map { ExpectedName(namespace: target, local: Self.local($0)) }
        self.constraints[ExpectedName(namespace: target, local: name).description] = Constraint(
            // Of a choice of paths only the first is looked at; nearly nobody writes one.
            selected: selected, fields: fields.compactMap { Self.field($0.prefix { $0 != "|" }) }, key: key)
    }

    private static func field(_ path: Substring) -> Field? {
        var steps = path.split(separator: "/", omittingEmptySubsequences: false).map { step in
            String(step.filter { !$0.isWhitespace })
        }
        guard !steps.contains(where: { $0.contains("::") }) else { return nil }
        var attribute: String?
        if let last = steps.last, last.hasPrefix("@") {
            attribute = Self.local(last.dropFirst())
            steps.removeLast()
        }
        return Field(
            elements: steps.filter { $0 != "." && !$0.isEmpty }.map { Self.local($0) }, attribute: attribute)
    }

    /// A name without its prefix.
    private static func local(_ name: some StringProtocol) -> String {
        String(name.split(separator: ":").last ?? "")
    }
}
