public import HubModel

/// What the hub has to know about a message type to handle it, as the `form.yaml` of its schema folder says it: how
/// to recognise it, who sends it, who receives it, and the names of its fields.
public struct MessageForm: Sendable {
    public let type: MessageType
    public let title: Bilingual
    public let mediaType: MediaType
    /// The payload is of this type when one of these holds.
    public let recognise: [FieldCondition]
    /// The code of the agency that sends.
    public let sender: FieldPath
    /// The codes of the agencies that receive; `nil` for types that go to one platform or answer a call.
    public let recipients: FieldPath?
    /// Where messages without recipients go, such as `national:dossier`.
    public let goesTo: String?
    public let fields: [String: MessageField]
    /// What messages of the type say about the course of a document or dossier; `nil` when they say nothing.
    public let course: CourseFields?

    /// Names of fields.
    public struct CourseFields: Hashable, Sendable {
        /// The id of the document or dossier.
        public let matter: String
        /// Where it stands; `nil` for a type that begins or changes it.
        public let status: String?
        /// When it became so.
        public let told: String?

        public init(matter: String, status: String?, told: String?) {
            self.matter = matter
            self.status = status
            self.told = told
        }
    }

    public init(
        type: MessageType, title: Bilingual, mediaType: MediaType, recognise: [FieldCondition],
        sender: FieldPath,
        recipients: FieldPath? = nil, goesTo: String? = nil, fields: [String: MessageField] = [:],
        course: CourseFields? = nil
    ) {
        self.course = course
        self.type = type
        self.title = title
        self.mediaType = mediaType
        self.recognise = recognise
        self.sender = sender
        self.recipients = recipients
        self.goesTo = goesTo
        self.fields = fields
    }

    /// Whether `document` is of this type, as far as one look can tell; it may still break the schema.
    public func recognises(_ document: Document) -> Bool {
        document.mediaType == self.mediaType && self.recognise.contains { $0.holds(in: document) }
    }

    /// The sending agency as the payload writes it, or `nil` when it names none.
    public func sender(in document: Document) -> String? {
        document.texts(at: self.sender).first { !$0.isEmpty }
    }

    /// The receiving agencies as the payload writes them, each once, in its order.
    public func recipients(in document: Document) -> [String] {
        guard let path = self.recipients else { return [] }
        var seen: Set<String> = []
        return document.texts(at: path).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// The first text of a field.
    ///
    /// - Returns: An empty text when the field's condition fails; `nil` when the payload has no such value or the
    ///   form no such field.
    public func text(of field: String, in document: Document) -> String? {
        self.fields[field]?.texts(in: document).first
    }
}
