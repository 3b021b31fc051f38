public import HubModel

/// What a reply of the national platform means for the one who asked.
///
/// The three dialects say yes and no in their own ways (codes as numbers or texts, error texts under HTTP 200, empty
/// bodies); each has a function that turns a reply into one of these.
public enum ReplyVerdict: Hashable, Sendable {
    /// Taken over. The id is the platform's own name for what it took, where it gives one.
    case accepted(id: String?)
    /// The platform has it already: from an attempt whose reply was lost, or from someone else.
    case alreadyExists
    /// The session or token is no longer good: get a new one and ask again, once.
    case signInAgain
    /// The same request may succeed later.
    case tryLater(ReplyFault)
    /// The same request will be refused however often it is sent.
    case refused(ReplyFault)
}

/// Why a reply was not a yes.
public struct ReplyFault: Hashable, Sendable {
    /// The hub's own word for it.
    public let code: ErrorCode
    /// The code as the platform wrote it, or `http.500` when there was no readable reply.
    public let theirCode: String
    /// The platform's words, shortened; they may be shown to operators.
    public let text: String

    public init(_ code: ErrorCode, theirCode: String, text: String) {
        self.code = code
        self.theirCode = theirCode
        self.text =
            text.unicodeScalars.count <= Self.textLimit
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.textLimit))) + "…"
    }

    /// In code points: enough for a sentence, too little for a page of someone's error HTML.
    private static let textLimit = 300

    /// The same as an error.
    public var error: HubError {
        HubError(
            self.code, "The national platform did not take the request.",
            details: [ErrorDetail("platform_code", self.theirCode), ErrorDetail("platform_text", self.text)]
        )
    }
}

extension ReplyVerdict {
    /// What the HTTP status alone says, or `nil` when the body must be read.
    ///
    /// A refusal is final only for statuses that speak about the request; everything else may pass.
    static func ofStatus(_ status: Int) -> ReplyVerdict? {
        let name = "http.\(status)"
        switch status {
        case 200...299: return nil
        case 401: return .signInAgain
        case 413, 414, 415, 422:
            return .refused(ReplyFault(.deliveryRefused, theirCode: name, text: "The request was refused."))
        case 408:
            return .tryLater(
                ReplyFault(.deliveryTimeout, theirCode: name, text: "The platform waited too long."))
        default:
            // 400, 403 and 404 are what a gateway answers while the service behind it is being deployed.
            return .tryLater(
                ReplyFault(.deliveryUnavailable, theirCode: name, text: "The platform is not ready."))
        }
    }

    /// For a reply that says nothing that can be read.
    static func unreadable(_ text: String) -> ReplyVerdict {
        .tryLater(ReplyFault(.deliveryReplyUnreadable, theirCode: "unreadable", text: text))
    }
}
