public import AsyncHTTPClient
public import HubCore
internal import HubHTTP
internal import HubJSON
public import HubModel
internal import NIOHTTP1

/// Calls services that systems of the province answer at their own HTTP endpoints.
public struct LocalServices: ServiceProvider {
    private static let replyLimit = 4 << 20

    private let endpoints: @Sendable (String) -> String?
    private let headers: @Sendable (String) -> [FixedHeader]
    private let caller: HTTPCaller

    /// - Parameters:
    ///   - endpoints: The address of an endpoint (scheme, host and port), or `nil` for one that is not configured.
    ///   - timeout: For one call, from connecting to the end of the reply.
    ///   - headers: What every call to an endpoint carries, such as the key that its system wants.
    public init(
        client: HTTPClient, timeout: Duration, headers: @escaping @Sendable (String) -> [FixedHeader] = { _ in [] },
        endpoints: @escaping @Sendable (String) -> String?
    ) {
        self.endpoints = endpoints
        self.headers = headers
        self.caller = HTTPCaller(client: client, timeout: timeout, limit: Self.replyLimit)
    }

    public func call(_ call: ServiceCall, request: ServiceRequest) async throws(HubError) -> ServiceReply {
        guard case .http(let endpoint, let path, let method, let query) = call else {
            throw HubError(.serviceUnavailable, "The service is not one of a system of the province.")
        }
        guard let base = self.endpoints(endpoint) else {
            throw HubError(
                .serviceUnavailable, "The endpoint of the service has no address.", details: [ErrorDetail("endpoint", endpoint)]
            )
        }
        let url = base + (try QueryText.address(path, query, of: request))
        var headers = [(name: "Accept", value: "application/json, application/xml")]
        var body: [UInt8]?
        if method == .post {
            switch request {
            case .json(let value):
                headers.append(("Content-Type", "application/json"))
                body = value.serialised()
            case .xml(let bytes):
                headers.append(("Content-Type", "application/xml; charset=utf-8"))
                body = bytes
            }
        }
        headers += self.headers(endpoint).map(\.field)
        let reply: HTTPCaller.Reply
        do throws(HTTPCaller.Fault) {
            reply = try await self.caller.send(method == .post ? .POST : .GET, url, headers: headers, body: body)
        } catch {
            throw HubError(
                .serviceUnavailable, error == .timeout ? "The service did not answer in time." : "The service could not be reached.",
                details: [ErrorDetail("endpoint", endpoint)]
            )
        }
        switch reply.status {
        case 200..<300 where reply.fault == nil:
            return ServiceReply(
                body: reply.body, contentType: reply.headers.first(name: "Content-Type") ?? "application/octet-stream"
            )
        case 408, 425, 429, 500...:
            throw HubError(.serviceUnavailable, "The service cannot answer at present.", details: [ErrorDetail("status", reply.status)])
        case 200..<300: throw HubError(.serviceFailed, "The reply of the service broke off.")
        default:
            throw HubError(.deliveryRefused, "The service refuses the request.", details: [ErrorDetail("status", reply.status)])
        }
    }
}
