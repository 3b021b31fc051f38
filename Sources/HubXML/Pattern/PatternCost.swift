/// Tells whether an expression takes time in proportion to the text, on a machine that tries one way after the other.
///
/// The library's machine is one of those. Where an expression leaves two ways open inside a repetition, the machine
/// comes back to every place it passed and tries the other way from there: `[^,]+/[^,]+` takes a minute to refuse a
/// text of 64 KB of slashes, and no limit on the length of texts that would still let real ones through makes that
/// harmless. So inside repetitions the next character has to decide. Elsewhere the ways are as few as the expression
/// has branches.
struct PatternCost {
    /// Characters of an expression when its repetitions are written out.
    private static let mostSteps = 5_000

    /// The characters of the expression, each of which is a step of the machine (Glushkov's automaton).
    private var characters: [PatternCharacters] = []
    /// The steps that can come after each.
    private var following: [[Int]] = []
    private var isRepeated: [Bool] = []

    /// How a part of the expression begins and ends.
    private struct Ends {
        var canBeEmpty = true
        var first: [Int] = []
        var last: [Int] = []
    }

    /// - Throws: What keeps the expression from being used.
    static func check(_ source: String) throws(PatternFault) {
        var cost = PatternCost()
        _ = try cost.add(PatternReader.read(source), isRepeated: false)
        for step in cost.characters.indices where cost.isRepeated[step] {
            let next = cost.following[step]
            for (position, one) in next.enumerated() {
                for other in next[..<position] where cost.characters[one].overlaps(cost.characters[other]) {
                    throw .undecided
                }
            }
        }
    }

    private mutating func add(_ tree: PatternTree, isRepeated: Bool) throws(PatternFault) -> Ends {
        switch tree {
        case .characters(let set):
            guard self.characters.count < Self.mostSteps else { throw .tooLarge }
            let step = self.characters.count
            self.characters.append(set)
            self.following.append([])
            self.isRepeated.append(isRepeated)
            return Ends(canBeEmpty: false, first: [step], last: [step])
        case .sequence(let parts):
            var ends = Ends()
            for part in parts { self.append(try self.add(part, isRepeated: isRepeated), to: &ends) }
            return ends
        case .choice(let branches):
            var ends = Ends(canBeEmpty: false)
            for branch in branches {
                let branch = try self.add(branch, isRepeated: isRepeated)
                ends.canBeEmpty = ends.canBeEmpty || branch.canBeEmpty
                ends.first += branch.first
                ends.last += branch.last
            }
            return ends
        case .repeated(let part, let least, let most):
            return try self.addRepeated(part, least: least, most: most, isRepeated: isRepeated)
        }
    }

    /// Writes a repetition out: what must be there one after the other, what may be there likewise, the last one of an
    /// open end leading back to itself.
    private mutating func addRepeated(
        _ part: PatternTree, least: Int, most: Int?, isRepeated: Bool
    ) throws(PatternFault) -> Ends {
        let copies = most ?? max(least, 1)
        let isRepeated = isRepeated || most == nil || copies > 1
        var ends = Ends()
        var last: [Int] = []
        for copy in 0..<copies {
            let next = try self.add(part, isRepeated: isRepeated)
            if copy == 0 { ends = Ends(canBeEmpty: least == 0 || next.canBeEmpty, first: next.first) }
            // Which of several copies is left empty, nothing decides.
            guard copies == 1 || !next.canBeEmpty else { throw .undecided }
            self.join(last, next.first)
            last = next.last
            if copy + 1 >= least { ends.last += last }
            if most == nil, copy + 1 == copies { self.join(last, next.first) }
        }
        return ends
    }

    private mutating func append(_ next: Ends, to ends: inout Ends) {
        self.join(ends.last, next.first)
        if ends.canBeEmpty { ends.first += next.first }
        ends.last = next.canBeEmpty ? ends.last + next.last : next.last
        ends.canBeEmpty = ends.canBeEmpty && next.canBeEmpty
    }

    private mutating func join(_ last: [Int], _ first: [Int]) {
        for step in last { self.following[step] += first }
    }
}
