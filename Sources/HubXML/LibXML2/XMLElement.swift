import CLibXML2

/// An element of a document, which it keeps alive.
@safe
public struct XMLElement: @unchecked Sendable {
    // Holds because: the document's tree never changes, and `document` keeps it.
    let document: XMLDocument
    let pointer: xmlNodePtr

    /// Lines from here on do not fit into the library's field and are kept beside it.
    static let lineElsewhere = 65535

    init(_ pointer: xmlNodePtr, of document: XMLDocument) {
        self.document = document
        unsafe self.pointer = pointer
    }

    /// The name without its prefix.
    public var localName: String {
        unsafe Tree.string(self.pointer.pointee.name)
    }

    /// The URI its name belongs to; `nil` for none.
    public var namespace: String? {
        guard let namespace = unsafe self.pointer.pointee.ns else { return nil }
        return unsafe Tree.string(namespace.pointee.href)
    }

    /// The prefix it is written with; `nil` for none.
    public var prefix: String? {
        guard let prefix = unsafe self.pointer.pointee.ns?.pointee.prefix else { return nil }
        return unsafe Tree.string(prefix)
    }

    /// Where its start tag ends, from 1.
    public var line: Int {
        let line = unsafe Int(self.pointer.pointee.line)
        guard line == Self.lineElsewhere, let kept = unsafe self.pointer.pointee.psvi else { return line }
        return Int(bitPattern: kept)
    }

    /// An XPath of local names: the root's name, then each name with its position among equals,
    /// such as `/edXML/edXMLEnvelope[1]/edXMLHeader[1]`.
    public var path: String {
        var paths = ElementPaths()
        return paths.path(of: self)
    }
}

extension XMLElement: Equatable {
    /// Whether both are the same element of the same document; equal content is not enough.
    public static func == (one: XMLElement, other: XMLElement) -> Bool {
        unsafe one.pointer == other.pointer
    }
}

// MARK: Neighbours

extension XMLElement {
    /// The element around it; `nil` for the root.
    public var parent: XMLElement? {
        guard let node = unsafe self.pointer.pointee.parent, unsafe node.pointee.type == XML_ELEMENT_NODE
        else {
            return nil
        }
        return unsafe XMLElement(node, of: self.document)
    }

    /// The first element in it.
    public var firstChild: XMLElement? {
        guard let node = unsafe Tree.element(from: self.pointer.pointee.children) else { return nil }
        return unsafe XMLElement(node, of: self.document)
    }

    /// The next element with the same parent.
    public var nextSibling: XMLElement? {
        guard let node = unsafe Tree.element(from: self.pointer.pointee.next) else { return nil }
        return unsafe XMLElement(node, of: self.document)
    }

    /// The elements directly in it.
    public var children: [XMLElement] {
        var result: [XMLElement] = []
        var next = unsafe Tree.element(from: self.pointer.pointee.children)
        while let node = unsafe next {
            unsafe result.append(XMLElement(node, of: self.document))
            unsafe next = Tree.element(from: node.pointee.next)
        }
        return result
    }
}
