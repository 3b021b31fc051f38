import CLibXML2

/// Steps through the library's tree.
enum Tree {
    static func string(_ text: UnsafePointer<xmlChar>?) -> String {
        guard let text = unsafe text else { return "" }
        return unsafe String(cString: text)
    }

    static func isText(_ node: xmlNodePtr) -> Bool {
        unsafe node.pointee.type == XML_TEXT_NODE || node.pointee.type == XML_CDATA_SECTION_NODE
    }

    /// Whether a text is empty, or white space throughout.
    static func isBlank(_ text: UnsafePointer<xmlChar>?) -> Bool {
        guard var next = unsafe text else { return true }
        while true {
            switch unsafe next.pointee {
            case 0x20, 0x0A, 0x0D, 0x09: unsafe next += 1
            case let byte: return byte == 0
            }
        }
    }

    /// Whether a name of the tree is `name`.
    static func equal(_ name: UnsafePointer<xmlChar>?, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let name = unsafe name else { return false }
        for index in 0..<other.count {
            // The zero at the end of `name` equals nothing in `other`, so this stops in time.
            guard unsafe name[index] == other[index] && name[index] != 0 else { return false }
        }
        return unsafe name[other.count] == 0
    }

    static func isIn(_ namespace: xmlNsPtr?, _ uri: String?) -> Bool {
        guard let namespace = unsafe namespace else { return uri == nil }
        guard var uri else { return false }
        return uri.withUTF8 { unsafe self.equal(namespace.pointee.href, $0) }
    }

    static func value(of attribute: xmlAttrPtr) -> String {
        guard let first = unsafe attribute.pointee.children else { return "" }
        if unsafe first.pointee.next == nil { return unsafe self.string(first.pointee.content) }
        var value = ""
        var next: xmlNodePtr? = unsafe first
        while let node = unsafe next {
            unsafe value += self.string(node.pointee.content)
            unsafe next = node.pointee.next
        }
        return value
    }

    /// `node` or the first of its following siblings that is an element.
    static func element(from node: xmlNodePtr?) -> xmlNodePtr? {
        var next = unsafe node
        while let node = unsafe next, unsafe node.pointee.type != XML_ELEMENT_NODE {
            unsafe next = node.pointee.next
        }
        return unsafe next
    }

    static func element(from node: xmlNodePtr?, named name: UnsafeBufferPointer<UInt8>) -> xmlNodePtr? {
        var next = unsafe self.element(from: node)
        while let node = unsafe next, unsafe !self.equal(node.pointee.name, name) {
            unsafe next = self.element(from: node.pointee.next)
        }
        return unsafe next
    }

    /// Hands over each element at `path` below `node` until `take` answers `false`, which is then the answer.
    static func search(
        _ node: xmlNodePtr, _ path: UnsafeBufferPointer<UInt8>, _ take: (xmlNodePtr) -> Bool
    ) -> Bool {
        let end = unsafe path.firstIndex(of: UInt8(ascii: "/"))
        let name = unsafe UnsafeBufferPointer(rebasing: path[..<(end ?? path.endIndex)])
        guard !name.isEmpty else { return true }
        var next = unsafe self.element(from: node.pointee.children, named: name)
        while let match = unsafe next {
            let goesOn =
                if let end {
                    unsafe self.search(match, UnsafeBufferPointer(rebasing: path[(end + 1)...]), take)
                } else {
                    unsafe take(match)
                }
            guard goesOn else { return false }
            unsafe next = self.element(from: match.pointee.next, named: name)
        }
        return true
    }

    /// Visits everything below `root` in document order.
    static func walk(_ root: xmlNodePtr, _ visit: (xmlNodePtr) -> Void) {
        var next = unsafe root.pointee.children
        while let node = unsafe next {
            unsafe visit(node)
            if let child = unsafe node.pointee.children {
                unsafe next = child
                continue
            }
            var last = unsafe node
            while unsafe last.pointee.next == nil {
                guard let parent = unsafe last.pointee.parent, unsafe parent != root else { return }
                unsafe last = parent
            }
            unsafe next = last.pointee.next
        }
    }
}
