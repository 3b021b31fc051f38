import AsyncHTTPClient
import HubCore
import HubDialects
import HubEnvelope
import HubModel
import HubNational
import HubTesting
import Logging
import ServiceLifecycle
import Testing

/// Receiving when something breaks between the platform's inbox and the hub's journal.
@Suite(.timeLimit(.minutes(1))) struct AxisRecoveryTests {
    private static func document(_ number: Int = 412) -> [UInt8] {
        EdocText.document(from: "000.00.11.H55", to: ["000.00.13.H44"], number: number)
    }

    @Test func `a packet that was journaled before a crash is recognised after it`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            try await bench.sendFromH55(Self.document())
            // The message is on disk, but the platform does not get to know.
            try await bench.order(fault: "error", at: AxisPath.updateStatus, times: 100_000)
            try await province.whileConnected(to: bench) {
                _ = try await province.waitForMessages(1, bench.clock)
            }
            #expect(try await bench.ledger("axis.done").isEmpty)
            try await bench.order(fault: "error", at: AxisPath.updateStatus, times: 0)
            try await province.whileConnected(to: bench) {
                try await bench.clock.pass { try await bench.inbox(of: PlatformBench.h44).isEmpty }
            }
            #expect(try await bench.ledger("axis.done").count == 1)
            #expect(await province.journal.totals().messages == 1, "it must not be journaled twice")
            #expect(await province.journal.totals().refusals.isEmpty)
        }
    }

    @Test(arguments: [AxisPath.getReceivedEdocList, AxisPath.getEdoc, AxisPath.updateStatus])
    func `an answer that breaks off costs nothing but time`(path: String) async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            try await bench.sendFromH55(Self.document())
            try await bench.order(fault: "cut-off", at: path)
            try await province.whileConnected(to: bench) {
                try await bench.clock.pass { try await bench.ledger("axis.done").count == 1 }
                try await bench.clock.pass { province.state.current == nil }
            }
            #expect(try await bench.ledger("fault.served").count == 1)
            #expect(try await bench.ledger("axis.done").count == 1)
            #expect(await province.journal.totals().messages == 1)
        }
    }

    @Test func `a packet that the hub cannot journal now stays in the inbox until it can`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            await province.journal.fail(with: HubError(.journalUnavailable, "The disk is full."))
            let docID = try await bench.sendFromH55(Self.document())
            try await province.whileConnected(to: bench) {
                let before = bench.clock.slept
                try await bench.clock.pass { bench.clock.slept >= before + 3 }
                #expect(try await bench.inbox(of: PlatformBench.h44).map(\.docID) == [docID])
                #expect(try await bench.ledger("axis.failed").isEmpty)
                await province.journal.fail(with: nil)
                _ = try await province.waitForMessages(1, bench.clock)
                try await bench.clock.pass { try await bench.inbox(of: PlatformBench.h44).isEmpty }
            }
            #expect(try await bench.ledger("axis.done").count == 1)
        }
    }

    @Test func `a packet that waits for the operator does not hold up those behind it`() async throws {
        try await PlatformBench.run { bench in
            // The adapter of the platform does not allow it to send statuses; someone has to look at that.
            let province = try Province(clock: bench.clock, types: [.edocDocument])
            let waiting = try await bench.sendFromH55(EdocText.status(), type: .status)
            try await bench.sendFromH55(Self.document())
            try await province.whileConnected(to: bench) {
                _ = try await province.waitForMessages(1, bench.clock)
            }
            #expect(try await bench.inbox(of: PlatformBench.h44).map(\.docID).contains(waiting))
        }
    }

    @Test func `a packet that waits for the operator is not recorded again with every look`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock, types: [.edocDocument])
            try await bench.sendFromH55(EdocText.status(), type: .status)
            try await province.whileConnected(to: bench) {
                try await bench.clock.pass { await !province.journal.totals().refusals.isEmpty }
                let before = bench.clock.slept
                try await bench.clock.pass { bench.clock.slept >= before + 10 }
            }
            let recorded = await province.journal.totals().refusals[.accessDenied] ?? 0
            #expect(recorded < 5, "over a night the journal would fill with one packet")
        }
    }

    @Test func `it stops when it is told to, also while it waits for the next look`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            let connector = AxisConnector(bench.national, client: bench.client, clock: bench.clock).inbox(
                for: province.adapter, into: province.intake, state: province.state)
            let services = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(service: connector, successTerminationBehavior: .gracefullyShutdownGroup)
                    ],
                    logger: .init(label: "test")
                )
            )
            try await within(.seconds(20)) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await services.run() }
                    await bench.clock.waitForSleep(1)
                    await services.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
        }
    }
}
