import CLibXML2

/// Hands a tree to the schema validator event by event, so that validating can end early.
///
/// The library's own walk goes on to the end whatever it finds, and for each thing it finds wrong it looks through all
/// the siblings before that place: a document of two megabytes that is wrong everywhere would keep it busy for half a
/// minute. What is found this way has no node of the tree, and ids are not compared.
@safe
struct FedValidation {
    private let run: UnsafeMutablePointer<ValidationRun>
    private let context: UnsafeMutableRawPointer?
    private let handler: xmlSAXHandler
    private var namespaces: [UnsafePointer<xmlChar>?] = unsafe []
    private var attributes: [UnsafePointer<xmlChar>?] = unsafe []
    /// Values spelled for the library, to be freed when it has read them.
    private var spelled: [UnsafeMutablePointer<xmlChar>] = unsafe []

    /// Goes through the tree until `run` has all the violations it wants, or to the end.
    ///
    /// - Returns: `false` if the library could not begin.
    static func feed(
        _ root: xmlNodePtr, to validator: xmlSchemaValidCtxtPtr, for run: UnsafeMutablePointer<ValidationRun>
    ) -> Bool {
        var handler: xmlSAXHandlerPtr?
        var context: UnsafeMutableRawPointer?
        guard let plug = unsafe xmlSchemaSAXPlug(validator, &handler, &context) else { return false }
        defer { unsafe xmlSchemaSAXUnplug(plug) }
        guard let handler = unsafe handler else { return false }
        var feed = unsafe FedValidation(run: run, context: context, handler: handler.pointee)
        unsafe feed.walk(root)
        return true
    }

    private init(
        run: UnsafeMutablePointer<ValidationRun>, context: UnsafeMutableRawPointer?, handler: xmlSAXHandler
    ) {
        unsafe self.run = unsafe run
        unsafe self.context = unsafe context
        unsafe self.handler = unsafe handler
    }

    private mutating func walk(_ root: xmlNodePtr) {
        var node = unsafe root
        while unsafe !self.run.pointee.isFull {
            if unsafe node.pointee.type == XML_ELEMENT_NODE {
                unsafe self.begin(node)
                if let child = unsafe node.pointee.children {
                    unsafe node = child
                    continue
                }
                unsafe self.end(node)
            } else if unsafe Tree.isText(node) {
                unsafe self.run.pointee.current = unsafe node.pointee.parent
                unsafe self.handler.characters?(
                    self.context, node.pointee.content, xmlStrlen(node.pointee.content))
            }
            // To what comes next, out of all that ends here.
            while unsafe node == root || node.pointee.next == nil {
                guard unsafe node != root, let parent = unsafe node.pointee.parent else { return }
                unsafe node = parent
                unsafe self.end(node)
            }
            guard let next = unsafe node.pointee.next else { return }
            unsafe node = next
        }
    }

    private mutating func begin(_ node: xmlNodePtr) {
        unsafe self.run.pointee.current = unsafe node
        unsafe self.run.pointee.isEntering = true
        unsafe self.namespaces.removeAll(keepingCapacity: true)
        unsafe self.attributes.removeAll(keepingCapacity: true)
        var declaration = unsafe node.pointee.nsDef
        while let namespace = unsafe declaration {
            unsafe self.namespaces.append(namespace.pointee.prefix)
            unsafe self.namespaces.append(namespace.pointee.href ?? Self.end(of: node.pointee.name))
            unsafe declaration = namespace.pointee.next
        }
        var property = unsafe node.pointee.properties
        while let attribute = unsafe property {
            let value = unsafe self.value(of: attribute)
            unsafe self.attributes.append(attribute.pointee.name)
            unsafe self.attributes.append(attribute.pointee.ns?.pointee.prefix)
            unsafe self.attributes.append(attribute.pointee.ns?.pointee.href)
            unsafe self.attributes.append(value)
            unsafe self.attributes.append(Self.end(of: value))
            unsafe property = attribute.pointee.next
        }
        let start = unsafe self.handler.startElementNs
        let context = unsafe self.context
        unsafe self.namespaces.withUnsafeMutableBufferPointer { namespaces in
            unsafe self.attributes.withUnsafeMutableBufferPointer { attributes in
                unsafe start?(
                    context, node.pointee.name, node.pointee.ns?.pointee.prefix,
                    node.pointee.ns?.pointee.href,
                    Int32(namespaces.count / 2), namespaces.baseAddress, Int32(attributes.count / 5), 0,
                    attributes.baseAddress)
            }
        }
        unsafe self.run.pointee.isEntering = false
        unsafe self.spelled.forEach { unsafe hub_xml_free($0) }
        unsafe self.spelled.removeAll(keepingCapacity: true)
    }

    private func end(_ node: xmlNodePtr) {
        unsafe self.run.pointee.current = unsafe node
        unsafe self.handler.endElementNs?(
            self.context, node.pointee.name, node.pointee.ns?.pointee.prefix, node.pointee.ns?.pointee.href)
    }

    /// A value as parsers hand it over: with `&#38;` for an ampersand, which the validator takes back.
    private mutating func value(of attribute: xmlAttrPtr) -> UnsafePointer<xmlChar>? {
        guard let text = unsafe attribute.pointee.children else {
            return unsafe Self.end(of: attribute.pointee.name)
        }
        if unsafe text.pointee.next == nil, unsafe xmlStrchr(text.pointee.content, UInt8(ascii: "&")) == nil {
            return unsafe UnsafePointer(text.pointee.content)
        }
        let value = unsafe Tree.value(of: attribute).replacing("&", with: "&#38;")
        guard let copy = unsafe xmlStrdup(value) else { return unsafe Self.end(of: attribute.pointee.name) }
        unsafe self.spelled.append(copy)
        return unsafe UnsafePointer(copy)
    }

    /// Where a text of the library's ends, which is an empty text as well.
    private static func end(of text: UnsafePointer<xmlChar>?) -> UnsafePointer<xmlChar>? {
        unsafe text.map { unsafe $0 + Int(xmlStrlen($0)) }
    }
}
