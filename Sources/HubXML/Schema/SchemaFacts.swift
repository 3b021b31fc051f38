import HubModel

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

    /// What texts must look like by one restriction.
    struct Form: Sendable {
        let patterns: [String]
        /// The schema's own words for it.
        let words: Bilingual?
        let type: String?
    }

    /// The largest length that any type sets for a text; 0 when none does.
    private(set) var longestBound = 0
    /// The elements a document of the main file may begin with.
    private(set) var roots: [ExpectedName] = []
    private var constraints: [String: Constraint] = [:]
    /// By the last pattern of a restriction, the one that the library names; `nil` where several restrictions end with it
    /// and mean different things.
    private var forms: [String: Form?] = [:]

    private static let longestWords = 300
    private static let language = "http://www.w3.org/XML/1998/namespace"

    /// - Parameter units: The files, the main one first.
    init(_ units: [SchemaCost.Unit]) {
        guard let main = units.first?.root else { return }
        let target = main.attribute("targetNamespace")
        self.roots = main.children.filter { $0.isNamed("element", in: SchemaCost.namespace) }
            .compactMap { $0.attribute("name") }.map { ExpectedName(namespace: target, local: $0) }
        for unit in units {
            // A file without one that is included takes over that of the main one.
            self.note(unit.root, target: unit.root.attribute("targetNamespace") ?? target)
        }
    }

    func constraint(_ name: ExpectedName) -> Constraint? { self.constraints[name.description] }

    /// What the restriction with this pattern asks for.
    func form(_ pattern: String) -> Form {
        (self.forms[pattern] ?? nil) ?? Form(patterns: [pattern], words: nil, type: nil)
    }

    private mutating func note(_ element: XMLElement, target: String?) {
        if element.namespace == SchemaCost.namespace {
            switch element.localName {
            case "key", "unique", "keyref": self.noteConstraint(element, target: target)
            case "restriction": self.noteForm(element)
            // Lengths of lists count items, which a long value may have any number of.
            case "list": self.longestBound = .max
            case "length", "maxLength", "minLength":
                // A number that cannot be counted with is more than any.
                self.longestBound = max(self.longestBound, element.attribute("value").flatMap { Int($0) } ?? .max)
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

    // MARK: Patterns

    private mutating func noteForm(_ restriction: XMLElement) {
        let facets = restriction.children("pattern")
        let patterns = facets.compactMap { $0.attribute("value") }
        guard let last = patterns.last else { return }
        let type = restriction.parent.flatMap { $0.isNamed("simpleType") ? $0 : nil }
        let words = [facets.last, restriction, type].compactMap { $0.flatMap(Self.words) }.first
        let form = Form(patterns: patterns, words: words, type: type?.attribute("name"))
        if let other = self.forms[last] {
            if other?.words != words || other?.patterns != patterns { self.forms[last] = .some(nil) }
        } else {
            self.forms[last] = form
        }
    }

    /// What an element's annotation says, in both languages as far as it has them.
    private static func words(of element: XMLElement) -> Bilingual? {
        var texts: [String: String] = [:]
        for text in element.children("annotation").flatMap({ $0.children("documentation") }) {
            var words = text.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if words.hasSuffix(".") { words.removeLast() }
            guard !words.isEmpty, words.unicodeScalars.count <= Self.longestWords else { continue }
            let language = text.attribute("lang", in: Self.language) ?? ""
            texts[language] = texts[language] ?? words
        }
        guard let vi = texts["vi"] ?? texts[""] ?? texts["en"],
            let en = texts["en"] ?? texts[""] ?? texts["vi"]
        else { return nil }
        return Bilingual(vi: vi, en: en)
    }
}
