import CLibXML2

// Names are compared as bytes where they lie, so that looking for an element makes no string of those passed by.
extension XMLElement {
    /// Whether it has this local name and, where one is given, this namespace.
    public func isNamed(_ localName: String, in namespace: String? = nil) -> Bool {
        var localName = localName
        let isNamed = localName.withUTF8 { unsafe Tree.equal(self.pointer.pointee.name, $0) }
        guard isNamed, var namespace else { return isNamed }
        return namespace.withUTF8 { unsafe Tree.equal(self.pointer.pointee.ns?.pointee.href, $0) }
    }

    /// The first element directly in it with this local name, whatever its namespace.
    public func child(_ localName: String) -> XMLElement? {
        var localName = localName
        let found = localName.withUTF8 { name in
            unsafe Tree.element(from: self.pointer.pointee.children, named: name)
        }
        guard let found = unsafe found else { return nil }
        return unsafe XMLElement(found, of: self.document)
    }

    /// The elements directly in it with this local name, whatever their namespaces.
    public func children(_ localName: String) -> [XMLElement] {
        self.descendants(localName)
    }

    /// The first element at a path of local names below this one, such as `a/b/c`; `nil` for an empty path.
    ///
    /// Every branch is tried: the first `a` need not be the one that has a `b`.
    public func descendant(_ path: String) -> XMLElement? {
        var found: XMLElement?
        unsafe self.search(path) { node in
            unsafe found = XMLElement(node, of: self.document)
            return false
        }
        return found
    }

    /// All elements at a path of local names below this one, in document order.
    public func descendants(_ path: String) -> [XMLElement] {
        var found: [XMLElement] = []
        unsafe self.search(path) { node in
            unsafe found.append(XMLElement(node, of: self.document))
            return true
        }
        return found
    }

    /// Hands over each match until `take` answers `false`.
    private func search(_ path: String, _ take: (xmlNodePtr) -> Bool) {
        var path = path
        path.withUTF8 { path in
            _ = unsafe Tree.search(self.pointer, path, take)
        }
    }
}

// MARK: Values

extension XMLElement {
    /// The text in it and in all its descendants, in order.
    public var text: String {
        let first = unsafe self.pointer.pointee.children
        if let node = unsafe first, unsafe node.pointee.next == nil && node.pointee.type == XML_TEXT_NODE {
            return unsafe Tree.string(node.pointee.content)
        }
        var text = ""
        unsafe Tree.walk(self.pointer) { node in
            if unsafe Tree.isText(node) { unsafe text += Tree.string(node.pointee.content) }
        }
        return text
    }

    /// The value of an attribute without namespace.
    public func attribute(_ name: String) -> String? {
        self.attribute(name, in: nil)
    }

    /// The value of an attribute in a namespace, or in none.
    public func attribute(_ name: String, in namespace: String?) -> String? {
        var name = name
        return name.withUTF8 { name in
            var next = unsafe self.pointer.pointee.properties
            while let attribute = unsafe next {
                if unsafe Tree.equal(attribute.pointee.name, name)
                    && Tree.isIn(attribute.pointee.ns, namespace)
                {
                    return unsafe Tree.value(of: attribute)
                }
                unsafe next = attribute.pointee.next
            }
            return nil
        }
    }

    /// Its attributes in the order of the document, by local name. Namespace declarations are not among them.
    public var attributes: [(name: String, namespace: String?, value: String)] {
        var result: [(name: String, namespace: String?, value: String)] = []
        var next = unsafe self.pointer.pointee.properties
        while let attribute = unsafe next {
            let namespace = unsafe attribute.pointee.ns.map { unsafe Tree.string($0.pointee.href) }
            unsafe result.append((Tree.string(attribute.pointee.name), namespace, Tree.value(of: attribute)))
            unsafe next = attribute.pointee.next
        }
        return result
    }
}
