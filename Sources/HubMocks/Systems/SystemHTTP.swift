import AsyncHTTPClient
import HubHTTP
import HubModel
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

    /// - Throws: `delivery.unavailable` when there is no reply, or none that comes to its end in time.
    func send(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) async throws(HubError) -> Reply {
        let caller = HTTPCaller(client: self.client, timeout: self.timeout, limit: self.maxReply)
        do throws(HTTPCaller.Fault) {
            let reply = try await caller.send(HTTPMethod(rawValue: method.rawValue), url, headers: headers, body: body)
            if let fault = reply.fault { throw fault }
            return Reply(status: reply.status, headers: reply.headers, body: reply.body)
        } catch {
            throw HubError(.deliveryUnavailable, "The hub gave no answer.", cause: error)
        }
    }
}
