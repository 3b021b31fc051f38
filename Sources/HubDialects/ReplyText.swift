import HubJSON
import HubModel

/// Small readings that the dialects share.
enum ReplyText {
    /// A reply may carry a whole document in base64.
    static let limits: JSONLimits = {
        var limits = JSONLimits()
        limits.maxBytes = 300 << 20
        // The list of an inbox after an outage is long.
        limits.maxValues = 10_000_000
        return limits
    }()

    /// A code that may be written as a number or as a text.
    static func code(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        default: nil
        }
    }

    /// Base64 in lines (RFC 2045), which some libraries write.
    static func wrapped(_ text: String) -> [UInt8]? {
        let characters = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        return Base64.bytes(String(decoding: characters, as: UTF8.self))
    }

    /// Whether `text` holds `part`, whatever the case and the normal form of either.
    ///
    /// Platforms send Vietnamese both composed and decomposed; Swift's own comparison of characters sees through it.
    static func holds(_ text: String, _ part: String) -> Bool {
        text.lowercased().contains(part)
    }
}
