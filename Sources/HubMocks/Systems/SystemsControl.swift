import HTTPTypes
import HubEnvelope
import HubJSON
import HubModel
import Hummingbird
import NIOCore

/// How a suite orders the systems about.
///
/// For loopback only: whoever reaches it can send in a system's name.
///
/// | call | does |
/// | --- | --- |
/// | `GET /control/health` | the systems, what is not answered yet, who is paused |
/// | `POST /control/{system}/submit` | sends a message and answers with the hub's answer |
/// | `POST /control/{system}/lookup` | asks a service |
/// | `POST /control/{system}/pause`, `…/resume` | polling, and taking pushes |
/// | `POST /control/{system}/forget-token` | the next call gets a new token |
/// | `GET /control/{system}/ledger` | the ledger, one JSON object a line |
struct SystemsControl: Sendable {
    let systems: [SimulatedSystem]
    /// A body in base64 within JSON.
    static let maxBody = 300 << 20
    static let patience: Duration = .seconds(30)

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/control/health") { _, _ in self.health() }
        router.get("/control/:system/ledger") { _, context in
            try await self.answer(context) { Self.response(.ok, $0.ledger.lines, "application/x-ndjson") }
        }
        router.post("/control/:system/submit") { request, context in
            let order = try await Self.order(request)
            return try await self.answer(context) { try await Self.submit(order, to: $0) }
        }
        router.post("/control/:system/lookup") { request, context in
            let order = try await Self.order(request)
            return try await self.answer(context) { try await Self.lookup(order, by: $0) }
        }
        for (path, paused) in [("pause", true), ("resume", false)] {
            router.post("/control/:system/\(path)") { _, context in
                try await self.answer(context) { system in
                    try system.setPaused(paused)
                    return Self.json(.ok, ["paused": .bool(paused)])
                }
            }
        }
        router.post("/control/:system/forget-token") { _, context in
            try await self.answer(context) { system in
                system.exchange?.forgetToken()
                return Self.json(.ok, [:])
            }
        }
        return router
    }

    private func health() -> Response {
        let systems = self.systems.map { system -> JSONValue in
            let (unanswered, unhandled, paused) = system.ledger.read {
                ($0.unanswered.count, $0.unhandled.count, $0.isPaused)
            }
            return [
                "id": .string(system.id.description),
                "agencies": .array(system.configuration.agencies.map { .string($0.text) }),
                "speaks": .string(system.configuration.speaks.rawValue), "paused": .bool(paused),
                "unanswered": .init(integerLiteral: unanswered),
                "unhandled": .init(integerLiteral: unhandled),
            ]
        }
        return Self.json(.ok, ["status": "ok", "systems": .array(systems)])
    }

    /// Runs `body` with the system that the path names, and turns what it throws into an answer.
    private func answer(
        _ context: BasicRequestContext, _ body: (SimulatedSystem) async throws -> Response
    ) async throws -> Response {
        let name = context.parameters.get("system") ?? ""
        guard let system = self.systems.first(where: { $0.id.description == name }) else {
            return Self.problem(.notFound, HubError(.apiNotFound, "There is no such system here."))
        }
        do {
            return try await body(system)
        } catch let error as HubError {
            return Self.problem(
                error.code.advice == .sameAgainLater ? .serviceUnavailable : .badRequest, error)
        }
    }

    private static func submit(_ order: JSONValue, to system: SimulatedSystem) async throws -> Response {
        guard var body = order["body"]?.string.flatMap({ Base64.bytes($0) }) else {
            throw HubError(.apiRequestMalformed, "The member 'body' must be base64.")
        }
        // Spaces behind the body, so that a body that is too large need not be carried here.
        body += [UInt8](repeating: 0x20, count: max(0, min(Self.maxBody, order["pad"]?.int ?? 0)))
        let patience = order["patience_ms"]?.int.map { Duration.milliseconds($0) } ?? Self.patience
        let request = SubmitRequest(
            key: order["key"]?.string ?? "order-" + Hex.text(SecureRandom.bytes(8)),
            label: order["label"]?.string ?? "", type: order["type"]?.string ?? "", body: body,
            contentType: order["contentType"]?.string ?? "application/xml", signer: try Self.signer(order),
            breaksSignature: order["damage"]?.string == "break-signature", isRaw: order["raw"]?.bool ?? false,
            recipients: order["recipients"]?.array?.compactMap(\.string), order: order["order"]?.string
        )
        guard let answer = try await system.submit(request, patience: patience)?.object else {
            return Self.json(.accepted, ["key": .string(request.key), "pending": true])
        }
        return Self.json(.ok, answer)
    }

    private static func lookup(_ order: JSONValue, by system: SimulatedSystem) async throws -> Response {
        guard let service = order["service"]?.string,
            let body = order["body"]?.string.flatMap({ Base64.bytes($0) })
        else { throw HubError(.apiRequestMalformed, "The members 'service' and 'body' (base64) are needed.") }
        let answer = try await system.lookup(
            service: service, body: body, contentType: order["contentType"]?.string ?? "application/json",
            signer: try Self.signer(order)
        )
        return Self.json(.ok, answer.object ?? [:])
    }

    private static func signer(_ order: JSONValue) throws(HubError) -> SubmitRequest.Signer {
        switch order["sign"]?.string ?? "own" {
        case "own": return .own
        case "none": return .none
        case let name:
            guard let system = SystemID(name) else {
                throw HubError(.apiRequestMalformed, "The member 'sign' is neither own, none nor a system.")
            }
            return .other(system)
        }
    }

    private static func order(_ request: Request) async throws -> JSONValue {
        let buffer = try await request.body.collect(upTo: Self.maxBody)
        var limits = JSONLimits()
        limits.maxBytes = Self.maxBody
        do {
            return try JSONDocument.parse(Array(buffer.readableBytesView), limits: limits).value
        } catch {
            throw HTTPError(.badRequest, message: error.description)
        }
    }

    private static func problem(_ status: HTTPResponse.Status, _ error: HubError) -> Response {
        Self.json(status, ["code": .string(error.code.rawValue), "detail": .string(error.description)])
    }

    private static func json(_ status: HTTPResponse.Status, _ object: JSONObject) -> Response {
        Self.response(status, JSONValue.object(object).serialised(), "application/json")
    }

    private static func response(_ status: HTTPResponse.Status, _ bytes: [UInt8], _ type: String) -> Response
    {
        Response(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
