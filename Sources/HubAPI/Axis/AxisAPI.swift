public import HubCore
internal import HTTPTypes
internal import HubDialects
internal import HubEnvelope
internal import HubJSON
public import HubModel
internal import Hummingbird

/// The document axis as the province's document systems know it (DOMAIN 1.6), so that software written for the
/// national adapter can be pointed at the hub.
///
/// The inbox is the mailbox of the system: a document is listed until `updateStatus` says `done` or `fail`.
public struct AxisAPI: Sendable {
    private let intake: Intake
    private let outbox: Outbox
    private let accounts: Accounts
    private let bodies: BodyBudget
    private let skew: Duration
    private let now: @Sendable () -> Timestamp

    /// - Parameter skew: How far the clock of a system may be off before its headers are refused.
    public init(
        intake: Intake, outbox: Outbox, accounts: Accounts, bodies: BodyBudget, skew: Duration,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.intake = intake
        self.outbox = outbox
        self.accounts = accounts
        self.bodies = bodies
        self.skew = skew
        self.now = now
    }

    private typealias Handler = @Sendable (Request, HubContext, Adapter, AxisHeaders) async throws(HubError) -> Response

    func addRoutes(to routes: RouteTable) {
        self.add(AxisPath.sendEdoc, to: routes) { request, _, adapter, headers async throws(HubError) in
            Self.response(try await self.send(request, adapter, headers))
        }
        self.add(AxisPath.getReceivedEdocList, to: routes) { _, _, adapter, headers async throws(HubError) in
            Self.response(try await self.list(adapter, headers))
        }
        self.add(AxisPath.getEdoc, to: routes) { _, context, adapter, headers async throws(HubError) in
            try await self.fetch(context, adapter, headers)
        }
        self.add(AxisPath.updateStatus, to: routes) { _, _, adapter, headers async throws(HubError) in
            Self.response(try await self.update(adapter, headers))
        }
    }

    /// Clients differ in whether they ask with GET or POST; both are served.
    private func add(_ path: String, to routes: RouteTable, _ handler: @escaping Handler) {
        for method in [HTTPRequest.Method.get, .post] where path != AxisPath.sendEdoc || method == .post {
            routes.on(method, path) { request, context in await self.answer(request, context, handler) }
        }
    }

    /// Every answer is HTTP 200 in the axis' own form; a refusal carries the problem and the code besides.
    private func answer(_ request: Request, _ context: HubContext, _ handler: Handler) async -> Response {
        do throws(HubError) {
            let (adapter, headers) = try await self.caller(request)
            return try await handler(request, context, adapter, headers)
        } catch {
            let problem = Problem(error: error)
            var response = Self.response(.refused(error, problem: problem.json))
            response.headers[Problem.errorField] = error.code.rawValue
            return response
        }
    }

    private func caller(_ request: Request) async throws(HubError) -> (Adapter, AxisHeaders) {
        do throws(HubError) {
            let claim = try AxisClaim { name in HTTPField.Name(name).map { request.headers[values: $0] } ?? [] }
            let system = SystemID(claim.systemID)
            let headers = try claim.verified(
                secret: system.flatMap { self.accounts.secret(of: $0) }, now: self.now(), skew: self.skew
            )
            guard let adapter = system.flatMap({ self.accounts.adapters[$0] }), adapter.speaks == .axis else {
                throw HubError(.accessDenied, "The adapter of this system does not speak the document axis.")
            }
            return (adapter, headers)
        } catch {
            await self.intake.recordRefusal(sender: "", type: "", digest: .zero, size: 0, error: error)
            throw error
        }
    }

    private func send(
        _ request: Request, _ adapter: Adapter, _ headers: AxisHeaders
    ) async throws(HubError) -> AxisReply {
        let type: MessageType? =
            switch headers.messageType {
            case .edoc: .edocDocument
            case .status: .edocStatus
            case nil: nil
            }
        var isRead = false
        do throws(HubError) {
            return try await self.bodies.withBody(
                of: request, large: { [intake] count async throws(HubError) in try await intake.reception(of: count) }
            ) { body async throws(HubError) in
                isRead = true
                let submission = Submission(
                    sender: adapter, body: body, contentType: "application/xml", type: type?.description,
                    correlation: headers.docID ?? ""
                )
                do throws(HubError) {
                    try headers.check(digest: submission.digest)
                } catch {
                    await self.intake.recordRefusal(
                        sender: adapter.system.description, type: type?.description ?? "",
                        digest: submission.digest, size: body.count, error: error
                    )
                    throw error
                }
                switch try await self.intake.submit(submission) {
                case .accepted(let id, _, let warnings):
                    return .ok(docID: id.description, warnings: warnings.map(MessageView.json))
                case .repeated(let id, _): return .ok(docID: id.description)
                }
            }
        } catch {
            // What was read is recorded, with its digest, by whoever refuses it.
            if !isRead {
                await self.intake.recordRefusal(
                    sender: adapter.system.description, type: type?.description ?? "", digest: .zero,
                    size: request.headers[.contentLength].flatMap(Int.init) ?? 0, error: error
                )
            }
            throw error
        }
    }

    private func list(_ adapter: Adapter, _ headers: AxisHeaders) async throws(HubError) -> AxisReply {
        let waiting = try await self.mailbox(of: adapter).list(limit: 100) { delivery in
            headers.messageType.map { $0 == Self.kind(of: delivery) } ?? true
        }
        return .list(
            waiting.map { delivery in
                let stamp = CivilTime(delivery.acceptedAt, offset: CivilTime.vietnamOffset).edxmlStamp
                return AxisInboxEntry(
                    docID: delivery.id.description, messageType: Self.kind(of: delivery), createdTime: stamp, updatedTime: stamp,
                    from: delivery.agency, to: [delivery.plan.recipient], status: .inbox
                )
            }
        )
    }

    private static func kind(of delivery: PendingDelivery) -> AxisMessageType {
        delivery.type == .edocStatus ? .status : .edoc
    }

    private func fetch(
        _ context: HubContext, _ adapter: Adapter, _ headers: AxisHeaders
    ) async throws(HubError) -> Response {
        let id = try Self.delivery(headers)
        guard let parcel = try await self.mailbox(of: adapter).parcel(id) else {
            throw HubError(.mailboxLeaseUnknown, "No document with this id is waiting for this system.")
        }
        var answer = PayloadAnswer()
        let reply = AxisReply.document(answer.text(parcel.payload), docID: id.description)
        return answer.response(reply.encoded(), within: self.bodies.bodyTime, to: context.channel)
    }

    private func update(_ adapter: Adapter, _ headers: AxisHeaders) async throws(HubError) -> AxisReply {
        let id = try Self.delivery(headers)
        let mailbox = try self.mailbox(of: adapter)
        switch headers.status {
        case .done: try await mailbox.acknowledge(id)
        case .fail: try await mailbox.refuse(id, answer: "updateStatus fail")
        case .inbox, .processing:
            guard try await mailbox.holds(id) else {
                throw HubError(.mailboxLeaseUnknown, "No document with this id is waiting for this system.")
            }
        case nil: throw HubError(.apiRequestMalformed, "The status to be set is missing.")
        }
        return .ok(docID: id.description)
    }

    private func mailbox(of adapter: Adapter) throws(HubError) -> Mailbox {
        guard let mailbox = self.outbox.mailbox(of: adapter.system) else {
            throw HubError(.accessDenied, "The adapter of this system receives nothing through a mailbox.")
        }
        return mailbox
    }

    private static func delivery(_ headers: AxisHeaders) throws(HubError) -> DeliveryID {
        guard let id = headers.docID.flatMap(DeliveryID.init) else {
            throw HubError(.mailboxLeaseUnknown, "The docId is not one that this hub gave.")
        }
        return id
    }

    private static func response(_ reply: AxisReply) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.encoded()))
        )
    }
}
