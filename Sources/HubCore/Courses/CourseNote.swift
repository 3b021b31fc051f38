public import HubModel

/// What a message says about the course of a matter: that a document or dossier was sent, or where it stands now
/// (DOMAIN 1.8: statuses 01 to 06, 13, 15, 16 of a document).
public struct CourseNote: Sendable, Hashable {
    /// The document's or dossier's id, as all messages about it name it.
    public let matter: String
    /// The status; empty for the message that began the matter or changed it.
    public let status: String
    /// The agency that says so, by its code.
    public let agency: String
    /// When it became so, as the message writes it: times of one form, so that they sort like their texts.
    public let told: String

    public init(matter: String, status: String, agency: String, told: String) {
        self.matter = matter.prefix(bytes: Self.longest)
        self.status = status.prefix(bytes: 40)
        self.agency = agency
        self.told = told.prefix(bytes: 40)
    }

    /// Bytes of an id that are kept.
    public static let longest = 300
}

/// A message about a matter, as the journal has it.
public struct CourseStep: Sendable, Hashable {
    public let message: MessageID
    public let acceptedAt: Timestamp
    public let note: CourseNote
    /// Codes of the warnings that its sender was told.
    public let warnings: [String]

    public init(message: MessageID, acceptedAt: Timestamp, note: CourseNote, warnings: [String]) {
        self.message = message
        self.acceptedAt = acceptedAt
        self.note = note
        self.warnings = warnings
    }

    /// - Returns: `nil` for a message that is about no matter.
    public init?(_ message: AcceptedMessage) {
        guard let note = message.course else { return nil }
        self.init(message: message.id, acceptedAt: message.receivedAt, note: note, warnings: message.warnings)
    }
}
