import HubJSON
import HubModel

/// Reads the ledgers of a landscape.
struct LandscapeObserver: Sendable {
    /// A simulated system and where it is ordered about.
    struct System: Sendable {
        var id: String
        var control: String
        var agencies: [AgencyCode]
    }

    let landscape: Landscape
    let systems: [System]
    private let control: ControlClient

    /// Asks the systems who they are.
    ///
    /// - Throws: `delivery.unavailable` when one cannot be reached, `configuration.invalid` when one that the
    ///   landscape names is not there.
    static func meet(
        _ landscape: Landscape, through control: ControlClient
    ) async throws(HubError) -> LandscapeObserver {
        var systems: [System] = []
        for group in landscape.systems {
            let health = try await control.json(.get, group.control + "/control/health")
            let listed = health["systems"]?.array ?? []
            for item in listed {
                guard let id = item["id"]?.string else { continue }
                let agencies = (item["agencies"]?.array ?? []).compactMap {
                    $0.string.flatMap(AgencyCode.init)
                }
                systems.append(System(id: id, control: group.control, agencies: agencies))
            }
            for name in group.systems where !systems.contains(where: { $0.id == name }) {
                throw HubError(
                    .configurationInvalid,
                    "A system of the landscape is not in the process that should have it.",
                    details: [ErrorDetail("system", name), ErrorDetail("control", group.control)]
                )
            }
        }
        return LandscapeObserver(landscape: landscape, systems: systems, control: control)
    }

    /// The ledgers of the systems and of the national platform; with `hubs`, of the hubs too.
    ///
    /// - Throws: `delivery.unavailable` and the like when one cannot be had.
    func read(hubs: Bool = true) async throws(HubError) -> LedgerReader {
        // Receivers are read after senders: what has arrived was sent before, so nothing seems sent by nobody.
        var reader = LedgerReader()
        if hubs {
            for hub in self.landscape.hubs {
                let lines = try await self.control.call(
                    .get, hub.admin + "/admin/v1/ledger", token: hub.adminToken)
                reader.addHub(hub.id, ndjson: lines)
            }
        }
        for system in self.systems {
            let lines = try await self.control.call(.get, "\(system.control)/control/\(system.id)/ledger")
            reader.addSystem(system.id, agencies: system.agencies, ndjson: lines)
        }
        if let national = self.landscape.national {
            reader.addNational(
                ndjson: try await self.control.call(.get, national.control + "/control/ledger"))
        }
        return reader
    }

    /// The ledgers once nothing is under way any more, or when the time is up.
    ///
    /// Quiet is: no delivery pending in a hub, no packet in an inbox of the national platform, no system with a
    /// message unanswered or an arrival not followed up; seen twice, with as many lines both times.
    ///
    /// - Throws: As `read`.
    func settled(within limit: Duration, clock: ContinuousClock) async throws -> LedgerReader {
        let deadline = clock.now + limit
        var before: [Int] = []
        while true {
            let reader = try await self.read()
            let ledgers = reader.ledgers
            let counts = [
                ledgers.submissions.count, ledgers.arrivals.count, ledgers.messages.count,
                ledgers.refusals.count,
            ]
            let pending = ledgers.messages.contains { $0.deliveries.contains { $0.phase == .pending } }
            var isQuiet = !pending && ledgers.heldByNational.isEmpty
            if isQuiet { isQuiet = try await self.systemsAreIdle() }
            if isQuiet { isQuiet = try await self.nationalIsIdle() }
            if isQuiet, counts == before { return reader }
            if clock.now >= deadline { return reader }
            before = isQuiet ? counts : []
            try await clock.sleep(for: .milliseconds(300))
        }
    }

    private func systemsAreIdle() async throws(HubError) -> Bool {
        for group in self.landscape.systems {
            let health = try await self.control.json(.get, group.control + "/control/health")
            for system in health["systems"]?.array ?? [] {
                guard system["unanswered"]?.int == 0, system["unhandled"]?.int == 0 else { return false }
            }
        }
        return true
    }

    /// Whether the platform has nothing more to say, such as statuses of a ministry that are due later.
    private func nationalIsIdle() async throws(HubError) -> Bool {
        guard let national = self.landscape.national else { return true }
        let health = try await self.control.json(.get, national.control + "/control/health")
        let waiting = (health["waiting"]?.object?.members ?? []).reduce(0) { $0 + ($1.value.int ?? 0) }
        return health["planned"]?.int == 0 && waiting == 0
    }
}
