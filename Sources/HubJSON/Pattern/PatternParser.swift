/// Reads the text of a regular expression.
struct PatternParser {
    private static let depthLimit = 100

    private let scalars: [UnicodeScalar]
    private(set) var index = 0
    private var depth = 0

    init(_ source: String) {
        self.scalars = Array(source.unicodeScalars)
    }

    mutating func parse() throws(PatternFault) -> PatternTree {
        let tree = try self.choice()
        guard self.index == self.scalars.count else { throw self.fault(.unbalanced) }
        return tree
    }

    func fault(_ reason: PatternFault.Reason) -> PatternFault {
        PatternFault(reason: reason, offset: self.index)
    }

    var front: UnicodeScalar? { self.index < self.scalars.count ? self.scalars[self.index] : nil }

    mutating func next() -> UnicodeScalar? {
        guard let front else { return nil }
        self.index += 1
        return front
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard self.scalars[self.index...].starts(with: wanted) else { return false }
        self.index += wanted.count
        return true
    }

    private mutating func choice() throws(PatternFault) -> PatternTree {
        var branches = [try self.sequence()]
        while self.take("|") { branches.append(try self.sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternTree {
        var parts: [PatternTree] = []
        while let front, front != "|", front != ")" {
            let (part, canRepeat) = try self.atom()
            parts.append(try self.quantified(part, canRepeat: canRepeat))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func atom() throws(PatternFault) -> (tree: PatternTree, canRepeat: Bool) {
        guard let scalar = self.next() else { return (.empty, false) }
        switch scalar {
        case "^": return (.start, false)
        case "$": return (.end, false)
        case ".": return (.characters(.noLineEnd), true)
        case "(": return (try self.group(), true)
        case "[": return (.characters(try self.bracketed()), true)
        case "*", "+", "?":
            self.index -= 1
            throw self.fault(.nothingToRepeat)
        case "{":
            self.index -= 1
            throw self.fault(.nothingToRepeat)
        case "]", "}":
            self.index -= 1
            throw self.fault(.unbalanced)
        case "\\":
            if self.take("b") { return (.wordBoundary, false) }
            if self.take("B") { return (.noWordBoundary, false) }
            return (.characters(try self.escape(inClass: false)), true)
        default: return (.characters(CharacterClass(scalar)), true)
        }
    }

    private mutating func group() throws(PatternFault) -> PatternTree {
        if self.take("?") {
            if self.take("=") || self.take("!") || self.take("<=") || self.take("<!") {
                throw self.fault(.lookAround)
            }
            if self.take("<") {
                while let front, front != ">", front != ")" { self.index += 1 }
                guard self.take(">") else { throw self.fault(.group) }
            } else if !self.take(":") {
                throw self.fault(.group)
            }
        }
        self.depth += 1
        guard self.depth <= Self.depthLimit else { throw self.fault(.tooDeep) }
        let tree = try self.choice()
        guard self.take(")") else { throw self.fault(.unbalanced) }
        self.depth -= 1
        return tree
    }

    private mutating func quantified(_ part: PatternTree, canRepeat: Bool) throws(PatternFault) -> PatternTree
    {
        let least: Int
        var most: Int?
        switch self.front {
        case "*": least = 0
        case "+": least = 1
        case "?": (least, most) = (0, 1)
        case "{":
            self.index += 1
            (least, most) = try self.bounds()
            self.index -= 1
        default: return part
        }
        guard canRepeat else { throw self.fault(.nothingToRepeat) }
        self.index += 1
        // A lazy quantifier finds other matches, but finds one exactly when a greedy one does.
        _ = self.take("?")
        return .repeated(part, least: least, most: most)
    }

    /// The inside of `{n}`, `{n,}` or `{n,m}` with the closing brace.
    private mutating func bounds() throws(PatternFault) -> (Int, Int?) {
        guard let least = self.digits() else { throw self.fault(.quantifier) }
        var most: Int? = least
        if self.take(",") { most = self.digits() }
        guard self.take("}"), most.map({ $0 >= least }) ?? true else { throw self.fault(.quantifier) }
        guard max(least, most ?? 0) <= Pattern.sizeLimit else { throw self.fault(.tooLarge) }
        return (least, most)
    }

    private mutating func digits() -> Int? {
        var value: Int?
        while let front, ("0"..."9").contains(front) {
            value = min(Pattern.sizeLimit + 1, (value ?? 0) * 10 + Int(front.value - 0x30))
            self.index += 1
        }
        return value
    }

    // MARK: Classes and escapes

    private mutating func bracketed() throws(PatternFault) -> CharacterClass {
        var set = CharacterClass()
        set.isNegated = self.take("^")
        while !self.take("]") {
            let lower = try self.classAtom()
            guard self.front == "-", self.index + 1 < self.scalars.count, self.scalars[self.index + 1] != "]"
            else {
                set.add(lower)
                continue
            }
            self.index += 1
            let upper = try self.classAtom()
            guard let first = lower.only, let last = upper.only, first <= last else {
                throw self.fault(.classRange)
            }
            set.add(first...last)
        }
        set.settle()
        return set
    }

    private mutating func classAtom() throws(PatternFault) -> CharacterClass {
        guard let scalar = self.next() else { throw self.fault(.unbalanced) }
        return scalar == "\\" ? try self.escape(inClass: true) : CharacterClass(scalar)
    }

    private mutating func escape(inClass: Bool) throws(PatternFault) -> CharacterClass {
        guard let letter = self.next() else { throw self.fault(.escape) }
        switch letter {
        case "d": return .digits
        case "D": return .noDigits
        case "w": return .word
        case "W": return .noWord
        case "s": return .space
        case "S": return .noSpace
        case "t": return CharacterClass("\t")
        case "n": return CharacterClass("\n")
        case "r": return CharacterClass("\r")
        case "f": return CharacterClass("\u{c}")
        case "v": return CharacterClass("\u{b}")
        case "b" where inClass: return CharacterClass("\u{8}")
        case "-" where inClass: return CharacterClass("-")
        case "0":
            if let front, ("0"..."9").contains(front) { throw self.fault(.escape) }
            return CharacterClass("\u{0}")
        case "1"..."9", "k": throw self.fault(.backReference)
        case "c":
            guard let control = self.next(), ("a"..."z").contains(control) || ("A"..."Z").contains(control)
            else {
                throw self.fault(.escape)
            }
            return CharacterClass([control.value % 32...control.value % 32])
        case "x": return CharacterClass(try self.scalar(hexDigits: 2))
        case "u": return CharacterClass(try self.unicodeEscape())
        case "p", "P": return try self.property(isNegated: letter == "P")
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/":
            return CharacterClass(letter)
        // Outside ECMA's `u` flag, but people escape them and nothing else can be meant.
        case "-", "\"", "'", "#", "&", "%", "@", "!", ",", ":", ";", "<", "=", ">", "_", "`", "~", " ":
            return CharacterClass(letter)
        default:
            self.index -= 1
            throw self.fault(.escape)
        }
    }

    private mutating func unicodeEscape() throws(PatternFault) -> UnicodeScalar {
        if self.take("{") {
            var value: UInt32 = 0
            var count = 0
            while let digit = self.front.flatMap({ Self.hexValue($0) }), count < 8 {
                value = value << 4 | digit
                self.index += 1
                count += 1
            }
            guard count > 0, self.take("}"), let scalar = UnicodeScalar(value) else {
                throw self.fault(.escape)
            }
            return scalar
        }
        let unit = try self.hex(4)
        guard unit >= 0xd800, unit < 0xdc00, self.take("\\u") else {
            guard let scalar = UnicodeScalar(unit) else { throw self.fault(.escape) }
            return scalar
        }
        let low = try self.hex(4)
        guard low >= 0xdc00, low < 0xe000,
            let scalar = UnicodeScalar(0x10000 + (unit - 0xd800) << 10 + low - 0xdc00)
        else { throw self.fault(.escape) }
        return scalar
    }

    private mutating func scalar(hexDigits: Int) throws(PatternFault) -> UnicodeScalar {
        guard let scalar = UnicodeScalar(try self.hex(hexDigits)) else { throw self.fault(.escape) }
        return scalar
    }

    private mutating func hex(_ count: Int) throws(PatternFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = self.front.flatMap({ Self.hexValue($0) }) else { throw self.fault(.escape) }
            value = value << 4 | digit
            self.index += 1
        }
        return value
    }

    private static func hexValue(_ scalar: UnicodeScalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x61 + 10
        case "A"..."F": scalar.value - 0x41 + 10
        default: nil
        }
    }

    private mutating func property(isNegated: Bool) throws(PatternFault) -> CharacterClass {
        guard self.take("{") else { throw self.fault(.property) }
        var name = ""
        while let scalar = self.next(), scalar != "}" { name.unicodeScalars.append(scalar) }
        guard let property = UnicodeProperty(named: name) else { throw self.fault(.property) }
        return CharacterClass(property, isNegated: isNegated)
    }
}

extension CharacterClass {
    /// The code point, when there is exactly one.
    fileprivate var only: UInt32? {
        guard !self.isNegated, self.ranges.count == 1, let range = self.ranges.first else { return nil }
        return range.count == 1 ? range.lowerBound : nil
    }
}
