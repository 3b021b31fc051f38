/// Writes values as JSON text.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let sortedKeys: Bool
    private let pretty: Bool
    private var depth = 0

    init(sortedKeys: Bool, pretty: Bool) {
        self.sortedKeys = sortedKeys
        self.pretty = pretty
        self.bytes.reserveCapacity(256)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: self.bytes.append(contentsOf: "null".utf8)
        case .bool(let value): self.bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): self.bytes.append(contentsOf: number.text.utf8)
        case .string(let text): self.write(text)
        case .array(let elements): self.write(elements)
        case .object(let object): self.write(object)
        }
    }

    private mutating func write(_ elements: [JSONValue]) {
        self.bytes.append(UInt8(ascii: "["))
        self.depth += 1
        for (position, element) in elements.enumerated() {
            if position > 0 { self.bytes.append(UInt8(ascii: ",")) }
            self.breakLine()
            self.write(element)
        }
        self.depth -= 1
        if !elements.isEmpty { self.breakLine() }
        self.bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject) {
        self.bytes.append(UInt8(ascii: "{"))
        self.depth += 1
        var members = object.members
        if self.sortedKeys { members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
        var isFirst = true
        for member in members {
            if !isFirst { self.bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            self.breakLine()
            self.write(member.key)
            self.bytes.append(UInt8(ascii: ":"))
            if self.pretty { self.bytes.append(UInt8(ascii: " ")) }
            self.write(member.value)
        }
        self.depth -= 1
        if !members.isEmpty { self.breakLine() }
        self.bytes.append(UInt8(ascii: "}"))
    }

    private mutating func breakLine() {
        guard self.pretty else { return }
        self.bytes.append(UInt8(ascii: "\n"))
        self.bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * self.depth))
    }

    /// Escapes only what RFC 8259 demands: quotation mark, backslash, control characters.
    private mutating func write(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { text in
            var plainStart = 0
            for index in text.indices {
                let byte = text[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                    continue
                }
                self.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart..<index]))
                self.escape(byte)
                plainStart = index + 1
            }
            self.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart...]))
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        self.bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): self.bytes.append(byte)
        case 0x08: self.bytes.append(UInt8(ascii: "b"))
        case 0x09: self.bytes.append(UInt8(ascii: "t"))
        case 0x0a: self.bytes.append(UInt8(ascii: "n"))
        case 0x0c: self.bytes.append(UInt8(ascii: "f"))
        case 0x0d: self.bytes.append(UInt8(ascii: "r"))
        default:
            self.bytes.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 15] {
                self.bytes.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
            }
        }
    }
}

extension JSONValue {
    /// The value as JSON text in UTF-8.
    ///
    /// Numbers appear as they were written.
    ///
    /// - Parameters:
    ///   - sortedKeys: Members in the order of their keys' code points instead of their own order.
    ///   - pretty: A line for each member and element, indented by two spaces, instead of no white space.
    public func serialised(sortedKeys: Bool = false, pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(sortedKeys: sortedKeys, pretty: pretty)
        writer.write(self)
        return writer.bytes
    }

    /// The compact text, members in their own order.
    public var text: String { String(decoding: self.serialised(), as: UTF8.self) }
}
