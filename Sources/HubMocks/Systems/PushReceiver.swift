import HTTPTypes
import HubEnvelope
import HubJSON
import HubModel
import Hummingbird
import NIOCore

/// Where the hub calls a system to hand something over, as it does with an operations centre.
struct PushReceiver: Sendable {
    let configuration: SystemsConfiguration.System
    let ledger: SystemLedger
    /// The hub's key; `nil` leaves its signature unchecked.
    let hubKey: PublicKey?
    /// Above this a push is refused.
    static let maxBody = 16 << 20

    /// Takes a push: 200 once it stands in the ledger, also when it had come before; 401 for a signature that is not
    /// the hub's; 503 while paused.
    func take(_ request: Request) async throws -> Response {
        let buffer = try await request.body.collect(upTo: Self.maxBody)
        let body = Array(buffer.readableBytesView)
        func header(_ name: String) -> String? {
            HTTPField.Name(name).flatMap { request.headers[$0] }
        }
        if self.ledger.read(\.isPaused) { return Response(status: .serviceUnavailable) }
        let signature = header("Lgsp-Signature") ?? ""
        if let hubKey {
            let kid = hubKey.fingerprint.description
            let report = JWS.verifyDetached(signature, payload: body) { $0 == kid ? hubKey : nil }
            guard report.verdict == .valid else { return Response(status: .unauthorized) }
        }
        let message = header("Lgsp-Message-Id") ?? ""
        let delivery = header("Lgsp-Delivery-Id") ?? message
        let digest = SHA256.hash(body)
        let members: [(key: String, value: JSONValue)] = [
            ("arrival", .string(delivery)), ("delivery", .string(delivery)), ("message", .string(message)),
            ("type", .string(header("Lgsp-Service") ?? "")), ("digest", .string(digest.description)),
            ("size", .init(integerLiteral: body.count)), ("path", .string(request.uri.path)),
            ("signature", .string(self.hubKey == nil ? "unchecked" : "valid")),
        ]
        // Two indicators may well have the same content, so here only the delivery tells a repeat.
        let isNew = try self.ledger.append("received", members) { !$0.hasReceived(delivery: delivery) }
        if isNew {
            _ = try self.ledger.keep(body)
        } else {
            try self.ledger.append("repeat", members)
        }
        return Response(status: .ok)
    }
}
