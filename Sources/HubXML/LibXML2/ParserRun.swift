import CLibXML2
import HubModel

/// One run of the parser over one document, watched by hooks that stop it at the first thing that is not allowed.
@safe
struct ParserRun {
    /// Why the parser was stopped.
    private enum Fault {
        case none
        case malformed(reason: String, offset: Int)
        case doctype(offset: Int)
        case tooDeep(line: Int)
        case tooMany(line: Int)
    }

    private let limits: XMLLimits
    private let maxDepth: Int
    private var fault = Fault.none
    private var nodes = 0
    private var instructions = 0

    /// Roughly how much room the different names of a document share.
    private static let nameBytes = 256 << 10
    /// The library copies a document that it is given whole; from this size on it asks for one piece after the other.
    static let piecesFrom = 256 << 10

    private init(limits: XMLLimits) {
        self.limits = limits
        self.maxDepth = min(limits.maxDepth, 256)
    }

    /// - Throws: `xml.malformed`, `xml.doctype_forbidden`, `xml.too_deep`, `intake.too_large`.
    static func parse(
        _ source: XMLSource, limits: XMLLimits, received: [UInt8] = [], longValues: LongValues? = nil,
        piecesFrom: Int = Self.piecesFrom
    ) throws(HubError) -> XMLDocument {
        LibXML2.prepare()
        var run = ParserRun(limits: limits)
        let document = unsafe source.bytes.withUnsafeBufferPointer { bytes in
            let bytes = unsafe UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(bytes)[source.start...])
            return unsafe run.tree(of: bytes, inPieces: bytes.count >= piecesFrom)
        }
        if let error = run.error(in: source) {
            if let document = unsafe document { unsafe xmlFreeDoc(document) }
            throw error
        }
        guard let document = unsafe document else {
            throw HubError(.internalFault, "The XML parser has no memory left.")
        }
        guard let root = unsafe xmlDocGetRootElement(document) else {
            unsafe xmlFreeDoc(document)
            throw XMLSource.unreadable("no root element", at: SourcePlace(line: 1, column: 1))
        }
        return unsafe XMLDocument(
            owning: document, root: root, nodes: run.nodes, hasLongTexts: source.bytes.count >= piecesFrom,
            received: received, longValues: longValues)
    }

    /// Runs the parser.
    ///
    /// What it could build is returned even after a fault, to be freed by the caller.
    private mutating func tree(of bytes: UnsafeRawBufferPointer, inPieces: Bool) -> xmlDocPtr? {
        unsafe withUnsafeMutablePointer(to: &self) { run in
            guard inPieces else {
                let parser = unsafe xmlCreateMemoryParserCtxt(bytes.baseAddress, Int32(bytes.count))
                return unsafe ParserRun.tree(parser, bytes.count, run)
            }
            var rest = unsafe (bytes: bytes, run: run)
            return unsafe withUnsafeMutablePointer(to: &rest) { rest in
                let parser = unsafe xmlCreateIOParserCtxt(
                    nil, nil, ParserRun.piece, nil, rest, XML_CHAR_ENCODING_NONE)
                return unsafe ParserRun.tree(parser, bytes.count, run)
            }
        }
    }

    /// Gives the parser the next bytes, and none after a fault.
    private static let piece: xmlInputReadCallback = { rest, buffer, count in
        typealias Rest = (bytes: UnsafeRawBufferPointer, run: UnsafeMutablePointer<ParserRun>)
        guard let rest = unsafe rest?.assumingMemoryBound(to: Rest.self), let buffer = unsafe buffer,
            case .none = unsafe rest.pointee.run.pointee.fault
        else { return 0 }
        let next = unsafe rest.pointee.bytes.prefix(Int(count))
        unsafe UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)).copyBytes(from: next)
        unsafe rest.pointee.bytes = UnsafeRawBufferPointer(rebasing: rest.pointee.bytes.dropFirst(next.count))
        return unsafe Int32(next.count)
    }

    /// Runs `parser` over its document of `count` bytes, and frees it.
    private static func tree(
        _ parser: xmlParserCtxtPtr?, _ count: Int, _ run: UnsafeMutablePointer<ParserRun>
    ) -> xmlDocPtr? {
        guard let parser = unsafe parser else { return nil }
        defer { unsafe xmlFreeParserCtxt(parser) }
        // Text of more than ten megabytes is refused without XML_PARSE_HUGE; so is nesting above 256, which
        // the hooks see to anyway.
        let huge = count > 10_000_000 ? XML_PARSE_HUGE.rawValue : 0
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_COMPACT.rawValue
            | XML_PARSE_IGNORE_ENC.rawValue | huge
        _ = unsafe xmlCtxtUseOptions(parser, Int32(options))
        // The table of names has few buckets; a million different names would take it half a minute.
        _ = unsafe xmlDictSetLimit(parser.pointee.dict, Self.nameBytes)
        // Nor need it keep a table of every `xml:id`, which nobody asks for.
        unsafe parser.pointee.loadsubset = XML_SKIP_IDS
        guard let hooks = unsafe parser.pointee.sax else { return nil }
        unsafe hooks.pointee.internalSubset = { context, _, _, _ in unsafe ParserRun.refuseDoctype(context) }
        unsafe hooks.pointee.externalSubset = nil
        unsafe hooks.pointee.startElementNs = ParserRun.startElement
        unsafe hooks.pointee.processingInstruction = { context, target, content in
            unsafe ParserRun.countInstruction(context)
            unsafe xmlSAX2ProcessingInstruction(context, target, content)
        }
        unsafe hooks.pointee.comment = nil
        unsafe hooks.pointee.serror = { context, error in unsafe ParserRun.note(error, context) }
        unsafe parser.pointee._private = UnsafeMutableRawPointer(run)
        _ = unsafe xmlParseDocument(parser)
        unsafe parser.pointee._private = nil
        let document = unsafe parser.pointee.myDoc
        unsafe parser.pointee.myDoc = nil
        if case .none = unsafe run.pointee.fault,
            unsafe parser.pointee.wellFormed == 0 || parser.pointee.nsWellFormed == 0
        {
            unsafe run.pointee.fault = .malformed(
                reason: "not well-formed", offset: xmlByteConsumed(parser))
        }
        if case .none = unsafe run.pointee.fault, let input = unsafe parser.pointee.input,
            unsafe input.pointee.cur < input.pointee.end
        {
            unsafe run.pointee.fault = .malformed(
                reason: "bytes after the end", offset: xmlByteConsumed(parser))
        }
        return unsafe document
    }

    private func error(in source: XMLSource) -> HubError? {
        switch self.fault {
        case .none:
            return nil
        case .malformed(let reason, let offset):
            return XMLSource.unreadable(reason, at: source.place(at: source.start + offset))
        case .doctype(let offset):
            let line = source.place(at: source.start + offset).line
            return HubError(
                .xmlDoctypeForbidden, "The document has a DOCTYPE, which is not allowed.",
                details: [ErrorDetail("line", line)]
            )
        case .tooDeep(let line):
            return HubError(
                .xmlTooDeep, "The elements of the document are nested deeper than allowed.",
                details: [ErrorDetail("line", line), ErrorDetail("allowed", self.maxDepth)]
            )
        case .tooMany(let line):
            return HubError(
                .intakeTooLarge,
                "The document has more elements, attributes, namespaces, instructions or names than allowed.",
                details: [ErrorDetail("line", line)]
            )
        }
    }
}

extension ParserRun {
    private static func parser(_ context: UnsafeMutableRawPointer?) -> xmlParserCtxtPtr? {
        unsafe context?.assumingMemoryBound(to: xmlParserCtxt.self)
    }

    private static func run(of parser: xmlParserCtxtPtr) -> UnsafeMutablePointer<ParserRun>? {
        unsafe parser.pointee._private?.assumingMemoryBound(to: ParserRun.self)
    }

    /// Ends the run with `fault`, unless something else ended it before.
    private static func stop(_ parser: xmlParserCtxtPtr, _ fault: Fault) {
        guard let run = unsafe self.run(of: parser) else { return }
        if case .none = unsafe run.pointee.fault { unsafe run.pointee.fault = fault }
        unsafe xmlStopParser(parser)
    }

    private static func line(_ parser: xmlParserCtxtPtr) -> Int {
        unsafe Int(parser.pointee.input?.pointee.line ?? 0)
    }

    /// Called before anything of the internal subset is read.
    private static func refuseDoctype(_ context: UnsafeMutableRawPointer?) {
        guard let parser = unsafe self.parser(context) else { return }
        unsafe self.stop(parser, .doctype(offset: xmlByteConsumed(parser)))
    }

    private static func countInstruction(_ context: UnsafeMutableRawPointer?) {
        guard let parser = unsafe self.parser(context), let run = unsafe self.run(of: parser) else { return }
        unsafe run.pointee.nodes += 1
        unsafe run.pointee.instructions += 1
        let limits = unsafe run.pointee.limits
        if unsafe run.pointee.nodes > limits.maxNodes || run.pointee.instructions > limits.maxInstructions {
            unsafe self.stop(parser, .tooMany(line: self.line(parser)))
        }
    }

    private static let startElement: startElementNsSAX2Func = {
        context, name, prefix, uri, namespaceCount, namespaces, attributeCount, defaultedCount, attributes in
        guard let parser = unsafe ParserRun.parser(context), let run = unsafe ParserRun.run(of: parser) else {
            return
        }
        let limits = unsafe run.pointee.limits
        let here = Int(namespaceCount) + Int(attributeCount)
        if unsafe Int(parser.pointee.nodeNr) >= run.pointee.maxDepth {
            return unsafe ParserRun.stop(parser, .tooDeep(line: ParserRun.line(parser)))
        }
        unsafe run.pointee.nodes += 1 + here
        if unsafe run.pointee.nodes > limits.maxNodes || here > limits.maxAttributes
            || Int(parser.pointee.nsNr) / 2 > limits.maxNamespaces
        {
            return unsafe ParserRun.stop(parser, .tooMany(line: ParserRun.line(parser)))
        }
        unsafe xmlSAX2StartElementNs(
            context, name, prefix, uri, namespaceCount, namespaces, attributeCount, defaultedCount, attributes
        )
        // A node has 16 bits for its line. The field for a schema's type is free, as nobody asks for types.
        let line = unsafe ParserRun.line(parser)
        if line >= XMLElement.lineElsewhere, let node = unsafe parser.pointee.node {
            unsafe node.pointee.psvi = UnsafeMutableRawPointer(bitPattern: line)
        }
    }

    /// Takes down the first error, and lets the parser find nothing further.
    private static func note(_ error: xmlErrorPtr?, _ context: UnsafeMutableRawPointer?) {
        guard let error = unsafe error, unsafe self.isFault(error.pointee),
            let parser = unsafe self.parser(context),
            let run = unsafe self.run(of: parser), case .none = unsafe run.pointee.fault
        else { return }
        let offset = unsafe xmlByteConsumed(parser)
        if unsafe error.pointee.code == Int32(bitPattern: XML_ERR_NO_MEMORY.rawValue) {
            unsafe run.pointee.fault = .tooMany(line: self.line(parser))
        } else if unsafe parser.pointee.inSubset != 0 {
            unsafe run.pointee.fault = .doctype(offset: offset)
        } else {
            unsafe run.pointee.fault = .malformed(reason: ErrorText.reason(of: error.pointee), offset: offset)
        }
        // Stopping the parser here would free its input while its functions still look at it. Blank input ends
        // them just as well, and no piece follows.
        if let input = unsafe parser.pointee.input,
            let cursor = unsafe UnsafeMutablePointer(mutating: input.pointee.cur)
        {
            let rest = unsafe input.pointee.end - UnsafePointer(cursor)
            if rest > 0 { unsafe cursor.update(repeating: 0, count: rest) }
        }
    }

    /// Whether a document with this error is not well-formed, namespaces included.
    ///
    /// What else the parser minds, such as an `xml:id` that repeats, is for whoever gives it a meaning.
    private static func isFault(_ error: xmlError) -> Bool {
        unsafe error.level == XML_ERR_FATAL
            || error.level == XML_ERR_ERROR && error.domain == Int32(bitPattern: XML_FROM_NAMESPACE.rawValue)
    }
}
