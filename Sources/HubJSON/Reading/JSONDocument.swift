public import HubModel

/// How large and how deep a JSON text may be.
public struct JSONLimits: Sendable {
    /// No limit above this one is honoured: the parser needs stack for every level.
    public static let greatestDepth = 512

    /// Arrays and objects inside one another.
    public var maxDepth: Int
    /// The size of the whole text.
    public var maxBytes: Int

    /// Values above `greatestDepth` are taken as that.
    public init(maxDepth: Int = 64, maxBytes: Int = 200 << 20) {
        self.maxDepth = maxDepth
        self.maxBytes = maxBytes
    }
}

/// A JSON text that was read strictly (RFC 8259), with its value.
public struct JSONDocument: Sendable {
    /// The text as it came.
    public let bytes: [UInt8]
    /// What the text says.
    public let value: JSONValue

    /// Reads a whole text: UTF-8 without byte order mark, no key twice in an object (compared after unescaping, by
    /// code points), no lone surrogate escapes, nothing but white space after the value.
    ///
    /// - Throws: `json.malformed`, `json.duplicate_key`, `json.too_deep`, each with `line`, `column` and the JSON
    ///   `pointer` of the value being read; `json.malformed` also says what was `expected`. A text above the size limit
    ///   is `json.malformed` with `size` and `limit`.
    public static func parse(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(HubError) -> JSONDocument {
        let span = bytes.span
        guard span.count <= limits.maxBytes else {
            throw JSONFault(kind: .tooLarge(limit: limits.maxBytes), offset: 0).error(in: span)
        }
        let depth = min(limits.maxDepth, JSONLimits.greatestDepth)
        do throws(JSONFault) {
            return JSONDocument(bytes: bytes, value: try JSONParser.parse(span, maxDepth: depth))
        } catch {
            throw error.error(in: span)
        }
    }

    private init(bytes: [UInt8], value: JSONValue) {
        self.bytes = bytes
        self.value = value
    }

    /// Where the value that a JSON Pointer names begins.
    ///
    /// Goes through the text again, so it is for error reports.
    ///
    /// - Returns: `nil` when the pointer names nothing here.
    public func place(of pointer: String) -> SourcePlace? {
        guard let offset = PointerTrace.offsets(of: [pointer], in: self.bytes.span)[pointer] else {
            return nil
        }
        return TextPlace.place(of: offset, in: self.bytes.span)
    }

    /// The places of many values in two passes; pointers that name nothing are absent.
    public func places(of pointers: some Sequence<String>) -> [String: SourcePlace] {
        let offsets = PointerTrace.offsets(of: Set(pointers), in: self.bytes.span)
        let places = TextPlace.places(of: Array(offsets.values), in: self.bytes.span)
        return offsets.compactMapValues { places[$0] }
    }
}
