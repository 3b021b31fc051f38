public import HubJSON
public import HubModel

/// The answer of one of the national portal's services.
public struct DossierReply: Hashable, Sendable {
    /// `0` for a yes.
    ///
    /// Written as a text; numbers are read too.
    public var errorCode: String
    public var message: String
    public var result: JSONValue

    public init(errorCode: String, message: String, result: JSONValue = "") {
        self.errorCode = errorCode
        self.message = message
        self.result = result
    }

    /// A yes.
    public static func ok(result: JSONValue = "") -> DossierReply {
        DossierReply(errorCode: "0", message: "Thành công", result: result)
    }

    /// The dossier is there already, so it must be sent as an update.
    public static func exists(_ dossier: String) -> DossierReply {
        DossierReply(errorCode: "3", message: "Mã hồ sơ \(dossier) đã tồn tại")
    }

    /// The session is unknown or too old.
    public static let sessionExpired = DossierReply(
        errorCode: "-1", message: "Phiên làm việc không hợp lệ hoặc đã hết hạn"
    )

    public func encoded() -> [UInt8] {
        JSONValue.object([
            "error_code": .string(self.errorCode), "message": .string(self.message), "result": self.result,
        ]).serialised()
    }

    /// - Throws: `delivery.reply_unreadable`.
    public static func parse(_ bytes: [UInt8]) throws(HubError) -> DossierReply {
        let value: JSONValue
        do throws(HubError) {
            value = try JSONDocument.parse(bytes, limits: ReplyText.limits).value
        } catch {
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the national portal is not JSON.", cause: error)
        }
        // Errors of the layer in front of the services have `success: false` and no code at all.
        guard let code = ReplyText.code(value["error_code"]) else {
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the national portal has no error code.",
                details: value["message"]?.string.map { [ErrorDetail("platform_text", $0)] } ?? []
            )
        }
        return DossierReply(
            errorCode: code, message: value["message"]?.string ?? "", result: value["result"] ?? .null
        )
    }

    /// What the reply means.
    ///
    /// Codes first; then the texts that stand in for codes on some portals.
    public var verdict: ReplyVerdict {
        if self.errorCode == "0" {
            return .accepted(id: self.result.string.flatMap { $0.isEmpty ? nil : $0 })
        }
        if Self.saysExists(self.message) || self.errorCode == "3" || self.errorCode == "-3" {
            return .alreadyExists
        }
        if Self.saysSessionExpired(self.message) { return .signInAgain }
        if Self.saysLater(self.message) {
            return .tryLater(ReplyFault(.deliveryUnavailable, theirCode: self.errorCode, text: self.message))
        }
        return .refused(ReplyFault(.deliveryRefused, theirCode: self.errorCode, text: self.message))
    }

    /// What an HTTP reply means, readable or not.
    public static func verdict(status: Int, body: [UInt8]) -> ReplyVerdict {
        if let verdict = ReplyVerdict.ofStatus(status) { return verdict }
        do throws(HubError) {
            return try DossierReply.parse(body).verdict
        } catch {
            return .unreadable(
                body.isEmpty ? "The reply is empty." : error.detail("platform_text") ?? "Not a reply.")
        }
    }

    /// Whether the portal knows the dossier that was looked up: its answer lists it.
    public var isFound: Bool {
        guard self.errorCode == "0" else { return false }
        switch self.result {
        case .array(let items): return !items.isEmpty
        case .object(let object): return !object.isEmpty
        default: return false
        }
    }

    static func saysExists(_ text: String) -> Bool { ReplyText.holds(text, "đã tồn tại") }

    static func saysSessionExpired(_ text: String) -> Bool {
        let speaksOfSession = ReplyText.holds(text, "phiên") || ReplyText.holds(text, "session")
        return speaksOfSession
            && ["hết hạn", "không hợp lệ", "không tồn tại", "expired", "invalid", "timeout"]
                .contains { ReplyText.holds(text, $0) }
    }

    static func saysLater(_ text: String) -> Bool {
        ["gián đoạn", "thử lại", "quá tải", "try again", "timeout"].contains { ReplyText.holds(text, $0) }
    }
}
