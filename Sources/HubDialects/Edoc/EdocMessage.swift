public import HubModel
public import HubXML

/// What a document or status message in edXML says, for whoever must react to it.
///
/// Elements are found by local name in any order, as the real platforms do (DOMAIN 1.2); whether the message follows
/// the schema is for the schema to say.
public struct EdocMessage: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case document(EdocBusiness)
        /// With the status code as written.
        case status(String)
    }

    public var kind: Kind
    public var from: EdocOrganisation
    /// Empty in a status message.
    public var to: [EdocOrganisation]
    /// The document's own identity; in a status that of the document it answers.
    public var documentID: String
    /// The document that is recalled, updated or replaced, where the message names it.
    public var subjectDocumentID: String?
    public var codeNumber: String
    public var codeNotation: String
    public var promulgationDate: String?
    public var subject: String
    public var responseFor: [EdocReference]
    public var receiverChanges: [EdocReceiverChange]
    /// As written, `yyyy/MM/dd HH:mm:ss`: of the status, or of the last trace entry.
    public var timestamp: String?

    /// Number and symbol joined, as references write them.
    public var code: String { "\(self.codeNumber)/\(self.codeNotation)" }
    /// `0` to `3` for a document, `nil` for a status.
    public var business: EdocBusiness? {
        if case .document(let business) = self.kind { business } else { nil }
    }
    public var statusCode: String? {
        if case .status(let code) = self.kind { code } else { nil }
    }
    /// How a status refers to this document.
    public var reference: EdocReference {
        EdocReference(
            organID: self.from.id, code: self.code, date: self.promulgationDate, documentID: self.documentID
        )
    }
}

extension EdocMessage {
    /// Reads a parsed message.
    ///
    /// - Throws: `intake.type_unknown` when it is neither a document nor a status in edXML.
    public init(_ document: XMLDocument) throws(HubError) {
        let root = document.root
        let isEdXML = root.localName.lowercased() == "edxml"
        let envelope = root.children.first { $0.localName.lowercased() == "edxmlenvelope" }
        let head = envelope?.children.first { $0.localName.lowercased() == "edxmlheader" }
        guard isEdXML, let head, let header = head.child("MessageHeader") ?? head.child("Status"),
            let sender = header.child("From")
        else { throw HubError(.intakeTypeUnknown, "The document is not a message in edXML.") }
        let from = Self.organisation(sender)
        let responses = header.children("ResponseFor").map(Self.reference)
        if let status = header.child("StatusCode") {
            guard let answered = responses.first else {
                throw HubError(.intakeTypeUnknown, "The status names no document that it answers.")
            }
            self.init(
                kind: .status(Self.trimmed(status)), from: from, to: [], documentID: answered.documentID,
                subjectDocumentID: nil, codeNumber: "", codeNotation: "", promulgationDate: answered.date,
                subject: Self.text(header, "Description"), responseFor: responses, receiverChanges: [],
                timestamp: Self.optionalText(header, "Timestamp")
            )
            return
        }
        let traces = head.child("TraceHeaderList")
        let business = traces?.child("Bussiness") ?? traces?.child("Business")
        let type = business.flatMap { Self.optionalText($0, "BussinessDocType") } ?? "0"
        guard let number = Int(type), let kind = EdocBusiness(rawValue: number) else {
            throw HubError(.intakeTypeUnknown, "The document's BussinessDocType is not one of 0 to 3.")
        }
        self.init(
            kind: .document(kind), from: from, to: header.children("To").map(Self.organisation),
            documentID: Self.text(header, "DocumentId"),
            subjectDocumentID: business.flatMap { Self.optionalText($0, "DocumentId") },
            codeNumber: Self.text(header, "Code/CodeNumber"),
            codeNotation: Self.text(header, "Code/CodeNotation"),
            promulgationDate: Self.optionalText(header, "PromulgationInfo/PromulgationDate"),
            subject: Self.text(header, "Subject"), responseFor: responses,
            receiverChanges: (business?.descendants("BussinessDocumentInfo/ReceiverList/Receiver") ?? [])
                .compactMap(Self.change),
            timestamp: traces?.children("TraceHeader").last.flatMap { Self.optionalText($0, "Timestamp") }
        )
    }

    /// Reads the bytes of a message.
    ///
    /// - Throws: `xml.malformed`, `xml.doctype_forbidden`, `xml.too_deep`, `intake.type_unknown`.
    public static func parse(_ bytes: [UInt8]) throws(HubError) -> EdocMessage {
        try EdocMessage(XMLDocument.parse(bytes))
    }

    private static func organisation(_ element: XMLElement) -> EdocOrganisation {
        EdocOrganisation(
            id: Self.text(element, "OrganId"), name: Self.text(element, "OrganName"),
            inCharge: Self.optionalText(element, "OrganizationInCharge")
        )
    }

    private static func reference(_ element: XMLElement) -> EdocReference {
        EdocReference(
            organID: Self.text(element, "OrganId"), code: Self.text(element, "Code"),
            date: Self.optionalText(element, "PromulgationDate"), documentID: Self.text(element, "DocumentId")
        )
    }

    private static func change(_ element: XMLElement) -> EdocReceiverChange? {
        switch Self.text(element, "ReceiverType") {
        case "0": EdocReceiverChange(organID: Self.text(element, "OrganId"), isAdded: false)
        case "1": EdocReceiverChange(organID: Self.text(element, "OrganId"), isAdded: true)
        default: nil
        }
    }

    private static func text(_ element: XMLElement, _ path: String) -> String {
        element.descendant(path).map(Self.trimmed) ?? ""
    }

    private static func optionalText(_ element: XMLElement, _ path: String) -> String? {
        let text = Self.text(element, path)
        return text.isEmpty ? nil : text
    }

    private static func trimmed(_ element: XMLElement) -> String {
        let scalars = element.text.unicodeScalars
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
        let end = scalars.lastIndex { !$0.properties.isWhitespace }.map(scalars.index(after:)) ?? start
        return String(scalars[start..<max(start, end)])
    }
}
