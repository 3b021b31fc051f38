import CLibXML2

/// The paths of many elements of one document.
///
/// Asking each for its path would count its siblings anew; in the order of the document each sibling is passed once for
/// every name that is asked for.
@safe
struct ElementPaths {
    private var positions: [xmlNodePtr: Int] = unsafe [:]

    /// What `XMLElement.path` is.
    mutating func path(of element: XMLElement) -> String {
        var steps: [String] = []
        var element = element
        while let parent = element.parent {
            steps.append("/\(element.localName)[\(self.position(of: element))]")
            element = parent
        }
        steps.append("/" + element.localName)
        return steps.reversed().joined()
    }

    private mutating func position(of element: XMLElement) -> Int {
        if let known = unsafe self.positions[element.pointer] { return known }
        var position = 1
        var sibling = unsafe element.pointer.pointee.prev
        while let node = unsafe sibling {
            if unsafe node.pointee.type == XML_ELEMENT_NODE
                && xmlStrEqual(node.pointee.name, element.pointer.pointee.name) != 0
            {
                if let known = unsafe self.positions[node] {
                    position += known
                    break
                }
                position += 1
            }
            unsafe sibling = node.pointee.prev
        }
        unsafe self.positions[element.pointer] = position
        return position
    }
}
