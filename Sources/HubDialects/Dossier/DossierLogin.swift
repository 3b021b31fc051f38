import HubJSON
public import HubModel

/// The request for a session at the national portal.
public struct DossierLogin: Hashable, Sendable {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    public func encoded() -> [UInt8] {
        JSONValue.object(["username": .string(self.username), "password": .string(self.password)])
            .serialised()
    }

    /// - Throws: `api.request_malformed`, without a word of the content.
    public static func parse(_ bytes: [UInt8]) throws(HubError) -> DossierLogin {
        guard let value = (try? JSONDocument.parse(bytes))?.value, let username = value["username"]?.string,
            let password = value["password"]?.string
        else {
            throw HubError(.apiRequestMalformed, "The login is not an object with 'username' and 'password'.")
        }
        return DossierLogin(username: username, password: password)
    }
}

/// The answer to a login.
///
/// Here the error code is a number; in the replies of the services it is a text.
public struct DossierLoginReply: Hashable, Sendable {
    public var errorCode: String
    public var message: String
    public var session: String?

    public init(errorCode: String, message: String = "", session: String? = nil) {
        self.errorCode = errorCode
        self.message = message
        self.session = session
    }

    public func encoded() -> [UInt8] {
        var object = JSONObject()
        object["error_code"] = JSONNumber(text: self.errorCode).map { .number($0) } ?? .string(self.errorCode)
        if !self.message.isEmpty { object["message"] = .string(self.message) }
        object["session"] = self.session.map { .string($0) }
        return JSONValue.object(object).serialised()
    }

    /// The session that a reply to the login brings.
    ///
    /// - Throws: `delivery.unavailable` when the platform is not ready, `delivery.reply_unreadable` for what is no
    ///   reply, `access.denied` when the account is refused: the operator must look at it.
    public static func session(status: Int, body: [UInt8]) throws(HubError) -> String {
        switch ReplyVerdict.ofStatus(status) {
        case .signInAgain, .refused:
            throw Self.denied("http.\(status)", "")
        case .tryLater(let fault):
            throw fault.error
        case .accepted, .alreadyExists, nil:
            break
        }
        guard let value = (try? JSONDocument.parse(body))?.value,
            let code = ReplyText.code(value["error_code"])
        else {
            throw HubError(
                .deliveryReplyUnreadable, "The reply to the login at the national portal cannot be read.")
        }
        guard code == "0" else { throw Self.denied(code, value["message"]?.string ?? "") }
        guard let session = value["session"]?.string, !session.isEmpty else {
            throw HubError(
                .deliveryReplyUnreadable, "The reply to the login at the national portal has no session.")
        }
        return session
    }

    private static func denied(_ code: String, _ text: String) -> HubError {
        HubError(
            .accessDenied, "The national portal does not let the account in.",
            details: [ErrorDetail("platform_code", code), ErrorDetail("platform_text", text)]
        )
    }
}
