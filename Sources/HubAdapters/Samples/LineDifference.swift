/// Two texts line by line, as `diff -u` shows them: what is missing with `-`, what is there instead with `+`.
struct LineDifference {
    /// Lines of each side that are looked at.
    private static let most = 4000
    /// Equal lines shown before and after a difference.
    private static let around = 2

    let text: String

    /// `nil` when the texts are equal.
    init?(expected: String, actual: String) {
        let before = expected.split(separator: "\n", omittingEmptySubsequences: false).prefix(Self.most).map(String.init)
        let after = actual.split(separator: "\n", omittingEmptySubsequences: false).prefix(Self.most).map(String.init)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        guard !removed.isEmpty || !inserted.isEmpty else { return nil }
        var lines: [(mark: Character, text: String)] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if left < before.count, removed.contains(left) {
                lines.append(("-", before[left]))
                left += 1
            } else if right < after.count, inserted.contains(right) {
                lines.append(("+", after[right]))
                right += 1
            } else {
                lines.append((" ", left < before.count ? before[left] : after[right]))
                left += 1
                right += 1
            }
        }
        let changed = lines.indices.filter { lines[$0].mark != " " }
        var shown = Set(changed)
        for index in changed { shown.formUnion(max(0, index - Self.around)...min(lines.count - 1, index + Self.around)) }
        var text: [String] = []
        var last: Int?
        for index in lines.indices where shown.contains(index) {
            if let last, index > last + 1 { text.append("  …") }
            text.append("\(lines[index].mark) \(lines[index].text)")
            last = index
        }
        self.text = text.joined(separator: "\n")
    }
}
