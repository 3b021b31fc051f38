/// The name of a thing in ASN.1 (X.660), kept as it is encoded.
struct ObjectIdentifier: Hashable, Sendable {
    /// Longer ones exist nowhere but in attacks on programs that print them.
    private static let maxBytes = 64

    /// The contents of the element, without tag and length.
    let content: [UInt8]

    /// - Returns: `nil` if the contents are no identifier in DER (X.690, 8.19), or too long.
    init?(content: ArraySlice<UInt8>) {
        guard let last = content.last, last < 0x80, content.count <= Self.maxBytes else { return nil }
        var isStart = true
        for byte in content {
            // An arc that begins with zeros could be written shorter.
            if isStart, byte == 0x80 { return nil }
            isStart = byte < 0x80
        }
        self.content = Array(content)
    }

    /// An identifier that is known when the program is written; the first two arcs are small.
    init(_ first: UInt, _ second: UInt, _ rest: UInt...) {
        var content: [UInt8] = []
        for arc in [first * 40 + second] + rest {
            var groups = [UInt8(arc & 0x7F)]
            var left = arc >> 7
            while left > 0 {
                groups.append(UInt8(left & 0x7F) | 0x80)
                left >>= 7
            }
            content += groups.reversed()
        }
        self.content = content
    }
}

extension ObjectIdentifier: CustomStringConvertible {
    /// The arcs with dots between them, such as `1.2.840.113549.1.7.2`.
    var description: String {
        var arcs: [String] = []
        var arc: UInt64 = 0
        for byte in self.content {
            // An arc that does not fit is cut; it only serves to be shown.
            arc = arc << 7 | UInt64(byte & 0x7F)
            guard byte < 0x80 else { continue }
            if arcs.isEmpty {
                let first = min(arc / 40, 2)
                arcs = ["\(first)", "\(arc - first * 40)"]
            } else {
                arcs.append("\(arc)")
            }
            arc = 0
        }
        return arcs.joined(separator: ".")
    }
}
