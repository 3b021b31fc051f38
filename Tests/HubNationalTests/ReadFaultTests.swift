import HubCore
import HubModel
import HubNational
import HubTesting
import Testing

/// What becomes of a large packet that the hub's own disk does not give.
@Suite(.timeLimit(.minutes(1))) struct ReadFaultTests {
    private struct BrokenFile: LargePayload {
        let count = 2 << 20
        let digest = Digest.zero

        func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
            throw HubError(.journalDamaged, "A spooled payload is shorter than it was.")
        }
    }

    @Test func `it is tried again with the hub's own reason, and the platform gets no part of it`()
        async throws
    {
        try await PlatformBench.run { bench in
            let parcel = Parcels.edoc()
            let broken = Parcel(
                delivery: parcel.delivery, payload: .large(BrokenFile()), contentType: parcel.contentType,
                signature: parcel.signature
            )
            let connector = AxisConnector(bench.national, client: bench.client, clock: bench.clock)
            #expect(await connector.deliver(broken).verdict == .tryLater(.journalDamaged))
            let accepted = try await bench.ledger("axis.accepted")
            #expect(accepted.isEmpty)
            #expect(await connector.deliver(parcel).verdict == .delivered)
        }
    }
}
