internal import AsyncHTTPClient
internal import HubCore
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
            throw Self.error(error)
        }
    }

    /// The same for a reply that may be too long to be held.
    ///
    /// - Throws: The same, what `reception` throws.
    func fetch(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)],
        into reception: @escaping PayloadCollector.Reception
    ) async throws(HubError) -> (status: Int, body: Payload) {
        let body = LargeReply(try await PayloadCollector(announced: nil, large: reception))
        let reply: HTTPCaller.Reply
        do throws(HTTPCaller.Fault) {
            reply = try await self.caller.send(method, url, headers: headers, sending: .none) { piece in
                await body.take(piece)
            }
            if let fault = reply.fault { throw fault }
        } catch {
            throw Self.error(error)
        }
        return (reply.status, try await body.finish())
    }

    private static func error(_ fault: HTTPCaller.Fault) -> HubError {
        switch fault {
        case .timeout: HubError(.deliveryTimeout, "The national platform did not answer in time.")
        case .tooLong: HubError(.deliveryReplyUnreadable, "The platform's reply is longer than is read.")
        case .unreadable(let error):
            error as? HubError ?? HubError(.journalUnavailable, "A large payload could not be read.", cause: error)
        case .unreachable: HubError(.deliveryUnavailable, "The national platform could not be reached.")
        }
    }
}

/// A reply while it comes.
private actor LargeReply {
    private var collector: PayloadCollector?
    private var fault: HubError?

    init(_ collector: PayloadCollector) { self.collector = collector }

    /// - Returns: Whether more is wanted.
    func take(_ piece: [UInt8]) async -> Bool {
        // One piece comes after the other. Nobody else holds what came before, so it is not copied.
        guard var collector = self.collector.take() else { return false }
        do throws(HubError) {
            try await collector.add(piece)
            self.collector = collector
            return true
        } catch {
            self.fault = error
            return false
        }
    }

    func finish() async throws(HubError) -> Payload {
        if let fault = self.fault { throw fault }
        guard var collector = self.collector.take() else {
            throw HubError(.internalFault, "A reply was finished twice.")
        }
        return try await collector.finish()
    }
}
