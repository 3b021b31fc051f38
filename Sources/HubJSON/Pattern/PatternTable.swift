/// An expression as a table: one look-up for each character, whatever the expression says.
///
/// Every set of instructions that can be reached at once becomes a state, and characters that no class of the expression
/// tells apart share a column. Expressions with word boundaries or Unicode properties, and those that would need a large
/// table, have none and are run by `PatternRun`.
struct PatternTable: Sendable {
    private static let stateLimit = 256
    private static let programLimit = 1_000
    private static let rangeLimit = 1_000
    private static let columnLimit = 128

    private enum State {
        static let dead: UInt16 = 0
        /// The text matches, whatever follows.
        static let matched: UInt16 = 1
    }

    /// The columns of ASCII.
    private var asciiColumns: [UInt8] = []
    /// Where ranges of code points begin that belong together, in order, and the column of each.
    private let rangeStarts: [UInt32]
    private var rangeColumns: [UInt8] = []
    /// A code point of each column.
    private var samples: [UInt32] = []
    private var next: [UInt16] = []
    /// Whether the text matches if it ends in this state.
    private var matchesAtEnd: [Bool] = []

    init?(_ program: [PatternInstruction], isAnchored: Bool) {
        guard program.count <= Self.programLimit, let starts = Self.rangeStarts(of: program) else {
            return nil
        }
        self.rangeStarts = starts
        guard self.makeColumns(program) else { return nil }
        for value in UInt32(0)..<128 { self.asciiColumns.append(UInt8(self.column(of: value))) }
        guard self.fill(program, isAnchored: isAnchored) else { return nil }
    }

    private var columnCount: Int { self.samples.count }

    func matches(_ text: String) -> Bool {
        let text = text.utf8.span
        var state = 2
        var index = 0
        while index < text.count {
            let column: Int
            let byte = text[index]
            if byte < 0x80 {
                column = Int(self.asciiColumns[Int(byte)])
                index += 1
            } else {
                // A string's bytes are valid UTF-8, so the first byte says how many follow.
                let length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
                var value = UInt32(byte) & (length == 2 ? 0x1f : length == 3 ? 0x0f : 0x07)
                for following in index + 1..<min(index + length, text.count) {
                    value = value << 6 | UInt32(text[following] & 0x3f)
                }
                column = self.column(of: value)
                index += length
            }
            let target = self.next[state * self.columnCount + column]
            if target <= State.matched { return target == State.matched }
            state = Int(target)
        }
        return self.matchesAtEnd[state]
    }

    // MARK: Building

    /// - Returns: `nil` when the expression tells characters apart by more than ranges.
    private static func rangeStarts(of program: [PatternInstruction]) -> [UInt32]? {
        var starts: Set<UInt32> = [0]
        for instruction in program {
            switch instruction {
            case .characters(let set):
                guard set.addBoundaries(to: &starts) else { return nil }
            case .wordBoundary, .noWordBoundary: return nil
            default: break
            }
        }
        return starts.count <= Self.rangeLimit ? starts.sorted() : nil
    }

    /// Gives the same column to ranges that every class of the expression treats alike.
    private mutating func makeColumns(_ program: [PatternInstruction]) -> Bool {
        var classes: [CharacterClass] = []
        for case .characters(let set) in program where !classes.contains(where: { $0.isWritten(like: set) }) {
            classes.append(set)
        }
        var columns: [[Bool]: UInt8] = [:]
        for start in self.rangeStarts {
            let signature = classes.map { $0.contains(code: start) }
            if columns[signature] == nil {
                guard columns.count < Self.columnLimit else { return false }
                columns[signature] = UInt8(columns.count)
                self.samples.append(start)
            }
            self.rangeColumns.append(columns[signature] ?? 0)
        }
        return true
    }

    private func column(of value: UInt32) -> Int {
        var low = 0
        var high = self.rangeStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.rangeStarts[middle] <= value { low = middle } else { high = middle }
        }
        return Int(self.rangeColumns[low])
    }

    private mutating func fill(_ program: [PatternInstruction], isAnchored: Bool) -> Bool {
        var numbers: [[Int]: UInt16] = [:]
        var pending: [(characters: [Int], number: UInt16)] = []
        self.next = [UInt16](repeating: State.dead, count: 2 * self.columnCount)
        self.matchesAtEnd = [false, true]

        /// The number of the state for these instructions, made when it is new.
        func number(of kernel: [Int], atStart: Bool) -> UInt16? {
            let open = Self.closure(of: kernel, program, atStart: atStart, atEnd: false)
            if open.matches { return State.matched }
            let ended = Self.closure(of: kernel, program, atStart: atStart, atEnd: true).matches
            if open.characters.isEmpty, !ended { return State.dead }
            // Two states with the same instructions may differ in what holds at the end.
            let key = open.characters + [ended ? -1 : -2]
            if let known = numbers[key] { return known }
            guard self.matchesAtEnd.count < Self.stateLimit else { return nil }
            let number = UInt16(self.matchesAtEnd.count)
            numbers[key] = number
            self.matchesAtEnd.append(ended)
            self.next.append(contentsOf: repeatElement(State.dead, count: self.columnCount))
            pending.append((open.characters, number))
            return number
        }

        // The beginning is a state of its own even if it is dead or matches at once.
        guard let first = number(of: [0], atStart: true) else { return false }
        if first <= State.matched {
            self.matchesAtEnd.append(first == State.matched)
            self.next.append(contentsOf: repeatElement(first, count: self.columnCount))
        }
        while let (characters, state) = pending.popLast() {
            for column in 0..<self.columnCount {
                var kernel = isAnchored ? [] : [0]
                for address in characters {
                    guard case .characters(let set) = program[address],
                        set.contains(code: self.samples[column])
                    else { continue }
                    kernel.append(address + 1)
                }
                guard let target = number(of: kernel, atStart: false) else { return false }
                self.next[Int(state) * self.columnCount + column] = target
            }
        }
        return true
    }

    /// Everything that can be reached from some instructions without taking a character.
    private static func closure(
        of kernel: [Int], _ program: [PatternInstruction], atStart: Bool, atEnd: Bool
    ) -> (characters: [Int], matches: Bool) {
        var seen: Set<Int> = []
        var waiting = kernel
        var characters: [Int] = []
        var matches = false
        while let address = waiting.popLast() {
            guard seen.insert(address).inserted else { continue }
            switch program[address] {
            case .characters: characters.append(address)
            case .jump(let target): waiting.append(target)
            case .split(let first, let second): waiting += [first, second]
            case .start: if atStart { waiting.append(address + 1) }
            case .end: if atEnd { waiting.append(address + 1) }
            case .wordBoundary, .noWordBoundary: break
            case .match: matches = true
            }
        }
        return (characters.sorted(), matches)
    }
}
