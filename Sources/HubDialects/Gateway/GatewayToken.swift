import HubJSON
public import HubModel

/// The request for a token: client credentials (RFC 6749 section 4.4) with HTTP Basic.
public struct GatewayTokenRequest: Hashable, Sendable {
    public var key: String
    public var secret: String

    public init(key: String, secret: String) {
        self.key = key
        self.secret = secret
    }

    /// The headers of the request.
    public var headers: [(name: String, value: String)] {
        [
            ("Authorization", "Basic " + Base64.text(Array("\(self.key):\(self.secret)".utf8))),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
    }

    /// The only body in use.
    public static let body: [UInt8] = Array("grant_type=client_credentials".utf8)

    /// Reads a request.
    ///
    /// - Parameter lookup: All values of the header with this name, in any case of letters.
    /// - Throws: `api.header_repeated`; `access.unauthenticated` without readable credentials;
    ///   `api.request_malformed` for another grant.
    public init(_ lookup: (String) -> [String], body: [UInt8]) throws(HubError) {
        let text = try GatewayCredential.authorization("basic", lookup)
        guard let bytes = text.flatMap(Base64.bytes), let pair = String(validating: bytes, as: UTF8.self),
            let colon = pair.firstIndex(of: ":")
        else { throw HubError(.accessUnauthenticated, "The request has no readable HTTP Basic credentials.") }
        let items = body.split(separator: UInt8(ascii: "&")).map(Array.init)
        guard items.contains(Self.body) else {
            throw HubError(.apiRequestMalformed, "The grant is not 'client_credentials'.")
        }
        self.init(key: String(pair[..<colon]), secret: String(pair[pair.index(after: colon)...]))
    }
}

/// The gateway's answer to a request for a token.
public struct GatewayTokenReply: Hashable, Sendable {
    public var accessToken: String
    /// In seconds.
    public var expiresIn: Int

    public init(accessToken: String, expiresIn: Int) {
        self.accessToken = accessToken
        self.expiresIn = expiresIn
    }

    public func encoded() -> [UInt8] {
        JSONValue.object([
            "access_token": .string(self.accessToken), "scope": "am_application_scope default",
            "token_type": "Bearer",
            "expires_in": .number(JSONNumber(self.expiresIn)),
        ]).serialised()
    }

    /// Reads the reply to a request for a token.
    ///
    /// - Throws: `access.denied` when the key is refused; `delivery.unavailable` when the platform is not ready;
    ///   `delivery.reply_unreadable`.
    public static func parse(status: Int, body: [UInt8]) throws(HubError) -> GatewayTokenReply {
        switch ReplyVerdict.ofStatus(status) {
        case .tryLater(let fault) where status != 400 && status != 403:
            throw fault.error
        case .accepted, .alreadyExists, nil:
            break
        default:
            throw HubError(
                .accessDenied, "The national gateway does not accept the key and secret.",
                details: [ErrorDetail("platform_code", "http.\(status)")]
            )
        }
        guard let value = (try? JSONDocument.parse(body))?.value, let token = value["access_token"]?.string,
            GatewayCredential.isToken(token), let lifetime = value["expires_in"].flatMap(Self.seconds),
            lifetime > 0
        else {
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the national gateway has no readable token.")
        }
        return GatewayTokenReply(accessToken: token, expiresIn: lifetime)
    }

    private static func seconds(_ value: JSONValue) -> Int? { value.int ?? value.string.flatMap { Int($0) } }
}

/// The `Authorization` header of a call to a service.
public enum GatewayCredential {
    public static func bearer(_ token: String) -> (name: String, value: String) {
        ("Authorization", "Bearer " + token)
    }

    /// The token of a call, or `nil` when there is none.
    ///
    /// - Throws: `api.header_repeated`.
    public static func token(_ lookup: (String) -> [String]) throws(HubError) -> String? {
        try Self.authorization("bearer", lookup).flatMap { Self.isToken($0) ? $0 : nil }
    }

    static func authorization(_ scheme: String, _ lookup: (String) -> [String]) throws(HubError) -> String? {
        let values = lookup("Authorization")
        guard values.count <= 1 else {
            throw HubError(
                .apiHeaderRepeated, "A header occurs more than once.",
                details: [ErrorDetail("header", "Authorization")]
            )
        }
        guard let value = values.first, let space = value.firstIndex(of: " "),
            value[..<space].lowercased() == scheme
        else { return nil }
        return String(value[value.index(after: space)...])
    }

    /// The characters of a Bearer token (RFC 6750 section 2.1).
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 8192
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~+/=".utf8.contains(byte)
                }
            }
    }
}
