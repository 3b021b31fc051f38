import HubCore
import HubDialects
import HubJSON
import HubModel
import HubNational
import HubTesting
import Testing

/// Whether the hub says rightly that the platform answers, and how it treats one that does not.
@Suite(.timeLimit(.minutes(1))) struct AxisConnectionTests {
    private static func document(_ number: Int = 412) -> [UInt8] {
        EdocText.document(from: "000.00.11.H55", to: ["000.00.13.H44"], number: number)
    }

    @Test func `when the platform goes away and comes back the hub says so and goes on`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            try await province.whileConnected(to: bench) {
                try await bench.sendFromH55(Self.document(1))
                _ = try await province.waitForMessages(1, bench.clock)
                try await bench.clock.pass { province.state.current == nil }
                try await bench.order("outage", ["seconds": 3600])
                try await bench.clock.pass { province.state.current?.code == .deliveryUnavailable }
                let sender = AxisConnector(bench.national, client: bench.client, clock: bench.clock)
                #expect(await sender.deliver(Parcels.edoc()).verdict == .tryLater(.deliveryUnavailable))
                bench.outages.pass()
                try await bench.clock.pass { province.state.current == nil }
                try await bench.sendFromH55(Self.document(2))
                _ = try await province.waitForMessages(2, bench.clock)
                #expect(await sender.deliver(Parcels.edoc()).verdict == .delivered)
            }
        }
    }

    @Test func `a platform that does not know this hub is reported as that`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            var national = bench.national
            national.axis.secret = Array("sai".utf8)
            try await province.whileConnected(to: national, of: bench) {
                try await bench.clock.pass { province.state.current != nil }
            }
            #expect(province.state.current?.code == .accessDenied)
        }
    }

    @Test(arguments: ["", "<html>bảo trì</html>", #"{"status":"OK","ErrorCode":"0"}"#])
    func `a list that cannot be read is reported as that`(body: String) async throws {
        try await StandInServer.run(answering: { _ in .plain(200, body) }) { server in
            try await PlatformBench.run { bench in
                let province = try Province(clock: bench.clock)
                try await province.whileConnected(to: PlatformBench.national(at: server.url), of: bench) {
                    try await bench.clock.pass { province.state.current != nil }
                }
                #expect(province.state.current?.code == .deliveryReplyUnreadable)
            }
        }
    }

    @Test func `trouble of the hub's own is not reported as the platform's`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            await province.journal.fail(with: HubError(.journalUnavailable, "The disk is full."))
            try await bench.sendFromH55(Self.document())
            try await province.whileConnected(to: bench) {
                let before = bench.clock.slept
                try await bench.clock.pass { bench.clock.slept >= before + 2 }
                #expect(province.state.current == nil, "the platform has answered every call")
            }
        }
    }

    @Test func `a platform that is away is asked less and less often, but at least every two seconds`()
        async throws
    {
        let port = try ClosedPort()
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            var national = bench.national
            national.axis.url = port.url
            try await province.whileConnected(to: national, of: bench) {
                var waits: [Duration] = []
                for _ in 1...7 {
                    try await bench.clock.untilAsleep()
                    waits.append(try #require(bench.clock.firstWake) - bench.clock.uptime)
                    bench.clock.advanceToNextSleeper()
                }
                #expect(waits == [200, 400, 800, 1600, 2000, 2000, 2000].map { .milliseconds($0) })
            }
        }
    }
}
