public import HubModel

/// Which deliveries are meant: all that have everything that is said.
public struct DeliverySelection: Sendable, Hashable {
    public var phase: DeliveryState.Phase
    public var destination: DestinationID?
    /// Of the last attempt.
    public var code: ErrorCode?
    public var type: MessageType?
    public var sender: SystemID?
    /// Accepted at this moment or later.
    public var from: Timestamp?
    /// Accepted before this moment.
    public var until: Timestamp?

    public init(phase: DeliveryState.Phase) {
        self.phase = phase
    }

    /// Whether a delivery of the phase and destination is meant.
    public func means(_ delivery: SelectedDelivery) -> Bool {
        let message = delivery.message
        return self.code.map { $0 == delivery.state.code } ?? true
            && self.type.map { $0 == message.type } ?? true
            && self.sender.map { $0 == message.sender } ?? true
            && self.from.map { message.receivedAt >= $0 } ?? true
            && self.until.map { message.receivedAt < $0 } ?? true
    }
}

extension DeliverySelection: CustomStringConvertible {
    /// As it stands in the record of what was done with it.
    public var description: String {
        let parts: [(String, String?)] = [
            ("phase", self.phase.rawValue), ("destination", self.destination?.description), ("code", self.code?.rawValue),
            ("type", self.type?.description), ("sender", self.sender?.description), ("from", self.from?.description),
            ("until", self.until?.description),
        ]
        return parts.compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: " ")
    }
}

/// A delivery with its message.
public struct SelectedDelivery: Sendable {
    public let id: DeliveryID
    public let position: DeliveryPosition
    public let message: AcceptedMessage
    public let state: DeliveryState

    public init(id: DeliveryID, position: DeliveryPosition, message: AcceptedMessage, state: DeliveryState) {
        self.id = id
        self.position = position
        self.message = message
        self.state = state
    }
}

/// Selected deliveries, and where to go on.
public struct DeliveryPage: Sendable {
    public let deliveries: [SelectedDelivery]
    /// `nil` at the end.
    public let next: DeliveryPosition?

    public init(deliveries: [SelectedDelivery], next: DeliveryPosition?) {
        self.deliveries = deliveries
        self.next = next
    }
}

extension DeliveryState.Phase {
    /// The phase after an event; `nil` when the event comes too late and changes nothing: what has ended stays as it ended,
    /// unless an operator sends it again.
    public func after(_ kind: DeliveryEvent.Kind) -> DeliveryState.Phase? {
        switch (self, kind) {
        case (.pending, .delivered): .delivered
        case (.pending, .postponed), (.pending, .redirected), (.deadLettered, .redriven), (.deadLettered, .redirected): .pending
        case (.pending, .deadLettered): .deadLettered
        case (.delivered, _), (.deadLettered, _), (.pending, .redriven): nil
        }
    }
}

extension DeliveryEvent.Kind {
    /// Whether the age of the delivery counts from this event.
    public var beginsAnew: Bool { self == .redriven || self == .redirected }
}
