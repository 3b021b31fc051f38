/// All ways through an expression at once, one character after the other.
struct PatternRun {
    private let pattern: Pattern
    private var current: [Int] = []
    private var following: [Int] = []
    /// The step in which an instruction was last put on the list, so that each is there once.
    private var lastStep: [Int]
    private var step = 0
    private var waiting: [Int] = []
    private var isMatched = false

    init(_ pattern: Pattern) {
        self.pattern = pattern
        self.lastStep = [Int](repeating: -1, count: pattern.program.count)
    }

    mutating func matches(_ text: String) -> Bool {
        var previous: UnicodeScalar?
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        self.follow(0, after: previous, before: next)
        while !self.isMatched, let scalar = next {
            previous = scalar
            next = scalars.next()
            swap(&self.current, &self.following)
            self.following.removeAll(keepingCapacity: true)
            self.step += 1
            for address in self.current {
                guard case .characters(let set) = self.pattern.program[address], set.contains(scalar) else {
                    continue
                }
                self.follow(address + 1, after: previous, before: next)
            }
            if !self.pattern.isAnchored {
                self.follow(0, after: previous, before: next)
            } else if self.following.isEmpty {
                break
            }
        }
        return self.isMatched
    }

    /// Goes from an instruction to all that can be reached without taking a character.
    private mutating func follow(_ address: Int, after previous: UnicodeScalar?, before next: UnicodeScalar?)
    {
        self.waiting.append(address)
        while let address = self.waiting.popLast() {
            guard self.lastStep[address] != self.step else { continue }
            self.lastStep[address] = self.step
            switch self.pattern.program[address] {
            case .characters: self.following.append(address)
            case .jump(let target): self.waiting.append(target)
            case .split(let first, let second):
                self.waiting.append(second)
                self.waiting.append(first)
            case .start: if previous == nil { self.waiting.append(address + 1) }
            case .end: if next == nil { self.waiting.append(address + 1) }
            case .wordBoundary:
                if Self.isWord(previous) != Self.isWord(next) { self.waiting.append(address + 1) }
            case .noWordBoundary:
                if Self.isWord(previous) == Self.isWord(next) { self.waiting.append(address + 1) }
            case .match: self.isMatched = true
            }
        }
    }

    private static func isWord(_ scalar: UnicodeScalar?) -> Bool {
        scalar.map { CharacterClass.word.contains($0) } ?? false
    }
}
