/// The members of a JSON object in the order of the text.
///
/// No key occurs twice; keys are compared by code points.
public struct JSONObject: Sendable {
    /// Above this many members a look-up uses a table instead of going through them.
    static let indexThreshold = 64

    /// Keys and values in the order of the text, or in the order in which they were set.
    public private(set) var members: [(key: String, value: JSONValue)]
    /// Positions by key, kept only for large objects.
    private var positions: [ExactText: Int]?

    /// An object without members.
    public init() {
        self.members = []
        self.positions = nil
    }

    /// A later member replaces an earlier one with the same key and keeps its place.
    public init(_ members: some Sequence<(key: String, value: JSONValue)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    /// For the parser, which has made sure that keys differ.
    init(distinct members: [(key: String, value: JSONValue)], positions: [ExactText: Int]?) {
        self.members = members
        self.positions = positions
    }

    /// For builders that have made sure that keys differ.
    package init(distinct members: [(key: String, value: JSONValue)]) {
        self.init(distinct: members, positions: nil)
        self.indexIfLarge()
    }

    /// How many members there are.
    public var count: Int { self.members.count }
    /// Whether there are no members.
    public var isEmpty: Bool { self.members.isEmpty }
    /// The keys in the order of the members.
    public var keys: [String] { self.members.map(\.key) }

    /// Setting an unknown key appends it; setting a known one keeps its place; setting `nil` removes it.
    public subscript(key: String) -> JSONValue? {
        get { self.position(of: key).map { self.members[$0].value } }
        set {
            switch (self.position(of: key), newValue) {
            case (let position?, let value?):
                self.members[position].value = value
            case (let position?, nil):
                self.members.remove(at: position)
                self.positions = nil
                self.indexIfLarge()
            case (nil, let value?):
                self.members.append((key: key, value: value))
                self.positions?[ExactText(key)] = self.members.count - 1
                self.indexIfLarge()
            case (nil, nil):
                break
            }
        }
    }

    /// The value for this key, looked for first where it is expected: objects made by the same software have the same
    /// order.
    ///
    /// - Parameter place: Where the key stood in another object; afterwards where it stands in this one, if it is here.
    package func value(of key: String, expectedAt place: inout Int) -> JSONValue? {
        if place < self.members.count, ExactText.areSame(self.members[place].key, key) {
            return self.members[place].value
        }
        guard let position = self.position(of: key) else { return nil }
        place = position
        return self.members[position].value
    }

    func position(of key: String) -> Int? {
        if let positions { return positions[ExactText(key)] }
        // By index, so that the values passed by are not copied.
        for index in self.members.indices where ExactText.areSame(self.members[index].key, key) { return index }
        return nil
    }

    private mutating func indexIfLarge() {
        guard self.positions == nil, self.members.count > Self.indexThreshold else { return }
        var positions: [ExactText: Int] = [:]
        for (position, member) in self.members.enumerated() { positions[ExactText(member.key)] = position }
        self.positions = positions
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Later members replace earlier ones with the same key.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(members.map { (key: $0.0, value: $0.1) })
    }
}

extension JSONObject: Hashable {
    /// The order of members does not matter.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.members.enumerated().allSatisfy { position, member in
            // Objects made by the same software have the same order.
            let other = right.members[position]
            if ExactText.areSame(other.key, member.key) { return other.value == member.value }
            return right[member.key] == member.value
        }
    }

    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in self.members {
            var member = Hasher()
            member.combine(ExactText(key))
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}
