import HubEnvelope
import HubJSON
import HubModel

/// One simulated system: a ledger, an outbox, and what its dialect adds.
struct SimulatedSystem: Sendable {
    let configuration: SystemsConfiguration.System
    let ledger: SystemLedger
    let submitter: Submitter
    let outbox: Outbox
    /// For a document system.
    let inbox: DocumentInbox?
    /// For a system of the exchange API.
    let exchange: ExchangeCourier?
    let receiver: PushReceiver?
    /// To check the signature of replies; `nil` leaves it unchecked.
    let hubKey: PublicKey?
    let clock: any Clock<Duration>

    var id: SystemID { self.configuration.id }

    /// Sends and polls until cancelled.
    ///
    /// - Throws: `journal.unavailable` when its ledger can no longer be written.
    func run() async throws {
        try self.ledger.append("started", [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.outbox.run() }
            if let inbox { group.addTask { try await inbox.run() } }
            try await group.waitForAll()
        }
    }

    /// Hands a message in and waits for its answer.
    ///
    /// - Returns: The `answered` line, or `nil` when there is none yet after `patience`.
    func submit(_ request: SubmitRequest, patience: Duration) async throws -> JSONValue? {
        try self.submitter.submit(request)
        var left = patience
        let step = Duration.milliseconds(2)
        while left > .zero {
            if let answer = self.ledger.read({ $0.outgoing[request.key]?.answer }) { return answer }
            try await self.clock.sleep(for: step)
            left -= step
        }
        return nil
    }

    /// Asks a service through the hub and notes how it went.
    ///
    /// - Returns: The `lookup` line with the reply's body as `reply`.
    /// - Throws: `service.unknown` for a system that does not speak the exchange API, `delivery.unavailable` when
    ///   there is no answer.
    func lookup(
        service: String, body: [UInt8], contentType: String, signer: SubmitRequest.Signer
    ) async throws(HubError) -> JSONValue {
        guard let exchange else {
            throw HubError(
                .serviceUnknown, "This system does not speak the exchange API, so it cannot look up.")
        }
        let pair = try self.submitter.keys.pair(for: signer)
        let signature = if let pair { try JWS.signDetached(body, with: pair.key) } else { "" }
        let started = self.ledger.now
        let reply = try await exchange.lookup(
            service: service, body: body, contentType: contentType, signature: signature
        )
        let answer = try? JSONDocument.parse(reply.body).value
        let accepted = (200...299).contains(reply.status)
        var members: [(key: String, value: JSONValue)] = [
            ("service", .string(service)), ("digest", .string(SHA256.hash(body).description)),
            ("http", .init(integerLiteral: reply.status)), ("accepted", .bool(accepted)),
            ("message", .string(reply.header("Lgsp-Message-Id") ?? "")),
            (
                "took_ms",
                .init(integerLiteral: Int((self.ledger.now.since(started) / .milliseconds(1)).rounded()))
            ),
        ]
        if !accepted {
            members.append(("code", .string(answer?["code"]?.string ?? reply.header("Lgsp-Error") ?? "")))
        }
        if let hubKey {
            let kid = hubKey.fingerprint.description
            let report = JWS.verifyDetached(reply.header("Lgsp-Signature") ?? "", payload: reply.body) {
                $0 == kid ? hubKey : nil
            }
            members.append(("reply_signature", .string(report.verdict.rawValue)))
        }
        try self.ledger.append("lookup", members)
        members.append(("reply", answer ?? .string(Base64.text(reply.body))))
        return .object(JSONObject(members))
    }

    /// Stops or resumes taking what waits for it; sending goes on.
    ///
    /// Survives a restart.
    ///
    /// - Throws: `journal.unavailable`.
    func setPaused(_ paused: Bool) throws(HubError) {
        try self.ledger.append(paused ? "paused" : "resumed", []) { $0.isPaused != paused }
    }
}
