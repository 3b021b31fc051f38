import AsyncHTTPClient
import FoundationEssentials
import HubJSON
public import HubModel
import NIOCore

/// Plays a suite through a landscape, waits until all is quiet, and lays the ledgers side by side.
public struct SuitePlayer: Sendable {
    /// What is going on, for whoever watches.
    public enum Progress: Sendable {
        /// A step begins; it is the `index`th of `count`, from 1.
        case began(index: Int, count: Int, title: Bilingual)
        case ended(index: Int, count: Int, step: SuiteReport.Step)
        /// The steps are over; what is under way is awaited.
        case settling
    }

    private let suite: Suite
    private let landscape: Landscape

    public init(_ suite: Suite, _ landscape: Landscape) {
        self.suite = suite
        self.landscape = landscape
    }

    /// Plays every step, also after one that failed, so that the report is whole.
    ///
    /// - Throws: `delivery.unavailable` and the like when the landscape cannot be reached at all. What goes wrong in
    ///   a step is part of the report.
    public func run(progress: @Sendable (Progress) -> Void = { _ in }) async throws -> SuiteReport {
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .seconds(2)
        // The pool's own pauses grow to a minute during an outage; who calls here has pauses of its own.
        settings.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        do {
            let report = try await self.play(
                ControlClient(client: client, clock: ContinuousClock()), progress)
            try await client.shutdown()
            return report
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func play(
        _ control: ControlClient, _ progress: @Sendable (Progress) -> Void
    ) async throws -> SuiteReport {
        let clock = ContinuousClock()
        let started = clock.now
        let observer = try await LandscapeObserver.meet(self.landscape, through: control)
        var stage = SuiteStage(
            suite: self.suite, landscape: self.landscape, control: control, observer: observer,
            run: RunName.new(), clock: clock
        )
        var steps: [SuiteReport.Step] = []
        for (index, step) in self.suite.steps.enumerated() {
            let count = self.suite.steps.count
            progress(.began(index: index + 1, count: count, title: step.title))
            let begun = clock.now
            var faults: [String] = []
            for action in step.actions { faults += try await stage.perform(action) }
            let outcome = SuiteReport.Step(title: step.title, faults: faults, took: clock.now - begun)
            steps.append(outcome)
            progress(.ended(index: index + 1, count: count, step: outcome))
        }
        progress(.settling)
        let reading = try await observer.settled(within: self.suite.quietLimit, clock: clock)
        return SuiteReport(
            suite: self.suite.name, title: self.suite.title, steps: steps, ledgers: reading.ledgers,
            ledgerFaults: reading.faults, wall: clock.now - started
        )
    }
}

/// A name for one run of a suite, so that its messages differ from those of every other run.
enum RunName {
    static func new() -> String {
        var random = SystemRandomNumberGenerator()
        return String(Hex.text((0..<4).map { _ in UInt8.random(in: .min ... .max, using: &random) }))
    }
}
