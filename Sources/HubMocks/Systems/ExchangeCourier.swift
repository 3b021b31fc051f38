import HubJSON
import HubModel
import Synchronization

/// A line to the hub's exchange API: a bearer token got with the client's secret, JSON, detached signatures.
final class ExchangeCourier: Courier {
    let system: SystemID
    private let secret: String
    private let hub: String
    private let http: SystemHTTP
    private let token = Mutex<String?>(nil)

    init(system: SystemID, secret: String, hub: String, http: SystemHTTP) {
        self.system = system
        self.secret = secret
        self.hub = hub
        self.http = http
    }

    func send(_ message: LedgerState.Outgoing, body: [UInt8]) async -> CourierReply {
        var headers = [(name: "Content-Type", value: message.contentType)]
        if !message.type.isEmpty { headers.append(("Lgsp-Service", message.type)) }
        if !message.signature.isEmpty { headers.append(("Lgsp-Signature", message.signature)) }
        do throws(HubError) {
            let reply = try await self.authorised(.post, "/v1/messages", headers: headers, body: body)
            let answer = try? JSONDocument.parse(reply.body).value
            if (200...299).contains(reply.status) {
                return .accepted(
                    http: reply.status, id: answer?["id"]?.string,
                    isRepeat: answer?["status"]?.string == "repeated", body: answer
                )
            }
            guard let code = answer?["code"]?.string ?? reply.header("Lgsp-Error") else {
                return .again("http.\(reply.status)")
            }
            return .refusal(http: reply.status, code: code, body: answer)
        } catch {
            return .again(error.code.rawValue)
        }
    }

    /// Asks a service through the hub.
    ///
    /// - Throws: `delivery.unavailable`.
    func lookup(
        service: String, body: [UInt8], contentType: String, signature: String
    ) async throws(HubError) -> SystemHTTP.Reply {
        var headers = [(name: "Content-Type", value: contentType)]
        if !signature.isEmpty { headers.append(("Lgsp-Signature", signature)) }
        return try await self.authorised(.post, "/v1/services/" + service, headers: headers, body: body)
    }

    /// Drops the token, so that the next call gets a new one.
    func forgetToken() {
        self.token.withLock { $0 = nil }
    }

    /// One call with the token; when the hub no longer takes it, one more with a new one.
    private func authorised(
        _ method: SystemHTTP.Method, _ path: String, headers: [(name: String, value: String)], body: [UInt8]
    ) async throws(HubError) -> SystemHTTP.Reply {
        let held = self.token.withLock { $0 }
        var bearer: String
        if let held { bearer = held } else { bearer = try await self.newToken() }
        let reply = try await self.http.send(
            method, self.hub + path, headers: headers + [("Authorization", "Bearer " + bearer)], body: body
        )
        guard reply.status == 401, held != nil else { return reply }
        bearer = try await self.newToken()
        return try await self.http.send(
            method, self.hub + path, headers: headers + [("Authorization", "Bearer " + bearer)], body: body
        )
    }

    private func newToken() async throws(HubError) -> String {
        let basic = Base64.text(Array("\(self.system):\(self.secret)".utf8))
        let reply = try await self.http.send(
            .post, self.hub + "/oauth2/token",
            headers: [
                ("Authorization", "Basic " + basic), ("Content-Type", "application/x-www-form-urlencoded"),
            ],
            body: Array("grant_type=client_credentials".utf8)
        )
        guard reply.status == 200,
            let token = (try? JSONDocument.parse(reply.body).value)?["access_token"]?.string
        else {
            throw HubError(
                .deliveryUnavailable, "The hub gave no token.", details: [ErrorDetail("status", reply.status)]
            )
        }
        self.token.withLock { $0 = token }
        return token
    }
}
