import CLibXML2
public import HubModel
import Synchronization

/// An XSD, compiled once and used by any number of threads.
///
/// In one point it is stricter than the recommendation: white space around a date, or around a whole number of fixed
/// size such as `xs:int`, is a violation. `xs:integer`, `xs:decimal` and texts are not affected.
@safe
public final class XMLSchema: @unchecked Sendable {
    // Holds because: the compiled schema is complete before `init` returns, and each validation works in a
    // context of its own that only reads it. Nothing a document says makes the library add to it.
    private let pointer: xmlSchemaPtr

    /// Compiles a schema with all it includes and imports.
    ///
    /// Nothing is fetched, and no file outside of `folder` is opened, links followed.
    ///
    /// - Parameters:
    ///   - file: The path of the schema, as the process sees it.
    ///   - folder: Where it lies, with everything it refers to.
    /// - Throws: `schema.invalid` with `file`, `message` and mostly `line`.
    public init(file: String, within folder: String) throws(HubError) {
        let folder = try SchemaFolder(folder, file: file)
        let schema = unsafe folder.lend { lent in
            guard let parser = unsafe xmlSchemaNewParserCtxt(folder.mainURL) else {
                return unsafe nil as xmlSchemaPtr?
            }
            defer { unsafe xmlSchemaFreeParserCtxt(parser) }
            unsafe xmlSchemaSetParserStructuredErrors(
                parser,
                { folder, error in
                    guard let error = unsafe error else { return }
                    unsafe SchemaFolder.folder(at: folder)?.note(error.pointee)
                },
                lent
            )
            return unsafe xmlSchemaParse(parser)
        }
        // An import that cannot be loaded is but a warning to the library.
        guard folder.failure == nil, let schema = unsafe schema else {
            unsafe xmlSchemaFree(schema)
            throw folder.error
        }
        unsafe self.pointer = schema
    }

    deinit {
        unsafe xmlSchemaFree(self.pointer)
    }

    /// Checks a document.
    ///
    /// - Parameters:
    ///   - document: Validated by one caller at a time; others wait.
    ///   - limit: Further violations are not reported.
    /// - Returns: What does not fit, in the order of the document; empty if all does.
    public func violations(in document: XMLDocument, limit: Int) -> [Violation] {
        LibXML2.prepare()
        var run = ValidationRun(document: document, limit: limit)
        guard let context = unsafe xmlSchemaNewValidCtxt(self.pointer) else {
            return [ValidationRun.unfinished]
        }
        defer { unsafe xmlSchemaFreeValidCtxt(context) }
        let status = unsafe withUnsafeMutablePointer(to: &run) { run in
            unsafe xmlSchemaSetValidStructuredErrors(
                context,
                { run, error in
                    guard let run = unsafe run, let error = unsafe error else { return }
                    unsafe run.assumingMemoryBound(to: ValidationRun.self).pointee.note(error.pointee)
                },
                run
            )
            return document.validation.withLock { _ in
                unsafe document.withPointer { unsafe xmlSchemaValidateDoc(context, $0) }
            }
        }
        guard status == 0 || run.count > 0 else { return [ValidationRun.unfinished] }
        return run.violations
    }
}

/// One validation, collecting what does not fit.
private struct ValidationRun {
    let document: XMLDocument
    let limit: Int
    /// All of them, also those above the limit.
    private(set) var count = 0
    private(set) var violations: [Violation] = []

    init(document: XMLDocument, limit: Int) {
        self.document = document
        self.limit = limit
    }

    /// For the case that the library gives up without a reason, which must not look like a document that fits.
    static let unfinished = Violation(
        line: 0, column: 0, path: "", rule: "internal",
        message: Bilingual(
            vi: "Không kiểm tra được tài liệu theo lược đồ.",
            en: "The document could not be checked against its schema."
        )
    )

    mutating func note(_ error: xmlError) {
        self.count += 1
        guard self.violations.count < self.limit else { return }
        let complaint = unsafe SchemaComplaint(error)
        let element = unsafe self.element(at: error.node)
        let attribute = complaint.attribute.map { "/@" + ErrorText.shortened($0, to: 60) } ?? ""
        self.violations.append(
            Violation(
                line: unsafe element?.line ?? Int(error.line), column: 0,
                path: (element?.path ?? "") + attribute,
                rule: complaint.rule, message: complaint.message(about: element)
            )
        )
    }

    private func element(at pointer: UnsafeMutableRawPointer?) -> XMLElement? {
        guard let node = unsafe pointer?.assumingMemoryBound(to: xmlNode.self) else { return nil }
        guard unsafe node.pointee.type != XML_ELEMENT_NODE else {
            return unsafe XMLElement(node, of: self.document)
        }
        guard let parent = unsafe node.pointee.parent, unsafe parent.pointee.type == XML_ELEMENT_NODE else {
            return nil
        }
        return unsafe XMLElement(parent, of: self.document)
    }
}
