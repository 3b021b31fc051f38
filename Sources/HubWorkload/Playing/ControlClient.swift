import AsyncHTTPClient
import HubJSON
import HubModel
import NIOCore
import NIOHTTP1

/// Calls to the control and admin APIs of the landscape.
///
/// Any process may be killed and come back on its port, so a call that finds nobody is made again for a minute. Every
/// call here may be made twice: submissions carry a key.
struct ControlClient: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    let client: HTTPClient
    let clock: any Clock<Duration>
    var patience: Duration = .seconds(60)
    private static let pause: Duration = .milliseconds(200)
    private static let maxReply = 512 << 20

    /// - Throws: `delivery.unavailable` when nobody answered within the patience; `service.failed` for an answer that
    ///   is not a success, with its status and code.
    func call(
        _ method: Method, _ url: String, token: String? = nil, body: JSONValue? = nil
    ) async throws(HubError) -> [UInt8] {
        let bytes = body?.serialised()
        var left = self.patience
        while true {
            if let (status, reply) = await self.attempt(method, url, token: token, body: bytes) {
                // 503 is what a process says that is stopping, and a hub that is not ready.
                if (200...299).contains(status) { return reply }
                guard status == 503, left > .zero else {
                    let code = (try? JSONDocument.parse(reply).value)?["code"]?.string
                    throw HubError(
                        .serviceFailed, "A process of the landscape did not do what it was asked.",
                        details: [
                            ErrorDetail("url", url), ErrorDetail("status", status),
                            ErrorDetail("code", code ?? "none"),
                        ]
                    )
                }
            } else if left <= .zero {
                throw HubError(
                    .deliveryUnavailable, "A process of the landscape cannot be reached.",
                    details: [ErrorDetail("url", url)]
                )
            }
            do {
                try await self.clock.sleep(for: Self.pause)
            } catch {
                throw HubError(.deliveryUnavailable, "The suite was stopped.", cause: error)
            }
            left -= Self.pause
        }
    }

    /// The same, for an answer in JSON.
    ///
    /// - Throws: As `call`, and `delivery.reply_unreadable`.
    func json(
        _ method: Method, _ url: String, token: String? = nil, body: JSONValue? = nil
    ) async throws(HubError) -> JSONValue {
        let reply = try await self.call(method, url, token: token, body: body)
        guard let value = try? JSONDocument.parse(reply).value else {
            throw HubError(
                .deliveryReplyUnreadable, "A process of the landscape answered something that is not JSON.",
                details: [ErrorDetail("url", url)]
            )
        }
        return value
    }

    private func attempt(
        _ method: Method, _ url: String, token: String?, body: [UInt8]?
    ) async -> (Int, [UInt8])? {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method.rawValue)
        if let token { request.headers.add(name: "Authorization", value: "Bearer " + token) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        guard let response = try? await self.client.execute(request, timeout: .seconds(120)),
            let buffer = try? await response.body.collect(upTo: Self.maxReply)
        else { return nil }
        return (Int(response.status.code), Array(buffer.readableBytesView))
    }
}
