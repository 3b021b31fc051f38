import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubTesting

/// A document system that speaks the axis with the hub.
struct AxisCaller {
    let bench: HubBench
    let system: String

    /// What an answer of the axis said, and what stood around it.
    struct Answer {
        let http: Reply
        let reply: AxisReply

        /// The code of the hub; `nil` for a yes.
        var code: String? { self.http.header("Lgsp-Error") }
    }

    init(_ bench: HubBench, _ system: String = HubBench.documents) {
        self.bench = bench
        self.system = system
    }

    /// The headers of a call, as this system would sign them just now.
    func headers(
        body: [UInt8] = [], secret: [UInt8]? = nil, _ change: (inout AxisHeaders) -> Void = { _ in }
    ) throws -> Caller.Headers {
        var headers = AxisHeaders(systemID: self.system, timestamp: self.bench.clock.now)
        if !body.isEmpty { headers.fileHash = SHA256.hash(body) }
        change(&headers)
        return try headers.signed(with: secret ?? Province.secret(of: self.system))
    }

    func call(_ path: String, _ headers: Caller.Headers, _ body: [UInt8] = []) async throws -> Answer {
        let http = try await self.bench.exchange.post(path, headers, body)
        guard http.status == 200, http.header("Content-Type") == "application/json" else {
            throw Province.Missing(what: "an answer of the axis: \(http.status) \(http.text)")
        }
        return Answer(http: http, reply: try AxisReply.parse(http.body))
    }

    func send(
        _ body: [UInt8], _ change: (inout AxisHeaders) -> Void = { $0.messageType = .edoc }
    ) async throws -> Answer {
        try await self.call(AxisPath.sendEdoc, try self.headers(body: body, change), body)
    }

    func list(_ type: AxisMessageType? = nil) async throws -> [AxisInboxEntry] {
        try await self.call(AxisPath.getReceivedEdocList, try self.headers { $0.messageType = type }).reply
            .entries()
    }

    func fetch(_ id: String) async throws -> Answer {
        try await self.call(AxisPath.getEdoc, try self.headers { $0.docID = id })
    }

    func update(_ id: String, _ status: AxisTransportStatus?) async throws -> Answer {
        try await self.call(
            AxisPath.updateStatus,
            try self.headers {
                $0.docID = id
                $0.status = status
            }
        )
    }
}
