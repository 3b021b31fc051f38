public import HubCore
internal import HubEnvelope
internal import HTTPTypes
internal import HubJSON
public import HubModel
internal import Hummingbird

/// What operators and testers ask a running hub: health, metrics, messages, the ledger.
public struct AdminAPI: Sendable {
    let journal: any Journal
    let clock: any HubClock
    private let metrics: HubMetrics
    private let readiness: @Sendable () async -> [ReadinessCheck]
    private let gauges: @Sendable () async -> [(name: String, help: String, labels: String, value: Double)]
    private let token: [UInt8]
    /// In which an operator must have taken an evidence pack; one second more for every 64 KB of it.
    private static let evidenceTime = Duration.seconds(60)
    private let evidence: @Sendable (MessageID) async throws(HubError) -> EvidencePack
    private let keys: KeyOperations
    let contracts: ContractOperations
    let approvals: ApprovalOperations
    private let ring: ContractRing
    let deliveries: DeliveryDesk

    /// - Parameter evidence: Makes the evidence pack of a message.
    public init(
        journal: any Journal, clock: any HubClock, metrics: HubMetrics, readiness: @escaping @Sendable () async -> [ReadinessCheck],
        gauges: @escaping @Sendable () async -> [(name: String, help: String, labels: String, value: Double)],
        token: [UInt8], evidence: @escaping @Sendable (MessageID) async throws(HubError) -> EvidencePack,
        keys: KeyOperations, contracts: ContractOperations, approvals: ApprovalOperations, ring: ContractRing,
        deliveries: DeliveryDesk
    ) {
        self.deliveries = deliveries
        self.contracts = contracts
        self.approvals = approvals
        self.ring = ring
        self.keys = keys
        self.evidence = evidence
        self.journal = journal
        self.clock = clock
        self.metrics = metrics
        self.readiness = readiness
        self.gauges = gauges
        self.token = token
    }

    /// Health for anyone; it says nothing that a caller could use.
    func addHealthRoutes(to routes: RouteTable) {
        routes.get("/livez") { _, _ in Response.json(.object(["status": "alive"])) }
        routes.get("/readyz") { _, _ in
            let checks = await self.readiness()
            let isReady = checks.allSatisfy { $0.isWell || !$0.isVital }
            return Response.json(
                .object([
                    "ready": .bool(isReady),
                    "checks": .array(
                        checks.map { check in
                            .object([
                                "name": .string(check.name), "well": .bool(check.isWell),
                                "vital": .bool(check.isVital), "reason": .string(check.reason),
                            ])
                        }
                    ),
                ]),
                status: isReady ? .ok : .serviceUnavailable
            )
        }
    }

    func addRoutes(to routes: RouteTable) {
        self.addContractRoutes(to: routes)
        self.addCourseRoutes(to: routes)
        self.addDeliveryRoutes(to: routes)
        routes.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(
                    byteBuffer: ByteBuffer(string: self.metrics.exposition(gauges: await self.gauges()))
                )
            )
        }
        routes.get("/admin/v1/messages/:id") { request, context in
            try self.authorise(request)
            guard let id = context.parameters.get("id").flatMap(MessageID.init),
                let stored = try await self.journal.message(id)
            else { throw HubError(.messageNotFound, "No message with this id is in the journal.") }
            return Response.json(
                try await MessageView(stored, self.journal, self.ring.current).json
            )
        }
        routes.get("/admin/v1/messages/:id/receipt") { request, context in
            try self.authorise(request)
            guard let id = context.parameters.get("id").flatMap(MessageID.init) else {
                throw HubError(.messageNotFound, "That is not the id of a message.")
            }
            return Response.json(try await self.journal.receipt(of: id).json)
        }
        routes.get("/admin/v1/messages/:id/evidence") { request, context in
            try self.authorise(request)
            guard let id = context.parameters.get("id").flatMap(MessageID.init) else {
                throw HubError(.messageNotFound, "That is not the id of a message.")
            }
            return Response.evidence(try await self.evidence(id), of: id, within: Self.evidenceTime, to: context.channel)
        }
        routes.post("/admin/v1/keys/rotate") { request, _ in
            try self.authorise(request)
            let wish = try await KeyOperations.Wish(request)
            return Response.json(bytes: try await self.keys.rotate(wish.kind, wish.key, wish.reason))
        }
        routes.post("/admin/v1/keys/reload") { request, _ in
            try self.authorise(request)
            return Response.json(bytes: try await self.keys.reload(KeyOperations.Wish(request).reason))
        }
        routes.get("/admin/v1/totals") { request, _ in
            try self.authorise(request)
            return Response.json(Self.json(of: try await self.journal.totals()))
        }
        routes.get("/admin/v1/ledger") { request, _ in
            try self.authorise(request)
            return self.ledger()
        }
    }

    func authorise(_ request: Request) throws(HubError) {
        let header = try request.single(.authorization) ?? ""
        guard header.lowercased().hasPrefix("bearer "),
            HMACSHA256.isEqual(
                HMACSHA256.code(Array(header.dropFirst(7).utf8), key: self.token),
                HMACSHA256.code(self.token, key: self.token)
            )
        else { throw HubError(.accessUnauthenticated, "The admin token of this hub is needed.") }
    }

    private static func json(of totals: JournalTotals) -> JSONValue {
        var refusals = JSONObject()
        for (code, count) in totals.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            refusals[code.rawValue] = .init(integerLiteral: count)
        }
        return .object([
            "messages": .init(integerLiteral: totals.messages), "refusals": .object(refusals),
            "pending": .init(integerLiteral: totals.pending), "delivered": .init(integerLiteral: totals.delivered),
            "dead_lettered": .init(integerLiteral: totals.deadLettered),
            "lookups": .init(integerLiteral: totals.lookups),
            "blocks": .init(integerLiteral: Int(totals.blocks)),
            "records": .init(integerLiteral: Int(totals.records)),
        ])
    }

    /// Every message and every refusal, a line of JSON each, newest first, paged so that memory stays flat.
    private func ledger() -> Response {
        let journal = self.journal
        let body = ResponseBody { writer in
            var before: MessageID?
            while true {
                let page = try await journal.messages(before: before, limit: 200)
                guard let last = page.last else { break }
                before = last.message.id
                var lines: [UInt8] = []
                for stored in page { lines += Self.line(stored).serialised() + [0x0A] }
                try await writer.write(ByteBuffer(bytes: lines))
            }
            var sequence: Int64?
            while true {
                let page = try await journal.refusals(before: sequence, limit: 500)
                guard let last = page.last else { break }
                sequence = last.sequence
                var lines: [UInt8] = []
                for (_, refusal) in page { lines += Self.line(refusal).serialised() + [0x0A] }
                try await writer.write(ByteBuffer(bytes: lines))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    private static func line(_ stored: StoredMessage) -> JSONValue {
        let message = stored.message
        return .object([
            "id": .string(message.id.description), "sender": .string(message.sender.description),
            "type": .string(message.type.description), "identity": .string(message.identity),
            "digest": .string(message.digest.description),
            "accepted_at": .init(integerLiteral: Int(message.receivedAt.nanoseconds)),
            "order_key": .string(message.orderKey), "signature": .string(message.signature.verdict),
            "deliveries": .array(
                stored.deliveries.enumerated().map { ordinal, state in
                    .object([
                        "ordinal": .init(integerLiteral: ordinal),
                        "destination": .string(state.plan.destination.description),
                        "recipient": .string(state.plan.recipient),
                        "type": .string(state.plan.type.description), "phase": .string(state.phase.rawValue),
                        "at": state.at.map { .init(integerLiteral: Int($0.nanoseconds)) } ?? .null,
                        "attempts": .init(integerLiteral: state.attempts),
                        "code": state.code.map { .string($0.rawValue) } ?? .null,
                    ])
                }
            ),
        ])
    }

    private static func line(_ refusal: Refusal) -> JSONValue {
        .object([
            "refused_at": .init(integerLiteral: Int(refusal.at.nanoseconds)), "sender": .string(refusal.sender),
            "type": .string(refusal.type), "code": .string(refusal.code.rawValue),
            "digest": .string(refusal.digest.description), "size": .init(integerLiteral: refusal.size),
            "place": .string(refusal.place),
        ])
    }
}

/// One thing that must be well for the hub to be ready.
public struct ReadinessCheck: Sendable {
    public let name: String
    public let isWell: Bool
    /// Whether the hub takes no messages without it. The national platform is not vital: its messages wait.
    public let isVital: Bool
    /// What is wrong and what to do; empty when all is well.
    public let reason: String

    public init(name: String, isWell: Bool, isVital: Bool, reason: String = "") {
        self.name = name
        self.isWell = isWell
        self.isVital = isVital
        self.reason = reason
    }
}
