import HubModel

/// What the parser stumbled over, and where; made into a `HubError` once, at the front door.
struct JSONFault: Error {
    enum Kind {
        case malformed(Expected)
        case duplicateKey
        case tooDeep(limit: Int)
        case tooLarge(limit: Int)
        case tooManyValues(limit: Int)
        case nameTooLong(limit: Int)
    }

    /// What would have been right at that place.
    enum Expected: String {
        case value = "a value"
        case key = "a key in quotation marks"
        case keyOrEnd = "a key in quotation marks or '}'"
        case colon = "':'"
        case commaOrBrace = "',' or '}'"
        case commaOrBracket = "',' or ']'"
        case digit = "a digit"
        case noLeadingZero = "no digit after a leading 0"
        case literal = "true, false or null"
        case endOfText = "nothing after the value"
        case closingQuote = "a closing quotation mark"
        case escapedControl = "control characters written as escapes"
        case escape = "one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"
        case hexDigits = "four hexadecimal digits"
        case surrogatePair = "a surrogate escape together with its other half"
        case utf8 = "valid UTF-8"
        case noByteOrderMark = "no byte order mark"
    }

    let kind: Kind
    let offset: Int

    /// - Parameter bytes: The text the fault was found in; it is gone through again to name line and member.
    func error(in bytes: Span<UInt8>) -> HubError {
        let place = TextPlace.place(of: self.offset, in: bytes)
        var details = [ErrorDetail("line", place.line), ErrorDetail("column", place.column)]
        if case .tooLarge(let limit) = self.kind {
            return HubError(
                .jsonMalformed, "The JSON text is larger than allowed.",
                details: [ErrorDetail("size", bytes.count), ErrorDetail("limit", limit)]
            )
        }
        var reached = self.offset
        // The key that is there twice belongs to the pointer.
        if case .duplicateKey = self.kind { reached += 1 }
        details.append(ErrorDetail("pointer", PointerTrace.pointer(toOffset: reached, in: bytes)))
        switch self.kind {
        case .malformed(let expected):
            details.append(ErrorDetail("expected", expected.rawValue))
            details.append(ErrorDetail("found", Self.found(at: self.offset, in: bytes)))
            return HubError(.jsonMalformed, "The text is not JSON as RFC 8259 defines it.", details: details)
        case .duplicateKey:
            return HubError(.jsonDuplicateKey, "An object has the same key twice.", details: details)
        case .tooDeep(let limit):
            details.append(ErrorDetail("limit", limit))
            return HubError(
                .jsonTooDeep, "Arrays and objects are nested deeper than allowed.", details: details)
        case .tooManyValues(let limit):
            details.append(ErrorDetail("limit", limit))
            return HubError(
                .intakeTooLarge, "The JSON text has more values than allowed.", details: details)
        case .nameTooLong(let limit):
            details.append(ErrorDetail("limit", limit))
            return HubError(
                .jsonMalformed, "The name of a member is longer than allowed.", details: details)
        case .tooLarge:
            return HubError(.jsonMalformed, "The JSON text is larger than allowed.", details: details)
        }
    }

    /// Names one character at most, so that no payload gets into an error.
    private static func found(at offset: Int, in bytes: Span<UInt8>) -> String {
        guard offset < bytes.count else { return "end of text" }
        let byte = bytes[offset]
        switch byte {
        case 0x21...0x7e: return "'\(Character(UnicodeScalar(byte)))'"
        case 0x20: return "a space"
        case 0x00..<0x20, 0x7f: return "a control character"
        default: return "a character outside ASCII"
        }
    }
}
