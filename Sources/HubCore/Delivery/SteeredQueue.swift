internal import HubModel

/// The queue of a destination, as operators steer it.
protocol SteeredQueue: Actor {
    /// Starts no delivery from `position` on; `nil` lets everything go on.
    func hold(from position: DeliveryPosition?)

    /// Has the journal read again from behind `position` on.
    func rewind(to position: DeliveryPosition)

    /// Takes deliveries out that are not under way, until `settle`.
    ///
    /// - Returns: Those that are out.
    func withdraw(_ ids: [DeliveryID]) -> [DeliveryID]

    /// Says that what was withdrawn has ended or gone elsewhere, or that this could not be written.
    func settle(_ ids: [DeliveryID], isWritten: Bool)

    /// Tries what waits for its next attempt now.
    func hurry()
}
