import HubCore
import HubJSON
import HubModel
import Synchronization

/// A platform behind a service that answers as a test says.
final class FakeProvider: ServiceProvider {
    private let reply: Result<ServiceReply, HubError>
    private let seen = Mutex<[ServiceCall]>([])

    init(_ reply: Result<ServiceReply, HubError>) {
        self.reply = reply
    }

    /// With what it was called.
    var calls: [ServiceCall] { self.seen.withLock { $0 } }

    func call(_ call: ServiceCall, request: ServiceRequest) async throws(HubError) -> ServiceReply {
        self.seen.withLock { $0.append(call) }
        return try self.reply.get()
    }
}
