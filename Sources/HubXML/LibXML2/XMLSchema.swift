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
    private let facts: SchemaFacts
    /// The largest length that any type of the schema sets for a text; 0 when none does.
    package var longestBound: Int { self.facts.longestBound }

    /// Compiles a schema with all it includes and imports.
    ///
    /// Nothing is fetched, and no file outside of `folder` is opened, links followed, but those of `imports`.
    ///
    /// - Parameters:
    ///   - file: The path of the schema, as the process sees it.
    ///   - folder: Where it lies, with everything it refers to.
    ///   - imports: Further schemas by the names under which they are imported, each in one file.
    /// - Throws: `schema.invalid` with `file`, `message` and mostly `line` of each thing that is wrong, a `file` beginning
    ///   the next; with the `pattern` where that is an expression which some text could make expensive. So is a schema
    ///   that is itself too much for the library.
    public init(file: String, within folder: String, imports: [String: String] = [:]) throws(HubError) {
        let folder = try SchemaFolder(folder, file: file, imports: imports)
        self.facts = try folder.survey()
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
        guard !folder.hasFailed, let schema = unsafe schema else {
            unsafe xmlSchemaFree(schema)
            throw folder.error
        }
        unsafe self.pointer = schema
    }

    deinit {
        unsafe xmlSchemaFree(self.pointer)
    }

    /// Documents of up to this many nodes are validated in one go.
    ///
    /// Even if all in them is wrong, that is a matter of milliseconds.
    static let nodesInOneGo = 4096

    /// Checks a document.
    ///
    /// - Parameters:
    ///   - document: Validated by one caller at a time; others wait.
    ///   - limit: Further violations are not reported.
    /// - Returns: What does not fit, in the order of the document, each with the line and column at which the start tag
    ///   begins or the attribute it is about; empty if all does.
    public func violations(in document: XMLDocument, limit: Int) -> [Violation] {
        document.placed(self.findings(in: document, limit: limit))
    }

    /// The same without places, for which `XMLDocument.placed` reads the text once more.
    ///
    /// - Returns: What does not fit, in the order in which it was found.
    public func findings(in document: XMLDocument, limit: Int) -> [XMLFinding] {
        self.findings(in: document, limit: limit, nodesInOneGo: Self.nodesInOneGo)
    }

    func findings(in document: XMLDocument, limit: Int, nodesInOneGo: Int) -> [XMLFinding] {
        LibXML2.prepare()
        return document.validation.withLock { _ in
            if document.nodes > nodesInOneGo {
                // Twice the work for large documents, and no more than that for those that are wrong everywhere.
                let run = unsafe self.run(document, limit) { validator, run in
                    unsafe FedValidation.feed(document.rootPointer, to: validator, for: run)
                }
                guard let run, !run.isFull else { return run?.finished() ?? [ValidationRun.unfinished] }
            }
            let run = unsafe self.run(document, limit) { validator, run in
                let status = unsafe document.withPointer { unsafe xmlSchemaValidateDoc(validator, $0) }
                return unsafe status == 0 || run.pointee.count > 0
            }
            return run?.finished() ?? [ValidationRun.unfinished]
        }
    }

    /// Has the library validate in a context of its own, by calling `validate`.
    ///
    /// - Returns: `nil` if it could not, or `validate` says so.
    private func run(
        _ document: XMLDocument, _ limit: Int,
        _ validate: (xmlSchemaValidCtxtPtr, UnsafeMutablePointer<ValidationRun>) -> Bool
    ) -> ValidationRun? {
        var run = ValidationRun(document: document, facts: self.facts, limit: limit)
        guard let validator = unsafe xmlSchemaNewValidCtxt(self.pointer) else { return nil }
        defer { unsafe xmlSchemaFreeValidCtxt(validator) }
        let isDone = unsafe withUnsafeMutablePointer(to: &run) { run in
            unsafe xmlSchemaSetValidStructuredErrors(
                validator,
                { run, error in
                    guard let run = unsafe run, let error = unsafe error else { return }
                    unsafe run.assumingMemoryBound(to: ValidationRun.self).pointee.note(error.pointee)
                },
                run
            )
            return unsafe validate(validator, run)
        }
        return isDone ? run : nil
    }
}
