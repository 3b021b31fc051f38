public import HubCore
internal import HubEnvelope
internal import HTTPTypes
internal import HubHTTP
internal import HubJSON
public import HubModel
internal import Hummingbird

/// The exchange API for systems of the province (DESIGN 4): messages, mailbox, services, tokens.
public struct ExchangeAPI: Sendable {
    let intake: Intake
    let desk: ServiceDesk
    private let outbox: Outbox
    private let journal: any Journal
    private let accounts: Accounts
    private let tokens: TokenDesk
    let keys: KeyRing
    private let announcement: @Sendable () -> [UInt8]?
    private let bodies: BodyBudget
    let contracts: ContractRing
    let book: ApprovalBook
    let approvals: ApprovalOperations
    let now: @Sendable () -> Timestamp
    private let evidence: @Sendable (MessageID) async throws(HubError) -> EvidencePack

    /// - Parameters:
    ///   - announcement: The receipt, as JSON, of the record by which the key before this one names it.
    ///   - evidence: Makes the evidence pack of a message.
    public init(
        intake: Intake, desk: ServiceDesk, outbox: Outbox, journal: any Journal, accounts: Accounts,
        tokens: TokenDesk, keys: KeyRing, announcement: @escaping @Sendable () -> [UInt8]?, bodies: BodyBudget,
        evidence: @escaping @Sendable (MessageID) async throws(HubError) -> EvidencePack, contracts: ContractRing,
        book: ApprovalBook, approvals: ApprovalOperations, now: @escaping @Sendable () -> Timestamp
    ) {
        self.contracts = contracts
        self.book = book
        self.approvals = approvals
        self.now = now
        self.evidence = evidence
        self.intake = intake
        self.desk = desk
        self.outbox = outbox
        self.journal = journal
        self.accounts = accounts
        self.tokens = tokens
        self.keys = keys
        self.announcement = announcement
        self.bodies = bodies
    }

    func addRoutes(to routes: RouteTable) {
        routes.post("/oauth2/token") { request, _ in try await self.token(request) }
        routes.post("/v1/messages") { request, _ in try await self.submit(request) }
        routes.get("/v1/messages/:id") { request, context in try await self.message(request, context) }
        routes.get("/v1/messages/:id/receipt") { request, context in try await self.receipt(request, context) }
        routes.get("/v1/messages/:id/evidence") { request, context in
            let id = try await self.ownMessage(request, context).message.id
            return Response.evidence(try await self.evidence(id), of: id, within: self.bodies.bodyTime, to: context.channel)
        }
        routes.get("/v1/keys") { _, _ in self.hubKeys() }
        routes.get("/v1/mailbox") { request, context in try await self.fetch(request, context) }
        routes.post("/v1/mailbox/ack") { request, _ in try await self.acknowledge(request) }
        routes.post("/v1/mailbox/:delivery/ack") { request, context in
            try await self.settle(request, context) { mailbox, id async throws(HubError) in try await mailbox.acknowledge(id) }
        }
        routes.post("/v1/mailbox/:delivery/nack") { request, context in
            try await self.settle(request, context) { mailbox, id async throws(HubError) in try await mailbox.release(id) }
        }
        routes.post("/v1/mailbox/:delivery/extend") { request, context in
            let time = try request.number("for", in: 1...86_400) ?? 60
            return try await self.settle(request, context) { mailbox, id async throws(HubError) in
                try await mailbox.extend(id, by: .seconds(time))
            }
        }
        self.addServiceRoutes(to: routes)
    }

    /// The public keys of the hub, the current one first, for anyone: what is signed with them is checked with them.
    ///
    /// Who trusts an earlier key follows to the current one by its announcement.
    private func hubKeys() -> Response {
        let keys = self.keys.current
        let all = [(keys.own.publicKey, true)] + keys.earlier.map { ($0.key, false) }
        return .json(
            .object([
                "keys": .array(
                    all.map { key, isCurrent in
                        .object([
                            "fingerprint": .string(key.fingerprint.description), "kind": .string(key.kind.rawValue),
                            "current": .bool(isCurrent), "pem": .string(String(decoding: key.pem, as: UTF8.self)),
                        ])
                    }
                ),
                "confidential": keys.confidential.first.map { own in
                    .object([
                        "fingerprint": .string(own.key.publicKey.fingerprint.description),
                        "certificate": .string(String(decoding: own.certificate.pem, as: UTF8.self)),
                    ])
                } ?? .null,
                "announcement": self.announcement().flatMap { try? JSONDocument.parse($0).value } ?? .null,
            ])
        )
    }

    // MARK: Messages

    private func submit(_ request: Request) async throws(HubError) -> Response {
        try await self.withSubmission(from: request, isMessage: true) { submission async throws(HubError) in
            switch try await self.intake.submit(submission) {
            case .accepted(let id, let receipt, let warnings):
                let result: JSONValue = .object([
                    "id": .string(id.description), "status": "accepted", "receipt": receipt.json,
                    "warnings": .array(warnings.map(MessageView.json)),
                ])
                return .json(result, status: .accepted)
            case .repeated(let id, let receipt):
                let result: JSONValue = .object([
                    "id": .string(id.description), "status": "repeated", "receipt": receipt.json,
                    "warnings": .array([]),
                ])
                return .json(result, status: .ok)
            }
        }
    }

    /// Reads caller, headers and body. What is turned away here is recorded like any refusal.
    ///
    /// - Parameter isMessage: Whether the body is a message, which may be large when nothing is around it.
    func withSubmission(
        from request: Request, isMessage: Bool = false, _ work: (Submission) async throws(HubError) -> Response
    ) async throws(HubError) -> Response {
        var sender = ""
        var isRead = false
        do throws(HubError) {
            let adapter = try self.caller(request)
            sender = adapter.system.description
            let headers = try Headers(request)
            let large = isMessage && Submission.mayBeLarge(headers.contentType) ? self.reception : nil
            return try await self.bodies.withBody(of: request, large: large) { body async throws(HubError) in
                isRead = true
                return try await work(headers.submission(of: body, from: adapter))
            }
        } catch {
            // What was read is recorded, with its digest, by whoever refuses it.
            if !isRead {
                await self.intake.recordRefusal(
                    sender: sender, type: request.headers[.lgspService] ?? "", digest: .zero,
                    size: request.headers[.contentLength].flatMap(Int.init) ?? 0, error: error
                )
            }
            throw error
        }
    }

    /// What the headers say about a body, each read once.
    private struct Headers {
        let contentType: String
        let type: String?
        let recipient: String?
        let messageID: String?
        let correlation: String
        let signature: String?

        init(_ request: Request) throws(HubError) {
            self.contentType = try request.contentType()
            self.type = try request.single(.lgspService)
            self.recipient = try request.single(.lgspRecipient)
            self.messageID = try request.single(.lgspMessageID)
            self.correlation = try request.single(.lgspCorrelationID) ?? ""
            self.signature = try request.single(.lgspSignature)
        }

        func submission(of body: Payload, from adapter: Adapter) -> Submission {
            Submission(
                sender: adapter, body: body, contentType: self.contentType, type: self.type,
                recipient: self.recipient, messageID: self.messageID, correlation: self.correlation,
                signature: self.signature
            )
        }
    }

    /// Where large bodies go.
    private var reception: PayloadCollector.Reception {
        { [intake] count async throws(HubError) in try await intake.reception(of: count) }
    }

    private func message(_ request: Request, _ context: HubContext) async throws(HubError) -> Response {
        let stored = try await self.ownMessage(request, context)
        return .json(try await MessageView(stored, self.journal, self.contracts.current).json)
    }

    private func receipt(_ request: Request, _ context: HubContext) async throws(HubError) -> Response {
        let stored = try await self.ownMessage(request, context)
        return .json(try await self.journal.receipt(of: stored.message.id).json)
    }

    /// A message that the caller sent or received; any other does not exist for it.
    private func ownMessage(_ request: Request, _ context: HubContext) async throws(HubError) -> StoredMessage {
        let adapter = try self.caller(request)
        guard let id = context.parameters.get("id").flatMap(MessageID.init),
            let stored = try await self.journal.message(id),
            stored.message.sender == adapter.system
                || stored.deliveries.contains(where: {
                    $0.plan.destination == .mailbox(adapter.system) || $0.plan.destination == .push(adapter.system)
                })
        else {
            throw HubError(.messageNotFound, "No message with this id was sent or received by this system.")
        }
        return stored
    }

    // MARK: Mailbox

    private func fetch(_ request: Request, _ context: HubContext) async throws(HubError) -> Response {
        let mailbox = try self.mailbox(of: try self.caller(request))
        let limit = try request.number("max", in: 1...100) ?? 10
        let wait = try request.number("wait", in: 0...60) ?? 0
        let lease = try request.number("lease", in: 1...86_400).map { Duration.seconds($0) }
        var parcels = try await mailbox.fetch(limit: limit, wait: .zero, lease: lease)
        if parcels.isEmpty, wait > 0 {
            parcels = try await Self.waitForParcels(of: mailbox, limit: limit, wait: wait, lease: lease, for: context)
        }
        var answer = PayloadAnswer()
        var deliveries: [JSONValue] = []
        for parcel in parcels {
            let delivery = parcel.delivery
            deliveries.append(.object([
                "delivery": .string(delivery.id.description), "message": .string(delivery.id.message.description),
                "type": .string(delivery.plan.type.description), "from": .string(delivery.agency),
                "to": .string(delivery.plan.recipient), "sender": .string(delivery.sender.description),
                "contentType": .string(parcel.contentType), "correlation": .string(delivery.correlation),
                "signature": .string(parcel.signature), "accepted_at": .string(delivery.acceptedAt.description),
                "payload": answer.text(parcel.payload),
            ]))
        }
        let value = JSONValue.object(["deliveries": .array(deliveries)])
        return answer.response(value.serialised(), within: self.bodies.bodyTime, to: context.channel)
    }

    /// A poller that hangs up while it waits takes nothing with it.
    private static func waitForParcels(
        of mailbox: Mailbox, limit: Int, wait: Int, lease: Duration?, for context: HubContext
    ) async throws(HubError) -> [Parcel] {
        do {
            return try await context.channel.whileConnected {
                try await mailbox.fetch(limit: limit, wait: .seconds(wait), lease: lease)
            }
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(.apiRequestMalformed, "The caller hung up.", cause: error)
        }
    }

    private func settle(
        _ request: Request, _ context: HubContext,
        _ action: (Mailbox, DeliveryID) async throws(HubError) -> Void
    ) async throws(HubError) -> Response {
        let mailbox = try self.mailbox(of: try self.caller(request))
        guard let id = context.parameters.get("delivery").flatMap(DeliveryID.init) else {
            throw HubError(.mailboxLeaseUnknown, "That is not the id of a delivery.")
        }
        try await action(mailbox, id)
        return Response(status: .noContent)
    }

    /// Ends many deliveries in one call: one record each, one wait for the disk.
    private func acknowledge(_ request: Request) async throws(HubError) -> Response {
        let mailbox = try self.mailbox(of: try self.caller(request))
        let body = try await request.bytes(upTo: 1 << 16, within: self.bodies.bodyTime)
        let texts = try JSONDocument.parse(body).value["deliveries"]?.array ?? []
        guard !texts.isEmpty, texts.count <= Self.mostAcknowledged else {
            throw HubError(
                .apiRequestMalformed, "The body is not an object whose deliveries are a list of ids.",
                details: [ErrorDetail("allowed", "1-\(Self.mostAcknowledged)")]
            )
        }
        var ids: [DeliveryID] = []
        var unknown: [JSONValue] = []
        var seen: Set<String> = []
        for text in texts where seen.insert(text.string ?? "").inserted {
            if let id = text.string.flatMap(DeliveryID.init) { ids.append(id) } else { unknown.append(text) }
        }
        let strange = Set(try await mailbox.acknowledge(ids))
        unknown += strange.map { .string($0.description) }
        let done: [JSONValue] = ids.lazy.filter { !strange.contains($0) }.map { .string($0.description) }
        return .json(.object(["acknowledged": .array(done), "unknown": .array(unknown)]))
    }

    private static let mostAcknowledged = 1000

    private func mailbox(of adapter: Adapter) throws(HubError) -> Mailbox {
        guard let mailbox = self.outbox.mailbox(of: adapter.system) else {
            throw HubError(.accessDenied, "The adapter of this system receives nothing through a mailbox.")
        }
        return mailbox
    }

    // MARK: Callers

    private func token(_ request: Request) async throws(HubError) -> Response {
        let body = String(decoding: try await request.bytes(upTo: 4096, within: self.bodies.bodyTime), as: UTF8.self)
        guard body.split(separator: "&").contains("grant_type=client_credentials") else {
            throw HubError(
                .apiRequestMalformed, "The grant is not client_credentials.",
                details: [ErrorDetail("error", "unsupported_grant_type")]
            )
        }
        guard let header = try request.single(.authorization), header.lowercased().hasPrefix("basic "),
            let pair = Base64.bytes(header.dropFirst(6)), let colon = pair.firstIndex(of: 0x3A),
            let adapter = self.accounts.adapter(
                id: String(decoding: pair[..<colon], as: UTF8.self), secret: Array(pair[(colon + 1)...])
            )
        else {
            let error = HubError(
                .accessUnauthenticated, "The client id or its secret is wrong.",
                details: [ErrorDetail("error", "invalid_client")]
            )
            await self.intake.recordRefusal(sender: "", type: "", digest: .zero, size: 0, error: error)
            // RFC 6749 section 5.2 names the member; the code is ours.
            var response = Problem(error: error).response
            response.headers[.wwwAuthenticate] = "Basic realm=\"lgsp\""
            return response
        }
        return .json(
            .object([
                "access_token": .string(try self.tokens.issue(to: adapter.system)), "token_type": "Bearer",
                "expires_in": .init(integerLiteral: Int(TokenDesk.lifetime)),
            ])
        )
    }

    func caller(_ request: Request) throws(HubError) -> Adapter {
        guard let header = try request.single(.authorization), header.lowercased().hasPrefix("bearer ") else {
            throw HubError(.accessUnauthenticated, "A bearer token is needed; get one at /oauth2/token.")
        }
        let system = try self.tokens.system(of: String(header.dropFirst(7)))
        guard let adapter = self.accounts.adapters[system] else {
            throw HubError(.accessUnauthenticated, "The system of this token has no adapter any more.")
        }
        return adapter
    }
}
