import HubDialects
import HubEnvelope
import HubModel

/// Where everything on the platform is decided and written down.
///
/// One actor, so what a request sees, what it writes into the ledger and what it is answered belong together.
actor NationalDesk {
    let configuration: NationalPlatformConfiguration
    let bodies: NationalBodies
    let registry: NationalRegistry
    let now: @Sendable () -> Timestamp
    private let ledger: NationalLedger
    private(set) var state: NationalState
    /// Yields whenever a ministry may have something to answer.
    nonisolated let wakeUps: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private var credentials: [String: Credential] = [:]
    private var faults: [NationalFault] = []

    struct Credential {
        let kind: CredentialKind
        let owner: String
        let until: Timestamp
    }

    enum CredentialKind: String {
        case session
        case token
    }

    /// Opens the ledger and replays it.
    ///
    /// - Throws: `configuration.invalid`.
    init(
        _ configuration: NationalPlatformConfiguration, now: @escaping @Sendable () -> Timestamp
    ) throws(HubError) {
        let (ledger, events) = try NationalLedger.open(folder: configuration.folder)
        var state = NationalState(ministries: configuration.ministries)
        for event in events { state.apply(event) }
        self.configuration = configuration
        self.bodies = NationalBodies(folder: configuration.folder)
        self.registry = NationalRegistry(seed: UInt64(max(0, configuration.seed)))
        self.now = now
        self.ledger = ledger
        self.state = state
        (self.wakeUps, self.bell) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Writes events down and takes them in, in this order: what is not on disk has not happened.
    func record(_ events: [NationalEvent]) throws(HubError) {
        try self.ledger.append(events)
        for event in events { self.state.apply(event) }
        if events.contains(where: { $0.kind == .ministryReceived }) { self.wake() }
    }

    /// Has the ministries look at what is due.
    nonisolated func wake() { self.bell.yield() }

    func ledgerText() -> [UInt8] { self.ledger.read() }

    // MARK: Sessions and tokens

    /// Gives out a session or token.
    ///
    /// They live in memory only: a platform that was restarted wants a new sign-in.
    func issue(_ kind: CredentialKind, to owner: String) throws(HubError) -> String {
        let now = self.now()
        // Nobody presents an old one for long, so this stays small.
        self.credentials = self.credentials.filter { $0.value.until > now }
        let text = Hex.text(SecureRandom.bytes(16))
        try self.record([
            NationalEvent(.credentialGiven, at: now).with {
                $0.system = owner
                $0.detail = kind.rawValue
            }
        ])
        self.credentials[text] = Credential(
            kind: kind, owner: owner, until: now.advanced(by: self.configuration.tokenLifetime)
        )
        return text
    }

    /// Who holds a session or token; `nil` when it is unknown or too old, which is written down.
    func owner(of text: String?, _ kind: CredentialKind) throws(HubError) -> String? {
        if let text, let credential = self.credentials[text], credential.kind == kind,
            credential.until > self.now()
        {
            return credential.owner
        }
        try self.record([NationalEvent(.credentialRefused, at: self.now()).with { $0.detail = kind.rawValue }]
        )
        return nil
    }

    /// Makes all sessions and tokens worthless at once.
    func expireCredentials() throws(HubError) -> Int {
        let count = self.credentials.count
        self.credentials = [:]
        try self.record([
            NationalEvent(.credentialsExpired, at: self.now()).with { $0.detail = String(count) }
        ])
        return count
    }

    // MARK: Faults to order

    /// Orders a fault for the next requests to a path; it replaces what was ordered for that path.
    func order(_ fault: NationalFault) throws(HubError) {
        self.faults.removeAll { $0.path == fault.path }
        if fault.times > 0 { self.faults.append(fault) }
        try self.record([
            NationalEvent(.faultOrdered, at: self.now()).with {
                $0.detail = "\(fault.kind.rawValue) \(fault.path)"
            }
        ])
    }

    /// The fault that the next answer of a path must show, counted as served.
    func fault(for path: String) throws(HubError) -> NationalFault.Kind? {
        guard let index = self.faults.firstIndex(where: { $0.path == path }) else { return nil }
        let kind = self.faults[index].kind
        self.faults[index].times -= 1
        if self.faults[index].times == 0 { self.faults.remove(at: index) }
        try self.record([
            NationalEvent(.faultServed, at: self.now()).with { $0.detail = "\(kind.rawValue) \(path)" }
        ])
        return kind
    }

    func noteOutage(_ kind: NationalEvent.Kind, _ duration: Duration) throws(HubError) {
        try self.record([NationalEvent(kind, at: self.now()).with { $0.detail = "\(duration)" }])
    }
}
