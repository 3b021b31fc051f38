/// What a signature says of an attachment: its name, and the digest of its bytes.
struct AttachmentReference {
    let name: String
    let method: XMLDigestMethod
    let digest: [UInt8]

    /// Attachments of one signature.
    static let most = 64
    private static let longestName = 128
    private static let scheme = "cid:"

    static func uri(of name: String) -> String { Self.scheme + name }

    /// The name in a URI of this form.
    ///
    /// - Returns: `nil` for any other URI.
    static func name(in uri: String) -> String? {
        guard uri.utf8.starts(with: Self.scheme.utf8) else { return nil }
        // By bytes: what looks like the colon can be a colon with marks above it.
        let name = String(decoding: uri.utf8.dropFirst(Self.scheme.utf8.count), as: UTF8.self)
        return Self.isName(name) ? name : nil
    }

    /// Whether an attachment of this name can be signed.
    ///
    /// Only characters that a URI has as they are (RFC 2392), so that there is one way of writing each name.
    static func isName(_ text: String) -> Bool {
        (1...Self.longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                    || "-._~@+".utf8.contains(byte)
            }
    }
}
