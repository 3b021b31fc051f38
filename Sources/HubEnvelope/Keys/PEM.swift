import HubModel

/// The textual form of keys and certificates (RFC 7468).
enum PEM {
    /// The bytes of the first block with one of these labels, and its label.
    ///
    /// Text around blocks is skipped, as files written by other tools begin with a description. Headers inside a
    /// block, which mark encrypted keys, make it unreadable.
    static func firstBlock(_ labels: [String], in pem: [UInt8]) -> (label: String, der: [UInt8])? {
        var found: (label: String, der: [UInt8])?
        Self.read(labels, in: pem) { label, der in
            found = der.map { (label, $0) }
            return false
        }
        return found
    }

    /// All blocks with one of these labels; one that is unreadable is left out.
    static func blocks(_ labels: [String], in pem: [UInt8]) -> [(label: String, der: [UInt8])] {
        var blocks: [(label: String, der: [UInt8])] = []
        Self.read(labels, in: pem) { label, der in
            if let der { blocks.append((label, der)) }
            return true
        }
        return blocks
    }

    /// Gives each block, `nil` for an unreadable one, until it is told that it is enough.
    ///
    /// - Returns: Whether no block was left without its end.
    @discardableResult
    private static func read(_ labels: [String], in pem: [UInt8], _ take: (String, [UInt8]?) -> Bool) -> Bool {
        var label: String?
        var base64 = ""
        for line in pem.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = String(decoding: line, as: UTF8.self).trimmingSpaces()
            if let current = label {
                if text == "-----END \(current)-----" {
                    guard take(current, Base64.bytes(base64)) else { return true }
                    (label, base64) = (nil, "")
                } else {
                    base64 += text
                }
            } else {
                label = labels.first { text == "-----BEGIN \($0)-----" }
            }
        }
        return label == nil
    }

    /// The bytes of all blocks with one of these labels; `nil` if one of them cannot be read.
    static func blocks(_ labels: [String], in pem: [UInt8]) -> [[UInt8]]? {
        var blocks: [[UInt8]] = []
        var isReadable = true
        let isClosed = Self.read(labels, in: pem) { _, der in
            if let der { blocks.append(der) }
            isReadable = der != nil
            return isReadable
        }
        return isReadable && isClosed ? blocks : nil
    }

    /// One block, lines of sixty-four characters.
    static func text(_ label: String, _ der: [UInt8]) -> [UInt8] {
        let characters = Array(Base64.text(der).utf8)
        var text = Array("-----BEGIN \(label)-----\n".utf8)
        for start in stride(from: 0, to: characters.count, by: 64) {
            text += characters[start..<min(start + 64, characters.count)]
            text.append(0x0A)
        }
        return text + Array("-----END \(label)-----\n".utf8)
    }
}

extension String {
    func trimmingSpaces() -> String {
        var text = self[...]
        while text.last == " " || text.last == "\t" { text.removeLast() }
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        return String(text)
    }
}
