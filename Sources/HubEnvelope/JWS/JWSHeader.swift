import HubJSON
import HubModel

/// The protected header of a JWS (RFC 7515, 4), read as strictly as it can be written.
struct JWSHeader {
    /// A header is a few names; one that is longer carries something else.
    private static let maxBytes = 8 << 10

    let algorithmName: String
    let algorithm: SignatureAlgorithm
    /// Empty when the header names no key.
    let keyID: String
    let type: String?
    /// RFC 7797: whether the payload is signed in base64url, as it always was before.
    let isPayloadEncoded: Bool

    /// Members that carry or point to a key (`jwk`, `jku`, `x5c`, `x5u`) are ignored: the key is the registered one.
    static func read(_ base64: Substring) -> Result<JWSHeader, HeaderFault> {
        guard base64.utf8.count <= Self.maxBytes, let bytes = Base64.urlBytes(base64), !bytes.isEmpty else {
            return .failure(.unreadable)
        }
        var limits = JSONLimits()
        limits.maxDepth = 8
        guard let document = try? JSONDocument.parse(bytes, limits: limits),
            let members = document.value.object,
            let name = members["alg"]?.string
        else { return .failure(.unreadable) }
        guard let algorithm = JWS.algorithm(named: name) else { return .failure(.algorithmRefused(name)) }
        guard let keyID = Self.optional(members["kid"]?.string, in: members["kid"]),
            let type = Self.optional(members["typ"]?.string, in: members["typ"])
        else { return .failure(.unreadable) }
        guard let isPayloadEncoded = Self.isPayloadEncoded(members) else {
            return .failure(.criticalNotUnderstood)
        }
        return .success(
            JWSHeader(
                algorithmName: name, algorithm: algorithm, keyID: keyID ?? "", type: type,
                isPayloadEncoded: isPayloadEncoded
            )
        )
    }

    enum HeaderFault: Error {
        case unreadable
        case algorithmRefused(String)
        case criticalNotUnderstood
    }

    /// `.some(nil)` if there is no such member, `nil` if it is not a text.
    private static func optional(_ text: String?, in member: JSONValue?) -> String?? {
        member == nil ? .some(nil) : text.map { .some($0) }
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
