public import HubModel

/// Somewhere the hub brings messages to: a system's HTTP endpoint, the national platform.
///
/// A destination tries once. When and whether to try again is decided by the delivery engine alone.
public protocol Destination: Sendable {
    var id: DestinationID { get }

    /// Hands over one message and says what came of it. Does not throw: every failure is an outcome.
    ///
    /// When the task is cancelled it may give up with `tryLater`; the delivery is then repeated at the next start.
    func deliver(_ parcel: Parcel) async -> DeliveryOutcome
}

/// What a destination gets to deliver.
public struct Parcel: Sendable {
    public let delivery: PendingDelivery
    public let payload: Payload
    public let contentType: String
    /// A detached JWS over the payload: the sender's when the payload goes as it came, the hub's for a mapped one.
    /// Empty when there is none.
    public let signature: String

    public init(delivery: PendingDelivery, payload: Payload, contentType: String, signature: String) {
        self.delivery = delivery
        self.payload = payload
        self.contentType = contentType
        self.signature = signature
    }

    /// The same with a payload in memory.
    public init(delivery: PendingDelivery, payload: [UInt8], contentType: String, signature: String) {
        self.init(delivery: delivery, payload: .whole(payload), contentType: contentType, signature: signature)
    }
}

/// What came of one attempt.
public enum DeliveryOutcome: Sendable, Hashable {
    /// The receiver has it. `answer` is its own id or words, in short.
    case delivered(answer: String)
    /// It will never take this message.
    case refused(ErrorCode, answer: String)
    /// Not now. `after` is what the receiver asked for (`Retry-After`).
    case tryLater(ErrorCode, answer: String, after: Duration?)
}
