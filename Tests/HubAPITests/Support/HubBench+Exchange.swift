import HubEnvelope
import HubJSON
import HubModel
import HubTesting

extension HubBench {
    /// The header with which a system gets its token.
    static func basic(_ system: String, secret: [UInt8]? = nil) -> (name: String, value: String) {
        let pair = Array("\(system):".utf8) + (secret ?? Province.secret(of: system))
        return ("Authorization", "Basic " + Base64.text(pair))
    }

    static func bearer(_ token: String) -> (name: String, value: String) {
        ("Authorization", "Bearer " + token)
    }

    /// A token of the system, fetched as it would fetch it.
    func token(of system: String = HubBench.oneStop) async throws -> String {
        let reply = try await self.exchange.post(
            "/oauth2/token", [Self.basic(system)], Array("grant_type=client_credentials".utf8)
        )
        guard let token = try reply.json["access_token"]?.string else {
            throw Province.Missing(what: "a token: \(reply.text)")
        }
        return token
    }

    /// The headers of a message of the one-stop shop, signed by `signer`.
    func headers(
        of body: [UInt8], token: String, signer: String? = HubBench.oneStop
    ) throws -> Caller.Headers {
        var headers: Caller.Headers = [Self.bearer(token), ("Content-Type", "application/json")]
        if let signer {
            headers.append(
                ("Lgsp-Signature", try JWS.signDetached(body, with: self.province.key(of: signer))))
        }
        return headers
    }

    /// Hands in a packet of the one-stop shop.
    func submit(
        _ body: [UInt8], token: String? = nil, _ more: Caller.Headers = []
    ) async throws -> Reply {
        let token = if let token { token } else { try await self.token() }
        return try await self.exchange.post(
            "/v1/messages", try self.headers(of: body, token: token) + more, body)
    }

    /// An edXML with its signature inside.
    func signed(_ document: [UInt8], by system: String = HubBench.documents) throws -> [UInt8] {
        try XMLSignature.sign(document, with: self.province.key(of: system))
    }

    /// Hands in an edXML of a document system through the exchange API, and gives the id of the message.
    @discardableResult
    func accept(_ document: [UInt8], from system: String = HubBench.documents) async throws -> MessageID {
        let reply = try await self.exchange.post(
            "/v1/messages",
            [Self.bearer(try await self.token(of: system)), ("Content-Type", "application/xml")],
            try self.signed(document, by: system)
        )
        guard reply.status == 202, let id = try reply.json["id"]?.string.flatMap(MessageID.init) else {
            throw Province.Missing(what: "an acceptance: \(reply.text)")
        }
        return id
    }
}
