internal import HubDialects
public import HubEnvelope
internal import HubJSON
public import HubModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
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
        /// The address of the hub.
        public var host: String
        public var port: Int
        public var sender: Peer
        public var receiver: Peer
        /// Documents a second; 0 sends as fast as answers come.
        public var rate: Int
        public var count: Int
        /// Documents on their way in at once.
        public var connections: Int
        /// Programs that empty the receiver's mailbox.
        public var receivers = 2

        public init(
            host: String, port: Int, sender: Peer, receiver: Peer, rate: Int, count: Int, connections: Int
        ) {
            self.host = host
            self.port = port
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
    /// - Parameter template: An edXML document with the fields of suites (`{{…}}`); each gets a number of its own.
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
        let state = State()
        let token = try await self.token()
        let started = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<self.plan.receivers {
                group.addTask { try await self.receive(token: token, state: state) }
            }
            try await withThrowingTaskGroup(of: Void.self) { senders in
                for _ in 0..<self.plan.connections {
                    senders.addTask { try await self.send(started: started, state: state) }
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

    private func send(started: ContinuousClock.Instant, state: State) async throws {
        var connection = self.connection()
        let secret = Array(self.plan.sender.secret.utf8)
        while true {
            let number = state.ledger.withLock { ledger -> Int in
                defer { ledger.next += 1 }
                return ledger.next
            }
            guard number < self.documents.count else { return await connection.close() }
            let due =
                self.plan.rate > 0
                ? started + .nanoseconds(Int64(number) * 1_000_000_000 / Int64(self.plan.rate)) : ContinuousClock.now
            if due > .now { try await Task.sleep(until: due, tolerance: .zero, clock: .continuous) }
            let body = self.documents[number]
            let headers = AxisHeaders(
                systemID: self.plan.sender.system.description, timestamp: Self.now, messageType: .edoc,
                fileHash: SHA256.hash(body)
            )
            let signed = try headers.signed(with: secret)
            let reply = (try? await connection.call(.POST, AxisPath.sendEdoc, headers: signed, body: body))
                .flatMap { Self.json($0) }
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

    private func receive(token: String, state: State) async throws {
        var connection = self.connection()
        let headers = [(name: "Authorization", value: "Bearer " + token)]
        var idleSince: ContinuousClock.Instant?
        while true {
            let page = try await connection.call(.GET, "/v1/mailbox?max=100&wait=1", headers: headers)
            let deliveries = Self.json(page)?["deliveries"]?.array ?? []
            if !deliveries.isEmpty {
                let now = ContinuousClock.now
                let ids = JSONValue.object(["deliveries": .array(deliveries.compactMap { $0["delivery"] })])
                _ = try await connection.call(.POST, "/v1/mailbox/ack", headers: headers, body: ids.serialised())
                state.ledger.withLock { ledger in
                    for case let message? in deliveries.map({ $0["message"]?.string }) {
                        if ledger.arrived[message] == nil { ledger.arrived[message] = now } else { ledger.repeated += 1 }
                    }
                    ledger.last = .now
                }
            }
            let (isSent, isAll) = state.ledger.withLock { ($0.isSent, $0.arrived.count >= $0.due.count) }
            if isSent, isAll { return await connection.close() }
            if isSent, deliveries.isEmpty {
                let since = idleSince ?? .now
                idleSince = since
                if since.duration(to: .now) > .seconds(60) { return await connection.close() }
            } else {
                idleSince = nil
            }
        }
    }

    private func token() async throws -> String {
        var connection = self.connection()
        let peer = self.plan.receiver
        let basic = Base64.text(Array("\(peer.system):\(peer.secret)".utf8))
        let reply = try await connection.call(
            .POST, "/oauth2/token", headers: [("Authorization", "Basic " + basic)],
            body: Array("grant_type=client_credentials".utf8)
        )
        await connection.close()
        guard let token = Self.json(reply)?["access_token"]?.string else {
            throw HubError(.accessUnauthenticated, "The hub gives the receiver no token.")
        }
        return token
    }

    private func connection() -> LoadConnection {
        LoadConnection(host: self.plan.host, port: self.plan.port, group: .singletonMultiThreadedEventLoopGroup)
    }

    private static func json(_ reply: LoadConnection.Reply) -> JSONValue? {
        (try? JSONDocument.parse(reply.body))?.value
    }

    private static var now: Timestamp { WallTime.now }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    }
}
