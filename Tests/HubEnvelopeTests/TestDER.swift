/// Writes DER, and on request what only looks like it.
enum TestDER {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag] + Self.length(content.count) + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { Self.element(0x30, parts.flatMap { $0 }) }

    static func set(_ parts: [[UInt8]]) -> [UInt8] { Self.element(0x31, parts.flatMap { $0 }) }

    static func octets(_ bytes: [UInt8]) -> [UInt8] { Self.element(0x04, bytes) }

    static func integer(_ number: UInt8) -> [UInt8] { Self.element(0x02, [number]) }

    static func context(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        Self.element(0xA0 | number, content)
    }

    static let null: [UInt8] = [5, 0]

    static func identifier(_ text: String) -> [UInt8] {
        let arcs = text.split(separator: ".").compactMap { UInt64($0) }
        var content: [UInt8] = []
        for arc in [arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2) {
            var groups = [UInt8(arc & 0x7F)]
            var rest = arc >> 7
            while rest > 0 {
                groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
                rest >>= 7
            }
            content += groups
        }
        return Self.element(0x06, content)
    }

    static func length(_ count: Int) -> [UInt8] {
        guard count >= 0x80 else { return [UInt8(count)] }
        var bytes: [UInt8] = []
        var rest = count
        while rest > 0 {
            bytes.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    /// The elements one after another, each whole.
    ///
    /// For proper DER only.
    static func elements(of content: [UInt8]) -> [[UInt8]] {
        var elements: [[UInt8]] = []
        var rest = content[...]
        while !rest.isEmpty {
            let header = Self.header(of: Array(rest.prefix(6)))
            elements.append(Array(rest.prefix(header.size + header.count)))
            rest = rest.dropFirst(header.size + header.count)
        }
        return elements
    }

    static func content(of element: [UInt8]) -> [UInt8] {
        Array(element.dropFirst(Self.header(of: element).size))
    }

    private static func header(of element: [UInt8]) -> (size: Int, count: Int) {
        guard element[1] >= 0x80 else { return (2, Int(element[1])) }
        let size = Int(element[1]) - 0x80
        return (2 + size, element[2..<(2 + size)].reduce(0) { $0 << 8 | Int($1) })
    }
}
