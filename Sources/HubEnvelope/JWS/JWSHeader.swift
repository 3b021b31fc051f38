import HubJSON
import HubModel

/// The header of one signature (RFC 7515, 4): what is protected by it, and what only stands beside it.
///
/// Read as strictly as it can be written.
struct JWSHeader {
    /// A header is a few names; one that is longer carries something else.
    static let maxBytes = 8 << 10

    let algorithm: JWSAlgorithm
    /// Empty when the header names no key.
    let keyID: String
    /// Only ever a protected one: what a signature is for is worth nothing where anybody can change it.
    let type: String?
    /// RFC 7797: whether the payload is signed in base64url, as it always was before.
    let isPayloadEncoded: Bool

    var algorithmName: String { self.algorithm.name }

    /// Members that carry or point to a key (`jwk`, `jku`, `x5c`, `x5u`) are ignored: the key is the registered one.
    ///
    /// - Parameters:
    ///   - protected: in base64url; empty if there is none, which only the JSON serialisations allow.
    ///   - unprotected: the members beside it. They may name algorithm and key (RFC 7520, 4.7), nothing that changes
    ///     what is signed, and nothing that is protected too.
    static func read(
        _ protected: some StringProtocol, unprotected: JSONObject? = nil
    ) -> Result<JWSHeader, JWSHeaderFault> {
        guard let members = Self.members(protected, isNeeded: unprotected == nil) else {
            return .failure(.unreadable)
        }
        let beside = unprotected ?? JSONObject()
        guard
            unprotected.map({ !$0.isEmpty && JSONValue.object($0).serialised().count <= Self.maxBytes })
                ?? true
        else {
            return .failure(.unreadable)
        }
        guard beside.keys.allSatisfy({ members[$0] == nil }) else { return .failure(.doubled) }
        guard beside["b64"] == nil, beside["crit"] == nil else { return .failure(.criticalNotProtected) }
        guard let name = (members["alg"] ?? beside["alg"])?.string else { return .failure(.unreadable) }
        guard let algorithm = JWSAlgorithm(named: name) else { return .failure(.algorithmRefused(name)) }
        guard let keyID = Self.text(members["kid"] ?? beside["kid"]),
            let type = Self.text(members["typ"]), Self.text(beside["typ"]) != nil
        else { return .failure(.unreadable) }
        guard let isPayloadEncoded = Self.isPayloadEncoded(members) else {
            return .failure(.criticalNotUnderstood)
        }
        return .success(
            JWSHeader(
                algorithm: algorithm, keyID: keyID ?? "", type: type, isPayloadEncoded: isPayloadEncoded))
    }

    /// - Returns: `nil` for what is not one object with members.
    private static func members(_ base64: some StringProtocol, isNeeded: Bool) -> JSONObject? {
        if base64.isEmpty, !isNeeded { return JSONObject() }
        guard base64.utf8.count <= Self.maxBytes, let bytes = Base64.urlBytes(base64) else { return nil }
        var limits = JSONLimits()
        limits.maxDepth = 8
        guard let members = (try? JSONDocument.parse(bytes, limits: limits))?.value.object,
            !members.isEmpty
        else { return nil }
        return members
    }

    /// `.some(nil)` if there is no such member, `nil` if it is not a text.
    private static func text(_ member: JSONValue?) -> String?? {
        member.map { $0.string.map { .some($0) } } ?? .some(nil)
    }

    /// `nil` if something is marked as critical that is not understood here, or `b64` is used without being marked.
    private static func isPayloadEncoded(_ members: JSONObject) -> Bool? {
        var isMarked = false
        if let critical = members["crit"] {
            guard let names = critical.array, names == [.string("b64")] else { return nil }
            isMarked = true
        }
        guard let member = members["b64"] else { return isMarked ? nil : true }
        guard let value = member.bool, value || isMarked else { return nil }
        return value
    }
}

/// Why a header is refused.
enum JWSHeaderFault: Error {
    case unreadable
    /// A member is protected and stands beside it too.
    case doubled
    /// `crit` or `b64` where anybody can change it.
    case criticalNotProtected
    case algorithmRefused(String)
    case criticalNotUnderstood

    var report: SignatureReport {
        switch self {
        case .unreadable:
            .malformed(
                Bilingual(
                    vi: "Phần đầu của JWS không đọc được.", en: "The header of the JWS is not readable."))
        case .doubled:
            .malformed(
                Bilingual(
                    vi: "Một trường của phần đầu JWS vừa được ký vừa đứng ngoài chữ ký.",
                    en: "A header member of the JWS is protected and unprotected."))
        case .criticalNotProtected:
            .malformed(
                Bilingual(
                    vi: "Trường crit hoặc b64 của JWS không được ký.",
                    en: "The member crit or b64 of the JWS is not protected."))
        case .algorithmRefused(let name):
            .algorithmRefused(SignatureReport.shortened(name, to: 32))
        case .criticalNotUnderstood:
            .malformed(
                Bilingual(
                    vi: "JWS đòi hỏi một phần mở rộng không được hỗ trợ.",
                    en: "The JWS demands an extension that is not understood."))
        }
    }
}
