import HubJSON
import Synchronization

/// Where a value stands in the source of a mapping, resolved when the mapping is compiled.
///
/// For XML the local names from the root's children down (`edXMLEnvelope/edXMLHeader`), every element that fits, with
/// `@name` last for an attribute; for JSON a pointer (RFC 6901) in which `*` stands for every item of an array
/// (`/data/*/MaHoSo`). `.` is the source itself, or the item inside `each`.
struct SourcePath: Sendable {
    enum Steps: Sendable {
        case itself
        /// Local names with `/` between them, empty for the element itself, and an attribute of the last.
        case elements(String, attribute: String?)
        /// One local name, which most paths inside `each` are.
        case child(String)
        case members([Member])
    }

    /// Where a member stood in the object that was looked at last, by whichever thread: a guess and nothing more.
    final class Guess: Sendable {
        private let place = Atomic(0)

        func value(of name: String, in object: JSONObject) -> JSONValue? {
            let guess = self.place.load(ordering: .relaxed)
            var place = guess
            defer { if place != guess { self.place.store(place, ordering: .relaxed) } }
            return object.value(of: name, expectedAt: &place)
        }
    }

    /// One step into a JSON value.
    struct Member: Sendable {
        let name: String
        let guess = Guess()
        /// The place that the name means in an array.
        let index: Int?
        let isWildcard: Bool

        init(_ name: String) {
            self.name = name
            self.index = Int(name).flatMap { $0 >= 0 && String($0) == name ? $0 : nil }
            self.isWildcard = name == SourcePath.wildcard
        }
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
            self.init(description: text, steps: .members(members.map(Member.init)))
        } else {
            var names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            var attribute: String?
            if let last = names.last, last.hasPrefix("@") {
                names.removeLast()
                attribute = String(last.dropFirst())
            }
            guard (names + (attribute.map { [$0] } ?? [])).allSatisfy(Self.isLocalName) else { return nil }
            let isChild = names.count == 1 && attribute == nil
            self.init(
                description: text,
                steps: isChild ? .child(text) : .elements(names.joined(separator: "/"), attribute: attribute)
            )
        }
    }

    /// The names that it goes through, without items of arrays.
    var names: [String] {
        switch self.steps {
        case .itself: []
        case .child(let name): [name]
        case .elements(let names, let attribute):
            names.split(separator: "/").map(String.init) + (attribute.map { [$0] } ?? [])
        case .members(let members): members.filter { !$0.isWildcard && $0.index == nil }.map(\.name)
        }
    }

    /// The reference tokens of a JSON Pointer that is not empty and has no empty token.
    static func pointer(_ text: String) -> [String]? {
        guard let tokens = JSONPointer.tokens(of: text), !tokens.isEmpty, !tokens.contains("") else {
            return nil
        }
        return tokens
    }

    private static func isLocalName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && !"*:@[]~.".utf8.contains($0) }
    }
}
