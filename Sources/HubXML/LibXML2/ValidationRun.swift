import CLibXML2
import HubModel

/// One validation, collecting what does not fit.
@safe
struct ValidationRun {
    let document: XMLDocument
    let limit: Int
    /// The element that is being looked at, where the library does not say.
    var current: xmlNodePtr?
    /// Whether that element is only being let in.
    var isEntering = false
    /// All of them, also those above the limit.
    private(set) var count = 0
    private(set) var violations: [Violation] = []

    private static let longestName = 60
    /// A path in bytes; the names in it are the sender's and may be long.
    private static let longestPath = 512

    init(document: XMLDocument, limit: Int) {
        self.document = document
        self.limit = limit
    }

    /// Whether nothing more would be reported.
    var isFull: Bool { self.count >= max(1, self.limit) }

    /// For the case that the library gives up without a reason, which must not look like a document that fits.
    static let unfinished = Violation(
        line: 0, column: 0, path: "", rule: "internal",
        message: Bilingual(
            vi: "Không kiểm tra được tài liệu theo lược đồ.",
            en: "The document could not be checked against its schema."
        )
    )

    mutating func note(_ error: xmlError) {
        self.count += 1
        guard self.violations.count < self.limit else { return }
        let complaint = unsafe SchemaComplaint(error)
        let element = unsafe self.element(at: error.node) ?? self.element(of: complaint)
        let attribute = complaint.attribute.map { "/@" + ErrorText.shortened($0, to: Self.longestName) } ?? ""
        self.violations.append(
            Violation(
                line: unsafe element?.line ?? Int(error.line), column: 0,
                path: ErrorText.shortened((element?.path ?? "") + attribute, toBytes: Self.longestPath),
                rule: complaint.rule, message: complaint.message(about: element)
            )
        )
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
