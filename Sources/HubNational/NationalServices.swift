public import AsyncHTTPClient
public import HubCore
internal import HubDialects
public import HubJSON
public import HubModel
internal import NIOHTTP1

/// The look-ups of the national platform: services behind the gateway, and the dossier portal's.
public struct NationalServices: ServiceProvider {
    private let url: String
    private let platform: PlatformClient
    private let tokens: CredentialKeeper
    private let portal: DossierConnector

    public init(_ configuration: NationalConfiguration, portal: DossierConnector, client: HTTPClient) {
        let platform = PlatformClient(
            client: client, timeout: configuration.timeout, replyLimit: configuration.replyLimit
        )
        let gateway = configuration.gateway
        self.url = gateway.url
        self.platform = platform
        self.portal = portal
        self.tokens = CredentialKeeper { () async throws(HubError) in
            let reply = try await platform.send(
                .POST, gateway.url + GatewayPath.token,
                headers: GatewayTokenRequest(key: gateway.key, secret: gateway.secret).headers,
                body: GatewayTokenRequest.body
            )
            return try GatewayTokenReply.parse(status: reply.status, body: reply.body).accessToken
        }
    }

    public func call(_ call: ServiceCall, request: JSONValue) async throws(HubError) -> ServiceReply {
        do throws(HubError) {
            switch call {
            case .dossierPortal:
                return try await self.portal.ask(DossierPacket(request))
            case .gateway(let path, let method, let query):
                return try await self.gateway(path, method: method, query: query, request: request)
            }
        } catch {
            switch error.code {
            case .deliveryUnavailable, .deliveryTimeout, .accessDenied:
                throw HubError(
                    .serviceUnavailable, "The national platform cannot answer at present.", details: error.details,
                    cause: error
                )
            case .deliveryReplyUnreadable:
                throw HubError(.serviceFailed, "The service gave no usable answer.", details: error.details, cause: error)
            default: throw error
            }
        }
    }

    /// A refused token is renewed once: it may have expired in the middle of a batch (DOMAIN 7 row 12).
    private func gateway(
        _ path: String, method: ServiceCall.Method, query: [QueryParameter], request: JSONValue
    ) async throws(HubError) -> ServiceReply {
        var url = self.url + path
        for (index, parameter) in query.enumerated() {
            let value = Self.text(request.value(at: parameter.pointer))
            url += (index == 0 ? "?" : "&") + parameter.name + "=" + Self.escaped(value)
        }
        var token = try await self.tokens.credential()
        for attempt in 0..<2 {
            var headers = [GatewayCredential.bearer(token), ("Accept", "application/json")]
            if method == .post { headers.append(("Content-Type", "application/json")) }
            let reply = try await self.platform.send(
                method == .post ? .POST : .GET, url, headers: headers,
                body: method == .post ? request.serialised() : nil
            )
            switch GatewayReply.verdict(status: reply.status, body: reply.body) {
            case .accepted, .alreadyExists: return ServiceReply(body: reply.body, contentType: reply.contentType)
            case .tryLater(let fault), .refused(let fault): throw fault.error
            case .signInAgain:
                guard attempt == 0 else { break }
                token = try await self.tokens.credential(insteadOf: token)
            }
        }
        throw HubError(.serviceUnavailable, "The national gateway refuses the token of this hub.")
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        default: ""
        }
    }

    /// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + Hex.text([byte]).uppercased()
            }
        }.joined()
    }
}
