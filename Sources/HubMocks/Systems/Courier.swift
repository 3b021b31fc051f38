import HubJSON
import HubModel

/// Takes one message to the hub, once.
///
/// Trying again is the outbox's business.
protocol Courier: Sendable {
    func send(_ message: LedgerState.Outgoing, body: [UInt8]) async -> CourierReply
}

/// How a message fared.
enum CourierReply: Sendable {
    /// The hub has it.
    case accepted(http: Int, id: String?, isRepeat: Bool, body: JSONValue?)
    /// The hub does not want it.
    case refused(http: Int, code: String, body: JSONValue?)
    /// Nobody can tell, or the same bytes may be welcome later.
    case again(String)
}

extension CourierReply {
    /// Reads a refusal by its code: some codes mean that the same message is welcome later.
    static func refusal(http: Int, code: String, body: JSONValue?) -> CourierReply {
        if let known = ErrorCode(rawValue: code), known.advice == .sameAgainLater { return .again(code) }
        return .refused(http: http, code: code, body: body)
    }
}
