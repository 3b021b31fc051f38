public import AsyncHTTPClient
public import HubCore
internal import HubDialects
internal import HubJSON
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

    public func call(_ call: ServiceCall, request: ServiceRequest) async throws(HubError) -> ServiceReply {
        do throws(HubError) {
            switch (call, request) {
            case (.dossierPortal, .json(let value)):
                return try await self.portal.ask(DossierPacket(value))
            case (.gateway(let path, .get, let query), _):
                let address = try QueryText.address(path, query, of: request)
                return try await self.gateway(.GET, address, headers: [], body: nil)
            case (.gateway(let path, .post, _), .json(let value)):
                return try await self.gateway(
                    .POST, path, headers: [("Content-Type", "application/json")], body: value.serialised()
                )
            case (.gateway(let path, .post, _), .xml(let bytes)):
                return try await self.gateway(
                    .POST, path, headers: [("Content-Type", "application/xml; charset=utf-8")], body: bytes
                )
            case (.soap(let path, let action), .xml(let bytes)):
                return try await self.gateway(
                    .POST, path,
                    headers: [("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", "\"\(action)\"")], body: bytes
                )
            case (.soap, .json), (.dossierPortal, .xml), (.http, _):
                throw HubError(.serviceFailed, "The request has not the form that this call carries.")
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
        _ method: HTTPMethod, _ path: String, headers: [(name: String, value: String)], body: [UInt8]?
    ) async throws(HubError) -> ServiceReply {
        var token = try await self.tokens.credential()
        for attempt in 0..<2 {
            let reply = try await self.platform.send(
                method, self.url + path,
                headers: [GatewayCredential.bearer(token), ("Accept", "application/json, text/xml")] + headers, body: body
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
}
