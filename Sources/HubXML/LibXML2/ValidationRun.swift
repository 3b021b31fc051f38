import CLibXML2
import HubModel

/// One validation, collecting what does not fit.
@safe
struct ValidationRun {
    let document: XMLDocument
    let facts: SchemaFacts
    let limit: Int
    /// The element that is being looked at, where the library does not say.
    var current: xmlNodePtr?
    /// Whether that element is only being let in.
    var isEntering = false
    /// All of them, also those above the limit.
    private(set) var count = 0
    private(set) var findings: [XMLFinding] = []

    /// Whether a part of a key did not fit its type, so that the library took the key for incomplete.
    private var hasUnreadKey = false

    /// Findings whose elements are to be looked for.
    private var references: [KeyReferences.Complaint] = []

    init(document: XMLDocument, facts: SchemaFacts, limit: Int) {
        self.document = document
        self.facts = facts
        self.limit = limit
    }

    /// Whether nothing more would be reported.
    var isFull: Bool { self.count >= max(1, self.limit) }

    /// For the case that the library gives up without a reason, which must not look like a document that fits.
    static let unfinished = XMLFinding(
        element: nil, rule: "internal",
        message: Bilingual(
            vi: "Không kiểm tra được tài liệu theo lược đồ.",
            en: "The document could not be checked against its schema."
        )
    )

    mutating func note(_ error: xmlError) {
        guard self.findings.count < self.limit else {
            self.count += 1
            return
        }
        let complaint = unsafe SchemaComplaint(error)
        if complaint.isKeyReference, unsafe error.node == nil {
            self.count += 1
            return self.note(complaint, line: unsafe Int(error.line))
        }
        let element = unsafe self.element(at: error.node) ?? self.element(of: complaint)
        guard !self.onlyFollows(complaint, at: element) else { return }
        self.count += 1
        self.findings.append(
            XMLFinding(
                element: element, attribute: complaint.attribute, rule: complaint.rule,
                message: complaint.message(about: element, by: self.facts)
            )
        )
    }

    /// Whether it says no more than that a value which does not fit its type is a part of a key: the value was complained
    /// about right before, and the key is not known until it is mended.
    private mutating func onlyFollows(_ complaint: SchemaComplaint, at element: XMLElement?) -> Bool {
        guard let element else { return false }
        if complaint.isUnreadKey {
            guard let last = self.findings.last, last.element == element,
                last.attribute == complaint.attribute
            else {
                return false
            }
            self.hasUnreadKey = true
            return true
        }
        guard complaint.isIncompleteKey, self.hasUnreadKey else { return false }
        // What is there was not read; what is not there is lacking, whatever else is wrong.
        let fields = self.facts.constraint(complaint.constraint)?.fields ?? []
        return !fields.isEmpty && fields.allSatisfy { element.value(at: $0) != nil }
    }

    /// Takes down that a key is not there.
    ///
    /// - Parameter line: As the library says it, when it goes through the tree itself.
    private mutating func note(_ complaint: SchemaComplaint, line: Int) {
        let scope = unsafe self.current.map { unsafe XMLElement($0, of: self.document) }
        self.references.append(
            KeyReferences.Complaint(
                finding: self.findings.count, name: complaint.element, constraint: complaint.constraint,
                values: complaint.keyValues, line: scope == nil ? line : nil, scope: scope))
        self.findings.append(
            XMLFinding(
                element: nil, rule: complaint.rule, message: complaint.message(about: nil, by: self.facts)))
    }

    /// What was found, each with its element.
    func finished() -> [XMLFinding] {
        guard !self.references.isEmpty else { return self.findings }
        let elements = KeyReferences.elements(of: self.references, in: self.document, by: self.facts)
        return self.findings.enumerated().map { index, finding in
            elements[index].map(finding.moved) ?? finding
        }
    }

    private func element(at pointer: UnsafeMutableRawPointer?) -> XMLElement? {
        guard let node = unsafe pointer?.assumingMemoryBound(to: xmlNode.self) else { return nil }
        guard unsafe node.pointee.type != XML_ELEMENT_NODE else {
            return unsafe XMLElement(node, of: self.document)
        }
        guard let parent = unsafe node.pointee.parent, unsafe parent.pointee.type == XML_ELEMENT_NODE else {
            return nil
        }
        return unsafe XMLElement(parent, of: self.document)
    }

    /// What a complaint without a node is about: the current element, or the one that may not have it in it.
    private func element(of complaint: SchemaComplaint) -> XMLElement? {
        guard let node = unsafe self.current else { return nil }
        let element = unsafe XMLElement(node, of: self.document)
        switch complaint.kind {
        case .elementInSimpleContent, .emptyContent: return self.isEntering ? element.parent : element
        default: return element
        }
    }
}
