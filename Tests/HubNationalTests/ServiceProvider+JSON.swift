import HubCore
import HubJSON
import HubModel

extension ServiceProvider {
    /// Calls with JSON, as most of these tests do.
    func call(_ call: ServiceCall, request: JSONValue) async throws(HubError) -> ServiceReply {
        try await self.call(call, request: .json(request))
    }
}
