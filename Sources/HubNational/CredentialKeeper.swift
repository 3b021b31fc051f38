internal import HubModel

/// Keeps one session or token for everyone who needs it, and gets a new one when the platform no longer takes it.
actor CredentialKeeper {
    private let signIn: @Sendable () async throws(HubError) -> String
    private var current: String?
    /// Those who wait for the sign-in that is under way; `nil` when none is.
    private var waiting: [CheckedContinuation<Result<String, HubError>, Never>]?

    init(signIn: @escaping @Sendable () async throws(HubError) -> String) {
        self.signIn = signIn
    }

    /// The credential to use.
    ///
    /// - Parameter refused: The one that the platform just refused; it is replaced unless someone has done so already.
    func credential(insteadOf refused: String? = nil) async throws(HubError) -> String {
        if let current = self.current, current != refused { return current }
        guard self.waiting == nil else {
            return try await withCheckedContinuation { self.waiting?.append($0) }.get()
        }
        self.waiting = []
        let result: Result<String, HubError>
        do throws(HubError) {
            let fresh = try await self.signIn()
            self.current = fresh
            result = .success(fresh)
        } catch {
            result = .failure(error)
        }
        let waiting = self.waiting ?? []
        self.waiting = nil
        for waiter in waiting { waiter.resume(returning: result) }
        return try result.get()
    }
}
