import CLibXML2
private import Glibc

/// One canonicalisation: which nodes are written, and where to.
@safe
struct CanonicalRun {
    private let method: Canonicalisation
    private let prefixes: [String]
    private let sink: (UnsafeRawBufferPointer) -> Void
    private let longText: Int?
    /// Where the library writes to, during the run.
    private var output: xmlOutputBufferPtr?
    private let subtree: xmlNodePtr?
    private let excluded: xmlNodePtr?
    /// Stands for `subtree` during the run.
    private var apex: xmlNodePtr?
    /// The node asked about last, and whether its children are written. Most questions come in runs of siblings.
    private var lastParent: xmlNodePtr?
    private var isLastParentWritten = false

    /// Texts of this many bytes are written without the copy that the library would make of each, in pieces of as
    /// many.
    static let longText = 64 << 10

    init(
        _ method: Canonicalisation,
        subtree: xmlNodePtr?,
        excluded: xmlNodePtr?,
        prefixes: [String],
        longText: Int?,
        sink: @escaping (UnsafeRawBufferPointer) -> Void
    ) {
        self.longText = longText
        self.method = method
        self.prefixes = prefixes
        unsafe self.sink = sink
        unsafe self.subtree = subtree
        unsafe self.excluded = excluded
    }

    /// - Returns: `false` if the library could not finish.
    consuming func write(_ document: xmlDocPtr) -> Bool {
        guard let subtree = unsafe self.subtree else { return unsafe self.execute(document) }
        if unsafe self.isExcluded(subtree) { return true }
        // The library walks whole documents only. It is given one whose only content is a copy of the subtree's
        // top node, without siblings; all below it, and the way up to the namespaces in scope, is the original.
        var top = unsafe subtree.pointee
        unsafe top.next = nil
        unsafe top.prev = nil
        var shell = unsafe document.pointee
        return unsafe withUnsafeMutablePointer(to: &top) { top in
            unsafe shell.children = top
            unsafe shell.last = top
            unsafe self.apex = top
            return unsafe withUnsafeMutablePointer(to: &shell) { shell in unsafe self.execute(shell) }
        }
    }

    private mutating func execute(_ document: xmlDocPtr) -> Bool {
        let method = self.method == .exclusive ? XML_C14N_EXCLUSIVE_1_0 : XML_C14N_1_0
        let isWholeDocument = unsafe self.apex == nil && self.excluded == nil && self.longText == nil
        var prefixes: [UnsafeMutablePointer<xmlChar>?] = unsafe self.prefixes.map { unsafe xmlCharStrdup($0) }
        defer { unsafe prefixes.forEach { unsafe hub_xml_free($0) } }
        if unsafe !prefixes.isEmpty { unsafe prefixes.append(nil) }
        return unsafe withUnsafeMutablePointer(to: &self) { run in
            guard
                let output = unsafe xmlOutputBufferCreateIO(
                    { run, bytes, count in unsafe CanonicalRun.pass(run, bytes, count) }, nil, run, nil
                )
            else { return false }
            unsafe run.pointee.output = unsafe output
            let written = unsafe prefixes.withUnsafeMutableBufferPointer { prefixes in
                unsafe xmlC14NExecute(
                    document, isWholeDocument ? nil : CanonicalRun.isVisible, run, Int32(method.rawValue),
                    prefixes.isEmpty ? nil : prefixes.baseAddress, 0, output
                )
            }
            let closed = unsafe xmlOutputBufferClose(output)
            return written >= 0 && closed >= 0
        }
    }

    private static func pass(_ run: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int32)
        -> Int32
    {
        guard let run = unsafe run?.assumingMemoryBound(to: CanonicalRun.self) else { return -1 }
        unsafe run.pointee.sink(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        return count
    }

    /// Asked for every element, text and instruction, and with its element as parent for every attribute and
    /// namespace.
    private static let isVisible: xmlC14NIsVisibleCallback = { run, node, parent in
        guard let run = unsafe run?.assumingMemoryBound(to: CanonicalRun.self) else { return 0 }
        guard unsafe run.pointee.writes(node, in: parent) else { return 0 }
        return unsafe CanonicalRun.passLongText(node, run) ? 0 : 1
    }

    /// Writes a long text from where it lies, so that the library need not.
    ///
    /// - Returns: `false` if that is not the case, so that the library must.
    private static func passLongText(_ node: xmlNodePtr?, _ run: UnsafeMutablePointer<CanonicalRun>) -> Bool {
        guard let longText = unsafe run.pointee.longText, let node = unsafe node, unsafe Tree.isText(node),
            let content = unsafe node.pointee.content
        else { return false }
        // The library asks about a text just before it writes it, so all that stands before it is in the buffer.
        return unsafe content.withMemoryRebound(to: CChar.self, capacity: 1) { content in
            guard unsafe strnlen(content, longText) == longText else { return false }
            guard unsafe xmlOutputBufferFlush(run.pointee.output) >= 0 else { return false }
            let sink = unsafe run.pointee.sink
            var rest = unsafe UnsafePointer(content)
            while true {
                let end = unsafe rest + strcspn(rest, "&<>\r")
                while unsafe rest < end {
                    let piece = unsafe min(longText, end - rest)
                    unsafe sink(UnsafeRawBufferPointer(start: rest, count: piece))
                    unsafe rest += piece
                }
                guard let special = unsafe CanonicalRun.reference(to: UInt8(bitPattern: rest.pointee)) else {
                    return true
                }
                special.withUTF8Buffer { unsafe sink(UnsafeRawBufferPointer($0)) }
                unsafe rest += 1
            }
        }
    }

    /// How a character of a text is written that cannot stand for itself.
    private static func reference(to byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\r"): "&#xD;"
        default: nil
        }
    }

    private mutating func writes(_ node: xmlNodePtr?, in parent: xmlNodePtr?) -> Bool {
        // The original of the top node is asked about as the parent of its children.
        if let apex = unsafe self.apex, unsafe node == apex || parent == apex || node == self.subtree {
            return true
        }
        if let excluded = unsafe self.excluded, unsafe node == excluded { return false }
        if unsafe parent == nil || parent != self.lastParent {
            unsafe self.lastParent = parent
            self.isLastParentWritten = unsafe self.writesChildren(of: parent)
        }
        return self.isLastParentWritten
    }

    private func writesChildren(of parent: xmlNodePtr?) -> Bool {
        var next = unsafe parent
        while let node = unsafe next {
            if unsafe node == self.excluded { return false }
            if unsafe node == self.subtree { return true }
            unsafe next = node.pointee.parent
        }
        return unsafe self.subtree == nil
    }

    /// Whether `node` lies in the excluded subtree.
    private func isExcluded(_ node: xmlNodePtr) -> Bool {
        guard let excluded = unsafe self.excluded else { return false }
        var next: xmlNodePtr? = unsafe node
        while let node = unsafe next {
            if unsafe node == excluded { return true }
            unsafe next = node.pointee.parent
        }
        return false
    }
}
