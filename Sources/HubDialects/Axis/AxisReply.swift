public import HubJSON
public import HubModel

/// A reply on the document axis: HTTP 200 whatever it says.
public struct AxisReply: Hashable, Sendable {
    /// `OK`, as against `FAIL`.
    public var isOK: Bool
    /// `0` for a yes; a text, since platforms have codes of their own.
    public var errorCode: String
    public var errorDescription: String
    public var docID: String?
    /// What was asked for: a list of inbox entries, or a packet in base64.
    public var data: JSONValue?
    /// RFC 9457; what our own hub adds to a refusal.
    public var problem: JSONValue?
    /// What our own hub adds to a yes: what is odd about the message, and what was mended for reading.
    public var warnings: [JSONValue] = []

    public init(
        isOK: Bool, errorCode: String, errorDescription: String, docID: String? = nil, data: JSONValue? = nil,
        problem: JSONValue? = nil
    ) {
        self.isOK = isOK
        self.errorCode = errorCode
        self.errorDescription = errorDescription
        self.docID = docID
        self.data = data
        self.problem = problem
    }

    /// A yes.
    public static func ok(docID: String? = nil, data: JSONValue? = nil, warnings: [JSONValue] = []) -> AxisReply {
        var reply = AxisReply(
            isOK: true, errorCode: AxisErrorCode.ok.rawValue, errorDescription: AxisErrorCode.ok.explanation,
            docID: docID, data: data
        )
        reply.warnings = warnings
        return reply
    }

    /// The reply to `getReceivedEdocList`.
    public static func list(_ entries: [AxisInboxEntry]) -> AxisReply {
        .ok(data: .array(entries.map(\.json)))
    }

    /// The reply to `getEdoc`.
    public static func document(_ bytes: [UInt8], docID: String) -> AxisReply {
        .document(.string(Base64.text(bytes)), docID: docID)
    }

    /// The same for one that is in base64 already, or will be when the reply is written.
    public static func document(_ base64: JSONValue, docID: String) -> AxisReply { .ok(docID: docID, data: base64) }

    /// A no with the platform's own explanation.
    public static func failed(_ code: AxisErrorCode, docID: String? = nil) -> AxisReply {
        AxisReply(isOK: false, errorCode: code.rawValue, errorDescription: code.explanation, docID: docID)
    }

    /// A no for a reason of the hub's.
    ///
    /// - Parameter problem: The same as an RFC 9457 problem, for clients that read it.
    public static func refused(_ error: HubError, problem: JSONValue? = nil) -> AxisReply {
        let code = AxisErrorCode(error.code)
        return AxisReply(
            isOK: false, errorCode: code.rawValue,
            errorDescription: "\(code.explanation): \(error.code.rawValue)",
            problem: problem
        )
    }
}

extension AxisReply {
    /// The reply as JSON.
    public func encoded() -> [UInt8] {
        var object: JSONObject = [
            "status": .string(self.isOK ? "OK" : "FAIL"), "ErrorCode": .string(self.errorCode),
            "ErrorDesc": .string(self.errorDescription),
        ]
        object["DocId"] = self.docID.map { .string($0) }
        object["data"] = self.data
        object["problem"] = self.problem
        if !self.warnings.isEmpty { object["warnings"] = .array(self.warnings) }
        return JSONValue.object(object).serialised()
    }

    /// Reads a reply.
    ///
    /// The codes may be numbers or texts, as platforms differ.
    ///
    /// - Throws: `delivery.reply_unreadable`.
    public static func parse(_ bytes: [UInt8]) throws(HubError) -> AxisReply {
        let value: JSONValue
        do throws(HubError) {
            value = try JSONDocument.parse(bytes, limits: ReplyText.limits).value
        } catch {
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the document axis is not JSON.", cause: error)
        }
        guard let status = value["status"]?.string, status == "OK" || status == "FAIL" else {
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the document axis has no status OK or FAIL.")
        }
        let isOK = status == "OK"
        let code = ReplyText.code(value["ErrorCode"]) ?? (isOK ? AxisErrorCode.ok.rawValue : "")
        var reply = AxisReply(
            isOK: isOK && code == AxisErrorCode.ok.rawValue, errorCode: code,
            errorDescription: value["ErrorDesc"]?.string ?? "", docID: value["DocId"]?.string,
            data: value["data"],
            problem: value["problem"]
        )
        reply.warnings = value["warnings"]?.array ?? []
        return reply
    }

    /// The entries of a list.
    ///
    /// One that lacks what is needed to fetch it is left out: it must not hide the others.
    ///
    /// - Throws: `delivery.reply_unreadable` when there is no list.
    public func entries() throws(HubError) -> [AxisInboxEntry] {
        guard let items = self.data?.array else {
            throw HubError(.deliveryReplyUnreadable, "The reply of the document axis has no list.")
        }
        return items.compactMap { try? AxisInboxEntry($0) }
    }

    /// The packet in the reply to `getEdoc`.
    ///
    /// - Throws: `delivery.reply_unreadable` when there is none or it is not base64.
    public func document() throws(HubError) -> [UInt8] {
        guard let text = self.data?.string, !text.isEmpty,
            let bytes = Base64.bytes(text) ?? ReplyText.wrapped(text)
        else {
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the document axis has no packet in base64.")
        }
        return bytes
    }

    /// What the reply means.
    public var verdict: ReplyVerdict {
        if self.isOK { return .accepted(id: self.docID) }
        if self.errorCode == "ExistDoc" { return .alreadyExists }
        guard let code = AxisErrorCode(rawValue: self.errorCode), code != .ok else {
            return .tryLater(
                ReplyFault(.deliveryUnavailable, theirCode: self.errorCode, text: self.errorDescription)
            )
        }
        let fault = ReplyFault(code.clientCode, theirCode: code.rawValue, text: self.errorDescription)
        return code.isPermanent ? .refused(fault) : .tryLater(fault)
    }

    /// What an HTTP reply means, readable or not.
    public static func verdict(status: Int, body: [UInt8]) -> ReplyVerdict {
        // The axis has no sessions: a 401 there is a secret that someone must mend, not a reason to sign in.
        switch ReplyVerdict.ofStatus(status) {
        case .signInAgain:
            return .tryLater(
                ReplyFault(.accessDenied, theirCode: "http.401", text: "The platform wants to know us."))
        case let verdict?:
            return verdict
        case nil:
            guard let reply = try? AxisReply.parse(body) else {
                return .unreadable(
                    body.isEmpty ? "The reply is empty." : "The reply is not one of the document axis.")
            }
            return reply.verdict
        }
    }
}
