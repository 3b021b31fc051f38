/// A set of code points: ranges and Unicode properties, possibly turned around.
struct CharacterClass: Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []
    private var properties: [(property: UnicodeProperty, isNegated: Bool)] = []
    /// Classes inside this one, such as `\D` or `\W`.
    private var parts: [CharacterClass] = []
    var isNegated = false
    /// The answers for ASCII, worked out once.
    private var ascii: (UInt64, UInt64) = (0, 0)

    init() {}

    init(_ scalar: UnicodeScalar) {
        self.add(scalar.value...scalar.value)
        self.settle()
    }

    init(_ ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
        self.settle()
    }

    init(_ property: UnicodeProperty, isNegated: Bool) {
        self.properties = [(property, isNegated)]
        self.settle()
    }

    mutating func add(_ range: ClosedRange<UInt32>) { self.ranges.append(range) }
    mutating func add(_ part: CharacterClass) { self.parts.append(part) }

    /// Must be called when the class is complete.
    mutating func settle() {
        var ascii: (UInt64, UInt64) = (0, 0)
        for value in UInt32(0)..<64 where self.search(value) { ascii.0 |= 1 << UInt64(value) }
        for value in UInt32(64)..<128 where self.search(value) { ascii.1 |= 1 << UInt64(value - 64) }
        self.ascii = ascii
    }

    @inline(__always)
    func contains(_ scalar: UnicodeScalar) -> Bool {
        let value = scalar.value
        if value < 64 { return self.ascii.0 >> UInt64(value) & 1 == 1 }
        if value < 128 { return self.ascii.1 >> UInt64(value - 64) & 1 == 1 }
        return self.search(value)
    }

    func contains(code value: UInt32) -> Bool { self.search(value) }

    /// Adds the code points at which membership may change.
    ///
    /// - Returns: `false` when there is a property, whose code points are not listed.
    func addBoundaries(to boundaries: inout Set<UInt32>) -> Bool {
        guard self.properties.isEmpty else { return false }
        for range in self.ranges {
            boundaries.insert(range.lowerBound)
            boundaries.insert(range.upperBound + 1)
        }
        return self.parts.allSatisfy { $0.addBoundaries(to: &boundaries) }
    }

    /// Whether both are the same ranges in the same order; equal sets may be written differently.
    func isWritten(like other: CharacterClass) -> Bool {
        self.isNegated == other.isNegated && self.ranges == other.ranges && self.parts.isEmpty
            && other.parts.isEmpty
            && self.properties.isEmpty && other.properties.isEmpty
    }

    private func search(_ value: UInt32) -> Bool {
        let isInside =
            self.ranges.contains { $0.contains(value) }
            || self.parts.contains { $0.search(value) }
            || self.properties.contains { $0.property.contains(value) != $0.isNegated }
        return isInside != self.isNegated
    }

    static let digits = CharacterClass([0x30...0x39])
    static let noDigits = CharacterClass([0x30...0x39], isNegated: true)
    static let word = CharacterClass([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    static let noWord = CharacterClass([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a], isNegated: true)
    /// White space and line ends of ECMA-262.
    private static let spaces: [ClosedRange<UInt32>] = [
        0x09...0x0d, 0x20...0x20, 0xa0...0xa0, 0x1680...0x1680, 0x2000...0x200a, 0x2028...0x2029,
        0x202f...0x202f,
        0x205f...0x205f, 0x3000...0x3000, 0xfeff...0xfeff,
    ]
    static let space = CharacterClass(Self.spaces)
    static let noSpace = CharacterClass(Self.spaces, isNegated: true)
    /// What `.` means: everything but line ends.
    static let noLineEnd = CharacterClass([0x0a...0x0a, 0x0d...0x0d, 0x2028...0x2029], isNegated: true)
}

/// The Unicode properties that `\p{…}` can name: general categories, and a few binary ones.
enum UnicodeProperty: Sendable {
    case categories([Unicode.GeneralCategory])
    case alphabetic, uppercase, lowercase, whiteSpace, ascii, any

    init?(named name: String) {
        var name = name
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        switch name {
        case "Alphabetic", "Alpha": self = .alphabetic
        case "Uppercase", "Upper": self = .uppercase
        case "Lowercase", "Lower": self = .lowercase
        case "White_Space", "space": self = .whiteSpace
        case "ASCII": self = .ascii
        case "Any": self = .any
        default:
            guard let found = Self.groups.first(where: { $0.short == name || $0.long == name }) else {
                return nil
            }
            self = .categories(found.categories)
        }
    }

    func contains(_ value: UInt32) -> Bool {
        guard let scalar = UnicodeScalar(value) else { return false }
        return switch self {
        case .categories(let categories): categories.contains(scalar.properties.generalCategory)
        case .alphabetic: scalar.properties.isAlphabetic
        case .uppercase: scalar.properties.isUppercase
        case .lowercase: scalar.properties.isLowercase
        case .whiteSpace: scalar.properties.isWhitespace
        case .ascii: value < 128
        case .any: true
        }
    }

    private static let groups: [(short: String, long: String, categories: [Unicode.GeneralCategory])] = [
        ("Lu", "Uppercase_Letter", [.uppercaseLetter]),
        ("Ll", "Lowercase_Letter", [.lowercaseLetter]),
        ("Lt", "Titlecase_Letter", [.titlecaseLetter]),
        ("LC", "Cased_Letter", [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter]),
        ("Lm", "Modifier_Letter", [.modifierLetter]),
        ("Lo", "Other_Letter", [.otherLetter]),
        (
            "L", "Letter",
            [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]
        ),
        ("Mn", "Nonspacing_Mark", [.nonspacingMark]),
        ("Mc", "Spacing_Mark", [.spacingMark]),
        ("Me", "Enclosing_Mark", [.enclosingMark]),
        ("M", "Mark", [.nonspacingMark, .spacingMark, .enclosingMark]),
        ("Nd", "Decimal_Number", [.decimalNumber]),
        ("Nd", "digit", [.decimalNumber]),
        ("Nl", "Letter_Number", [.letterNumber]),
        ("No", "Other_Number", [.otherNumber]),
        ("N", "Number", [.decimalNumber, .letterNumber, .otherNumber]),
        ("Pc", "Connector_Punctuation", [.connectorPunctuation]),
        ("Pd", "Dash_Punctuation", [.dashPunctuation]),
        ("Ps", "Open_Punctuation", [.openPunctuation]),
        ("Pe", "Close_Punctuation", [.closePunctuation]),
        ("Pi", "Initial_Punctuation", [.initialPunctuation]),
        ("Pf", "Final_Punctuation", [.finalPunctuation]),
        ("Po", "Other_Punctuation", [.otherPunctuation]),
        (
            "P", "Punctuation",
            [
                .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
                .initialPunctuation,
                .finalPunctuation, .otherPunctuation,
            ]
        ),
        ("Sm", "Math_Symbol", [.mathSymbol]),
        ("Sc", "Currency_Symbol", [.currencySymbol]),
        ("Sk", "Modifier_Symbol", [.modifierSymbol]),
        ("So", "Other_Symbol", [.otherSymbol]),
        ("S", "Symbol", [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]),
        ("Zs", "Space_Separator", [.spaceSeparator]),
        ("Zl", "Line_Separator", [.lineSeparator]),
        ("Zp", "Paragraph_Separator", [.paragraphSeparator]),
        ("Z", "Separator", [.spaceSeparator, .lineSeparator, .paragraphSeparator]),
        ("Cc", "Control", [.control]),
        ("Cf", "Format", [.format]),
        ("Co", "Private_Use", [.privateUse]),
        ("Cn", "Unassigned", [.unassigned]),
        ("C", "Other", [.control, .format, .privateUse, .unassigned, .surrogate]),
    ]
}
