public import HubModel

/// Brings committed deliveries to the worker or mailbox of their destination.
///
/// A destination that is not here (its adapter was taken away) keeps its deliveries in the journal.
public struct Outbox: Sendable {
    private let workers: [DestinationID: DeliveryWorker]
    private let mailboxes: [DestinationID: Mailbox]

    public init(workers: [DestinationID: DeliveryWorker], mailboxes: [Mailbox]) {
        self.workers = workers
        self.mailboxes = Dictionary(uniqueKeysWithValues: mailboxes.map { (.mailbox($0.system), $0) })
    }

    /// The mailbox of a system, or `nil` when it receives nothing that way.
    public func mailbox(of system: SystemID) -> Mailbox? { self.mailboxes[.mailbox(system)] }

    /// Takes in the deliveries of a message that was committed as record `sequence`.
    func enqueue(_ message: AcceptedMessage, sequence: Int64) async {
        for ordinal in message.deliveries.indices {
            let delivery = PendingDelivery(message, ordinal: UInt16(ordinal), sequence: sequence)
            if let worker = self.workers[delivery.plan.destination] {
                await worker.enqueue(delivery)
            } else if let mailbox = self.mailboxes[delivery.plan.destination] {
                await mailbox.enqueue(delivery)
            }
        }
    }
}
