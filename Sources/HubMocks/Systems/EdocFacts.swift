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
        do throws(HubError) {
            self.init(try EdocMessage.parse(bytes))
        } catch {
            return nil
        }
    }

    // Apart from the failable one: optimised, Swift 6.3 cannot compile the two as one initialiser.
    private init(_ message: EdocMessage) {
        let answered = message.responseFor.first
        self.isStatus = message.statusCode != nil
        self.statusCode = message.statusCode ?? ""
        self.businessType = message.business.map { String($0.rawValue) } ?? ""
        self.document = message.subjectDocumentID ?? message.documentID
        self.from = message.from.id
        if self.isStatus {
            self.to = message.responseFor.map(\.organID)
            self.code = answered?.code ?? ""
            self.identity = [message.documentID, message.from.id, self.statusCode, message.timestamp ?? ""]
                .joined(separator: "|")
        } else {
            self.to = message.to.map(\.id)
            self.code = message.code
            let revision = self.businessType == "0" ? "" : message.timestamp ?? ""
            self.identity = [message.documentID, self.businessType, revision].joined(separator: "|")
        }
        self.promulgated = message.promulgationDate ?? ""
    }

    /// The type of the message, as the hub names it.
    var messageType: String { self.isStatus ? "edoc/status/1" : "edoc/document/1" }
}
