internal import HubEnvelope
internal import HubJSON
internal import HubMapping
public import HubModel
internal import HubSchema

/// Carries synchronous requests through the hub: the same checks as for a message, then the provider, then the pair
/// goes to the journal before the reply goes back.
public struct ServiceDesk: Sendable {
    private let contracts: ContractRing
    private let approvals: ApprovalBook
    private let budget: CallBudget
    private let caller: ServiceCaller
    private let journal: any Journal
    private let clock: any HubClock
    private let ids: MessageIDSource
    private let metrics: HubMetrics
    private let keys: KeyRing

    public init(
        contracts: ContractRing, keys: KeyRing, approvals: ApprovalBook = ApprovalBook(), budget: CallBudget = CallBudget(),
        caller: ServiceCaller, journal: any Journal, clock: any HubClock, ids: MessageIDSource, metrics: HubMetrics
    ) {
        self.contracts = contracts
        self.approvals = approvals
        self.budget = budget
        self.caller = caller
        self.keys = keys
        self.journal = journal
        self.clock = clock
        self.ids = ids
        self.metrics = metrics
    }

    /// What a call came to.
    public struct Answer: Sendable {
        /// Under which the pair is journaled.
        public let id: MessageID
        public let reply: ServiceReply
        /// Of the service that was called, so that callers of one that ends are told.
        public let terms: ServiceTerms
    }

    /// - Throws: `service.unknown`, `service.retired`, `access.denied`, `access.approval_missing`, `access.rate_limited`,
    ///   `access.quota_exceeded`, what reading the request refuses, what the provider throws.
    public func call(_ name: String, _ submission: Submission) async throws(HubError) -> Answer {
        let (now, started) = (self.clock.now, self.clock.uptime)
        let contracts = self.contracts.current
        let offered = try self.admit(submission.sender, to: name, contracts, at: now, uptime: started)
        let service = offered.service
        let read = try PayloadReader(contracts, keys: self.keys, metrics: self.metrics).read(
            submission.declared(as: service.request),
            policy: { _ throws(HubError) in ReadPolicy(.required, isConfidential: service.isConfidential) },
            at: now
        )
        // Before the provider is asked: a reply that cannot be given back is not fetched.
        let caller = read.isConfidential ? try ParcelMaker.recipient(submission.sender.system, self.keys.current.registry) : nil
        let id = self.ids.next()
        let facts = CallFacts(
            id: id, at: now, type: read.form.type, agency: read.agency.text, sender: read.agency.code.text,
            digest: read.digest, correlation: submission.correlation.isEmpty ? id.description : submission.correlation
        )
        let outcome: Result<ServiceReply, HubError>
        do throws(HubError) {
            outcome = .success(try await self.caller.call(offered, read.document, facts, contracts))
        } catch {
            outcome = .failure(error)
        }
        let took = self.clock.uptime - started
        var (reply, code): (Digest, ErrorCode?) = (.zero, nil)
        switch outcome {
        case .success(let answer): reply = SHA256.hash(answer.body)
        case .failure(let error): code = error.code
        }
        self.metrics.lookedUp(name, code: code, took: took)
        let record = Lookup(
            id: id, at: now, sender: submission.sender.system, agency: read.agency.text, service: name,
            request: read.digest, reply: reply, took: took, code: code
        )
        _ = try await self.journal.append(.lookup(record), payload: nil)
        let answer = try outcome.get()
        guard let caller else { return Answer(id: id, reply: answer, terms: service.terms) }
        return Answer(
            id: id,
            reply: ServiceReply(
                body: try CMSEncryption.seal(answer.body, for: [caller]), contentType: OpenedBody.encryptedType
            ),
            terms: service.terms
        )
    }

    /// Everything that can be said before the request is read.
    private func admit(
        _ sender: Adapter, to name: String, _ contracts: Contracts, at now: Timestamp, uptime: Duration
    ) throws(HubError) -> OfferedService {
        guard let offered = contracts.services[name] else {
            throw HubError(.serviceUnknown, "No service with this name is offered here.")
        }
        let service = offered.service
        let details = [ErrorDetail("system", sender.system), ErrorDetail("service", name)]
        try offered.checkIsOffered(at: now)
        guard sender.uses.contains(name) else {
            throw HubError(.accessDenied, "The system may not call this service.", details: details)
        }
        guard !service.terms.needsApproval || self.approvals.isApproved(sender.system, name) else {
            throw HubError(
                .accessApprovalMissing, "An operator has to approve that the system calls this service.",
                details: details + [ErrorDetail("request", "POST /v1/services/\(name)/subscription")]
            )
        }
        try self.budget.take(sender, at: now, uptime: uptime)
        try self.budget.take(service, for: sender, at: now, uptime: uptime)
        return offered
    }
}

extension Submission {
    /// The same with the type that its place demands, whatever the sender named.
    fileprivate func declared(as type: MessageType) -> Submission {
        Submission(
            sender: self.sender, body: self.body, contentType: self.contentType, type: type.description,
            recipient: self.recipient, messageID: self.messageID, correlation: self.correlation,
            signature: self.signature
        )
    }
}
