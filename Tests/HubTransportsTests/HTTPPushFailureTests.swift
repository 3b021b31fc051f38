import HTTPTypes
import HubCore
import HubModel
import HubTesting
import HubTransports
import Hummingbird
import Testing

/// What becomes of a message when the receiver or the way to it fails.
@Suite(.timeLimit(.minutes(1))) struct HTTPPushFailureTests {
    @Test func `a receiver that is not there is tried again`() async throws {
        let port = try ClosedPort()
        let outcome = try await within(.seconds(20)) {
            try await PushBench.deliver(PushBench.parcel(), to: port.url)
        }
        #expect(outcome.verdict == .tryLater(.deliveryUnavailable, after: nil))
    }

    @Test func `a receiver that takes the message and never answers is given up after the time limit`()
        async throws
    {
        try await StandInServer.run(answering: { _ in
            await untilCancelled()
            return .plain(200)
        }) { server in
            let outcome = try await within(.seconds(20)) {
                try await PushBench.deliver(PushBench.parcel(), to: server.url, timeout: .milliseconds(200))
            }
            #expect(outcome.verdict == .tryLater(.deliveryTimeout, after: nil))
            #expect(outcome.answer.contains("0.2 seconds"), "the operator must see which limit it was")
        }
    }

    static let halves: [(Int, DeliveryOutcome.Verdict)] = [
        (422, .refused(.deliveryRefused)), (503, .tryLater(.deliveryUnavailable, after: nil)),
    ]

    @Test(arguments: Self.halves + [(200, .tryLater(.deliveryTimeout, after: nil))])
    func `a reply that is never finished means what its status says, but for a 2xx, and is not waited for`(
        status: Int, verdict: DeliveryOutcome.Verdict
    ) async throws {
        try await StandInServer.run(answering: { _ in .half(status, "một nửa") { await untilCancelled() } }) {
            server in
            var outcome = DeliveryOutcome.delivered(answer: "")
            // On a busy machine the shortest limit may be over before the reply has begun.
            for limit in Self.limits {
                outcome = try await within(.seconds(15)) {
                    try await PushBench.deliver(PushBench.parcel(), to: server.url, timeout: limit)
                }
                if outcome.answer.contains("HTTP \(status)") { break }
            }
            #expect(outcome.verdict == verdict)
        }
    }

    static let limits: [Duration] = [.milliseconds(300), .seconds(1), .seconds(3), .seconds(9)]

    @Test(arguments: Self.halves + [(200, .tryLater(.deliveryUnavailable, after: nil))])
    func `a reply that breaks off in the middle means what its status says, but for a 2xx`(
        status: Int, verdict: DeliveryOutcome.Verdict
    ) async throws {
        try await StandInServer.run(answering: { _ in .half(status, #"{"success": false, "#) {} }) { server in
            let outcome = try await within(.seconds(20)) {
                try await PushBench.deliver(PushBench.parcel(), to: server.url)
            }
            #expect(outcome.verdict == verdict)
            #expect(outcome.answer.contains("HTTP \(status)"))
        }
    }

    @Test(arguments: [#"{"success": false, "x": "\#(String(repeating: "x", count: 100_000))"}"#, "\u{FEFF}{\"success\": false}"])
    func `a no in a long reply, or behind a byte order mark, is a no`(body: String) async throws {
        try await StandInServer.run(answering: { _ in .plain(200, body) }) { server in
            let outcome = try await within(.seconds(20)) {
                try await PushBench.deliver(PushBench.parcel(), to: server.url)
            }
            #expect(outcome.verdict == .tryLater(.deliveryRefused, after: nil))
        }
    }

    @Test(
        arguments: [
            (200, .delivered), (404, .refused(.deliveryRefused)),
            (503, .tryLater(.deliveryUnavailable, after: .seconds(9))),
        ] as [(Int, DeliveryOutcome.Verdict)]
    )
    func `a long reply means what its status says`(status: Int, verdict: DeliveryOutcome.Verdict) async throws
    {
        let page = String(repeating: "<p>Trang web</p>", count: 5000)
        try await StandInServer.run(answering: { _ in .plain(status, page, headers: [.retryAfter: "9"]) }) {
            server in
            let outcome = try await within(.seconds(20)) {
                try await PushBench.deliver(PushBench.parcel(), to: server.url)
            }
            #expect(outcome.verdict == verdict)
            #expect(outcome.answer.utf8.count < 200)
        }
    }

    @Test func `a delivery that is called off ends at once and may be repeated`() async throws {
        try await StandInServer.run(answering: { _ in
            await untilCancelled()
            return .plain(200)
        }) { server in
            let outcome = try await within(.seconds(20)) {
                try await withThrowingTaskGroup(of: DeliveryOutcome?.self) { group in
                    group.addTask {
                        try await PushBench.deliver(
                            PushBench.parcel(), to: server.url, timeout: .seconds(3600))
                    }
                    group.addTask {
                        while server.received.isEmpty {
                            try await ContinuousClock().sleep(for: .milliseconds(2))
                        }
                        return nil
                    }
                    #expect(try await group.next() == .some(nil), "the delivery must still be under way")
                    group.cancelAll()
                    return try await group.next() ?? nil
                }
            }
            #expect(outcome?.verdict == .tryLater(.deliveryUnavailable, after: nil))
        }
    }

    @Test func `every attempt carries the same id, so that the receiver can recognise a repeat`() async throws
    {
        let parcel = PushBench.parcel()
        let ids = try await StandInServer.run(answering: { _ in .plain(503) }) { server in
            for _ in 1...2 { _ = try await PushBench.deliver(parcel, to: server.url) }
            return server.received.flatMap { $0.header("Lgsp-Delivery-Id") }
        }
        #expect(ids == [parcel.delivery.id.description, parcel.delivery.id.description])
    }
}
