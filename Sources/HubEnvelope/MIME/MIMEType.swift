/// A media type with its parameters (RFC 9110, 8.3.1).
public struct MIMEType: Hashable, Sendable {
    /// Type and subtype in lower case, such as `application/json`.
    public let name: String
    /// By names in lower case.
    public let parameters: [String: String]

    private static let maxBytes = 512

    /// - Returns: `nil` for a text that is not one, is longer than 512 bytes, or names a parameter twice.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let type = reader.token(), reader.take(0x2F), let subtype = reader.token() else { return nil }
        var parameters: [String: String] = [:]
        while true {
            reader.skipSpaces()
            if reader.rest.isEmpty { break }
            guard reader.take(0x3B) else { return nil }
            reader.skipSpaces()
            // An empty parameter is allowed between two semicolons and at the end.
            if reader.rest.isEmpty || reader.rest.first == 0x3B { continue }
            guard let name = reader.token(), reader.take(0x3D), let value = reader.value(),
                parameters.updateValue(value, forKey: name.lowercased()) == nil
            else { return nil }
        }
        self.name = type.lowercased() + "/" + subtype.lowercased()
        self.parameters = parameters
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ byte: UInt8) -> Bool {
            guard self.rest.first == byte else { return false }
            self.rest.removeFirst()
            return true
        }

        mutating func skipSpaces() { self.rest = self.rest.drop { $0 == 0x20 || $0 == 0x09 } }

        mutating func token() -> String? {
            let token = self.rest.prefix(while: Self.isTokenByte)
            self.rest = self.rest[token.endIndex...]
            return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
        }

        mutating func value() -> String? {
            guard self.take(0x22) else { return self.token() }
            var value: [UInt8] = []
            while let byte = self.rest.popFirst() {
                switch byte {
                case 0x22: return String(validating: value, as: UTF8.self)
                case 0x5C:
                    guard let next = self.rest.popFirst(), next >= 0x20 else { return nil }
                    value.append(next)
                case 0x20...: value.append(byte)
                default: return nil
                }
            }
            return nil
        }

        /// RFC 9110, 5.6.2.
        private static func isTokenByte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
            default: false
            }
        }
    }
}
