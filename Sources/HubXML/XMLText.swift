/// Text on its way into a document that is written by hand.
public enum XMLText {
    /// `text` as it may stand between tags and between quotes of either kind.
    ///
    /// Line ends and tabs become character references, because a parser would change them in an attribute, and a
    /// carriage return everywhere. Characters that XML cannot hold at all become U+FFFD.
    public static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: Self.mayNeedEscape) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t": result += "&#9;"
            case "\n": result += "&#10;"
            case "\r": result += "&#13;"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text without the white space of XML around it.
    package static func trimmed(_ text: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        // Most texts have none, and are not copied.
        let span = text.utf8.span
        guard !span.isEmpty, isSpace(span[0]) || isSpace(span[span.count - 1]) else { return text }
        let bytes = text.utf8
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }

    /// 0xEF is the first byte of U+FFFE and U+FFFF, among others.
    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
            UInt8(ascii: "'"), 0xEF:
            true
        default: false
        }
    }
}
