import CLibXML2
public import HubModel
import Synchronization

/// A document that was parsed safely and never changes.
///
/// There is no DTD, no entity beyond the five of XML, and no file or host was asked for anything. Comments are
/// left out; CDATA sections have become ordinary text.
@safe
public final class XMLDocument: @unchecked Sendable {
    // Holds because: the tree is complete before `init`, nothing here changes it afterwards, and the one
    // library call that writes into it (validation, which notes ids) is made under `validation`.
    private let pointer: xmlDocPtr
    let rootPointer: xmlNodePtr
    /// Elements, attributes, namespace declarations and processing instructions.
    package let nodes: Int
    /// Whether it is large enough for a text in it to be long.
    let hasLongTexts: Bool
    /// The bytes as they came; none where nobody will ask for places.
    private let received: [UInt8]
    /// What markers in it stand for; `nil` where there are none.
    let longValues: LongValues?
    /// Held by whoever validates the document.
    let validation = Mutex<Void>(())

    /// Takes over `pointer`, which has `root` as its root element.
    init(owning pointer: xmlDocPtr, root: xmlNodePtr, nodes: Int, hasLongTexts: Bool, received: [UInt8],
        longValues: LongValues? = nil
    ) {
        self.longValues = longValues
        self.nodes = nodes
        self.hasLongTexts = hasLongTexts
        self.received = received
        unsafe self.pointer = pointer
        unsafe self.rootPointer = root
    }

    deinit {
        unsafe xmlFreeDoc(self.pointer)
    }

    /// The outermost element.
    public var root: XMLElement {
        unsafe XMLElement(self.rootPointer, of: self)
    }

    /// Reads a document.
    ///
    /// UTF-8 with or without a byte order mark, UTF-16, ISO-8859-1 and US-ASCII are read; a declared encoding that
    /// is another one, or that contradicts the bytes, makes the document malformed.
    ///
    /// - Throws: `xml.malformed` with `line`, `column` and mostly `reason`; `xml.doctype_forbidden` for any
    ///   DOCTYPE and `xml.too_deep`, both with `line`; `intake.too_large` if another of `limits` is passed.
    public static func parse(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(HubError)
        -> XMLDocument
    {
        try self.parse(bytes, limits: limits, keepingText: true)
    }

    /// The same.
    ///
    /// - Parameter keepingText: Whether the document keeps `bytes`, which it shares with the caller. Without them what
    ///   does not fit a schema has a line but no column.
    package static func parse(
        _ bytes: [UInt8], limits: XMLLimits = XMLLimits(), keepingText: Bool
    ) throws(HubError) -> XMLDocument {
        let source = try XMLSource(bytes, limits: limits)
        return try ParserRun.parse(source, limits: limits, received: keepingText ? bytes : [])
    }

    /// Reads a document of which long values were left out; where they stood `bytes` has markers.
    ///
    /// - Throws: As `parse`; `intake.too_large` in UTF-16, where what was left out may have been half a character and a marker
    ///   is not one: other encodings have the characters of ASCII in single bytes.
    public static func parse(_ bytes: [UInt8], leavingOut longValues: LongValues) throws(HubError) -> XMLDocument {
        guard UTF16Order(of: bytes) == nil else {
            throw HubError(
                .intakeTooLarge, "A document of this size is not read in UTF-16.",
                details: [ErrorDetail("reason", "large documents are read in UTF-8, ISO-8859-1 or US-ASCII")]
            )
        }
        let limits = XMLLimits()
        let source = try XMLSource(bytes, limits: limits)
        return try ParserRun.parse(source, limits: limits, received: bytes, longValues: longValues)
    }

    /// The text of the document, decoded once more; `nil` where it was not kept.
    func source() -> XMLSource? {
        guard !self.received.isEmpty else { return nil }
        var limits = XMLLimits()
        limits.maxBytes = .max
        limits.maxAttributes = .max
        return try? XMLSource(self.received, limits: limits)
    }

    /// Lends the document for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (xmlDocPtr) -> Value) -> Value {
        unsafe body(self.pointer)
    }
}
