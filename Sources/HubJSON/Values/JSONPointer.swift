/// JSON Pointers (RFC 6901): reading and writing them.
public enum JSONPointer {
    /// The unescaped tokens of a pointer; empty for the whole document.
    ///
    /// - Returns: `nil` when the text neither is empty nor begins with `/`, or holds a `~` that escapes nothing.
    public static func tokens(of pointer: String) -> [String]? {
        guard !pointer.isEmpty else { return [] }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in pointer.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        return tokens
    }

    /// The token with `~` and `/` escaped, ready to be put behind a `/`.
    public static func escaped(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return token
        }
        var text = ""
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The beginning of a pointer that is to be reported: at most `count` bytes of UTF-8, and `…` if there was more.
    ///
    /// Names of members come from outside; a report is not the place to repeat long ones.
    static func shortened(_ pointer: String, to count: Int) -> String {
        let bytes = pointer.utf8
        guard bytes.count > count else { return pointer }
        var end = bytes.index(bytes.startIndex, offsetBy: count)
        // Never within a character: back over the bytes that only continue one.
        while bytes[end] & 0xc0 == 0x80 { bytes.formIndex(before: &end) }
        return pointer[..<end] + "…"
    }

    /// The position that a token means in an array: digits without leading zeros.
    static func index(_ token: String) -> Int? {
        let digits = token.utf8
        guard !digits.isEmpty, digits.count <= 10, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        guard digits.first != 0x30 || digits.count == 1 else { return nil }
        return Int(token)
    }

    private static func unescaped(_ part: some Collection<UInt8>) -> String? {
        guard part.contains(UInt8(ascii: "~")) else { return String(decoding: part, as: UTF8.self) }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in part {
            switch (isEscaped, byte) {
            case (true, UInt8(ascii: "0")): bytes.append(UInt8(ascii: "~"))
            case (true, UInt8(ascii: "1")): bytes.append(UInt8(ascii: "/"))
            case (true, _): return nil
            case (false, UInt8(ascii: "~")): break
            case (false, _): bytes.append(byte)
            }
            isEscaped = !isEscaped && byte == UInt8(ascii: "~")
        }
        return isEscaped ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
