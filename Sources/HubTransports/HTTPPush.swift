public import AsyncHTTPClient
public import HubCore
public import HubModel
internal import NIOCore
internal import NIOHTTP1

/// Posts messages to a system's own HTTP endpoint.
///
/// Any 2xx means that the system has the message. 408, 425, 429 and every 5xx are tried again, as is a connection
/// that fails; any other status is a refusal for good.
public struct HTTPPush: Destination {
    public let id: DestinationID
    private let system: SystemID
    private let base: String
    /// Path by message type, for systems that take several.
    private let paths: [MessageType: String]
    private let client: HTTPClient
    private let timeout: Duration

    /// - Parameters:
    ///   - base: Scheme, host and port, without a slash at the end.
    ///   - paths: Where each type of message goes; each begins with a slash.
    ///   - timeout: For one attempt, from connecting to the end of the reply.
    public init(
        system: SystemID, base: String, paths: [MessageType: String], client: HTTPClient, timeout: Duration
    ) {
        self.id = .push(system)
        self.system = system
        self.base = base
        self.paths = paths
        self.client = client
        self.timeout = timeout
    }

    public func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        let delivery = parcel.delivery
        guard let path = self.paths[delivery.plan.type] else {
            return .refused(.routeMissing, answer: "the adapter names no path for \(delivery.plan.type)")
        }
        var request = HTTPClientRequest(url: self.base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: parcel.contentType)
        request.headers.add(name: "Lgsp-Message-Id", value: delivery.id.message.description)
        request.headers.add(name: "Lgsp-Delivery-Id", value: delivery.id.description)
        request.headers.add(name: "Lgsp-Service", value: delivery.plan.type.description)
        if !delivery.correlation.isEmpty {
            request.headers.add(name: "Lgsp-Correlation-Id", value: delivery.correlation)
        }
        if !parcel.signature.isEmpty { request.headers.add(name: "Lgsp-Signature", value: parcel.signature) }
        request.body = .bytes(parcel.payload)
        do {
            let response = try await self.client.execute(request, timeout: .init(self.timeout))
            // The reply is read to its end so that the connection can be used again; only its beginning is kept.
            let answer = try await response.body.collect(upTo: 64 << 10)
            return Self.outcome(
                status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"),
                answer: String(decoding: answer.readableBytesView.prefix(160), as: UTF8.self)
            )
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            return .tryLater(.deliveryTimeout, answer: "no answer within \(self.timeout)", after: nil)
        } catch is NIOTooManyBytesError {
            return .tryLater(.deliveryReplyUnreadable, answer: "the reply is longer than 64 KB", after: nil)
        } catch {
            return .tryLater(.deliveryUnavailable, answer: "no connection", after: nil)
        }
    }

    static func outcome(status: Int, retryAfter: String?, answer: String) -> DeliveryOutcome {
        let text = "HTTP \(status)"
        switch status {
        case 200..<300: return .delivered(answer: text)
        case 408, 425, 429, 500...:
            let asked = retryAfter.flatMap { Int64($0) }.map { Duration.seconds(max(0, $0)) }
            return .tryLater(.deliveryUnavailable, answer: "\(text) \(answer)", after: asked)
        default: return .refused(.deliveryRefused, answer: "\(text) \(answer)")
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
