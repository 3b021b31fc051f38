import CLibXML2

// What is in an element, asked where it lies: nothing is copied, and no element is made of what is passed by.
extension XMLElement {
    /// How many elements are directly in it.
    public var childCount: Int {
        var count = 0
        var next = unsafe Tree.element(from: self.pointer.pointee.children)
        while let node = unsafe next {
            count += 1
            unsafe next = Tree.element(from: node.pointee.next)
        }
        return count
    }

    /// Whether text stands directly in it, white space (of XML: four characters) apart.
    public var hasOwnText: Bool {
        var next = unsafe self.pointer.pointee.children
        while let node = unsafe next {
            if unsafe Tree.isText(node) && !Tree.isBlank(node.pointee.content) { return true }
            unsafe next = node.pointee.next
        }
        return false
    }

    /// The length of `text`, in bytes of UTF-8.
    public var textLength: Int {
        var length = 0
        unsafe Tree.walk(self.pointer) { node in
            if unsafe Tree.isText(node) { length += unsafe Int(xmlStrlen(node.pointee.content)) }
        }
        return length
    }

    /// Whether a processing instruction stands anywhere in it.
    public var hasInstructions: Bool {
        var isFound = false
        unsafe Tree.walk(self.pointer) { node in
            if unsafe node.pointee.type == XML_PI_NODE { isFound = true }
        }
        return isFound
    }

    /// Whether it has no attribute but some of these, none of them in a namespace.
    public func hasAttributes(only names: [String]) -> Bool {
        var next = unsafe self.pointer.pointee.properties
        while let attribute = unsafe next {
            let isKnown = names.contains { name in
                var name = name
                return name.withUTF8 { unsafe Tree.equal(attribute.pointee.name, $0) }
            }
            guard isKnown, unsafe attribute.pointee.ns == nil else { return false }
            unsafe next = attribute.pointee.next
        }
        return true
    }

    /// The elements of this name among it and all that is in it, in the order of the document, at most `limit`.
    public func elements(named localName: String, in namespace: String, limit: Int) -> [XMLElement] {
        var (localName, namespace) = (localName, namespace)
        var found: [XMLElement] = []
        localName.withUTF8 { localName in
            namespace.withUTF8 { namespace in
                func look(at node: xmlNodePtr) {
                    guard found.count < limit, unsafe node.pointee.type == XML_ELEMENT_NODE,
                        unsafe Tree.equal(node.pointee.name, localName),
                        unsafe Tree.equal(node.pointee.ns?.pointee.href, namespace)
                    else { return }
                    unsafe found.append(XMLElement(node, of: self.document))
                }
                unsafe look(at: self.pointer)
                unsafe Tree.walk(self.pointer) { unsafe look(at: $0) }
            }
        }
        return found
    }
}
