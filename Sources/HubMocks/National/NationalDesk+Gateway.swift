import HubDialects
import HubEnvelope
import HubJSON
import HubModel

extension NationalDesk {
    /// Answers a request for a token.
    func token(_ request: PlatformRequest) throws(HubError) -> PlatformReply {
        let asked: GatewayTokenRequest
        do throws(HubError) {
            asked = try GatewayTokenRequest(request.header, body: request.body)
        } catch {
            return .fault(error.code == .accessUnauthenticated ? .missingCredentials : Self.badRequest)
        }
        let client = self.configuration.gatewayClients.first { $0.key == asked.key }
        guard let client, HMACSHA256.isEqual(Array(client.secret.utf8), Array(asked.secret.utf8)) else {
            return .fault(.invalidCredentials)
        }
        let token = try self.issue(.token, to: client.key)
        let lifetime = max(1, Int(self.configuration.tokenLifetime.components.seconds))
        return .json(GatewayTokenReply(accessToken: token, expiresIn: lifetime).encoded())
    }

    /// Answers a call to a service behind the gateway.
    func answer(gateway request: PlatformRequest) throws(HubError) -> PlatformReply {
        guard let token = try? GatewayCredential.token(request.header) else {
            return .fault(.missingCredentials)
        }
        guard let client = try self.owner(of: token, .token) else { return .fault(.invalidCredentials) }
        guard let (service, segment) = GatewayService.at(request.method, request.path) else {
            return .fault(.notFound)
        }
        let answer = try service.answer(
            GatewayCall(
                request: request, segment: segment, registry: self.registry, records: self.state.records,
                bodies: self.bodies, paymentSecret: self.configuration.paymentSecret, now: self.now()
            )
        )
        var events = try answer.entries.map { entry throws(HubError) in try self.event(entry, client) }
        // The number that was asked for stays out of the ledger: it is a person's.
        events.append(
            NationalEvent(.gatewayLookedUp, at: self.now()).with {
                $0.system = client
                $0.detail = "\(answer.isFound ? "found" : "not found") \(request.path)"
            }
        )
        try self.record(events)
        return answer.reply
    }

    private func event(_ entry: GatewayEntry, _ client: String) throws(HubError) -> NationalEvent {
        var event = NationalEvent(.gatewayCancelled, at: self.now())
        if case .take(let content) = entry.action {
            let digest = SHA256.hash(content)
            try self.bodies.keep(content, digest: digest)
            event.kind = .gatewayTaken
            event.digest = digest
        }
        event.system = client
        event.dossier = entry.key
        event.documentID = entry.reference
        event.statusCode = entry.note
        event.detail = entry.register.rawValue
        return event
    }

    private static let badRequest = GatewayFault(
        code: "400", message: "Bad Request", description: "The request for a token cannot be read."
    )
}
