internal import HubCore
internal import HubModel

extension JournalRecord {
    /// The message that the record is about; `nil` when it is about none.
    var message: MessageID? {
        switch self {
        case .accepted(let message): message.id
        case .delivery(let event): event.delivery.message
        case .lookup(let lookup): lookup.id
        case .refused, .operation: nil
        }
    }
}
