public import HubModel

/// What operators do with the contracts of a running hub: systems, files, approvals. Every answer is JSON.
public struct ContractOperations: Sendable {
    let list: @Sendable () async throws(HubError) -> [UInt8]
    let register: @Sendable (_ archive: [UInt8], _ reason: String) async throws(HubError) -> [UInt8]
    let retire:
        @Sendable (_ system: SystemID, _ leavesPending: Bool, _ reason: String) async throws(HubError) -> [UInt8]
    let reload: @Sendable (_ reason: String) async throws(HubError) -> [UInt8]
    let archiveLimit: Int

    /// - Parameters:
    ///   - list: Every adapter with its version and health.
    ///   - register: Takes in the adapter of an archive.
    ///   - retire: Takes one away.
    ///   - reload: Reads all files again.
    ///   - archiveLimit: Bytes of an archive.
    public init(
        list: @escaping @Sendable () async throws(HubError) -> [UInt8],
        register: @escaping @Sendable (_ archive: [UInt8], _ reason: String) async throws(HubError) -> [UInt8],
        retire: @escaping @Sendable (_ system: SystemID, _ leavesPending: Bool, _ reason: String) async throws(HubError)
            -> [UInt8],
        reload: @escaping @Sendable (_ reason: String) async throws(HubError) -> [UInt8], archiveLimit: Int
    ) {
        self.list = list
        self.register = register
        self.retire = retire
        self.reload = reload
        self.archiveLimit = archiveLimit
    }
}

/// How systems ask for services that need approval, and operators decide.
public struct ApprovalOperations: Sendable {
    /// What an operator can say.
    public enum Decision: String, CaseIterable, Sendable {
        case approve, reject, revoke
    }

    let list: @Sendable () -> [UInt8]
    let ask: @Sendable (_ system: SystemID, _ service: String, _ purpose: String) async throws(HubError) -> [UInt8]
    let state: @Sendable (_ system: SystemID, _ service: String) throws(HubError) -> [UInt8]
    let decide:
        @Sendable (_ decision: Decision, _ system: SystemID, _ service: String, _ reason: String) async throws(HubError)
            -> [UInt8]

    /// - Parameters:
    ///   - list: Every request with its state.
    ///   - ask: A system asks for a service.
    ///   - state: How far that has come.
    ///   - decide: An operator decides.
    public init(
        list: @escaping @Sendable () -> [UInt8],
        ask: @escaping @Sendable (_ system: SystemID, _ service: String, _ purpose: String) async throws(HubError) -> [UInt8],
        state: @escaping @Sendable (_ system: SystemID, _ service: String) throws(HubError) -> [UInt8],
        decide: @escaping @Sendable (_ decision: Decision, _ system: SystemID, _ service: String, _ reason: String)
            async throws(HubError) -> [UInt8]
    ) {
        self.list = list
        self.ask = ask
        self.state = state
        self.decide = decide
    }
}
