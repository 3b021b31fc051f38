/// A URI or a relative reference, taken apart and resolved as RFC 3986 says.
struct URIReference: Hashable, Sendable {
    var scheme: String?
    var authority: String?
    var path: String
    var query: String?
    var fragment: String?

    init(_ text: String) {
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") {
            self.fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
            self.scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if let mark = rest.firstIndex(of: "?") {
            self.query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            self.authority = String(rest[..<end])
            rest = rest[end...]
        }
        self.path = String(rest)
    }

    var isAbsolute: Bool { self.scheme != nil }

    /// The text without the fragment: what names a schema resource.
    var resource: String {
        var text = self.scheme.map { $0 + ":" } ?? ""
        if let authority { text += "//" + authority }
        text += self.path
        if let query { text += "?" + query }
        return text
    }

    /// The fragment with its percent escapes undone; empty when there is none.
    ///
    /// - Returns: `nil` when the escapes are broken or are no UTF-8.
    var decodedFragment: String? {
        guard let fragment, fragment.utf8.contains(UInt8(ascii: "%")) else { return self.fragment ?? "" }
        var bytes: [UInt8] = []
        var rest = fragment.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst(), let low = rest.popFirst(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// This reference seen from `base` (RFC 3986 section 5.2).
    func resolved(against base: URIReference) -> URIReference {
        var result = self
        if self.scheme == nil {
            result.scheme = base.scheme
            if self.authority == nil {
                result.authority = base.authority
                if self.path.isEmpty {
                    result.path = base.path
                    result.query = self.query ?? base.query
                } else if !self.path.hasPrefix("/") {
                    result.path = Self.merged(base: base, path: self.path)
                }
            }
        }
        if result.authority != nil || result.path.hasPrefix("/") || self.scheme == nil {
            result.path = Self.withoutDotSegments(result.path)
        }
        return result
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first | 0x20 >= 0x61, first | 0x20 <= 0x7a else { return false }
        return text.utf8.allSatisfy {
            $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2b || $0 == 0x2d
                || $0 == 0x2e
        }
    }

    private static func merged(base: URIReference, path: String) -> String {
        if base.authority != nil, base.path.isEmpty { return "/" + path }
        guard let slash = base.path.lastIndex(of: "/") else { return path }
        return base.path[...slash] + path
    }

    private static func withoutDotSegments(_ path: String) -> String {
        guard path.contains("./") || path.hasSuffix(".") else { return path }
        let isRooted = path.hasPrefix("/")
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            let isLast = position == segments.count - 1
            switch segment {
            case ".":
                if isLast { kept.append("") }
            case "..":
                if kept.count > (isRooted ? 1 : 0) { kept.removeLast() }
                if isLast { kept.append("") }
            default:
                kept.append(segment)
            }
        }
        return kept.joined(separator: "/")
    }
}
