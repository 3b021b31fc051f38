public import HubModel
internal import Synchronization

/// Whether the national platform answers, as last seen. Shown by `/readyz`.
public final class ConnectionState: Sendable {
    private let fault = Mutex<HubError?>(nil)

    public init() {}

    /// `nil` when the last call was answered.
    public var current: HubError? { self.fault.withLock { $0 } }

    func report(_ error: HubError?) {
        self.fault.withLock { $0 = error }
    }
}
