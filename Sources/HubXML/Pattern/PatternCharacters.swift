/// A set of characters, as an expression of XSD names it.
///
/// Exact within ASCII, and beyond it for what is written out. A class that has only a name (`\w`, `\p{L}`) counts as
/// everything beyond ASCII, so that two sets which share a character never look as if they did not.
struct PatternCharacters {
    private static let lastCode: UInt32 = 0x10FFFF

    private var ascii: UInt128 = 0
    /// `nil` stands for everything, whichever way round the set is taken.
    private var others: [ClosedRange<UInt32>]? = []

    /// No character at all.
    init() {}

    init(_ first: Unicode.Scalar, through last: Unicode.Scalar) {
        guard first <= last else { return }
        for code in UInt32(0)..<0x80 where code >= first.value && code <= last.value {
            self.ascii |= 1 << code
        }
        if last.value >= 0x80 { self.others = [max(first.value, 0x80)...last.value] }
    }

    private init(ascii isMember: (Unicode.Scalar) -> Bool, others: [ClosedRange<UInt32>]?) {
        for code in UInt8(0)..<0x80 where isMember(Unicode.Scalar(code)) { self.ascii |= 1 << code }
        self.others = others
    }

    /// What `.` stands for.
    static let anyInLine = PatternCharacters(ascii: { $0 != "\n" && $0 != "\r" }, others: nil)

    /// The class of a letter behind a backslash; `nil` if there is none for it.
    static func named(_ letter: Unicode.Scalar) -> PatternCharacters? {
        switch letter {
        case "s": PatternCharacters(ascii: { " \t\n\r".unicodeScalars.contains($0) }, others: [])
        case "i":
            PatternCharacters(
                ascii: { Self.category($0).first == "L" || $0 == "_" || $0 == ":" }, others: nil)
        case "c":
            PatternCharacters(
                ascii: { "LN".contains(Self.category($0).prefix(1)) || "._-:".unicodeScalars.contains($0) },
                others: nil)
        case "d": self.property("Nd")
        case "w": PatternCharacters(ascii: { !"PZC".contains(Self.category($0).prefix(1)) }, others: nil)
        case "S": self.named("s")?.inverted
        case "I": self.named("i")?.inverted
        case "C": self.named("c")?.inverted
        case "D": self.named("d")?.inverted
        case "W": self.named("w")?.inverted
        default: nil
        }
    }

    /// The class `\p{…}`: a general category such as `Lu`, a group of them such as `L`, or a block.
    ///
    /// Only one block has anything of ASCII.
    static func property(_ name: String) -> PatternCharacters {
        let isBlock = name.hasPrefix("Is")
        return PatternCharacters(
            ascii: { isBlock ? name == "IsBasicLatin" : self.category($0).hasPrefix(name) }, others: nil)
    }

    var inverted: PatternCharacters {
        var result = PatternCharacters()
        result.ascii = ~self.ascii
        result.others = self.others.map { ranges in
            var gaps: [ClosedRange<UInt32>] = []
            var next: UInt32 = 0x80
            for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if next < range.lowerBound { gaps.append(next...range.lowerBound - 1) }
                next = max(next, range.upperBound + 1)
            }
            if next <= Self.lastCode { gaps.append(next...Self.lastCode) }
            return gaps
        }
        return result
    }

    mutating func formUnion(_ other: PatternCharacters) {
        self.ascii |= other.ascii
        guard let own = self.others, let more = other.others else {
            self.others = nil
            return
        }
        self.others = own + more
    }

    /// Leaves out what is in `other`, as far as ASCII goes.
    mutating func subtract(_ other: PatternCharacters) {
        self.ascii &= ~other.ascii
    }

    /// Whether there may be a character in both.
    func overlaps(_ other: PatternCharacters) -> Bool {
        if self.ascii & other.ascii != 0 { return true }
        switch (self.others, other.others) {
        case (nil, let ranges?), (let ranges?, nil): return !ranges.isEmpty
        case (nil, nil): return true
        case (let own?, let more?): return own.contains { range in more.contains { $0.overlaps(range) } }
        }
    }

    /// The general category of a character of ASCII.
    private static func category(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .decimalNumber: "Nd"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .spaceSeparator: "Zs"
        default: "Cc"
        }
    }
}
