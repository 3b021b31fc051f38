/// The parts of a regular expression as XSD has them (XML Schema Part 2, appendix F).
indirect enum PatternTree {
    case characters(PatternCharacters)
    case sequence([PatternTree])
    case choice([PatternTree])
    case repeated(PatternTree, least: Int, most: Int?)
}

/// Why an expression is not let into a schema.
struct PatternFault: Error {
    let reason: String

    static let unreadable = PatternFault(reason: "the expression cannot be read")
    static let tooLarge = PatternFault(
        reason: "the expression is too large when its repetitions are written out")
    static let undecided = PatternFault(
        reason:
            "inside a repetition of the expression the next character does not decide how to go on, so a text"
            + " could take time in proportion to its square or worse")
}

/// Reads an expression.
struct PatternReader {
    private static let deepest = 64

    private var rest: ArraySlice<Unicode.Scalar>
    private var depth = 0

    static func read(_ source: String) throws(PatternFault) -> PatternTree {
        var reader = PatternReader(rest: Array(source.unicodeScalars)[...])
        let tree = try reader.choice()
        guard reader.rest.isEmpty else { throw .unreadable }
        return tree
    }

    private init(rest: ArraySlice<Unicode.Scalar>) {
        self.rest = rest
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard self.rest.first == scalar else { return false }
        self.rest.removeFirst()
        return true
    }

    private mutating func next() throws(PatternFault) -> Unicode.Scalar {
        guard let scalar = self.rest.popFirst() else { throw .unreadable }
        return scalar
    }

    private mutating func choice() throws(PatternFault) -> PatternTree {
        var branches = [try self.sequence()]
        while self.take("|") { branches.append(try self.sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternTree {
        var parts: [PatternTree] = []
        while let scalar = self.rest.first, scalar != "|", scalar != ")" {
            let part = try self.atom()
            parts.append(try self.quantified(part))
        }
        return .sequence(parts)
    }

    private mutating func quantified(_ part: PatternTree) throws(PatternFault) -> PatternTree {
        if self.take("?") { return .repeated(part, least: 0, most: 1) }
        if self.take("*") { return .repeated(part, least: 0, most: nil) }
        if self.take("+") { return .repeated(part, least: 1, most: nil) }
        guard self.take("{") else { return part }
        let least = try self.number()
        if self.take("}") { return .repeated(part, least: least, most: least) }
        guard self.take(",") else { throw .unreadable }
        if self.take("}") { return .repeated(part, least: least, most: nil) }
        let most = try self.number()
        guard self.take("}"), least <= most else { throw .unreadable }
        return .repeated(part, least: least, most: most)
    }

    private mutating func number() throws(PatternFault) -> Int {
        let digits = self.rest.prefix { ("0"..."9").contains($0) }
        self.rest = self.rest.dropFirst(digits.count)
        var text = ""
        text.unicodeScalars.append(contentsOf: digits.prefix(10))
        guard let number = Int(text) else { throw .unreadable }
        return number
    }

    private mutating func atom() throws(PatternFault) -> PatternTree {
        let scalar = try self.next()
        switch scalar {
        case "(":
            self.depth += 1
            guard self.depth <= Self.deepest else { throw .tooLarge }
            let tree = try self.choice()
            self.depth -= 1
            guard self.take(")") else { throw .unreadable }
            return tree
        case "[": return .characters(try self.characterClass())
        case "\\": return .characters(try self.escape().set)
        case ".": return .characters(.anyInLine)
        case "?", "*", "+", "{", "}", "]": throw .unreadable
        default: return .characters(PatternCharacters(scalar, through: scalar))
        }
    }

    /// What stands behind a backslash; `single` if it is one character, which can begin or end a range.
    private mutating func escape() throws(PatternFault) -> (set: PatternCharacters, single: Unicode.Scalar?) {
        let letter = try self.next()
        switch letter {
        case "p", "P":
            guard self.take("{") else { throw .unreadable }
            let name = self.rest.prefix { $0 != "}" }
            self.rest = self.rest.dropFirst(name.count)
            guard self.take("}"), !name.isEmpty else { throw .unreadable }
            var text = ""
            text.unicodeScalars.append(contentsOf: name)
            let set = PatternCharacters.property(text)
            return (letter == "p" ? set : set.inverted, nil)
        case "n": return (PatternCharacters("\n", through: "\n"), "\n")
        case "r": return (PatternCharacters("\r", through: "\r"), "\r")
        case "t": return (PatternCharacters("\t", through: "\t"), "\t")
        default:
            if let set = PatternCharacters.named(letter) { return (set, nil) }
            guard "\\|.-^?*+{}()[]".unicodeScalars.contains(letter) else { throw .unreadable }
            return (PatternCharacters(letter, through: letter), letter)
        }
    }

    /// A class, from behind its opening bracket.
    private mutating func characterClass() throws(PatternFault) -> PatternCharacters {
        let isInverted = self.take("^")
        var set = PatternCharacters()
        var removed: PatternCharacters?
        while !self.take("]") {
            if self.rest.starts(with: ["-", "["]) {
                self.rest = self.rest.dropFirst(2)
                self.depth += 1
                guard self.depth <= Self.deepest else { throw .tooLarge }
                removed = try self.characterClass()
                self.depth -= 1
                guard self.take("]") else { throw .unreadable }
                break
            }
            set.formUnion(try self.classItem())
        }
        var result = isInverted ? set.inverted : set
        if let removed { result.subtract(removed) }
        return result
    }

    private mutating func classItem() throws(PatternFault) -> PatternCharacters {
        let first = try self.classCharacter()
        guard let low = first.single, self.rest.first == "-", let behind = self.rest.dropFirst().first,
            behind != "]", behind != "["
        else { return first.set }
        self.rest.removeFirst()
        guard let high = try self.classCharacter().single, low <= high else { throw .unreadable }
        return PatternCharacters(low, through: high)
    }

    private mutating func classCharacter() throws(PatternFault) -> (
        set: PatternCharacters, single: Unicode.Scalar?
    ) {
        let scalar = try self.next()
        switch scalar {
        case "\\": return try self.escape()
        case "[": throw .unreadable
        default: return (PatternCharacters(scalar, through: scalar), scalar)
        }
    }
}
