/// A header that every request to an endpoint carries, with a value that is mostly a secret of it.
///
/// Its text form has the name only.
public struct FixedHeader: Hashable, Sendable {
    /// What the hub writes itself, or what HTTP is held together by.
    private static let own: Set<String> = [
        "accept", "connection", "content-length", "content-type", "expect", "host", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade", "soapaction",
    ]
    private static let marks: Set<UInt8> = Set("!#$%&'*+-.^_`|~".utf8)

    public let name: String
    private let value: String

    /// `nil` for a name or a value that HTTP does not allow there, or a name that is the hub's own to set.
    public init?(name: String, value: String) {
        let isToken = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: Self.marks.contains(byte)
            }
        }
        let folded = name.lowercased()
        guard !name.isEmpty, isToken, !Self.own.contains(folded), !folded.hasPrefix("lgsp-"), !value.isEmpty,
            value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), value.first != " ", value.last != " "
        else { return nil }
        self.name = name
        self.value = value
    }

    var field: (name: String, value: String) { (self.name, self.value) }
}

extension FixedHeader: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(self.name): …" }

    /// Without the value, so that no dump shows it.
    public var customMirror: Mirror { Mirror(self, children: ["name": self.name]) }
}
