public import HubModel

/// How large and how deep a JSON text may be before it is refused.
///
/// The defaults fit the largest messages the platform carries. A value costs many times the bytes it is written
/// with, so it is their number that bounds the memory of a text.
public struct JSONLimits: Sendable {
    /// No limit above this one is honoured: the parser needs stack for every level.
    public static let greatestDepth = 512

    /// Arrays and objects inside one another.
    public var maxDepth: Int
    /// The size of the whole text.
    public var maxBytes: Int
    /// Values of every kind together, arrays and objects among them.
    public var maxValues: Int
    /// The name of one member, in bytes of UTF-8 once its escapes are undone.
    public var maxNameBytes: Int

    /// A `maxDepth` above `greatestDepth` is taken as that.
    public init(
        maxDepth: Int = 64, maxBytes: Int = 200 << 20, maxValues: Int = 1_000_000, maxNameBytes: Int = 1024
    ) {
        self.maxDepth = maxDepth
        self.maxBytes = maxBytes
        self.maxValues = maxValues
        self.maxNameBytes = maxNameBytes
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
    /// - Throws: `json.malformed`, `json.duplicate_key`, `json.too_deep`, and `intake.too_large` for too many values,
    ///   each with `line`, `column` and the JSON `pointer` of the value being read; `json.malformed` also says what was
    ///   `expected`, or the `limit` of a member's name. A text above the size limit is `json.malformed` with `size` and
    ///   `limit`.
    public static func parse(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(HubError) -> JSONDocument {
        let span = bytes.span
        guard span.count <= limits.maxBytes else {
            throw JSONFault(kind: .tooLarge(limit: limits.maxBytes), offset: 0).error(in: span)
        }
        do throws(JSONFault) {
            return JSONDocument(bytes: bytes, value: try JSONParser.parse(span, limits: limits))
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
        self.places(inOrderOf: [pointer])[0]
    }

    /// The places of many values in two passes; pointers that name nothing are absent.
    public func places(of pointers: some Sequence<String>) -> [String: SourcePlace] {
        let pointers = Array(pointers)
        var places: [String: SourcePlace] = [:]
        for (pointer, place) in zip(pointers, self.places(inOrderOf: pointers)) { places[pointer] = place }
        return places
    }

    /// The same, one for each pointer; `nil` for those that name nothing.
    func places(inOrderOf pointers: [String]) -> [SourcePlace?] {
        let offsets = PointerSearch.offsets(of: pointers, in: self.bytes.span)
        let places = TextPlace.places(of: offsets.compactMap(\.self), in: self.bytes.span)
        return offsets.map { offset in offset.flatMap { places[$0] } }
    }
}
