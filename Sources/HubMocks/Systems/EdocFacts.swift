import HubDialects
import HubModel

/// What a document system registers about an edXML file, so that it can answer it without opening it again.
struct EdocFacts: Sendable, Hashable {
    var isStatus: Bool
    /// The document this is about: its own id, or the one that an update, recall or status names.
    var document: String
    /// `0` to `3`; empty in a status.
    var businessType: String
    /// Empty in a document.
    var statusCode: String
    var from: String
    var to: [String]
    /// Number and symbol of the document, such as `412/VP-TH`.
    var code: String
    /// `yyyy/MM/dd`, or empty.
    var promulgated: String
    /// What makes two files one message.
    var identity: String

    /// `nil` for anything that is not an edXML document or status.
    init?(_ bytes: [UInt8]) {
        guard let message = try? EdocMessage.parse(bytes) else { return nil }
        self = message.statusCode.map { Self.status(message, code: $0) } ?? Self.document(message)
    }

    // Two functions, not branches of the initialiser: optimised, Swift 6.3.1 cannot compile those.
    private static func status(_ message: EdocMessage, code: String) -> EdocFacts {
        EdocFacts(
            isStatus: true, document: message.subjectDocumentID ?? message.documentID, businessType: "",
            statusCode: code, from: message.from.id, to: message.responseFor.map(\.organID),
            code: message.responseFor.first?.code ?? "", promulgated: message.promulgationDate ?? "",
            identity: [message.documentID, message.from.id, code, message.timestamp ?? ""].joined(separator: "|")
        )
    }

    private static func document(_ message: EdocMessage) -> EdocFacts {
        let type = message.business.map { String($0.rawValue) } ?? ""
        let revision = type == "0" ? "" : message.timestamp ?? ""
        return EdocFacts(
            isStatus: false, document: message.subjectDocumentID ?? message.documentID, businessType: type,
            statusCode: "", from: message.from.id, to: message.to.map(\.id), code: message.code,
            promulgated: message.promulgationDate ?? "",
            identity: [message.documentID, type, revision].joined(separator: "|")
        )
    }

    private init(
        isStatus: Bool, document: String, businessType: String, statusCode: String, from: String, to: [String],
        code: String, promulgated: String, identity: String
    ) {
        self.isStatus = isStatus
        self.document = document
        self.businessType = businessType
        self.statusCode = statusCode
        self.from = from
        self.to = to
        self.code = code
        self.promulgated = promulgated
        self.identity = identity
    }

    /// The type of the message, as the hub names it.
    var messageType: String { self.isStatus ? "edoc/status/1" : "edoc/document/1" }
}
