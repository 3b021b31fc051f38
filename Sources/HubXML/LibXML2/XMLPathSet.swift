import CLibXML2

/// Many paths of local names, found in one walk.
///
/// Looking for each path by itself would go through the same elements again and again, and make something of each.
@safe
public struct XMLPathSet: Sendable {
    private struct Node: Sendable {
        let name: [UInt8]
        /// The first byte of the name, which tells most names apart.
        let initial: UInt8
        /// The number of the path that ends here.
        var path: Int?
        var children: [Int] = []

        init(name: [UInt8]) {
            self.name = name
            self.initial = name.first ?? 0
        }
    }

    /// The first one stands for where the paths begin.
    private var nodes = [Node(name: [])]

    /// - Parameter paths: Such as `a/b/c`; each has its position as its number. Of two that are equal the first counts.
    public init(_ paths: [String]) {
        for (number, path) in paths.enumerated() {
            var node = 0
            for step in path.split(separator: "/") {
                let name = Array(step.utf8)
                if let known = self.nodes[node].children.first(where: { self.nodes[$0].name == name }) {
                    node = known
                } else {
                    self.nodes[node].children.append(self.nodes.count)
                    node = self.nodes.count
                    self.nodes.append(Node(name: name))
                }
            }
            if self.nodes[node].path == nil { self.nodes[node].path = number }
        }
    }

    /// Hands over the elements at the paths below `element`, in the order of the document, with the numbers of their paths.
    public func visit(below element: XMLElement, _ take: (Int, XMLElement) -> Void) {
        unsafe self.walk(element.pointer, 0) { number, node in
            unsafe take(number, XMLElement(node, of: element.document))
        }
    }

    private func isName(_ name: UnsafePointer<xmlChar>?, of candidate: Int) -> Bool {
        guard let name = unsafe name, unsafe name.pointee == self.nodes[candidate].initial else {
            return false
        }
        return unsafe self.nodes[candidate].name.withUnsafeBufferPointer { unsafe Tree.equal(name, $0) }
    }

    private func walk(_ parent: xmlNodePtr, _ index: Int, _ take: (Int, xmlNodePtr) -> Void) {
        let candidates = self.nodes[index].children
        var next = unsafe parent.pointee.children
        while let node = unsafe next {
            unsafe next = node.pointee.next
            guard unsafe node.pointee.type == XML_ELEMENT_NODE else { continue }
            for candidate in candidates where unsafe self.isName(node.pointee.name, of: candidate) {
                if let number = self.nodes[candidate].path { unsafe take(number, node) }
                if !self.nodes[candidate].children.isEmpty { unsafe self.walk(node, candidate, take) }
                break
            }
        }
    }
}
