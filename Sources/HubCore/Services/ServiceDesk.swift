internal import HubEnvelope
public import HubJSON
public import HubModel
public import HubSchema

/// Calls one provider of synchronous services.
public protocol ServiceProvider: Sendable {
    /// Tries once, with whatever signing in that needs.
    ///
    /// - Throws: `service.unavailable` (no answer), `service.failed` (an answer that is not one), `delivery.refused`
    ///   (the provider says no).
    func call(_ call: ServiceCall, request: JSONValue) async throws(HubError) -> ServiceReply
}

/// What a provider answered.
public struct ServiceReply: Sendable {
    public let body: [UInt8]
    public let contentType: String

    public init(body: [UInt8], contentType: String) {
        self.body = body
        self.contentType = contentType
    }
}

/// Carries synchronous requests through the hub: the same checks as for a message, then the provider, then the pair
/// goes to the journal before the reply goes back.
public struct ServiceDesk: Sendable {
    private let reader: PayloadReader
    private let services: [String: ProvidedService]
    private let provider: (any ServiceProvider)?
    private let journal: any Journal
    private let clock: any HubClock
    private let ids: MessageIDSource
    private let metrics: HubMetrics
    private let keys: KeyRing

    public init(
        schemas: SchemaCatalogue, forms: [MessageType: MessageForm], keys: KeyRing, router: Router,
        services: [ProvidedService], provider: (any ServiceProvider)?, journal: any Journal, clock: any HubClock,
        ids: MessageIDSource, metrics: HubMetrics
    ) {
        self.reader = PayloadReader(
            schemas: schemas, forms: forms, keys: keys, directory: router.directory, home: router.home,
            metrics: metrics
        )
        self.keys = keys
        self.services = Dictionary(services.map { ($0.service, $0) }) { first, _ in first }
        self.provider = provider
        self.journal = journal
        self.clock = clock
        self.ids = ids
        self.metrics = metrics
    }

    /// The services in order of their names.
    public var catalogue: [ProvidedService] { self.services.values.sorted { $0.service < $1.service } }

    /// - Returns: The id under which the pair is journaled, and the reply.
    /// - Throws: `service.unknown`, `access.denied`, what reading the request refuses, what the provider throws.
    public func call(
        _ name: String, _ submission: Submission
    ) async throws(HubError) -> (id: MessageID, reply: ServiceReply) {
        guard let service = self.services[name] else {
            throw HubError(.serviceUnknown, "No service with this name is offered here.")
        }
        guard submission.sender.uses.contains(name) else {
            throw HubError(
                .accessDenied, "The system may not call this service.",
                details: [ErrorDetail("system", submission.sender.system), ErrorDetail("service", name)]
            )
        }
        guard let provider = self.provider else {
            throw HubError(.serviceUnavailable, "No provider of this service is connected.")
        }
        let (now, started) = (self.clock.now, self.clock.uptime)
        let read = try self.reader.read(
            submission.declared(as: service.request),
            policy: { _ throws(HubError) in ReadPolicy(.required, isConfidential: service.isConfidential) },
            at: now
        )
        // Before the provider is asked: a reply that cannot be given back is not fetched.
        let caller = read.isConfidential ? try ParcelMaker.recipient(submission.sender.system, self.keys.current.registry) : nil
        guard case .json(let request) = read.document else {
            throw HubError(.apiMediaTypeUnsupported, "The request of this service is application/json.")
        }
        let outcome: Result<ServiceReply, HubError>
        do throws(HubError) {
            outcome = .success(try await provider.call(service.call, request: request.value))
        } catch {
            outcome = .failure(error)
        }
        let took = self.clock.uptime - started
        let id = self.ids.next()
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
        guard let caller else { return (id, answer) }
        return (
            id,
            ServiceReply(
                body: try CMSEncryption.seal(answer.body, for: [caller]), contentType: OpenedBody.encryptedType
            )
        )
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
