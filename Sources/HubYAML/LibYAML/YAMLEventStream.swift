private import CYaml
import HubModel

/// One step of a YAML text, with where it begins.
struct YAMLEvent {
    enum Kind {
        case documentStart(hasDirectives: Bool)
        case documentEnd
        case scalar(String, isPlain: Bool)
        case listStart
        case listEnd
        case mapStart
        case mapEnd
        case alias
        case streamEnd
    }

    let kind: Kind
    let place: SourcePlace
    /// Whether `&name` stands before the value.
    let hasAnchor: Bool
    /// Whether `!tag` stands before the value.
    let hasTag: Bool
}

/// What stopped the scanner.
struct YAMLSyntaxFault: Error {
    let place: SourcePlace
    /// The library's own words, such as `did not find expected key`.
    let problem: String
}

/// The events of a YAML text, one after the other.
///
/// Reads through the library that Yams carries and not through Yams' nodes: those are built by recursion as deep as
/// the file says, and no longer know whether a tag or an alias was written.
@safe
final class YAMLEventStream {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter bytes: Valid UTF-8.
    /// - Throws: A syntax fault at the beginning, only when memory is short.
    init(_ bytes: [UInt8]) throws(YAMLSyntaxFault) {
        // The library keeps a pointer to the text, so the text has to stay where it is.
        unsafe self.text = .allocate(capacity: bytes.count)
        _ = unsafe self.text.initialize(from: bytes)
        unsafe self.parser = .allocate(capacity: 1)
        unsafe self.parser.initialize(to: yaml_parser_t())
        guard unsafe yaml_parser_initialize(self.parser) == 1 else {
            throw YAMLSyntaxFault(place: SourcePlace(line: 1, column: 1), problem: "no memory")
        }
        unsafe yaml_parser_set_encoding(self.parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(self.parser, self.text.baseAddress, self.text.count)
    }

    deinit {
        unsafe yaml_parser_delete(self.parser)
        unsafe self.parser.deallocate()
        unsafe self.text.deallocate()
    }

    /// The next event; nothing may be asked for after `streamEnd` or a fault.
    func next() throws(YAMLSyntaxFault) -> YAMLEvent {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(self.parser, &event) == 1 else { throw self.fault() }
            defer { unsafe yaml_event_delete(&event) }
            if let understood = unsafe Self.event(from: event) { return understood }
        }
    }

    /// `nil` for the start of the stream, which says nothing.
    private static func event(from event: yaml_event_t) -> YAMLEvent? {
        let place = unsafe Self.place(event.start_mark)
        func made(_ kind: YAMLEvent.Kind, hasAnchor: Bool = false, hasTag: Bool = false) -> YAMLEvent {
            YAMLEvent(kind: kind, place: place, hasAnchor: hasAnchor, hasTag: hasTag)
        }
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT:
            let start = unsafe event.data.document_start
            let hasTags = unsafe start.tag_directives.start != start.tag_directives.end
            return unsafe made(.documentStart(hasDirectives: start.version_directive != nil || hasTags))
        case YAML_DOCUMENT_END_EVENT:
            return made(.documentEnd)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let value = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return unsafe made(
                .scalar(
                    String(decoding: value, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE
                ),
                hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil
            )
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return unsafe made(.listStart, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_SEQUENCE_END_EVENT:
            return made(.listEnd)
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return unsafe made(.mapStart, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_MAPPING_END_EVENT:
            return made(.mapEnd)
        case YAML_ALIAS_EVENT:
            return made(.alias)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
            return made(.streamEnd)
        default:
            return nil
        }
    }

    private func fault() -> YAMLSyntaxFault {
        let parser = unsafe self.parser.pointee
        let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "no memory"
        guard unsafe parser.error == YAML_READER_ERROR else {
            return unsafe YAMLSyntaxFault(place: Self.place(parser.problem_mark), problem: problem)
        }
        // The reader counts bytes, everything after it counts lines and columns.
        let before = unsafe self.text.prefix(Int(clamping: parser.problem_offset))
        return unsafe YAMLSyntaxFault(place: SourcePlace(after: before), problem: problem)
    }

    private static func place(_ mark: yaml_mark_t) -> SourcePlace {
        SourcePlace(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}

extension SourcePlace {
    /// The place that follows `bytes` of UTF-8, with columns counted in Unicode scalars as the library does.
    init(after bytes: some Collection<UInt8>) {
        var line = 1
        var column = 1
        for byte in bytes {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(line: line, column: column)
    }
}
