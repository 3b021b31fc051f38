internal import AsyncHTTPClient
internal import HubHTTP
internal import HubModel
internal import NIOHTTP1

/// One HTTP exchange with the national platform: tries once, within a time limit, and never throws anything foreign.
struct PlatformClient: Sendable {
    private let caller: HTTPCaller

    struct Reply {
        let status: Int
        let contentType: String
        let body: [UInt8]
    }

    /// - Parameters:
    ///   - timeout: For a whole exchange.
    ///   - replyLimit: Replies longer than this are not read.
    init(client: HTTPClient, timeout: Duration, replyLimit: Int) {
        self.caller = HTTPCaller(client: client, timeout: timeout, limit: replyLimit)
    }

    /// - Throws: `delivery.timeout`, `delivery.unavailable`, `delivery.reply_unreadable` for a reply that is too long.
    func send(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)], body: [UInt8]? = nil
    ) async throws(HubError) -> Reply {
        try await self.send(method, url, headers: headers, sending: body.map { .bytes($0) } ?? .none)
    }

    /// - Throws: The same.
    func send(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)], sending body: HTTPCaller.Body
    ) async throws(HubError) -> Reply {
        do throws(HTTPCaller.Fault) {
            let reply = try await self.caller.send(method, url, headers: headers, sending: body)
            if let fault = reply.fault { throw fault }
            return Reply(
                status: reply.status,
                contentType: reply.headers.first(name: "Content-Type") ?? "application/octet-stream", body: reply.body
            )
        } catch {
            switch error {
            case .timeout: throw HubError(.deliveryTimeout, "The national platform did not answer in time.")
            case .tooLong: throw HubError(.deliveryReplyUnreadable, "The platform's reply is longer than is read.")
            case .unreachable: throw HubError(.deliveryUnavailable, "The national platform could not be reached.")
            }
        }
    }
}
