/// Where a value stands in a payload.
///
/// For XML the local names from the root's children down, such as `edXMLEnvelope/edXMLHeader/MessageHeader`; every
/// element that fits is meant. For JSON a JSON Pointer (RFC 6901) such as `/data/*/MaHoSo`, where `*` stands for
/// every item of an array.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    enum Steps: Hashable, Sendable {
        case elements([String])
        case members([String])
    }

    static let wildcard = "*"

    /// The path as it was written.
    public let description: String
    let steps: Steps

    /// A text that begins with `/` is a JSON Pointer, any other a path of local names.
    ///
    /// `nil` for an empty text, an empty name, and a `~` in a pointer that is neither `~0` nor `~1`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if text.hasPrefix("/") {
            var members: [String] = []
            for part in parts.dropFirst() {
                guard let member = Self.unescaped(part) else { return nil }
                members.append(member)
            }
            self.steps = .members(members)
        } else {
            guard parts.allSatisfy(Self.isLocalName) else { return nil }
            self.steps = .elements(parts.map(String.init))
        }
        self.description = text
    }

    /// The form of payload this path can find something in.
    public var mediaType: MediaType {
        switch self.steps {
        case .elements: .xml
        case .members: .json
        }
    }

    /// The names on the way, without items of arrays.
    var names: [String] {
        switch self.steps {
        case .elements(let names): names
        case .members(let members): members.filter { $0 != Self.wildcard && Self.index($0) == nil }
        }
    }

    /// The name at its end.
    var lastStep: String {
        switch self.steps {
        case .elements(let names): names.last ?? self.description
        case .members(let members): members.last ?? self.description
        }
    }

    /// An array index as JSON Pointer writes it: digits without leading zeros.
    static func index(_ member: String) -> Int? {
        guard member.utf8.count <= 9, member.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            member == "0" || !member.hasPrefix("0")
        else { return nil }
        return Int(member)
    }

    private static func isLocalName(_ part: Substring) -> Bool {
        !part.isEmpty && part.utf8.allSatisfy { $0 > 0x20 && !"*:@[]~".utf8.contains($0) }
    }

    private static func unescaped(_ part: Substring) -> String? {
        var result = ""
        var rest = part[...]
        while let tilde = rest.firstIndex(of: "~") {
            result += rest[..<tilde]
            let after = rest[rest.index(after: tilde)...]
            switch after.first {
            case "0": result += "~"
            case "1": result += "/"
            default: return nil
            }
            rest = after.dropFirst()
        }
        return result + rest
    }
}
