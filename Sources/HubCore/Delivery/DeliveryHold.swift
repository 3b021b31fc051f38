package import HubModel

/// What operators decide about a destination as a whole. It stands in the chain as an operation, so that it holds after a
/// restart, with who decided it and why.
package struct DeliveryHold: Sendable, Hashable {
    package enum Action: String, CaseIterable, Sendable {
        /// Nothing more is started.
        case pause = "delivery.pause"
        /// What was accepted before is still delivered, what comes later waits.
        case drain = "delivery.drain"
        /// Everything goes on.
        case resume = "delivery.resume"
    }

    package let action: Action
    package let destination: DestinationID

    package init(_ action: Action, _ destination: DestinationID) {
        self.action = action
        self.destination = destination
    }

    /// - Returns: `nil` for any other operation.
    package init?(_ operation: Operation) {
        guard let action = Action(rawValue: operation.action) else { return nil }
        self.init(action, DestinationID(unchecked: operation.subject))
    }

    /// Deliveries from here on are not started; `nil` when all are.
    ///
    /// - Parameter sequence: Of the operation's record.
    package func position(decidedAt sequence: Int64) -> DeliveryPosition? {
        switch self.action {
        case .pause: .start
        case .drain: DeliveryPosition(sequence: sequence, ordinal: 0)
        case .resume: nil
        }
    }
}
