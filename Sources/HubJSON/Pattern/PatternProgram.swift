/// One step of the machine that an expression becomes.
enum PatternInstruction: Sendable {
    case characters(CharacterClass)
    case split(Int, Int)
    case jump(Int)
    case start, end, wordBoundary, noWordBoundary
    case match
}

/// Writes an expression out as instructions (Thompson's construction).
struct PatternBuilder {
    private(set) var instructions: [PatternInstruction] = []

    mutating func finish() { self.instructions.append(.match) }

    mutating func add(_ tree: PatternTree) throws(PatternFault) {
        switch tree {
        case .empty: break
        case .characters(let set): try self.append(.characters(set))
        case .start: try self.append(.start)
        case .end: try self.append(.end)
        case .wordBoundary: try self.append(.wordBoundary)
        case .noWordBoundary: try self.append(.noWordBoundary)
        case .sequence(let parts):
            for part in parts { try self.add(part) }
        case .choice(let parts): try self.addChoice(parts)
        case .repeated(let part, let least, let most): try self.addRepeated(part, least: least, most: most)
        }
    }

    private mutating func append(_ instruction: PatternInstruction) throws(PatternFault) {
        guard self.instructions.count < Pattern.sizeLimit else {
            throw PatternFault(reason: .tooLarge, offset: 0)
        }
        self.instructions.append(instruction)
    }

    private mutating func addChoice(_ parts: [PatternTree]) throws(PatternFault) {
        var jumps: [Int] = []
        for (position, part) in parts.enumerated() {
            guard position < parts.count - 1 else {
                try self.add(part)
                break
            }
            let split = self.instructions.count
            try self.append(.split(split + 1, 0))
            try self.add(part)
            jumps.append(self.instructions.count)
            try self.append(.jump(0))
            self.instructions[split] = .split(split + 1, self.instructions.count)
        }
        for jump in jumps { self.instructions[jump] = .jump(self.instructions.count) }
    }

    private mutating func addRepeated(_ part: PatternTree, least: Int, most: Int?) throws(PatternFault) {
        // What takes no instructions can be repeated without end while it is written out.
        let before = self.instructions.count
        for round in 0..<least {
            try self.add(part)
            if round == 0, self.instructions.count == before { return }
        }
        guard let most else {
            let split = self.instructions.count
            try self.append(.split(split + 1, 0))
            try self.add(part)
            try self.append(.jump(split))
            self.instructions[split] = .split(split + 1, self.instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<max(least, most) {
            splits.append(self.instructions.count)
            try self.append(.split(self.instructions.count + 1, 0))
            try self.add(part)
        }
        for split in splits { self.instructions[split] = .split(split + 1, self.instructions.count) }
    }
}
