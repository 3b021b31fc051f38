public import AsyncHTTPClient
public import HubCore
internal import HubHTTP
public import HubModel
internal import NIOHTTP1

/// Posts messages to a system's own HTTP endpoint.
///
/// Any 2xx means that the system has the message, unless its body says no all the same (`PushAnswer`) or breaks off. 408, 425, 429 and
/// every 5xx are tried again, as is a connection that fails; any other status is a refusal for good.
public struct HTTPPush: Destination {
    public let id: DestinationID
    private let system: SystemID
    private let base: String
    /// Path by message type, for systems that take several.
    private let paths: [MessageType: String]
    private let headers: @Sendable (MessageType) -> [FixedHeader]
    private let caller: HTTPCaller
    private let timeout: Duration
    /// Only the beginning of a reply is kept, and a longer one is not waited for.
    private static let replyLimit = 1 << 20

    /// - Parameters:
    ///   - base: Scheme, host and port, without a slash at the end.
    ///   - paths: Where each type of message goes; each begins with a slash.
    ///   - timeout: For one attempt, from connecting to the end of the reply.
    ///   - headers: What every request with a type of message carries, such as the key that the system wants.
    public init(
        system: SystemID, base: String, paths: [MessageType: String], client: HTTPClient, timeout: Duration,
        headers: @escaping @Sendable (MessageType) -> [FixedHeader] = { _ in [] }
    ) {
        self.headers = headers
        self.id = .push(system)
        self.system = system
        self.base = base
        self.paths = paths
        self.caller = HTTPCaller(client: client, timeout: timeout, limit: Self.replyLimit)
        self.timeout = timeout
    }

    public func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        let delivery = parcel.delivery
        guard let path = self.paths[delivery.plan.type] else {
            return .refused(.routeMissing, answer: "the adapter names no path for \(delivery.plan.type)")
        }
        var headers = [
            (name: "Content-Type", value: parcel.contentType),
            (name: "Lgsp-Message-Id", value: delivery.id.message.description),
            (name: "Lgsp-Delivery-Id", value: delivery.id.description),
            (name: "Lgsp-Service", value: delivery.plan.type.description),
        ]
        if !delivery.correlation.isEmpty { headers.append(("Lgsp-Correlation-Id", delivery.correlation)) }
        if !parcel.signature.isEmpty { headers.append(("Lgsp-Signature", parcel.signature)) }
        headers += self.headers(delivery.plan.type).map(\.field)
        do throws(HTTPCaller.Fault) {
            let payload = parcel.payload
            let reply = try await self.caller.send(
                .POST, self.base + path, headers: headers,
                sending: HTTPCaller.Body(payload.inMemory, count: payload.count) { try payload.read($0, at: $1) }
            )
            // A no may stand in what did not come; the receiver tells a repeat by its id.
            if 200..<300 ~= reply.status, let fault = reply.fault, fault != .tooLong {
                return .tryLater(
                    fault == .timeout ? .deliveryTimeout : .deliveryUnavailable,
                    answer: "HTTP \(reply.status), and the reply breaks off", after: nil
                )
            }
            return Self.outcome(
                status: reply.status, retryAfter: reply.headers.first(name: "Retry-After"),
                body: reply.body
            )
        } catch {
            switch error {
            case .timeout: return .tryLater(.deliveryTimeout, answer: "no answer within \(self.timeout)", after: nil)
            case .unreadable(let error):
                let error = error as? HubError ?? HubError(.journalUnavailable, "A large payload could not be read.")
                return .tryLater(error.code, answer: "\(error.summary)", after: nil)
            case .unreachable, .tooLong: return .tryLater(.deliveryUnavailable, answer: "no connection", after: nil)
            }
        }
    }

    static func outcome(status: Int, retryAfter: String?, body: [UInt8]) -> DeliveryOutcome {
        let text = "HTTP \(status)"
        let answer = String(decoding: body.prefix(160), as: UTF8.self)
        switch status {
        case 200..<300:
            switch PushAnswer(body) {
            case .silent: return .delivered(answer: text)
            case .known: return .delivered(answer: "\(text), it was there already")
            case .no: return .tryLater(.deliveryRefused, answer: "\(text) \(answer)", after: nil)
            }
        case 408, 425, 429, 500...:
            let asked = retryAfter.flatMap { Int64($0) }.map { Duration.seconds(max(0, $0)) }
            return .tryLater(.deliveryUnavailable, answer: "\(text) \(answer)", after: asked)
        default: return .refused(.deliveryRefused, answer: "\(text) \(answer)")
        }
    }
}
