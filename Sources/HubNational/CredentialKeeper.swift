internal import HubModel

/// Keeps one session or token for everyone who needs it, and gets a new one when the platform no longer takes it.
actor CredentialKeeper {
    private let signIn: @Sendable () async throws(HubError) -> String
    private var current: String?

    init(signIn: @escaping @Sendable () async throws(HubError) -> String) {
        self.signIn = signIn
    }

    /// The credential to use.
    ///
    /// - Parameter refused: The one that the platform just refused; it is replaced unless someone has done so already.
    func credential(insteadOf refused: String? = nil) async throws(HubError) -> String {
        if let current = self.current, current != refused { return current }
        let fresh = try await self.signIn()
        self.current = fresh
        return fresh
    }
}
