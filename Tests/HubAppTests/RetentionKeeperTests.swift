import HubCore
import HubModel
import HubTesting
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import HubApp
@testable import HubStore

@Suite("The keeper of what the journal need not keep")
struct RetentionKeeperTests {
    /// Runs as the keeper asks for them.
    private final class Runs: Sendable {
        private struct State {
            var count = 0
            var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        }

        private let state = Mutex(State())
        /// What becomes of the run with this number, from 1 on.
        private let outcome: @Sendable (Int) throws(HubError) -> Void

        init(_ outcome: @escaping @Sendable (Int) throws(HubError) -> Void = { _ throws(HubError) in }) {
            self.outcome = outcome
        }

        var count: Int { self.state.withLock(\.count) }

        func run() throws(HubError) -> RetentionReport {
            let (count, ready) = self.state.withLock { state in
                state.count += 1
                let ready = state.watchers.filter { [count = state.count] in $0.count <= count }.map(
                    \.continuation)
                state.watchers.removeAll { [count = state.count] in $0.count <= count }
                return (state.count, ready)
            }
            for watcher in ready { watcher.resume() }
            try self.outcome(count)
            return RetentionReport()
        }

        /// Returns once a run with this number has begun.
        func reached(_ count: Int) async {
            await withCheckedContinuation { continuation in
                let isReached = self.state.withLock { state in
                    if state.count >= count { return true }
                    state.watchers.append((count, continuation))
                    return false
                }
                if isReached { continuation.resume() }
            }
        }
    }

    private static let fault = HubError(.journalUnavailable, "The disk does not answer.")

    /// Runs the keeper until `body` ends; returns when the service has ended too.
    private static func keeping(
        _ clock: ManualClock, _ state: RetentionState? = nil, _ retain: @escaping RetentionKeeper.Run,
        _ body: (ServiceGroup) async throws -> Void
    ) async throws {
        let keeper = RetentionKeeper(
            state: state ?? RetentionState(start: clock.now), clock: clock, retain: retain)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: keeper, successTerminationBehavior: .ignore)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("runs a minute after the start, then once an hour")
    func interval() async throws {
        let (clock, runs) = (ManualClock(), Runs())
        try await Self.keeping(clock) { _ throws(HubError) in
            try runs.run()
        } _: { _ in
            await clock.waitForSleep(1)
            clock.advance(by: RetentionKeeper.delay - .seconds(1))
            #expect(clock.firstWake == RetentionKeeper.delay && runs.count == 0)
            clock.advance(by: .seconds(1))
            for run in 1...4 {
                await clock.waitForSleep(run + 1)
                #expect(runs.count == run)
                #expect(clock.firstWake == clock.uptime + RetentionKeeper.interval)
                clock.advance(by: RetentionKeeper.interval)
            }
            await clock.waitForSleep(6)
        }
        #expect(runs.count == 5)
    }

    @Test("goes on after a run that fails, and tells since when things stay that are to go")
    func failure() async throws {
        let clock = ManualClock()
        let state = RetentionState(start: clock.now)
        let runs = Runs { number throws(HubError) in if number == 2 || number == 3 { throw Self.fault } }
        try await Self.keeping(clock, state) { _ throws(HubError) in
            try runs.run()
        } _: { _ in
            var wellAt = state.current.wellAt
            for run in 1...5 {
                await clock.waitForSleep(run)
                clock.advanceToNextSleeper()
                await clock.waitForSleep(run + 1)
                let isWell = run != 2 && run != 3
                if isWell { wellAt = clock.now }
                #expect(state.current.isWell == isWell && state.current.wellAt == wellAt, "run \(run)")
                #expect(state.current.fault?.code == (isWell ? nil : .journalUnavailable))
            }
        }
        #expect(runs.count == 5)
    }

    @Test("tells of the segments that a run could not write anew")
    func segments() {
        let state = RetentionState(start: Timestamp(seconds: 0))
        var report = RetentionReport()
        report.failures = [
            RetentionReport.Failure(
                segment: "00000003.seg", code: .journalDamaged, summary: "It is damaged.", details: [])
        ]
        state.note(report, at: Timestamp(seconds: 60))
        #expect(!state.current.isWell && state.current.wellAt == Timestamp(seconds: 0))
        #expect(
            state.current.reason.contains("1 segments")
                && state.current.reason.contains("00000003.seg: It is damaged."))
        state.note(RetentionReport(), at: Timestamp(seconds: 120))
        #expect(
            state.current.isWell && state.current.wellAt == Timestamp(seconds: 120)
                && state.current.reason.isEmpty)
    }

    @Test("ends with the service while it waits, and no run is begun")
    func endsWaiting() async throws {
        let (clock, runs) = (ManualClock(), Runs())
        try await Self.keeping(clock) { _ throws(HubError) in
            try runs.run()
        } _: { _ in
            await clock.waitForSleep(1)
        }
        #expect(runs.count == 0 && clock.firstWake == nil)
    }

    @Test("ends with the service while it runs, and the run is told so")
    func endsRunning() async throws {
        let (clock, watch, runs) = (ManualClock(), ManualClock(), Runs())
        let wasTold = Mutex(false)
        try await Self.keeping(clock) { _ throws(HubError) in
            let report = try runs.run()
            // As long as nobody cancels it.
            do { try await watch.sleep(for: .seconds(1)) } catch { wasTold.withLock { $0 = true } }
            return report
        } _: { _ in
            await clock.waitForSleep(1)
            clock.advanceToNextSleeper()
            await runs.reached(1)
            await watch.waitForSleep(1)
        }
        #expect(runs.count == 1 && wasTold.withLock { $0 } && clock.slept == 1)
    }
}
