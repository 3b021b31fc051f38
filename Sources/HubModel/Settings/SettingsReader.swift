/// Reads one map of a settings file into checked values and notes every fault instead of stopping at the first.
///
/// Ask for each key that is understood, then call `refuseOtherKeys()`: what was not asked for is a fault, with the
/// nearest known key as a suggestion. A value that cannot be read gives `nil` and a fault, never a default.
public final class SettingsReader {
    public let file: String
    /// Where the map stands.
    public let place: SourcePlace
    private let entries: [SettingsEntry]
    private var known: [String] = []
    private let notes: Notes

    /// The faults of a file, shared by the readers of its nested maps.
    private final class Notes {
        var faults: [SettingsFault] = []
    }

    /// A reader of the top of a file. Anything but a map there is a fault.
    public convenience init(_ tree: SettingsTree, file: String) {
        self.init(tree, file: file, notes: Notes())
    }

    private init(_ tree: SettingsTree, file: String, notes: Notes) {
        self.file = file
        self.place = tree.place
        self.notes = notes
        if case .map(let entries, _) = tree {
            self.entries = entries
        } else {
            self.entries = []
            notes.faults.append(SettingsFault(file: file, place: tree.place, message: "A map of keys is expected here."))
        }
    }

    /// All faults so far, in this map, those around it and those inside it, in the order in which they were noticed.
    public var faults: [SettingsFault] { self.notes.faults }

    /// The keys in the order of the file.
    public var keys: [String] { self.entries.map(\.key) }

    public func note(_ message: String, at place: SourcePlace, suggestion: String? = nil) {
        self.notes.faults.append(
            SettingsFault(file: self.file, place: place, message: message, suggestion: suggestion)
        )
    }

    /// The value as it stands, or `nil` when the key is absent.
    public func tree(_ key: String) -> SettingsTree? {
        if !self.known.contains(key) { self.known.append(key) }
        return self.entries.first { $0.key == key }?.value
    }

    /// Notes a fault when the key is absent.
    public func requiredTree(_ key: String) -> SettingsTree? {
        if let tree = self.tree(key) { return tree }
        self.note("The key '\(key)' is missing.", at: self.place)
        return nil
    }

    public func string(_ key: String) -> String? {
        guard let tree = self.tree(key) else { return nil }
        guard case .scalar(let text, _) = tree else {
            self.note("The value of '\(key)' must be a single text.", at: tree.place)
            return nil
        }
        return text
    }

    public func requiredString(_ key: String) -> String? {
        guard self.requiredTree(key) != nil else { return nil }
        return self.string(key)
    }

    /// A text in both languages: `{ vi: …, en: … }`. Notes a fault when it is absent or lacks one of them.
    public func bilingual(_ key: String) -> Bilingual? {
        guard self.requiredTree(key) != nil, let map = self.map(key) else { return nil }
        let (vi, en) = (map.requiredString("vi"), map.requiredString("en"))
        map.refuseOtherKeys()
        guard let vi, let en else { return nil }
        return Bilingual(vi: vi, en: en)
    }

    /// A whole number within `range`.
    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        self.parsed(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            text.hasPrefix("+") ? nil : Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `true` or `false`, nothing else.
    public func boolean(_ key: String) -> Bool? {
        self.parsed(key, expected: "true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
    }

    /// A duration such as `250ms`, `20s`, `5m`, `4h`, `30d`.
    public func duration(_ key: String) -> Duration? {
        self.parsed(key, expected: "a duration such as 250ms, 20s, 5m, 4h or 30d", Self.duration(from:))
    }

    /// A size such as `512`, `64KB`, `5MB`, `1GB` (powers of 1024).
    public func byteCount(_ key: String) -> Int? {
        self.parsed(key, expected: "a size such as 64KB or 5MB", Self.byteCount(from:))
    }

    /// One of the texts in `choices`.
    public func choice(_ key: String, _ choices: [String]) -> String? {
        guard let text = self.string(key), let place = self.tree(key)?.place else { return nil }
        guard choices.contains(text) else {
            self.note(
                "The value '\(text)' of '\(key)' is not one of: \(choices.joined(separator: ", ")).", at: place,
                suggestion: Self.nearest(to: text, among: choices)
            )
            return nil
        }
        return text
    }

    /// Reads the text with `parse`; `nil` from it is a fault that says what was expected.
    public func parsed<Value>(_ key: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = self.string(key), let place = self.tree(key)?.place else { return nil }
        guard let value = parse(text) else {
            self.note("The value '\(text)' of '\(key)' is not \(expected).", at: place)
            return nil
        }
        return value
    }

    /// The items of a list, or an empty one when the key is absent. A single scalar is not a list.
    public func list(_ key: String) -> [SettingsTree] {
        guard let tree = self.tree(key) else { return [] }
        guard case .list(let items, _) = tree else {
            self.note("The value of '\(key)' must be a list.", at: tree.place)
            return []
        }
        return items
    }

    /// The texts of a list with their places.
    public func strings(_ key: String) -> [(text: String, place: SourcePlace)] {
        self.list(key).compactMap { item in
            guard case .scalar(let text, let place) = item else {
                self.note("Each item of '\(key)' must be a single text.", at: item.place)
                return nil
            }
            return (text, place)
        }
    }

    /// A reader of a nested map, or `nil` when the key is absent.
    public func map(_ key: String) -> SettingsReader? {
        self.tree(key).map { self.reader(of: $0) }
    }

    /// A reader of an item found in a list or by `tree(_:)`.
    public func reader(of tree: SettingsTree) -> SettingsReader {
        SettingsReader(tree, file: self.file, notes: self.notes)
    }

    /// Notes every key that was never asked for.
    public func refuseOtherKeys() {
        for entry in self.entries where !self.known.contains(entry.key) {
            self.note(
                "The key '\(entry.key)' is not known here; known are: \(self.known.joined(separator: ", ")).",
                at: entry.place, suggestion: Self.nearest(to: entry.key, among: self.known)
            )
        }
    }

    /// The choice that differs least from `text`, if it differs little enough to be a typing mistake.
    public static func nearest(to text: String, among choices: [String]) -> String? {
        let best = choices.map { (choice: $0, distance: Self.distance(text, $0)) }.min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, (min(text.count, best.choice.count) + 1) / 3) else { return nil }
        return best.choice
    }

    static func duration(from text: String) -> Duration? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let count = Int64(digits), count <= 1_000_000_000 else { return nil }
        return switch text.dropFirst(digits.count) {
        case "ms": .milliseconds(count)
        case "s": .seconds(count)
        case "m": .seconds(count * 60)
        case "h": .seconds(count * 3600)
        case "d": .seconds(count * 86_400)
        default: nil
        }
    }

    static func byteCount(from text: String) -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let count = Int(digits), count <= 1 << 40 else { return nil }
        return switch text.dropFirst(digits.count) {
        case "": count
        case "KB": count << 10
        case "MB": count <= 1 << 30 ? count << 20 : nil
        case "GB": count <= 1 << 20 ? count << 30 : nil
        default: nil
        }
    }

    /// Levenshtein's distance over characters.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (other, candidate) in right.enumerated() {
                let substituted = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[other + 1]
                row[other + 1] = min(substituted, diagonal + 1, row[other] + 1)
            }
        }
        return row[right.count]
    }
}
