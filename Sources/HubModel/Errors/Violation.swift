/// A text for people, in both languages of the project.
public struct Bilingual: Hashable, Codable, Sendable {
    public let vi: String
    public let en: String

    public init(vi: String, en: String) {
        self.vi = vi
        self.en = en
    }
}

/// One place where a document does not fit its schema.
public struct Violation: Hashable, Sendable {
    /// From 1; 0 when not known.
    public let line: Int
    /// From 1, in code points; 0 when not known.
    public let column: Int
    /// Where in the document: a JSON Pointer (RFC 6901), or an XPath of local names with positions.
    public let path: String
    /// Which rule of which schema, such as a JSON Schema keyword location or an XSD error name.
    public let rule: String
    /// What was expected and what was found. Of values of the document no more appears than `ValueExcerpt` shows.
    public let message: Bilingual

    public init(line: Int, column: Int, path: String, rule: String, message: Bilingual) {
        self.line = line
        self.column = column
        self.path = path
        self.rule = rule
        self.message = message
    }
}

/// Something a sender should know about a message that was accepted all the same.
public struct Warning: Hashable, Sendable {
    /// Stable, `area.reason`, such as `edoc.status_transition`.
    public let code: String
    /// Where in the message; empty when it concerns the whole.
    public let path: String
    public let message: Bilingual

    public init(code: String, path: String = "", message: Bilingual) {
        self.code = code
        self.path = path
        self.message = message
    }
}
