/// The places that a list of steps may set, as a tree: resolved once, so that a run sets a place by its number.
///
/// Place 0 is the object itself, or the element.
struct TargetLayout: Sendable {
    struct Place: Sendable {
        let parent: Int
        /// The key of a member, or the qualified name of an element or attribute.
        let name: String
        /// Of XML; its name is without the `@`.
        let isAttribute: Bool
    }

    /// What tells places in one place apart; names by their bytes, as keys of JSON are.
    private struct Key: Hashable {
        let parent: Int
        let name: [UInt8]
        let isAttribute: Bool
    }

    static let itself = 0

    private var numbers: [Key: Int] = [:]
    private(set) var places = [Place(parent: -1, name: "", isAttribute: false)]

    /// The number of the place with these tokens, made if there is none.
    mutating func place(at tokens: [String], isXML: Bool) -> Int {
        var parent = Self.itself
        for token in tokens {
            let isAttribute = isXML && token.hasPrefix("@")
            let name = isAttribute ? String(token.dropFirst()) : token
            parent = self.place(name, isAttribute: isAttribute, in: parent)
        }
        return parent
    }

    /// The place with this name directly in another.
    func known(_ name: String, isAttribute: Bool, in parent: Int) -> Int? {
        self.numbers[Key(parent: parent, name: Array(name.utf8), isAttribute: isAttribute)]
    }

    /// The names of the attributes directly in a place.
    func attributes(in parent: Int) -> [String] {
        self.places.filter { $0.parent == parent && $0.isAttribute }.map(\.name)
    }

    private mutating func place(_ name: String, isAttribute: Bool, in parent: Int) -> Int {
        if let known = self.known(name, isAttribute: isAttribute, in: parent) { return known }
        self.numbers[Key(parent: parent, name: Array(name.utf8), isAttribute: isAttribute)] =
            self.places.count
        self.places.append(Place(parent: parent, name: name, isAttribute: isAttribute))
        return self.places.count - 1
    }
}
