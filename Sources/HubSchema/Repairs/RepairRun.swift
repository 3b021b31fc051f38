import HubModel
import HubXML

/// One reading of a document by the rules of its type.
///
/// Goes through the document once. An element that could be two things, or that nobody knows what to make of, is left as
/// it is, and the schema then says what is wrong with it.
struct RepairRun {
    let rules: RepairRules
    private(set) var text = RepairedText()
    private(set) var notes = RepairNotes()
    /// What cannot be read, in the order in which it was found.
    private(set) var refusals: [XMLFinding] = []

    private static let refusalLimit = 100
    private static let instance = "http://www.w3.org/2001/XMLSchema-instance"

    init(_ rules: RepairRules) {
        self.rules = rules
    }

    /// - Returns: `false` if the root is not one of this type.
    mutating func read(_ root: XMLElement) -> Bool {
        guard self.isOurs(root) else { return false }
        let part = self.rules.root
        let name = root.localName
        if name == part.name || self.rules.rootNames.contains(name) {
            self.write(root, as: part, isRoot: true)
            return true
        }
        guard let lone = self.rules.loneRoot, let inner = self.rules.part(lone, of: part),
            self.rules.part(name, of: part)?.name == inner.name
        else { return false }
        self.writeLone(root, as: inner, in: part)
        return true
    }

    /// An element that stands without its root.
    ///
    /// What belongs into the root and was put into the element moves out.
    private mutating func writeLone(_ root: XMLElement, as inner: RepairRules.Part, in part: RepairRules.Part)
    {
        guard case .elements(let innerName) = inner.content, let innerType = self.rules.types[innerName]
        else { return }
        self.notes.note(.rootMissing, found: root.localName, read: part.name, at: root)
        self.noteNamespace(root)
        self.noteName(root, inner)
        self.begin(root, as: part, isRoot: true)
        self.text.endOfTag()
        let outer = root.children.filter { child in
            let name = child.localName
            return innerType.byName[name] == nil && self.rules.part(name, of: part) != nil
                && self.isOurs(child)
        }
        self.begin(root, as: inner)
        self.writeAttributes(of: root, as: inner)
        self.text.endOfTag()
        self.writeParts(of: root, type: innerType, name: inner.name, except: outer)
        self.text.end(inner.name)
        for child in outer {
            if let outerPart = self.rules.part(child.localName, of: part) { self.write(child, as: outerPart) }
        }
        self.text.end(part.name)
    }

    // MARK: Elements

    /// Whether an element is in the namespace of the type or in one that is taken for it.
    private func isOurs(_ element: XMLElement) -> Bool {
        let namespace = element.namespace ?? ""
        return namespace == self.rules.namespace || self.rules.namespaces.contains(namespace)
    }

    private mutating func write(_ element: XMLElement, as part: RepairRules.Part, isRoot: Bool = false) {
        if case .foreign(let namespace) = part.content {
            return self.writeForeign(element, as: part, in: namespace)
        }
        self.noteNamespace(element)
        self.noteName(element, part)
        self.begin(element, as: part, isRoot: isRoot)
        self.writeAttributes(of: element, as: part)
        self.text.endOfTag()
        if case .elements(let name) = part.content {
            if let type = self.rules.types[name] { self.writeParts(of: element, type: type, name: part.name) }
        } else if let child = element.firstChild {
            // A value with elements in it; the schema says so.
            self.copy(child, into: nil)
        } else {
            self.writeValue(of: element, as: part)
        }
        self.text.end(part.name)
    }

    private mutating func begin(_ element: XMLElement, as part: RepairRules.Part, isRoot: Bool = false) {
        self.text.begin(part.name, from: element)
        if isRoot { self.text.attribute("xmlns", self.rules.namespace) }
    }

    private mutating func noteNamespace(_ element: XMLElement) {
        let namespace = element.namespace ?? ""
        guard namespace != self.rules.namespace else { return }
        if namespace.isEmpty {
            self.notes.noteOnce(
                .namespaceMissing, key: "", found: element.localName, read: self.rules.namespace, at: element)
        } else {
            self.notes.noteOnce(
                .namespace, key: namespace, found: namespace, read: self.rules.namespace, at: element)
        }
    }

    private mutating func noteName(_ element: XMLElement, _ part: RepairRules.Part) {
        let name = element.localName
        guard name != part.name else { return }
        self.notes.noteOnce(.name, key: "\(name) \(part.name)", found: name, read: part.name, at: element)
    }

    private mutating func writeAttributes(of element: XMLElement, as part: RepairRules.Part) {
        var written: Set<String> = []
        for (name, namespace, value) in element.attributes {
            if namespace == Self.instance, name == "schemaLocation" || name == "noNamespaceSchemaLocation" {
                continue
            }
            let isKnown =
                part.attributes.contains(name) && (namespace.map(self.rules.namespacesAndOwn) ?? true)
            if isKnown, written.insert(name).inserted {
                self.text.attribute(name, value)
            } else if isKnown {
                self.refuse(element, Self.ambiguous(name, name))
            } else {
                self.notes.note(.attributeDropped, found: name, read: part.name, at: element)
            }
        }
    }

    // MARK: Parts

    /// An element in an element, and what it is.
    private struct Found {
        let element: XMLElement
        /// `nil` for one that is left as it is.
        let index: Int?
        let rank: Int
    }

    private mutating func writeParts(
        of element: XMLElement, type: RepairRules.Shape, name: String, except moved: [XMLElement] = []
    ) {
        if element.hasOwnText { self.refuse(element, Self.textAmongElements(name)) }
        var found: [Found] = []
        var next = element.firstChild
        var isMoved = moved[...]
        while let child = next {
            next = child.nextSibling
            if child == isMoved.first {
                isMoved = isMoved.dropFirst()
            } else if let index = self.index(of: child, in: type) {
                let leads =
                    type.parts[index].mayLead && (found.last.map { $0.index == index && $0.rank < 0 } ?? true)
                found.append(Found(element: child, index: index, rank: leads ? -1 : index))
            } else if self.holdsKnownName(child) {
                // Keeps its place behind the one before it, so that the complaint about it makes sense.
                found.append(Found(element: child, index: nil, rank: found.last?.rank ?? -1))
            } else {
                self.notes.noteOnce(
                    .elementDropped, key: "\(child.localName) \(name)", found: child.localName, read: name,
                    at: child)
            }
        }
        if type.isOrdered { self.putInOrder(&found, in: element, name: name) }
        self.write(found, type: type)
    }

    private func index(of child: XMLElement, in type: RepairRules.Shape) -> Int? {
        guard let index = type.byName[child.localName] else { return nil }
        if self.isOurs(child) { return index }
        if case .foreign(let namespace) = type.parts[index].content, child.namespace == namespace {
            return index
        }
        return nil
    }

    private mutating func putInOrder(_ found: inout [Found], in element: XMLElement, name: String) {
        var highest = Int.min
        guard
            let misplaced = found.first(where: { item in
                defer { highest = max(highest, item.rank) }
                return item.rank < highest
            })
        else { return }
        self.notes.note(.order, found: name, read: misplaced.element.localName, at: element)
        found = found.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(
            \.element)
    }

    private mutating func write(_ found: [Found], type: RepairRules.Shape) {
        /// Where the last of each part that may stand only once was written.
        var last: [Int: (element: XMLElement, start: RepairedText.Mark, end: RepairedText.Mark)] = [:]
        for item in found {
            guard let index = item.index else {
                self.copy(item.element, into: nil)
                continue
            }
            let part = type.parts[index]
            let (start, notes) = (self.text.mark, self.notes.mark)
            self.write(item.element, as: part)
            guard !part.isMany else { continue }
            if let earlier = last[index], Self.isWrittenOtherwise(earlier.element, item.element) {
                if self.text.repeats(from: earlier.start, earlier.end, start) {
                    self.text.goBack(to: start)
                    self.notes.goBack(to: notes)
                    self.notes.note(
                        .repeated, found: item.element.localName, read: earlier.element.localName,
                        at: item.element)
                    continue
                }
                self.refuse(item.element, Self.ambiguous(earlier.element.localName, item.element.localName))
            }
            last[index] = (item.element, start, self.text.mark)
        }
    }

    private static func isWrittenOtherwise(_ one: XMLElement, _ two: XMLElement) -> Bool {
        one.localName != two.localName || one.namespace != two.namespace
    }

    /// Whether an unknown element is, or has in it, something that has a meaning elsewhere.
    private func holdsKnownName(_ element: XMLElement) -> Bool {
        if self.rules.names.contains(element.localName) { return true }
        var next = element.firstChild
        while let child = next {
            if self.holdsKnownName(child) { return true }
            next = child.nextSibling
        }
        return false
    }

    // MARK: Values

    private mutating func writeValue(of element: XMLElement, as part: RepairRules.Part) {
        let value = element.text
        switch part.content {
        case .base64:
            self.text.base64(value)
        case .date:
            self.write(value, at: element, repair: .date, self.rules.date(value))
        case .stamp:
            self.write(value, at: element, repair: .date, self.rules.stamp(value))
        case .contentID:
            self.write(value, at: element, repair: .contentID, self.rules.contentID(value))
        case .code(let list):
            self.write(value, at: element, repair: .code, self.rules.code(value, in: list))
        case .text, .elements, .foreign:
            self.text.text(value)
        }
    }

    private mutating func write(_ value: String, at element: XMLElement, repair: Repair, _ read: String?) {
        if let read { self.notes.note(repair, found: value, read: read, at: element) }
        self.text.text(read ?? value)
    }

    // MARK: What is left as it is

    private mutating func writeForeign(_ element: XMLElement, as part: RepairRules.Part, in namespace: String)
    {
        if let found = element.namespace ?? Optional(""), found != namespace {
            self.notes.note(.signatureNamespace, found: found, read: namespace, at: element)
        }
        self.copy(element, into: namespace)
    }

    /// Writes an element as it is; those of the document's namespaces into `namespace`, if there is one.
    private mutating func copy(_ element: XMLElement, into namespace: String?) {
        let own = element.namespace ?? ""
        let name = element.localName
        self.text.begin(name, from: element)
        self.text.attribute("xmlns", namespace.map { self.isOurs(element) ? $0 : own } ?? own)
        for (index, attribute) in element.attributes.enumerated() {
            switch attribute.namespace {
            case nil:
                self.text.attribute(attribute.name, attribute.value)
            case "http://www.w3.org/XML/1998/namespace":
                self.text.attribute("xml:" + attribute.name, attribute.value)
            case let other?:
                self.text.attribute("xmlns:a\(index)", other)
                self.text.attribute("a\(index):" + attribute.name, attribute.value)
            }
        }
        self.text.endOfTag()
        if let first = element.firstChild {
            var next: XMLElement? = first
            while let child = next {
                self.copy(child, into: namespace)
                next = child.nextSibling
            }
        } else {
            self.text.text(element.text)
        }
        self.text.end(name)
    }

    private mutating func refuse(_ element: XMLElement, _ refusal: (rule: String, message: Bilingual)) {
        guard self.refusals.count < Self.refusalLimit else { return }
        self.refusals.append(
            XMLFinding(element: element, rule: refusal.rule, message: refusal.message))
    }

    private static func ambiguous(_ one: String, _ two: String) -> (rule: String, message: Bilingual) {
        let (one, two) = (one.prefix(bytes: 60), two.prefix(bytes: 60))
        return (
            "repair.ambiguous",
            Bilingual(
                vi: "“\(one)” và “\(two)” cùng có mặt với nội dung khác nhau; không rõ cái nào đúng.",
                en: "“\(one)” and “\(two)” are both there and differ; which one holds is not known."
            )
        )
    }

    private static func textAmongElements(_ name: String) -> (rule: String, message: Bilingual) {
        (
            "cvc-complex-type.2.3",
            Bilingual(
                vi: "Phần tử “\(name)” chỉ được chứa phần tử con, không được chứa văn bản.",
                en: "Element “\(name)” may hold elements only, not text."
            )
        )
    }
}
