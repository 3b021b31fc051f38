import CLibXML2

/// References to keys that are not there, whose elements the library names by name and line only.
@safe
struct KeyReferences {
    /// One complaint, and what is known of the element it is about.
    struct Complaint {
        /// Which of the findings it is.
        let finding: Int
        let name: ExpectedName
        /// The constraint that does not hold.
        let constraint: ExpectedName
        /// The library's list of values: `'a', 'b'`.
        let values: String
        /// The line as the library keeps it; `nil` where it does not say.
        let line: Int?
        /// Around the element, where that is known.
        let scope: XMLElement?
    }

    private struct Key: Hashable {
        let name: String
        let constraint: String
        let values: String
    }

    private struct Line: Hashable {
        let name: String
        /// `nil` for any.
        let line: Int?
    }

    private let facts: SchemaFacts
    private let complaints: [Complaint]
    private var found: [Int: XMLElement] = [:]
    /// Complaints that are still open, in the order in which they were made.
    private var byKey: [Key: ArraySlice<Int>] = [:]
    private var byLine: [Line: ArraySlice<Int>] = [:]
    private var constraints: [String: [(name: String, fields: [SchemaFacts.Field])]] = [:]
    /// Elements whose name and line are those of a complaint, whatever their values.
    private var likely: [Int: XMLElement] = [:]
    private let names: Set<String>

    /// Finds the elements that complaints are about in one walk through the document.
    ///
    /// - Returns: By the numbers of findings. Where two elements are alike in all that is known, the order decides.
    static func elements(
        of complaints: [Complaint], in document: XMLDocument, by facts: SchemaFacts
    ) -> [Int: XMLElement] {
        guard !complaints.isEmpty else { return [:] }
        var search = KeyReferences(complaints, facts)
        search.look(at: document.root)
        unsafe Tree.walk(document.rootPointer) { node in
            guard unsafe node.pointee.type == XML_ELEMENT_NODE else { return }
            unsafe search.look(at: XMLElement(node, of: document))
        }
        return search.found.merging(search.fallback(document.root)) { element, _ in element }
    }

    private init(_ complaints: [Complaint], _ facts: SchemaFacts) {
        self.facts = facts
        self.complaints = complaints
        self.names = Set(complaints.map(\.name.local))
        for (index, complaint) in complaints.enumerated() {
            let (name, constraint) = (complaint.name.description, complaint.constraint.description)
            let key = Key(name: name, constraint: constraint, values: Self.normal(complaint.values))
            self.byKey[key, default: []].append(index)
            self.byLine[Line(name: name, line: complaint.line), default: []].append(index)
            if self.constraints[name]?.contains(where: { $0.name == constraint }) != true {
                let fields = facts.constraint(complaint.constraint)?.fields ?? []
                self.constraints[name, default: []].append((constraint, fields))
            }
        }
    }

    private mutating func look(at element: XMLElement) {
        guard self.names.contains(where: { element.isNamed($0) }) else { return }
        let name = ExpectedName(namespace: element.namespace, local: element.localName).description
        let line = unsafe Int(element.pointer.pointee.line)
        for (constraint, fields) in self.constraints[name] ?? [] {
            guard !fields.isEmpty else { continue }
            let values = fields.map { "'\(element.value(at: $0) ?? "")'" }.joined(separator: ", ")
            let key = Key(name: name, constraint: constraint, values: Self.normal(values))
            guard let open = self.byKey[key], let first = open.first else { continue }
            let complaint = self.complaints[first]
            guard complaint.line == nil || complaint.line == line,
                complaint.scope == nil || element.isWithin(complaint.scope)
            else { continue }
            self.found[complaint.finding] = element
            self.byKey[key] = open.dropFirst()
        }
        // For values that the library writes in another way than the document.
        for line in [Line(name: name, line: line), Line(name: name, line: nil)] {
            guard let open = self.byLine[line], let first = open.first,
                self.complaints[first].scope == nil || element.isWithin(self.complaints[first].scope)
            else { continue }
            self.likely[self.complaints[first].finding] = element
            self.byLine[line] = open.dropFirst()
        }
    }

    private func fallback(_ root: XMLElement) -> [Int: XMLElement] {
        var elements: [Int: XMLElement] = [:]
        for complaint in self.complaints {
            elements[complaint.finding] = self.likely[complaint.finding] ?? complaint.scope ?? root
        }
        return elements
    }

    /// White space counts differently by type.
    private static func normal(_ values: String) -> String {
        values.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing("' ", with: "'")
            .replacing(" '", with: "'")
    }
}

extension XMLElement {
    /// The text of a part of a key; `nil` where it is not there.
    func value(at field: SchemaFacts.Field) -> String? {
        let path = field.elements.joined(separator: "/")
        guard let element = path.isEmpty ? self : self.descendant(path) else { return nil }
        guard let attribute = field.attribute else { return element.text }
        return element.attributes.first { $0.name == attribute }?.value
    }

    fileprivate func isWithin(_ scope: XMLElement?) -> Bool {
        var next: XMLElement? = self
        while let element = next {
            if element == scope { return true }
            next = element.parent
        }
        return false
    }
}
