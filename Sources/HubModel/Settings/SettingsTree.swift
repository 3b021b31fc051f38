/// A place in a file that people edit. Lines and columns count from 1.
public struct SourcePlace: Hashable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A file that people edit (YAML), read strictly, with the place of every value.
///
/// Scalars stay text: whoever reads a key decides what it means, so `no` and `1.10` are never guessed at.
public indirect enum SettingsTree: Hashable, Sendable {
    case scalar(String, at: SourcePlace)
    case list([SettingsTree], at: SourcePlace)
    case map([SettingsEntry], at: SourcePlace)

    public var place: SourcePlace {
        switch self {
        case .scalar(_, let place), .list(_, let place), .map(_, let place): place
        }
    }
}

/// One key of a map and its value, in the order of the file.
public struct SettingsEntry: Hashable, Sendable {
    public let key: String
    public let place: SourcePlace
    public let value: SettingsTree

    public init(key: String, place: SourcePlace, value: SettingsTree) {
        self.key = key
        self.place = place
        self.value = value
    }
}

/// Something wrong in a file that people edit: where, what, and what to do about it.
public struct SettingsFault: Hashable, Sendable {
    public let file: String
    public let place: SourcePlace
    /// A whole sentence in English; may name keys and values of the file, which is ours.
    public let message: String
    /// What probably was meant, when there is a guess.
    public let suggestion: String?

    public init(file: String, place: SourcePlace, message: String, suggestion: String? = nil) {
        self.file = file
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }
}

extension SettingsFault: CustomStringConvertible {
    /// `file:line:column: sentence (did you mean …?)`, the form that editors jump to.
    public var description: String {
        let tail = self.suggestion.map { " (did you mean '\($0)'?)" } ?? ""
        return "\(self.file):\(self.place.line):\(self.place.column): \(self.message)\(tail)"
    }
}
