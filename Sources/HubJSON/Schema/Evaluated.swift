/// Which members or elements of one value some schema has looked at, for the `unevaluated…` keywords.
struct Evaluated {
    private(set) var areAll = false
    private var marks: [UInt64] = []

    func contains(_ position: Int) -> Bool {
        self.areAll
            || position / 64 < self.marks.count && self.marks[position / 64] >> UInt64(position % 64) & 1 == 1
    }

    mutating func mark(_ position: Int) {
        while self.marks.count <= position / 64 { self.marks.append(0) }
        self.marks[position / 64] |= 1 << UInt64(position % 64)
    }

    mutating func markAll() { self.areAll = true }

    mutating func merge(_ other: Evaluated) {
        self.areAll = self.areAll || other.areAll
        while self.marks.count < other.marks.count { self.marks.append(0) }
        for position in other.marks.indices { self.marks[position] |= other.marks[position] }
    }
}
