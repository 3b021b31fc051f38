import HTTPTypes
import HubDialects
import HubEnvelope
import HubHTTP
import HubJSON
import HubModel
import Hummingbird
import NIOCore
import Synchronization

@testable import HubMocks

/// What a hub looks like from outside, as far as the simulated systems see it.
///
/// Tests say what it does.
final class StandInHub: Sendable {
    struct State {
        /// What waits for the document system `docs`.
        var inbox: [(id: String, to: String, bytes: [UInt8])] = []
        /// Whether `updateStatus` takes effect.
        var forgetsConfirmations = false
        var sent: [[UInt8]] = []
        /// Answers to the next submissions, before all others are accepted.
        var answers: [Response] = []
        var tokens = 0
        /// How many calls the current token is good for.
        var tokenUses = Int.max
        var signatures: [String] = []
        var lookups = 0
    }

    let state = Mutex(State())
    let key: SigningKey
    static let axisSecret = "axis-secret"
    static let limit = 1 << 20

    init() throws {
        self.key = try SigningKey.generate(.p256)
    }

    static func fail(_ code: ErrorCode) -> Response {
        let error = HubError(code, "No.")
        let problem: JSONValue = ["code": .string(code.rawValue), "detail": "No."]
        return Self.json(AxisReply.refused(error, problem: problem).encoded(), .ok)
    }

    static func problem(_ code: ErrorCode, _ status: HTTPResponse.Status) -> Response {
        Self.json(JSONValue.object(["code": .string(code.rawValue), "detail": "No."]).serialised(), status)
    }

    static func json(_ bytes: [UInt8], _ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Serves until cancelled; `ready` is told the address.
    func run(ready: @escaping @Sendable (String) -> Void) async throws {
        let router = Router()
        for method in [HTTPRequest.Method.get, .post] {
            router.on("/XrdAdapter/adapter/:call", method: method) { try await self.axis($0, $1) }
        }
        router.post("/oauth2/token") { request, _ in
            let uses = self.state.withLock { state in
                state.tokens += 1
                return state.tokens
            }
            return Self.json(JSONValue.object(["access_token": .string("token-\(uses)")]).serialised(), .ok)
        }
        router.post("/v1/messages") { request, _ in try await self.exchange(request) }
        router.post("/v1/services/**") { request, _ in
            guard try await self.isAuthorised(request) else {
                return Self.problem(.accessUnauthenticated, .unauthorized)
            }
            self.state.withLock { $0.lookups += 1 }
            let reply = Array(#"{"error_code":"0"}"#.utf8)
            var response = Self.json(reply, .ok)
            response.headers[HTTPField.Name("Lgsp-Message-Id")!] = "lookup-1"
            response.headers[HTTPField.Name("Lgsp-Signature")!] = try JWS.signDetached(reply, with: self.key)
            return response
        }
        try await HTTPListener(host: "127.0.0.1", port: 0, responder: router.buildResponder())
            .run { ready("http://127.0.0.1:\($0)") }
    }

    private func axis(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let claim = try AxisClaim { name in HTTPField.Name(name).map { request.headers[values: $0] } ?? [] }
        let now = WallClock.now
        let headers = try claim.verified(secret: Array(Self.axisSecret.utf8), now: now, skew: .seconds(60))
        switch context.parameters.get("call") ?? "" {
        case "sendEdoc":
            let body = Array(try await request.body.collect(upTo: 64 << 20).readableBytesView)
            try headers.check(body: body)
            let answer = self.state.withLock { state -> Response? in
                state.sent.append(body)
                return state.answers.isEmpty ? nil : state.answers.removeFirst()
            }
            return answer ?? Self.json(AxisReply.ok(docID: "id-\(SHA256.hash(body))").encoded(), .ok)
        case "getReceivedEdocList":
            let entries = self.state.withLock(\.inbox).map {
                AxisInboxEntry(
                    docID: $0.id, messageType: .edoc, createdTime: "", updatedTime: "", from: "", to: [$0.to],
                    status: .inbox)
            }
            let isAsked = headers.systemID == "docs" && headers.messageType == .edoc
            return Self.json(AxisReply.list(isAsked ? entries : []).encoded(), .ok)
        case "getEdoc":
            let bytes = self.state.withLock { state in state.inbox.first { $0.id == headers.docID }?.bytes }
            return Self.json(AxisReply.document(bytes ?? [], docID: headers.docID ?? "").encoded(), .ok)
        default:
            self.state.withLock { state in
                if !state.forgetsConfirmations { state.inbox.removeAll { $0.id == headers.docID } }
            }
            return Self.json(AxisReply.ok().encoded(), .ok)
        }
    }

    private func exchange(_ request: Request) async throws -> Response {
        guard try await self.isAuthorised(request) else {
            return Self.problem(.accessUnauthenticated, .unauthorized)
        }
        if (request.headers[.contentLength].flatMap(Int.init) ?? 0) > Self.limit {
            return Self.problem(.intakeTooLarge, .contentTooLarge)
        }
        let body = Array(try await request.body.collect(upTo: Self.limit).readableBytesView)
        let answer = self.state.withLock { state -> Response? in
            state.sent.append(body)
            state.signatures.append(HTTPField.Name("Lgsp-Signature").flatMap { request.headers[$0] } ?? "")
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        let accepted = JSONValue.object([
            "id": "m-1", "status": "accepted", "receipt": ["format": "receipt-1"],
        ])
        return answer ?? Self.json(accepted.serialised(), .accepted)
    }

    private func isAuthorised(_ request: Request) async throws -> Bool {
        self.state.withLock { state in
            guard request.headers[.authorization] == "Bearer token-\(state.tokens)", state.tokenUses > 0
            else {
                if state.tokenUses <= 0 { state.tokenUses = .max }
                return false
            }
            state.tokenUses -= 1
            return true
        }
    }
}
