import HubModel

/// One question about a message, with the values it is about by their numbers.
enum Check: Sendable {
    /// A value that is a date or a time, and how it is written.
    struct Moment: Sendable {
        let slot: Int
        let form: DateForm
    }

    case future([Moment])
    case order(CheckCode, earlier: Moment, later: Moment)
    case filler(FillerCheck)
    case documentType(type: Int, detail: Int, name: Int, annex: DocumentTypeAnnex)
    case code(slot: Int, known: [String])
    case documentID(DocumentIDCheck)
    case length(slots: [Int], most: Int)
    case missing(slot: Int, given: Int, texts: [String])
    case contentIDs(references: Int, attachments: Int)
    case transitions(StatusTransitions, slot: Int, key: Int?)
}

/// Texts that say nothing, and the values that may be one.
struct FillerCheck: Sendable {
    let slots: [Int]
    private let texts: Set<String>
    /// Composed and in lower case a text may have half the bytes it is written with.
    private let longest: Int
    /// Whether a text may begin with this byte of ASCII.
    private let beginnings: [Bool]
    /// The same for its end.
    private let endings: [Bool]

    init(slots: [Int], texts: [String]) {
        self.slots = slots
        self.texts = Set(texts.map(\.foldedForComparison))
        self.longest = 2 * (self.texts.map(\.utf8.count).max() ?? 0)
        self.beginnings = Self.marks(self.texts.map { ($0.utf8.first, $0.uppercased().utf8.first) })
        self.endings = Self.marks(self.texts.map { ($0.utf8.last, $0.uppercased().utf8.last) })
    }

    private static func marks(_ bytes: [(UInt8?, UInt8?)]) -> [Bool] {
        var marks = [Bool](repeating: false, count: 128)
        for byte in bytes.flatMap({ [$0.0, $0.1] }) {
            if let byte, byte < 0x80 { marks[Int(byte)] = true }
        }
        return marks
    }

    /// Decides from length and ends for nearly all texts, since folding one takes its time.
    func holds(_ text: String) -> Bool {
        let bytes = text.utf8.span
        guard !bytes.isEmpty, bytes.count <= self.longest else { return false }
        let (first, last) = (bytes[0], bytes[bytes.count - 1])
        guard first >= 0x80 || first <= 0x20 || self.beginnings[Int(first)],
            last >= 0x80 || last <= 0x20 || self.endings[Int(last)]
        else { return false }
        return self.texts.contains(text.foldedForComparison)
    }
}

/// The id of a document and what it is made of.
struct DocumentIDCheck: Sendable {
    let id: Int
    let agency: Int
    let date: Int
    /// The number and the symbol, or both in one.
    let code: [Int]
}

/// The types of documents, as the annex of the regulation lists them.
struct DocumentTypeAnnex: Sendable {
    struct Row: Hashable, Sendable {
        let type: String
        let detail: String
    }

    /// The names of a row, the first one being its own.
    let names: [Row: [String]]
    /// The rows of a name, as it is compared.
    let rows: [String: [Row]]

    init(_ entries: [(row: Row, names: [String])]) {
        self.names = Dictionary(entries.map { ($0.row, $0.names) }, uniquingKeysWith: { first, _ in first })
        var rows: [String: [Row]] = [:]
        for (row, names) in entries {
            for name in names { rows[name.foldedForComparison, default: []].append(row) }
        }
        self.rows = rows
    }

    /// What contradicts the annex, in words of both languages; `nil` if nothing does.
    ///
    /// A name that is not in the annex says nothing, and neither does a number that is not given.
    func contradiction(type: String, detail: String, name: String) -> String? {
        if !detail.isEmpty {
            guard let names = self.names[Row(type: type, detail: detail)] else {
                return self.rows[name.foldedForComparison].map { Self.list($0) } ?? "∅"
            }
            if name.isEmpty || names.contains(name) { return nil }
            let folded = name.foldedForComparison
            if names.contains(where: { $0.foldedForComparison == folded }) { return nil }
            return "\(type)/\(detail) = \(names.first ?? "")"
        }
        guard !name.isEmpty, let rows = self.rows[name.foldedForComparison],
            !rows.contains(where: { $0.type == type })
        else { return nil }
        return Self.list(rows)
    }

    private static func list(_ rows: [Row]) -> String {
        rows.map { "\($0.type)/\($0.detail)" }.joined(separator: ", ")
    }
}
