/// One pass over the bytes of a text, from left to right, building the tree.
///
/// The bytes are lent to each step instead of being stored, and every access is checked against their bounds.
struct JSONParser {
    typealias Member = (key: String, value: JSONValue)

    private let maxDepth: Int
    private let maxValues: Int
    private let maxNameBytes: Int
    private var depth = 0
    private var valueCount = 0
    var index = 0
    /// Hashes of the keys of all objects now open, innermost last.
    private var keyHashes: [UInt32] = []

    init(limits: JSONLimits) {
        self.maxDepth = min(limits.maxDepth, JSONLimits.greatestDepth)
        self.maxValues = limits.maxValues
        self.maxNameBytes = limits.maxNameBytes
    }

    static func parse(_ bytes: Span<UInt8>, limits: JSONLimits) throws(JSONFault) -> JSONValue {
        if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf {
            throw JSONFault(kind: .malformed(.noByteOrderMark), offset: 0)
        }
        var parser = JSONParser(limits: limits)
        parser.skipSpace(bytes)
        let value = try parser.value(bytes)
        parser.skipSpace(bytes)
        guard parser.index == bytes.count else { throw parser.expected(.endOfText) }
        return value
    }

    func expected(_ expected: JSONFault.Expected) -> JSONFault {
        JSONFault(kind: .malformed(expected), offset: self.index)
    }

    /// The byte at the front; 0, which is valid nowhere outside strings, at the end.
    @inline(__always)
    private func front(_ bytes: Span<UInt8>) -> UInt8 {
        self.index < bytes.count ? bytes[self.index] : 0
    }

    @inline(__always)
    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while self.index < bytes.count {
            let byte = bytes[self.index]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            self.index += 1
        }
    }

    private mutating func value(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONValue {
        self.valueCount += 1
        guard self.valueCount <= self.maxValues else {
            throw JSONFault(kind: .tooManyValues(limit: self.maxValues), offset: self.index)
        }
        switch self.front(bytes) {
        case UInt8(ascii: "\""):
            return .string(try self.text(bytes))
        case UInt8(ascii: "{"):
            return .object(try self.object(bytes))
        case UInt8(ascii: "["):
            return .array(try self.array(bytes))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try self.number(bytes))
        case UInt8(ascii: "t"):
            try self.skip("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try self.skip("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try self.skip("null", bytes)
            return .null
        default:
            throw self.expected(.value)
        }
    }

    private mutating func enter() throws(JSONFault) {
        self.depth += 1
        guard self.depth <= self.maxDepth else {
            throw JSONFault(kind: .tooDeep(limit: self.maxDepth), offset: self.index)
        }
        self.index += 1
    }

    private mutating func array(_ bytes: Span<UInt8>) throws(JSONFault) -> [JSONValue] {
        try self.enter()
        self.skipSpace(bytes)
        var elements: [JSONValue] = []
        if self.front(bytes) == UInt8(ascii: "]") {
            self.index += 1
            self.depth -= 1
            return elements
        }
        while true {
            elements.append(try self.value(bytes))
            self.skipSpace(bytes)
            switch self.front(bytes) {
            case UInt8(ascii: ","):
                self.index += 1
                self.skipSpace(bytes)
            case UInt8(ascii: "]"):
                self.index += 1
                self.depth -= 1
                return elements
            default:
                throw self.expected(.commaOrBracket)
            }
        }
    }

    private mutating func object(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONObject {
        try self.enter()
        self.skipSpace(bytes)
        var members: [Member] = []
        if self.front(bytes) == UInt8(ascii: "}") {
            self.index += 1
            self.depth -= 1
            return JSONObject(distinct: members, positions: nil)
        }
        guard self.front(bytes) == UInt8(ascii: "\"") else { throw self.expected(.keyOrEnd) }
        var known = KnownKeys(firstHash: self.keyHashes.count)
        while true {
            let keyStart = self.index
            let key = try self.text(bytes)
            guard key.utf8.count <= self.maxNameBytes else {
                throw JSONFault(kind: .nameTooLong(limit: self.maxNameBytes), offset: keyStart)
            }
            guard self.note(key, writtenAt: keyStart, bytes, members: members, in: &known) else {
                throw JSONFault(kind: .duplicateKey, offset: keyStart)
            }
            self.skipSpace(bytes)
            guard self.front(bytes) == UInt8(ascii: ":") else { throw self.expected(.colon) }
            self.index += 1
            self.skipSpace(bytes)
            let value = try self.value(bytes)
            self.skipSpace(bytes)
            let next = self.front(bytes)
            // Room for several, but not where there is only one: a text can be made of such objects.
            if members.isEmpty, next == UInt8(ascii: ",") { members.reserveCapacity(4) }
            members.append((key: key, value: value))
            switch next {
            case UInt8(ascii: ","):
                self.index += 1
                self.skipSpace(bytes)
                guard self.front(bytes) == UInt8(ascii: "\"") else { throw self.expected(.key) }
            case UInt8(ascii: "}"):
                self.index += 1
                self.depth -= 1
                self.keyHashes.removeLast(self.keyHashes.count - known.firstHash)
                return JSONObject(distinct: members, positions: known.positions)
            default:
                throw self.expected(.commaOrBrace)
            }
        }
    }

    /// What is remembered about the keys of one object while it is read.
    private struct KnownKeys {
        /// Where this object's hashes begin among those of all open objects.
        let firstHash: Int
        /// A bit for each key; most new keys find theirs unset.
        var seen: UInt64 = 0
        /// The table of a large object.
        var positions: [ExactText: Int]?
    }

    /// Remembers a key.
    ///
    /// - Returns: `false` when the object has it already. The few keys of a small object are compared by a small hash,
    ///   many through a table.
    @inline(__always)
    private mutating func note(
        _ key: String, writtenAt start: Int, _ bytes: Span<UInt8>, members: [Member],
        in known: inout KnownKeys
    ) -> Bool {
        guard members.count < JSONObject.indexThreshold else { return Self.noteInTable(key, members, &known) }
        let written = start + 1..<self.index - 1
        let hash =
            written.count == key.utf8.count
            ? SmallHash.of(bytes.extracting(written)) : SmallHash.of(Array(key.utf8).span)
        self.keyHashes.append(hash)
        let bit: UInt64 = 1 << UInt64(hash & 63)
        guard known.seen & bit != 0 else {
            known.seen |= bit
            return true
        }
        for position in 0..<members.count where self.keyHashes[known.firstHash + position] == hash {
            if ExactText.areSame(members[position].key, key) { return false }
        }
        return true
    }

    private static func noteInTable(_ key: String, _ members: [Member], _ known: inout KnownKeys) -> Bool {
        if known.positions == nil {
            var table = [ExactText: Int](minimumCapacity: 2 * members.count)
            for (position, member) in members.enumerated() { table[ExactText(member.key)] = position }
            known.positions = table
        }
        return known.positions?.updateValue(members.count, forKey: ExactText(key)) == nil
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONNumber {
        let start = self.index
        let (end, expected) = NumberGrammar.scan(bytes, from: start)
        self.index = end
        if let expected { throw self.expected(expected) }
        return JSONNumber(
            checked: String(copying: UTF8Span(unchecked: bytes.extracting(start..<end), isKnownASCII: true)))
    }

    private mutating func skip(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONFault) {
        let start = self.index
        let matches = word.withUTF8Buffer { word in
            guard start + word.count <= bytes.count else { return false }
            return word.indices.allSatisfy { bytes[start + $0] == word[$0] }
        }
        guard matches else { throw self.expected(.literal) }
        self.index += word.utf8CodeUnitCount
    }
}
