import AsyncHTTPClient
import FoundationEssentials
import HubEnvelope
import HubHTTP
import HubJSON
import HubModel
import Hummingbird

/// The simulated shared-software systems of one province, in one process.
///
/// Document systems poll the hub and answer with statuses, a one-stop system asks and synchronises dossiers, an
/// operations centre is called by the hub. What to send is ordered through the control API. Each system's ledger is
/// on disk before it acts, so a killed process goes on where it was.
public struct SimulatedSystems: Sendable {
    private let configuration: SystemsConfiguration

    /// - Parameter configuration: What `systems.yaml` says.
    public init(_ configuration: SystemsConfiguration) {
        self.configuration = configuration
    }

    /// Runs until it is cancelled or the process is told to end.
    ///
    /// When everything listens, `ports.json` in the folder says where: `{"control": 1234, "systems": {"ioc": 2345}}`.
    ///
    /// - Throws: `configuration.invalid` for keys or ledgers that cannot be read, and what binding a port throws.
    public func run() async throws {
        var httpSettings = HTTPClient.Configuration()
        httpSettings.redirectConfiguration = .disallow
        httpSettings.timeout.connect = .seconds(2)
        // The pool's own pauses grow to a minute during an outage; who calls here has pauses of its own.
        httpSettings.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: httpSettings)
        do {
            let systems = try self.systems(client: client)
            try await self.run(systems)
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private func run(_ systems: [SimulatedSystem]) async throws {
        let ports = PortsFile(
            path: self.configuration.folder + "/ports.json",
            awaiting: 1 + systems.filter { $0.receiver != nil }.count
        )
        let control = SystemsControl(systems: systems)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.serve(control.router(), port: self.configuration.controlPort, as: nil, ports)
            }
            for system in systems {
                group.addTask { try await system.run() }
                guard let receiver = system.receiver, let port = system.configuration.listen else { continue }
                group.addTask {
                    let router = Router()
                    router.post("**") { request, _ in try await receiver.take(request) }
                    try await self.serve(router, port: port, as: system.id, ports)
                }
            }
            // Whichever ends first ends them all: a server that was told to stop, or a system that failed.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve(
        _ router: Router<BasicRequestContext>, port: Int, as system: SystemID?, _ ports: PortsFile
    ) async throws {
        let listener = HTTPListener(host: self.configuration.host, port: port, responder: router.buildResponder())
        try await listener.run { await ports.note($0, of: system) }
    }

    private func systems(client: HTTPClient) throws(HubError) -> [SimulatedSystem] {
        let hubKey = try self.configuration.hubKeyFile.map { path throws(HubError) in
            try PublicKey(pem: Self.contents(of: path))
        }
        var pairs: [SystemID: SigningKeys.Pair] = [:]
        for system in self.configuration.systems {
            pairs[system.id] = SigningKeys.Pair(
                key: try SigningKey(pem: Self.contents(of: system.keyFile)),
                certificate: try system.certificateFile.map { path throws(HubError) in
                    try Certificate(pem: Self.contents(of: path))
                }
            )
        }
        let http = SystemHTTP(client: client)
        let clock = ContinuousClock()
        var systems: [SimulatedSystem] = []
        for system in self.configuration.systems {
            guard let own = pairs[system.id] else { continue }
            let ledger = try SystemLedger(
                folder: "\(self.configuration.folder)/\(system.id)", clock: { WallClock.now }
            )
            let keys = SigningKeys(own: own, all: pairs)
            let submitter = Submitter(configuration: system, ledger: ledger, keys: keys)
            switch system.speaks {
            case .axis:
                let courier = AxisCourier(
                    system: system.id, secret: Array(system.secret.utf8), hub: self.configuration.hub,
                    http: http,
                    clock: { WallClock.now }
                )
                systems.append(
                    SimulatedSystem(
                        configuration: system, ledger: ledger, submitter: submitter,
                        outbox: Outbox(ledger: ledger, courier: courier, clock: clock),
                        inbox: DocumentInbox(
                            configuration: system, ledger: ledger, courier: courier, sender: submitter,
                            clock: clock
                        ),
                        exchange: nil, receiver: nil, hubKey: hubKey, clock: clock
                    )
                )
            case .exchange:
                let courier = ExchangeCourier(
                    system: system.id, secret: system.secret, hub: self.configuration.hub, http: http
                )
                systems.append(
                    SimulatedSystem(
                        configuration: system, ledger: ledger, submitter: submitter,
                        outbox: Outbox(ledger: ledger, courier: courier, clock: clock), inbox: nil,
                        exchange: courier,
                        receiver: system.listen.map { _ in
                            PushReceiver(configuration: system, ledger: ledger, hubKey: hubKey)
                        },
                        hubKey: hubKey, clock: clock
                    )
                )
            }
        }
        return systems
    }

    private static func contents(of path: String) throws(HubError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw HubError(
                .configurationInvalid, "A key or certificate file cannot be read.",
                details: [ErrorDetail("path", path)], cause: error
            )
        }
    }
}

/// Gathers the ports of the servers and writes them down once all listen.
private actor PortsFile {
    private let path: String
    private var awaiting: Int
    private var control = 0
    private var systems = JSONObject()

    init(path: String, awaiting: Int) {
        self.path = path
        self.awaiting = awaiting
    }

    func note(_ port: Int, of system: SystemID?) {
        if let system {
            self.systems[system.description] = .init(integerLiteral: port)
        } else {
            self.control = port
        }
        self.awaiting -= 1
        guard self.awaiting == 0 else { return }
        let value: JSONValue = .object([
            "control": .init(integerLiteral: self.control), "systems": .object(self.systems),
        ])
        // Written to the side and moved, so whoever waits for the file never reads half of it.
        try? Data(value.serialised()).write(to: URL(filePath: self.path), options: .atomic)
    }
}
