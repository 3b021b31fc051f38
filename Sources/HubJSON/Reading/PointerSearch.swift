/// Finds where the values begin that JSON Pointers name, in one pass over a text that is known to be JSON.
///
/// The pointers are put together into a tree, and the pass goes down in it as it goes down in the text. What lies
/// beside every pointer costs no more than its characters, however long the names around it are.
struct PointerSearch {
    /// A value that a pointer names or leads through.
    private struct Node {
        /// By the name of a member, or an array's index as it is written.
        var members: [ExactText: Int] = [:]
        var elements: [Int: Int] = [:]
        var isWanted = false
        var offset: Int?
    }

    /// An array or object that is open.
    private struct Level {
        /// `nil` where no pointer leads.
        let node: Int?
        /// Which element is being read; `nil` in an object.
        var position: Int?
    }

    private var nodes = [Node()]
    private var missing = 0
    private var levels: [Level] = []
    /// Whether the next string is a key.
    private var isKeyNext = false
    /// The node of the value that comes next.
    private var next: Int? = 0

    /// - Returns: For each pointer the offset of its value; `nil` when it names nothing.
    static func offsets(of pointers: [String], in bytes: Span<UInt8>) -> [Int?] {
        var search = PointerSearch()
        let ends = pointers.map { JSONPointer.tokens(of: $0).map { search.add($0) } }
        search.run(bytes)
        return ends.map { end in end.flatMap { search.nodes[$0].offset } }
    }

    /// - Returns: The node that the tokens lead to.
    private mutating func add(_ tokens: [String]) -> Int {
        var node = 0
        for token in tokens {
            let token = ExactText(token)
            if let known = self.nodes[node].members[token] {
                node = known
                continue
            }
            let new = self.nodes.count
            self.nodes.append(Node())
            self.nodes[node].members[token] = new
            if let index = JSONPointer.index(token.text) { self.nodes[node].elements[index] = new }
            node = new
        }
        if !self.nodes[node].isWanted { self.missing += 1 }
        self.nodes[node].isWanted = true
        return node
    }

    private mutating func run(_ bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count, self.missing > 0 {
            switch bytes[index] {
            case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ":"):
                index += 1
            case UInt8(ascii: "["):
                self.begin(at: index)
                self.levels.append(Level(node: self.next, position: 0))
                self.next = self.element(0)
                index += 1
            case UInt8(ascii: "{"):
                self.begin(at: index)
                self.levels.append(Level(node: self.next, position: nil))
                self.isKeyNext = true
                index += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                _ = self.levels.popLast()
                self.isKeyNext = false
                index += 1
            case UInt8(ascii: ","):
                self.goOn()
                index += 1
            case UInt8(ascii: "\""):
                self.passText(bytes, &index)
            default:
                self.begin(at: index)
                index += 1
                while index < bytes.count, Self.isInWord(bytes[index]) { index += 1 }
            }
        }
    }

    private mutating func begin(at offset: Int) {
        guard let node = self.next, self.nodes[node].isWanted else { return }
        self.nodes[node].offset = offset
        self.missing -= 1
    }

    private func element(_ position: Int) -> Int? {
        self.levels.last?.node.flatMap { self.nodes[$0].elements[position] }
    }

    /// Goes to the next element or member of the innermost level.
    private mutating func goOn() {
        guard let position = self.levels.last?.position else {
            self.isKeyNext = true
            return
        }
        self.levels[self.levels.count - 1].position = position + 1
        self.next = self.element(position + 1)
    }

    private mutating func passText(_ bytes: Span<UInt8>, _ index: inout Int) {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
        guard self.isKeyNext else {
            self.begin(at: start)
            return
        }
        self.isKeyNext = false
        self.next = nil
        guard let node = self.levels.last?.node, !self.nodes[node].members.isEmpty else { return }
        var parser = JSONParser(limits: JSONLimits())
        parser.index = start
        if let key = try? parser.text(bytes) { self.next = self.nodes[node].members[ExactText(key)] }
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): false
        default: true
        }
    }
}
