import CLibXML2
public import HubModel

extension XMLDocument {
    /// Findings about elements of this document as violations, each with the line and column at which the start tag
    /// begins, or the attribute it is about: in the order of the document.
    ///
    /// The parser keeps no columns and rounds lines, so the document's text is gone through once more, once for all.
    public func placed(_ findings: [XMLFinding]) -> [Violation] {
        guard !findings.isEmpty else { return [] }
        let marks = self.marks(of: findings)
        // What has no element comes first: it is about the whole.
        let inOrder = findings.indices.sorted { one, other in
            switch (marks[one], marks[other]) {
            case (let one?, let two?) where one != two: one < two
            case (nil, .some): true
            case (.some, nil): false
            default: one < other
            }
        }
        let known = inOrder.filter { marks[$0] != nil }
        let places = self.source()?.places(of: known.compactMap { marks[$0] }) ?? []
        let placeOf = Dictionary(uniqueKeysWithValues: zip(known, places))
        var paths = ElementPaths()
        return inOrder.map { findings[$0].violation(at: placeOf[$0] ?? nil, &paths) }
    }

    /// The elements and attributes that findings are about, by their numbers in the document.
    private func marks(of findings: [XMLFinding]) -> [XMLSource.Mark?] {
        var numbers: [xmlNodePtr: Int] = unsafe [:]
        for finding in findings {
            if let element = finding.element { unsafe numbers[element.pointer] = -1 }
        }
        var number = 0
        func count(_ node: xmlNodePtr) {
            guard unsafe node.pointee.type == XML_ELEMENT_NODE else { return }
            if unsafe numbers[node] != nil { unsafe numbers[node] = number }
            number += 1
        }
        unsafe count(self.rootPointer)
        unsafe Tree.walk(self.rootPointer) { unsafe count($0) }
        return findings.map { finding in
            guard let element = finding.element, let number = unsafe numbers[element.pointer], number >= 0
            else { return nil }
            return XMLSource.Mark(
                element: number, attribute: finding.attribute.flatMap(element.position(of:)))
        }
    }
}

extension XMLElement {
    /// Which of its attributes this is, from 0; one that is written with another namespace counts when there is no other.
    fileprivate func position(of name: XMLAttributeName) -> Int? {
        let attributes = self.attributes
        return attributes.firstIndex { $0.name == name.local && $0.namespace == name.namespace }
            ?? attributes.firstIndex { $0.name == name.local }
    }
}
