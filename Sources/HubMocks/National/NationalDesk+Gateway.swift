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
        switch (request.method, request.path) {
        case ("POST", GatewayPath.citizen):
            guard let question = (try? JSONDocument.parse(request.body))?.value,
                let question = CitizenQuestion(question)
            else { return .json(CitizenAnswer(errorCode: "2", message: "Yêu cầu không hợp lệ").encoded()) }
            let citizen = self.registry.citizen(question.number)
            try self.note(client, request.path, isFound: citizen != nil)
            let answer = citizen.map { CitizenAnswer(errorCode: "0", message: $0.xml) } ?? .notFound
            return .json(answer.encoded())
        case ("GET", GatewayPath.enterprise):
            let enterprise = self.registry.enterprise(request.query(GatewayPath.enterpriseNumber) ?? "")
            try self.note(client, request.path, isFound: enterprise != nil)
            return .json((enterprise?.json ?? NationalRegistry.noEnterprise).serialised())
        default:
            return .fault(.notFound)
        }
    }

    /// The number that was asked for stays out of the ledger: it is a person's.
    private func note(_ client: String, _ path: String, isFound: Bool) throws(HubError) {
        try self.record([
            NationalEvent(.gatewayLookedUp, at: self.now()).with {
                $0.system = client
                $0.detail = "\(isFound ? "found" : "not found") \(path)"
            }
        ])
    }

    private static let badRequest = GatewayFault(
        code: "400", message: "Bad Request", description: "The request for a token cannot be read."
    )
}
