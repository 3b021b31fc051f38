import HubCore
import HubModel
import HubTesting
import HubTransports
import Testing

/// What becomes of a large message that the hub's own disk does not give.
@Suite(.timeLimit(.minutes(1))) struct HTTPPushReadFaultTests {
    /// A payload of which only the beginning can be read.
    private struct BrokenFile: LargePayload {
        let count = 2 << 20
        let digest = Digest.zero
        let readable: Int
        let fault: HubError

        func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
            guard offset + count <= self.readable else { throw self.fault }
            return [UInt8](repeating: 7, count: count)
        }
    }

    private static func parcel(readable: Int, _ fault: HubError) -> Parcel {
        let parcel = PushBench.parcel()
        return Parcel(
            delivery: parcel.delivery, payload: .large(BrokenFile(readable: readable, fault: fault)),
            contentType: parcel.contentType, signature: parcel.signature
        )
    }

    private static let damaged = HubError(.journalDamaged, "A spooled payload is shorter than it was.")
    private static let unavailable = HubError(.journalUnavailable, "The disk does not answer.")

    @Test(arguments: [0, 1 << 20], [damaged, unavailable])
    func
        `a payload that cannot be read is tried again with the hub's own reason, and the receiver has no part of it`(
            readable: Int, fault: HubError
        ) async throws
    {
        try await StandInServer.run(answering: { _ in .plain(200) }) { server in
            let outcome = try await within(.seconds(20)) {
                try await PushBench.deliver(Self.parcel(readable: readable, fault), to: server.url)
            }
            #expect(outcome.verdict == .tryLater(fault.code, after: nil))
            #expect(outcome.answer == "\(fault.summary)", "the operator must see whose fault it is")
            #expect(server.received.isEmpty, "half of a message must not pass for one")
        }
    }

    @Test func `a receiver that is not there is away, whatever could be read`() async throws {
        let port = try ClosedPort()
        let outcome = try await within(.seconds(20)) {
            try await PushBench.deliver(Self.parcel(readable: 0, Self.damaged), to: port.url)
        }
        #expect(outcome.verdict == .tryLater(.deliveryUnavailable, after: nil))
    }

    @Test func `the same message goes through when it can be read again`() async throws {
        try await StandInServer.run(answering: { _ in .plain(200) }) { server in
            try await PushBench.withPush(to: server.url, timeout: .seconds(30)) { push in
                let first = await push.deliver(Self.parcel(readable: 1 << 20, Self.unavailable))
                #expect(first.verdict == .tryLater(.journalUnavailable, after: nil))
                #expect(
                    await push.deliver(Self.parcel(readable: 2 << 20, Self.unavailable)).verdict == .delivered
                )
            }
            let isWhole = server.received.map(\.body) == [[UInt8](repeating: 7, count: 2 << 20)]
            #expect(isWhole)
        }
    }
}
