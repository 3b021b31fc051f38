import FoundationEssentials
public import HubModel
public import ServiceLifecycle

/// The mock national platform: document axis, dossier portal and gateway on one server, and a second one for testers.
///
/// Everything it takes survives `kill -9`: it is in the ledger before the answer leaves, and read again at start.
/// Sessions and tokens do not survive; clients sign in again, as with the real platform.
public struct NationalPlatform: Service {
    private let configuration: NationalPlatformConfiguration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let ready: @Sendable (_ port: Int, _ controlPort: Int) -> Void

    /// - Parameters:
    ///   - clock: What delays and outages are measured with.
    ///   - now: The wall clock of stamps and lifetimes.
    ///   - ready: Called once, when both servers accept connections.
    public init(
        _ configuration: NationalPlatformConfiguration, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Timestamp = NationalPlatform.wallClock,
        ready: @escaping @Sendable (_ port: Int, _ controlPort: Int) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.now = now
        self.ready = ready
    }

    /// The machine's clock.
    @Sendable public static func wallClock() -> Timestamp {
        let seconds = Date().timeIntervalSince1970
        let whole = seconds.rounded(.down)
        return Timestamp(seconds: Int64(whole))
            .advanced(by: .nanoseconds(Int64((seconds - whole) * 1_000_000_000)))
    }

    /// The file that names the ports while the platform runs: `{"port":…,"controlPort":…}`.
    public static func portsFile(in folder: String) -> String { folder + "/ports.json" }

    /// Runs until cancellation or graceful shutdown.
    ///
    /// - Throws: `configuration.invalid` when the folder cannot be used or a port is taken.
    public func run() async throws {
        let desk = try NationalDesk(self.configuration, now: self.now)
        let ports = PlatformPorts(folder: self.configuration.folder, ready: self.ready)
        let previous = ports.previous
        ports.clear()
        defer { ports.clear() }
        let gate = OutageGate()
        let timestamps = try TimestampDesk(
            folder: self.configuration.folder + "/tsa",
            now: { [now, behind = self.configuration.timestampsBehind] in now().advanced(by: .zero - behind) }
        )
        let front = NationalFront(desk: desk, timestamps: timestamps)
        let control = NationalControl(desk: desk, gate: gate)
        let server = RecurringServer(
            listener: PlatformListener(
                host: self.configuration.host, maxBody: self.configuration.maxBody, respond: front.respond
            ),
            port: self.configuration.port, previousPort: previous?.port, clock: self.clock
        )
        let controlServer = RecurringServer(
            listener: PlatformListener(
                host: self.configuration.host, maxBody: 1 << 20, respond: control.respond),
            port: self.configuration.controlPort, previousPort: previous?.controlPort, clock: self.clock
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.serve(server, gate: gate, desk: desk, ports: ports) }
                group.addTask { try await controlServer.run { ports.controlOpened($0) } }
                group.addTask { try await self.runMinistries(desk) }
                // The first to end, by shutdown or by failure, ends the others.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch is CancellationError {
            // Being told to stop is no failure.
        } catch {
            if !Task.isCancelled { throw error }
        }
    }

    /// The platform's own server, which goes away for the length of each ordered outage and comes back on its port.
    private func serve(
        _ server: RecurringServer, gate: OutageGate, desk: NationalDesk, ports: PlatformPorts
    ) async throws {
        defer { gate.closed() }
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let outage = try await withThrowingTaskGroup(of: Duration?.self) { group in
                group.addTask {
                    try await server.run { port in
                        ports.opened(port)
                        gate.opened()
                    }
                    return nil
                }
                group.addTask { await gate.nextOrder() }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            guard let outage else { return }
            try await desk.noteOutage(.outageBegan, outage)
            gate.closed()
            try await cancelWhenGracefulShutdown { try await self.clock.sleep(for: outage) }
            try await desk.noteOutage(.outageEnded, outage)
        }
    }

    /// Sends what the ministries have to say when it is due.
    private func runMinistries(_ desk: NationalDesk) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var armed: Timestamp?
            desk.wake()
            for await _ in desk.wakeUps {
                try await desk.answerForMinistries()
                let now = self.now()
                if let moment = armed, moment <= now { armed = nil }
                guard let due = await desk.nextDue, armed.map({ due < $0 }) ?? true else { continue }
                armed = due
                group.addTask {
                    // The wall clock may be a little behind the one that sleeps.
                    try await self.clock.sleep(for: max(.zero, due.since(now)) + .milliseconds(1))
                    desk.wake()
                }
            }
            group.cancelAll()
        }
    }
}
