import HubModel

/// Builds a settings tree from events and notes what the strict form does not allow.
///
/// Goes on after a fault wherever the shape of the file is still clear, so that one reading shows them all.
struct SettingsTreeBuilder {
    private let file: String
    private let maxDepth: Int
    private var open: [Frame] = []
    private var documents = 0
    private(set) var root: SettingsTree?
    private(set) var faults: [SettingsFault] = []

    /// A list or map whose end has not been seen.
    private struct Frame {
        let isMap: Bool
        let place: SourcePlace
        var items: [SettingsTree] = []
        var entries: [SettingsEntry] = []
        /// The key of a map whose value has not been seen.
        var key: Key?
        /// Where each key of a map stood first.
        var seen: [String: SourcePlace] = [:]
    }

    /// A key that waits for its value. Without a text it was refused, and its value is dropped.
    private struct Key {
        let text: String?
        let place: SourcePlace
    }

    init(file: String, maxDepth: Int) {
        self.file = file
        self.maxDepth = maxDepth
    }

    /// - Returns: `false` when reading on makes no sense.
    mutating func take(_ event: YAMLEvent) -> Bool {
        if event.hasAnchor {
            self.note(
                "An anchor (&) is not allowed; write the value out where it is needed.", at: event.place)
        }
        if event.hasTag {
            self.note(
                "A tag (!) is not allowed; each key already says what its value means.", at: event.place)
        }
        switch event.kind {
        case .documentStart(let hasDirectives):
            if hasDirectives { self.note("A directive (%) is not allowed.", at: event.place) }
            self.documents += 1
            if self.documents > 1 {
                self.note("A second document begins here; a file holds one.", at: event.place)
                return false
            }
        case .documentEnd: break
        case .scalar(let text, let isPlain):
            if isPlain, text == "<<", self.isAtKey {
                self.note("A merge key (<<) is not allowed; write the keys out.", at: event.place)
                self.add(nil, at: event.place)
            } else if isPlain, text.isEmpty, self.isAtKey {
                self.note("A key is missing before the colon.", at: event.place)
                self.add(nil, at: event.place)
            } else {
                self.add(.scalar(text, at: event.place), at: event.place)
            }
        case .alias:
            self.note("An alias (*) is not allowed; write the value out.", at: event.place)
            self.add(nil, at: event.place)
        case .listStart: return self.begin(isMap: false, at: event.place)
        case .mapStart: return self.begin(isMap: true, at: event.place)
        case .listEnd, .mapEnd: self.end()
        case .streamEnd:
            if self.documents == 0 { self.note("The file is empty.", at: event.place) }
            return false
        }
        return true
    }

    mutating func note(_ message: String, at place: SourcePlace) {
        self.faults.append(SettingsFault(file: self.file, place: place, message: message))
    }

    private var isAtKey: Bool {
        self.open.last.map { $0.isMap && $0.key == nil } ?? false
    }

    private mutating func begin(isMap: Bool, at place: SourcePlace) -> Bool {
        guard self.open.count < self.maxDepth else {
            self.note("Lists and maps are nested deeper than \(self.maxDepth) here.", at: place)
            return false
        }
        self.open.append(Frame(isMap: isMap, place: place))
        return true
    }

    private mutating func end() {
        guard let frame = self.open.popLast() else { return }
        let tree: SettingsTree =
            frame.isMap ? .map(frame.entries, at: frame.place) : .list(frame.items, at: frame.place)
        self.add(tree, at: frame.place)
    }

    /// - Parameter tree: `nil` for what was refused already.
    private mutating func add(_ tree: SettingsTree?, at place: SourcePlace) {
        guard var frame = self.open.popLast() else {
            self.root = tree
            return
        }
        if !frame.isMap {
            if let tree { frame.items.append(tree) }
        } else if let key = frame.key {
            if let text = key.text, let tree {
                frame.entries.append(SettingsEntry(key: text, place: key.place, value: tree))
            }
            frame.key = nil
        } else {
            frame.key = self.key(from: tree, at: place, seen: &frame.seen)
        }
        self.open.append(frame)
    }

    private mutating func key(
        from tree: SettingsTree?, at place: SourcePlace, seen: inout [String: SourcePlace]
    ) -> Key {
        switch tree {
        case nil:
            return Key(text: nil, place: place)
        case .list, .map:
            self.note("A key must be a single text.", at: place)
            return Key(text: nil, place: place)
        case .scalar(let text, _):
            if let first = seen[text] {
                self.note(
                    "The key '\(text)' stands here again; it was given on line \(first.line).", at: place)
                return Key(text: nil, place: place)
            }
            seen[text] = place
            return Key(text: text, place: place)
        }
    }
}
