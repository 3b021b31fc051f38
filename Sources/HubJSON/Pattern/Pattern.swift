/// A regular expression that runs in time proportional to text × expression, whatever the text.
///
/// The syntax is that of ECMA-262 with its `u` flag, as far as a machine without memory can go: alternation, groups,
/// quantifiers, classes, the escapes `\d \w \s \b \t \n \r \f \v \0 \cX \xHH \uHHHH \u{…}`, anchors, and general
/// categories such as `\p{Lu}`. Look-around and back-references are refused. As JSON Schema wants it, the
/// expression may match anywhere in the text unless it is anchored.
package final class Pattern: Sendable {
    /// Instructions that one expression may come to after its repetitions are written out.
    static let sizeLimit = 5_000

    package let source: String
    let program: [PatternInstruction]
    /// Whether a match can only begin at the beginning of the text.
    let isAnchored: Bool
    /// The fast way, for expressions that have one.
    private let table: PatternTable?

    package init(_ source: String) throws(PatternFault) {
        self.source = source
        var parser = PatternParser(source)
        let tree = try parser.parse()
        var builder = PatternBuilder()
        try builder.add(tree)
        builder.finish()
        self.program = builder.instructions
        self.isAnchored = tree.beginsAtStart
        self.table = PatternTable(builder.instructions, isAnchored: tree.beginsAtStart)
    }

    package func matches(_ text: String) -> Bool {
        if let table { return table.matches(text) }
        return self.matchesByRun(text)
    }

    /// The way that works for every expression; the table must give the same answers.
    func matchesByRun(_ text: String) -> Bool {
        var run = PatternRun(self)
        return run.matches(text)
    }
}

/// Why an expression cannot be used, and where in it.
package struct PatternFault: Error {
    package enum Reason: String {
        case unbalanced = "a bracket is not closed or not opened"
        case nothingToRepeat = "a quantifier has nothing to repeat"
        case quantifier = "a quantifier is malformed"
        case escape = "an escape is not known"
        case classRange = "a range of a class is malformed or backwards"
        case lookAround = "look-around is not supported"
        case backReference = "back-references are not supported"
        case group = "a group of this kind is not known"
        case property = "a Unicode property is not known"
        case tooLarge = "the expression is too large"
        case tooDeep = "groups are nested too deeply"
    }

    package let reason: Reason
    /// In code points from the beginning of the expression.
    let offset: Int
}

/// The parts of an expression.
indirect enum PatternTree {
    case empty
    case characters(CharacterClass)
    case start, end, wordBoundary, noWordBoundary
    case sequence([PatternTree])
    case choice([PatternTree])
    case repeated(PatternTree, least: Int, most: Int?)

    var beginsAtStart: Bool {
        switch self {
        case .start: true
        case .sequence(let parts): parts.first?.beginsAtStart ?? false
        case .choice(let parts): parts.allSatisfy(\.beginsAtStart)
        default: false
        }
    }
}
