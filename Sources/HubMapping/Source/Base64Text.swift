import HubModel

/// Base64 as it stands in messages: broken into lines by some, so white space in it says nothing.
enum Base64Text {
    /// `nil` when the text without its white space is not base64 (RFC 4648 section 4).
    static func bytes(_ text: String) -> [UInt8]? {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        guard text.utf8.contains(where: isSpace) else { return Base64.bytes(text) }
        return Base64.bytes(String(decoding: text.utf8.filter { !isSpace($0) }, as: UTF8.self))
    }
}
