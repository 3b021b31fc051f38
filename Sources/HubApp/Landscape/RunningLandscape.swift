internal import AsyncHTTPClient
internal import Foundation
internal import HubModel
internal import NIOCore
internal import NIOHTTP1

/// The processes of a landscape, watched: one that ends without being asked to is started again, as a service
/// manager would do it.
final class RunningLandscape: Sendable {
    let plan: LandscapePlan
    private let children: [ChildProcess]
    private let probes: [String: String]

    init(_ plan: LandscapePlan, stopsWithParent: Bool) {
        self.plan = plan
        self.children = plan.processes.map { process in
            ChildProcess(
                name: process.name, arguments: process.arguments, logFile: "\(plan.folder)/\(process.name).log",
                stopsWithParent: stopsWithParent
            )
        }
        self.probes = Dictionary(uniqueKeysWithValues: plan.processes.map { ($0.name, $0.probe) })
    }

    /// Names and process ids, for people who want to kill one.
    var processes: [(name: String, identifier: Int32)] {
        self.children.compactMap { child in child.identifier.map { (child.name, $0) } }
    }

    /// How often processes had to be started again.
    var restarts: Int { self.children.map(\.restarts).reduce(0, +) }

    /// Starts all and waits until each answers.
    ///
    /// - Throws: `configuration.invalid` with the end of the log of a process that did not come up.
    func start() async throws(HubError) {
        for child in self.children { try child.start() }
        for child in self.children { try await self.waitUntilReady(child) }
    }

    /// Starts again what ended, until cancelled.
    func watch(told: @escaping @Sendable (String) -> Void) async {
        while !Task.isCancelled {
            for child in self.children {
                if (try? child.restartIfEnded()) == true { told(child.name) }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Systems first, the hubs last, so that nothing is sent to one that is gone.
    func stop() async {
        for child in self.children.filter({ $0.name.hasPrefix("systems") }) { await child.stop(patience: .seconds(5)) }
        for child in self.children.filter({ !$0.name.hasPrefix("systems") }) { await child.stop(patience: .seconds(10)) }
    }

    private func waitUntilReady(_ child: ChildProcess) async throws(HubError) {
        guard let url = self.probes[child.name] else { return }
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let answer = try? await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(2)),
                answer.status == .ok
            {
                return
            }
            guard child.isRunning else { break }
            try? await Task.sleep(for: .milliseconds(25))
        }
        throw HubError(
            .configurationInvalid, "A process of the landscape did not come up.",
            details: [ErrorDetail("process", child.name), ErrorDetail("log", child.logTail)]
        )
    }
}
