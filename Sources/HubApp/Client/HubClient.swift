internal import AsyncHTTPClient
internal import Foundation
internal import HubAdapters
internal import HubDialects
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import NIOCore
internal import NIOHTTP1

/// Speaks to a running hub with the keys and secrets in its folder: for the command line and for trying things out.
public struct HubClient: Sendable {
    private let configuration: HubConfiguration
    private let folder: String

    public init(_ configuration: HubConfiguration) {
        self.configuration = configuration
        let folder = (configuration.file as NSString).deletingLastPathComponent
        self.folder = folder.isEmpty ? "." : folder
    }

    /// What the hub answered.
    public struct Answer: Sendable {
        public let status: Int
        public let body: JSONValue
        /// The code of the refusal, or `nil` for a yes.
        public var code: String? { self.body["code"]?.string ?? self.body["problem"]?["code"]?.string }
    }

    /// Signs a file as one of the province's systems does, and hands it in the way that system speaks.
    ///
    /// - Parameters:
    ///   - type: The message type; recognised by the hub when absent.
    ///   - signs: Whether to sign at all. A file that carries a signature already is sent as it is.
    /// - Throws: `configuration.invalid` for a file or key that cannot be read, `service.unavailable` when the hub
    ///   does not answer.
    public func send(
        file: String, as system: SystemID, type: String?, recipient: String?, signs: Bool
    ) async throws(HubError) -> Answer {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw HubError(
                .configurationInvalid, "The file to be sent cannot be read.", details: [ErrorDetail("path", file)]
            )
        }
        guard let secret = self.configuration.secrets.systems[system] else {
            throw HubError(
                .configurationInvalid, "The secrets of this hub name no such system.",
                details: [
                    ErrorDetail("system", system),
                    ErrorDetail(
                        "known", self.configuration.secrets.systems.keys.sorted().map(\.description).joined(separator: ", ")
                    ),
                ]
            )
        }
        let catalogue = try Catalogue.load(self.configuration)
        let key = try KeyFile.load("\(self.folder)/systems/\(system).key.pem")
        let bytes = Array(data)
        if catalogue.adapters.adapter(system)?.speaks == .axis {
            return try await self.sendByAxis(bytes, system: system, secret: secret, type: type, key: signs ? key : nil)
        }
        return try await self.sendByExchange(
            bytes, system: system, secret: secret, type: type, recipient: recipient, key: signs ? key : nil
        )
    }

    /// What became of a message, from the admin API.
    public func message(_ id: MessageID) async throws(HubError) -> Answer {
        try await self.ask(
            "GET", Self.base(self.configuration.admin) + "/admin/v1/messages/\(id)",
            headers: [("Authorization", "Bearer " + self.configuration.secrets.adminToken)], body: nil
        )
    }

    /// The evidence pack of a message, from the admin API.
    ///
    /// - Throws: `service.unavailable` when the hub does not answer; the hub's own refusal under its code.
    public func evidence(_ id: MessageID) async throws(HubError) -> [UInt8] {
        let (status, bytes) = try await self.call(
            "GET", Self.base(self.configuration.admin) + "/admin/v1/messages/\(id)/evidence",
            headers: [("Authorization", "Bearer " + self.configuration.secrets.adminToken)], body: nil
        )
        guard status == 200 else {
            let problem = (try? JSONDocument.parse(bytes))?.value ?? .null
            throw HubError(
                problem["code"]?.string.flatMap(ErrorCode.init(rawValue:)) ?? .serviceUnavailable,
                "The hub gives no evidence for this message.",
                details: [ErrorDetail("message", id), ErrorDetail("reason", problem["detail"]?.string ?? "HTTP \(status)")]
            )
        }
        return bytes
    }

    /// Tells the running hub to change its keys.
    ///
    /// - Parameter path: `rotate` or `reload`.
    /// - Throws: `service.unavailable` when the hub does not answer.
    public func changeKeys(
        _ path: String, kind: String? = nil, key: String? = nil, reason: String
    ) async throws(HubError) -> Answer {
        var wish = JSONObject()
        wish["reason"] = .string(reason)
        wish["kind"] = kind.map { .string($0) }
        wish["key"] = key.map { .string($0) }
        return try await self.ask(
            "POST", Self.base(self.configuration.admin) + "/admin/v1/keys/" + path,
            headers: [
                ("Authorization", "Bearer " + self.configuration.secrets.adminToken),
                ("Content-Type", "application/json"),
            ],
            body: JSONValue.object(wish).serialised()
        )
    }

    /// Hands an adapter's folder to a running hub.
    ///
    /// - Parameters:
    ///   - certificate: A file with the certificate or public key of the system.
    ///   - endpoints: Addresses of endpoints that the adapter names.
    /// - Throws: `service.unavailable` when the hub does not answer; what cannot be read.
    public func registerAdapter(
        folder: String, certificate: String?, endpoints: [String: String], reason: String
    ) async throws(HubError) -> Answer {
        let archive = try AdapterParcel.archive(
            folder: folder, certificate: certificate, endpoints: endpoints, time: SystemClock().now
        )
        return try await self.askAdmin("POST", "/adapters" + Self.query(["reason": reason]), body: archive, type: "application/x-tar")
    }

    /// Takes a system away from a running hub.
    public func retireAdapter(_ system: SystemID, leavesPending: Bool, reason: String) async throws(HubError) -> Answer {
        var query = ["reason": reason]
        if leavesPending { query["pending"] = "leave" }
        return try await self.askAdmin("DELETE", "/adapters/\(system)" + Self.query(query))
    }

    /// The adapters of a running hub.
    public func adapters() async throws(HubError) -> Answer { try await self.askAdmin("GET", "/adapters") }

    /// Has a running hub read its files again.
    public func reloadContracts(reason: String) async throws(HubError) -> Answer {
        try await self.askAdmin(
            "POST", "/contracts/reload", body: JSONValue.object(["reason": .string(reason)]).serialised(), type: "application/json"
        )
    }

    /// Which systems asked for which services.
    public func subscriptions() async throws(HubError) -> Answer { try await self.askAdmin("GET", "/subscriptions") }

    /// - Parameter decision: `approve`, `reject` or `revoke`.
    public func decide(
        _ decision: String, _ system: SystemID, _ service: String, reason: String
    ) async throws(HubError) -> Answer {
        let wish: JSONValue = .object([
            "system": .string(system.description), "service": .string(service), "reason": .string(reason),
        ])
        return try await self.askAdmin("POST", "/subscriptions/\(decision)", body: wish.serialised(), type: "application/json")
    }

    /// Everything that was said about a document, by receiver.
    public func course(of matter: String) async throws(HubError) -> Answer {
        try await self.askAdmin("GET", "/course" + Self.query(["matter": matter]))
    }

    /// Documents between `hours` and `days` old, and the receivers that told nothing about them; a page that begins before
    /// record `before`.
    public func unanswered(hours: Int, days: Int, before: Int?) async throws(HubError) -> Answer {
        var query = ["hours": "\(hours)", "days": "\(days)"]
        query["before"] = before.map { "\($0)" }
        return try await self.askAdmin("GET", "/unanswered" + Self.query(query))
    }

    /// The destinations with what waits for them.
    public func destinations() async throws(HubError) -> Answer { try await self.askAdmin("GET", "/destinations") }

    /// Deliveries that have the values of `selection`.
    public func deliveries(_ selection: [String: String], after: Int?, limit: Int) async throws(HubError) -> Answer {
        var query = selection
        query["after"] = after.map { "\($0)" }
        query["limit"] = "\(limit)"
        return try await self.askAdmin("GET", "/deliveries" + Self.query(query))
    }

    /// - Parameter action: `pause`, `drain`, `resume` or `retry`.
    public func steer(_ destination: String, _ action: String, reason: String) async throws(HubError) -> Answer {
        try await self.askAdmin(
            "POST", "/destinations/\(Self.escaped(destination))/\(action)",
            body: JSONValue.object(["reason": .string(reason)]).serialised(), type: "application/json"
        )
    }

    /// - Parameter action: `redrive`, `redirect` or `expire`.
    public func changeDeliveries(_ action: String, _ wish: JSONValue) async throws(HubError) -> Answer {
        try await self.askAdmin("POST", "/deliveries/\(action)", body: wish.serialised(), type: "application/json")
    }

    private func askAdmin(
        _ method: String, _ path: String, body: [UInt8]? = nil, type: String? = nil
    ) async throws(HubError) -> Answer {
        var headers = [("Authorization", "Bearer " + self.configuration.secrets.adminToken)]
        if let type { headers.append(("Content-Type", type)) }
        return try await self.ask(
            method, Self.base(self.configuration.admin) + "/admin/v1" + path, headers: headers, body: body
        )
    }

    private static func query(_ values: [String: String]) -> String {
        "?" + values.sorted { $0.key < $1.key }.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    /// `/readyz` of the hub.
    public func readiness() async throws(HubError) -> Answer {
        try await self.ask("GET", Self.base(self.configuration.admin) + "/readyz", headers: [], body: nil)
    }

    private func sendByAxis(
        _ bytes: [UInt8], system: SystemID, secret: String, type: String?, key: SigningKey?
    ) async throws(HubError) -> Answer {
        let isStatus = type.map { $0 == MessageType.edocStatus.description } ?? Self.looksLikeStatus(bytes)
        var body = bytes
        if let key, !isStatus, !Self.holdsSignature(bytes) {
            let pem = FileManager.default.contents(atPath: "\(self.folder)/systems/\(system).pem")
            body = try XMLSignature.sign(bytes, with: key, certificate: try pem.map(Self.certificate))
        }
        let headers = AxisHeaders(
            systemID: system.description, timestamp: SystemClock().now, messageType: isStatus ? .status : .edoc,
            fileHash: SHA256.hash(body)
        )
        return try await self.ask(
            "POST", Self.base(self.configuration.listen) + AxisPath.sendEdoc,
            headers: try headers.signed(with: Array(secret.utf8)) + [("Content-Type", "application/octet-stream")],
            body: body
        )
    }

    private func sendByExchange(
        _ bytes: [UInt8], system: SystemID, secret: String, type: String?, recipient: String?, key: SigningKey?
    ) async throws(HubError) -> Answer {
        let base = Self.base(self.configuration.listen)
        let token = try await self.ask(
            "POST", base + "/oauth2/token",
            headers: [
                ("Authorization", "Basic " + Base64.text(Array("\(system):\(secret)".utf8))),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ],
            body: Array("grant_type=client_credentials".utf8)
        )
        guard let access = token.body["access_token"]?.string else { return token }
        let isXML = bytes.first { $0 > 0x20 } == 0x3C
        var headers = [
            ("Authorization", "Bearer " + access), ("Content-Type", isXML ? "application/xml" : "application/json"),
        ]
        if let type { headers.append(("Lgsp-Service", type)) }
        if let recipient { headers.append(("Lgsp-Recipient", recipient)) }
        var body = bytes
        if let key, isXML {
            // A document carries its signature inside.
            if !Self.holdsSignature(bytes) {
                let pem = FileManager.default.contents(atPath: "\(self.folder)/systems/\(system).pem")
                body = try XMLSignature.sign(bytes, with: key, certificate: try pem.map(Self.certificate))
            }
        } else if let key {
            headers.append(("Lgsp-Signature", try JWS.signDetached(bytes, with: key)))
        }
        return try await self.ask("POST", base + "/v1/messages", headers: headers, body: body)
    }

    /// Lives as long as the program. Who types a command wants to know at once that nobody is there.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private func ask(
        _ method: String, _ url: String, headers: [(String, String)], body: [UInt8]?
    ) async throws(HubError) -> Answer {
        let (status, bytes) = try await self.call(method, url, headers: headers, body: body)
        return Answer(status: status, body: (try? JSONDocument.parse(bytes))?.value ?? .null)
    }

    private func call(
        _ method: String, _ url: String, headers: [(String, String)], body: [UInt8]?
    ) async throws(HubError) -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method)
        for header in headers { request.headers.add(name: header.0, value: header.1) }
        if let body { request.body = .bytes(body) }
        do {
            let response = try await Self.client.execute(request, timeout: .seconds(60))
            let bytes = Array(try await response.body.collect(upTo: 512 << 20).readableBytesView)
            return (Int(response.status.code), bytes)
        } catch {
            throw HubError(
                .serviceUnavailable, "The hub does not answer; is it running?", details: [ErrorDetail("url", url)],
                cause: error
            )
        }
    }

    private static func certificate(_ pem: Data) throws(HubError) -> Certificate { try Certificate(pem: Array(pem)) }

    private static func base(_ address: HubConfiguration.Address) -> String {
        "http://\(address.host):\(address.port)"
    }

    private static func looksLikeStatus(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes.prefix(64 << 10), as: UTF8.self).contains("StatusCode>")
    }

    private static func holdsSignature(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes.prefix(256 << 10), as: UTF8.self).contains("SignatureValue>")
    }
}
