internal import AsyncHTTPClient
internal import HubModel
internal import NIOCore
internal import NIOHTTP1

/// One HTTP exchange with the national platform: tries once, within a time limit, and never throws anything foreign.
struct PlatformClient: Sendable {
    let client: HTTPClient
    let timeout: Duration
    /// Replies longer than this are not read.
    let replyLimit: Int

    struct Reply {
        let status: Int
        let contentType: String
        let body: [UInt8]
    }

    /// - Throws: `delivery.timeout`, `delivery.unavailable`, `delivery.reply_unreadable` for a reply that is too long
    ///   or breaks off.
    func send(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)], body: [UInt8]? = nil
    ) async throws(HubError) -> Reply {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if let body { request.body = .bytes(body) }
        do {
            let nanoseconds =
                self.timeout.components.seconds * 1_000_000_000 + self.timeout.components.attoseconds / 1_000_000_000
            let response = try await self.client.execute(request, timeout: .nanoseconds(nanoseconds))
            let body = try await response.body.collect(upTo: self.replyLimit)
            return Reply(
                status: Int(response.status.code),
                contentType: response.headers.first(name: "Content-Type") ?? "application/octet-stream",
                body: Array(body.readableBytesView)
            )
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw HubError(.deliveryTimeout, "The national platform did not answer in time.", cause: error)
        } catch let error as NIOTooManyBytesError {
            throw HubError(.deliveryReplyUnreadable, "The platform's reply is longer than is read.", cause: error)
        } catch {
            throw HubError(.deliveryUnavailable, "The national platform could not be reached.", cause: error)
        }
    }
}
