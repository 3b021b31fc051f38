internal import AsyncHTTPClient
internal import HubDialects
public import HubEnvelope
internal import HubJSON
public import HubModel
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Open-loop load inside one province: one document system sends signed edXML documents at a given rate, another
/// fetches and acknowledges them.
///
/// The times are measured from when a document was due, not from when the generator came to it, so that a hub that
/// slows the generator down cannot hide it.
public struct ProvinceLoad: Sendable {
    public struct Peer: Sendable {
        public let system: SystemID
        public let secret: String

        public init(system: SystemID, secret: String) {
            self.system = system
            self.secret = secret
        }
    }

    public struct Plan: Sendable {
        /// Scheme, host and port of the hub.
        public var hub: String
        public var sender: Peer
        public var receiver: Peer
        /// Documents a second; 0 sends as fast as answers come.
        public var rate: Int
        public var count: Int
        /// Requests under way at once.
        public var connections: Int

        public init(hub: String, sender: Peer, receiver: Peer, rate: Int, count: Int, connections: Int) {
            self.hub = hub
            self.sender = sender
            self.receiver = receiver
            self.rate = rate
            self.count = count
            self.connections = connections
        }
    }

    private let plan: Plan
    private let documents: [[UInt8]]

    /// Signs the documents beforehand.
    ///
    /// - Parameter template: An edXML document with the placeholders of suites; each gets a number of its own.
    /// - Throws: What filling the template or signing throws.
    public init(
        _ plan: Plan, template: [UInt8], key: SigningKey, certificate: Certificate, now: Timestamp
    ) throws(HubError) {
        self.plan = plan
        let text = String(decoding: template, as: UTF8.self)
        var filler = Template(now: now, unique: "load")
        var documents: [[UInt8]] = []
        documents.reserveCapacity(plan.count)
        for number in 0..<plan.count {
            let filled = try filler.fill(
                text, label: "document", variables: ["number": String(100_000 + number)], now: now
            )
            documents.append(try XMLSignature.sign(Array(filled.utf8), with: key, certificate: certificate))
        }
        self.documents = documents
    }

    /// Bytes of one signed document.
    public var documentSize: Int { self.documents.first?.count ?? 0 }

    private struct Ledger {
        var next = 0
        /// When the document was due, by the id the hub gave it.
        var due: [String: ContinuousClock.Instant] = [:]
        var accept: [Int64] = []
        var arrived: [String: ContinuousClock.Instant] = [:]
        var refused: [String: Int] = [:]
        var repeated = 0
        var isSent = false
        var last: ContinuousClock.Instant?
    }

    private final class State: Sendable {
        let ledger = Mutex(Ledger())
    }

    /// Sends everything and fetches it, or gives up a minute after the last submission.
    public func run() async throws -> LoadReport {
        let client = HTTPClient(configuration: .init(timeout: .init(connect: .seconds(5))))
        do {
            let report = try await self.run(with: client)
            try await client.shutdown()
            return report
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func run(with client: HTTPClient) async throws -> LoadReport {
        let state = State()
        let token = try await self.token(client)
        let started = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { try await self.receive(client, token: token, state: state) }
            }
            try await withThrowingTaskGroup(of: Void.self) { senders in
                for _ in 0..<self.plan.connections {
                    senders.addTask { try await self.send(client, started: started, state: state) }
                }
                try await senders.waitForAll()
            }
            state.ledger.withLock { $0.isSent = true }
            try await group.waitForAll()
        }
        return state.ledger.withLock { ledger in
            let transit = ledger.arrived.compactMap { id, at in
                ledger.due[id].map { Self.nanoseconds($0.duration(to: at)) }
            }
            return LoadReport(
                offered: self.documents.count, accepted: ledger.due.count, refused: ledger.refused,
                delivered: ledger.arrived.count, repeated: ledger.repeated,
                seconds: (ledger.last.map { started.duration(to: $0) } ?? .zero) / .seconds(1),
                accept: .init(ledger.accept), transit: .init(transit)
            )
        }
    }

    // MARK: Sending

    private func send(_ client: HTTPClient, started: ContinuousClock.Instant, state: State) async throws {
        let secret = Array(self.plan.sender.secret.utf8)
        while true {
            let number = state.ledger.withLock { ledger -> Int in
                defer { ledger.next += 1 }
                return ledger.next
            }
            guard number < self.documents.count else { return }
            let due =
                self.plan.rate > 0
                ? started + .nanoseconds(Int64(number) * 1_000_000_000 / Int64(self.plan.rate)) : ContinuousClock.now
            if due > .now { try await Task.sleep(until: due, tolerance: .zero, clock: .continuous) }
            let body = self.documents[number]
            let headers = AxisHeaders(
                systemID: self.plan.sender.system.description, timestamp: Self.now, messageType: .edoc,
                fileHash: SHA256.hash(body)
            )
            var request = HTTPClientRequest(url: self.plan.hub + AxisPath.sendEdoc)
            request.method = .POST
            for (name, value) in try headers.signed(with: secret) { request.headers.add(name: name, value: value) }
            request.body = .bytes(body)
            let reply = try? await Self.reply(client, request)
            let took = due.duration(to: .now)
            state.ledger.withLock { ledger in
                if let id = reply?["DocId"]?.string, reply?["status"]?.string == "OK" {
                    ledger.due[id] = due
                    ledger.accept.append(Self.nanoseconds(took))
                } else {
                    ledger.refused[reply?["problem"]?["code"]?.string ?? "no-answer", default: 0] += 1
                }
            }
        }
    }

    // MARK: Receiving

    private func receive(_ client: HTTPClient, token: String, state: State) async throws {
        var idleSince: ContinuousClock.Instant?
        while true {
            var request = HTTPClientRequest(url: self.plan.hub + "/v1/mailbox?max=50&wait=1")
            request.headers.add(name: "Authorization", value: "Bearer " + token)
            let reply = try await Self.reply(client, request)
            let deliveries = reply["deliveries"]?.array ?? []
            try await withThrowingTaskGroup(of: Void.self) { group in
                for delivery in deliveries {
                    guard let id = delivery["delivery"]?.string, let message = delivery["message"]?.string else { continue }
                    group.addTask { try await self.acknowledge(client, token: token, delivery: id) }
                    state.ledger.withLock { ledger in
                        if ledger.arrived[message] == nil {
                            ledger.arrived[message] = .now
                        } else {
                            ledger.repeated += 1
                        }
                    }
                }
                try await group.waitForAll()
            }
            if !deliveries.isEmpty { state.ledger.withLock { $0.last = .now } }
            let (isSent, isAll) = state.ledger.withLock { ($0.isSent, $0.arrived.count >= $0.due.count) }
            if isSent, isAll { return }
            if isSent, deliveries.isEmpty {
                let since = idleSince ?? .now
                idleSince = since
                if since.duration(to: .now) > .seconds(60) { return }
            } else {
                idleSince = nil
            }
        }
    }

    private func acknowledge(_ client: HTTPClient, token: String, delivery: String) async throws {
        var request = HTTPClientRequest(url: self.plan.hub + "/v1/mailbox/\(delivery)/ack")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer " + token)
        let response = try await client.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 16)
    }

    private func token(_ client: HTTPClient) async throws -> String {
        let peer = self.plan.receiver
        var request = HTTPClientRequest(url: self.plan.hub + "/oauth2/token")
        request.method = .POST
        let basic = Base64.text(Array("\(peer.system):\(peer.secret)".utf8))
        request.headers.add(name: "Authorization", value: "Basic " + basic)
        request.body = .bytes(Array("grant_type=client_credentials".utf8))
        guard let token = try await Self.reply(client, request)["access_token"]?.string else {
            throw HubError(.accessUnauthenticated, "The hub gives the receiver no token.")
        }
        return token
    }

    private static func reply(_ client: HTTPClient, _ request: HTTPClientRequest) async throws -> JSONValue {
        let response = try await client.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 32 << 20)
        return try JSONDocument.parse(Array(body.readableBytesView)).value
    }

    private static var now: Timestamp { WallTime.now }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    }
}
