package import HubModel

/// Builds the byte layouts of records and headers.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) {
        self.bytes.reserveCapacity(capacity)
    }

    package mutating func raw(_ bytes: some Sequence<UInt8>) {
        self.bytes.append(contentsOf: bytes)
    }

    /// Big-endian, in exactly `bytes` bytes.
    package mutating func fixed(_ value: UInt64, bytes: Int) {
        for index in stride(from: bytes - 1, through: 0, by: -1) {
            self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    /// LEB128: seven bits a byte, least significant first, the eighth bit says that more follow.
    package mutating func variable(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        self.bytes.append(UInt8(value))
    }

    /// The length in bytes, then the UTF-8 bytes.
    package mutating func text(_ text: String) {
        self.variable(UInt64(text.utf8.count))
        self.bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what `ByteWriter` wrote, from bytes that may have been tampered with.
///
/// Every call throws `evidence.invalid` at the end of the input or for a value that the writer would not write.
package struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package mutating func raw(_ count: Int) throws(HubError) -> [UInt8] {
        guard count >= 0, count <= self.bytes.count - self.position else { throw Self.truncated }
        defer { self.position += count }
        return Array(self.bytes[self.position..<self.position + count])
    }

    package mutating func fixed(bytes count: Int) throws(HubError) -> UInt64 {
        guard count <= self.bytes.count - self.position else { throw Self.truncated }
        var value: UInt64 = 0
        for _ in 0..<count {
            value = value << 8 | UInt64(self.bytes[self.position])
            self.position += 1
        }
        return value
    }

    package mutating func variable() throws(HubError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = UInt8(try self.fixed(bytes: 1))
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                // A number has one form: a last group of zero would be a second one.
                guard byte != 0 || shift == 0 else { break }
                return value
            }
        }
        throw HubError(.evidenceInvalid, "A number in the record is not in its only form.")
    }

    package mutating func count(atMost limit: Int) throws(HubError) -> Int {
        let value = try self.variable()
        guard value <= UInt64(limit) else {
            throw HubError(.evidenceInvalid, "A count in the record is above its limit.")
        }
        return Int(value)
    }

    package mutating func text() throws(HubError) -> String {
        let length = try self.count(atMost: self.bytes.count - self.position)
        // The limit was that before the count itself was read.
        guard length <= self.bytes.count - self.position else { throw Self.truncated }
        defer { self.position += length }
        guard let text = Self.text(self.bytes.span.extracting(self.position..<self.position + length)) else {
            throw HubError(.evidenceInvalid, "A text in the record is not UTF-8.")
        }
        return text
    }

    package mutating func digest() throws(HubError) -> Digest {
        guard let digest = Digest(bytes: try self.raw(32)) else { throw Self.truncated }
        return digest
    }

    package func end() throws(HubError) {
        guard self.position == self.bytes.count else {
            throw HubError(.evidenceInvalid, "Bytes follow the end of the record.")
        }
    }

    private static func text(_ bytes: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: text)
    }

    private static let truncated = HubError(.evidenceInvalid, "The record ends too early.")
}
