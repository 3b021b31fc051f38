import AsyncHTTPClient
import HubModel
import NIOCore
import NIOHTTP1

/// One HTTP exchange at a time: no retries, no redirects, the whole reply in memory.
struct SystemHTTP: Sendable {
    /// A reply as it came.
    struct Reply: Sendable {
        var status: Int
        var body: [UInt8]
        private let headers: HTTPHeaders

        init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        func header(_ name: String) -> String? { self.headers.first(name: name) }
    }

    /// What is asked of the hub.
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    let client: HTTPClient
    /// How long an exchange may take from first to last byte.
    var timeout: Duration = .seconds(60)
    /// A reply may carry a whole document in base64.
    var maxReply = 300 << 20

    /// - Throws: `delivery.unavailable` when there is no reply, `delivery.reply_unreadable` when it has no end.
    func send(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) async throws(HubError) -> Reply {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method.rawValue)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let limit = TimeAmount.nanoseconds(Int64(self.timeout / .nanoseconds(1)))
            let response = try await self.client.execute(request, timeout: limit)
            let buffer = try await response.body.collect(upTo: self.maxReply)
            return Reply(
                status: Int(response.status.code), headers: response.headers,
                body: Array(buffer.readableBytesView)
            )
        } catch {
            throw HubError(.deliveryUnavailable, "The hub gave no answer.", cause: error)
        }
    }
}
