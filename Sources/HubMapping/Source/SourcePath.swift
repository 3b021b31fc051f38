/// Where a value stands in the source of a mapping.
///
/// For XML the local names from the root's children down (`edXMLEnvelope/edXMLHeader`), every element that fits; for
/// JSON a pointer (RFC 6901) in which `*` stands for every item of an array (`/data/*/MaHoSo`). `.` is the source itself,
/// or the item inside `each`.
struct SourcePath: Hashable, Sendable {
    enum Steps: Hashable, Sendable {
        case itself
        case elements([String])
        case members([String])
    }

    static let wildcard = "*"
    static let itself = SourcePath(description: ".", steps: .itself)

    let description: String
    let steps: Steps

    private init(description: String, steps: Steps) {
        self.description = description
        self.steps = steps
    }

    /// `nil` for an empty text, an empty name, and a `~` in a pointer that is neither `~0` nor `~1`.
    init?(_ text: String) {
        if text == "." {
            self = .itself
        } else if text.hasPrefix("/") {
            guard let members = Self.pointer(text) else { return nil }
            self.init(description: text, steps: .members(members))
        } else {
            let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard names.allSatisfy(Self.isLocalName) else { return nil }
            self.init(description: text, steps: .elements(names))
        }
    }

    /// The reference tokens of a JSON Pointer that is not empty.
    static func pointer(_ text: String) -> [String]? {
        guard text.hasPrefix("/") else { return nil }
        var members: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var member = ""
            var isEscaped = false
            for character in part {
                switch (isEscaped, character) {
                case (false, "~"): isEscaped = true
                case (true, "0"): (member, isEscaped) = (member + "~", false)
                case (true, "1"): (member, isEscaped) = (member + "/", false)
                case (true, _): return nil
                case (false, _): member.append(character)
                }
            }
            guard !isEscaped, !member.isEmpty else { return nil }
            members.append(member)
        }
        return members
    }

    private static func isLocalName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && !"*:@[]~.".utf8.contains($0) }
    }
}
