internal import HubJSON

/// What the body of a 2xx says beyond the status.
///
/// Software of the field answers 200 and says no in the body (DOMAIN 7, rows 10 and 11). Such a no says nothing sure about
/// the message, so it is tried again until it is too old. A body that is no JSON object of this kind says nothing.
enum PushAnswer: Hashable {
    case silent
    /// A no, because it has the message: «đã tồn tại».
    case known
    case no

    private static let codes = ["error_code", "errorCode", "ErrorCode", "errorcode"]
    private static let states = ["status", "Status", "state"]
    private static let noes = ["fail", "failed", "error", "false", "unsuccessful"]
    private static let knownTexts = ["đã tồn tại", "da ton tai", "already exist", "đã được tiếp nhận"]

    init(_ body: [UInt8]) {
        let body = body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body.dropFirst(3)) : body
        guard body.first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) == UInt8(ascii: "{"),
            let answer = (try? JSONDocument.parse(body))?.value, Self.saysNo(answer)
        else {
            self = .silent
            return
        }
        let texts = ["message", "Message", "ErrorDesc", "error", "description"].compactMap { answer[$0]?.string?.lowercased() }
        self = texts.contains { text in Self.knownTexts.contains { text.contains($0) } } ? .known : .no
    }

    private static func saysNo(_ answer: JSONValue) -> Bool {
        if answer["success"]?.bool == false || answer["Success"]?.bool == false || answer["fault"] != nil { return true }
        if let success = answer["success"]?.string, success.lowercased() == "false" { return true }
        for key in Self.states {
            if let state = answer[key]?.string, Self.noes.contains(state.lowercased()) { return true }
        }
        return Self.codes.contains { key in
            guard let value = answer[key] else { return false }
            if let number = value.int { return number != 0 }
            guard let text = value.string, !text.isEmpty else { return false }
            return text != "0" && text != "00"
        }
    }
}
