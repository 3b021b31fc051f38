import HTTPTypes
import HubCore
import HubDialects
import HubModel
import HubNational
import HubTesting
import Hummingbird
import Testing

/// What the hub makes of answers that the mock platform does not give.
@Suite(.timeLimit(.minutes(1))) struct AxisReplyTests {
    private static func outcome(_ response: @escaping @Sendable () -> Response) async throws
        -> DeliveryOutcome
    {
        try await StandInServer.run(answering: { _ in response() }) { server in
            try await Self.deliver(to: server.url)
        }
    }

    private static func deliver(
        to url: String, change: (inout NationalConfiguration) -> Void = { _ in }
    ) async throws -> DeliveryOutcome {
        var national = PlatformBench.national(at: url)
        change(&national)
        let clock = ManualClock(start: PlatformBench.start)
        return try await withClient { client in
            let connector = AxisConnector(national, client: client, clock: clock)
            return await connector.deliver(Parcels.edoc())
        }
    }

    @Test func `a packet that the platform says it has counts as delivered`() async throws {
        let outcome = try await Self.outcome {
            .plain(200, #"{"status":"FAIL","ErrorCode":"ExistDoc","ErrorDesc":"Văn bản đã tồn tại"}"#)
        }
        #expect(outcome == .delivered(answer: "already there"))
    }

    @Test(
        arguments: [
            (#""10""#, .refused(.deliveryRefused)), (#""15""#, .tryLater(.accessDenied)),
            (#""18""#, .refused(.routeReceiverUnknown)), ("18", .refused(.routeReceiverUnknown)),
            (#""19""#, .refused(.accessAgencyNotOwn)), (#""20""#, .tryLater(.deliveryUnavailable)),
            (#""21""#, .tryLater(.deliveryUnavailable)), (#""22""#, .refused(.schemaPayloadInvalid)),
            (#""23""#, .refused(.routeReceiverClosed)), (#""99""#, .tryLater(.deliveryUnavailable)),
            (#""0""#, .tryLater(.deliveryUnavailable)), ("null", .tryLater(.deliveryUnavailable)),
        ] as [(String, DeliveryOutcome.Verdict)]
    )
    func `each of the platform's codes says whether to try again`(
        code: String, verdict: DeliveryOutcome.Verdict
    ) async throws {
        let outcome = try await Self.outcome {
            .plain(200, #"{"status":"FAIL","ErrorCode":\#(code),"ErrorDesc":"lời của nền tảng"}"#)
        }
        #expect(outcome.verdict == verdict)
        #expect(outcome.answer.contains("lời của nền tảng"))
    }

    @Test(
        arguments: [
            (200, "", .tryLater(.deliveryReplyUnreadable)),
            (200, "<html>bảo trì</html>", .tryLater(.deliveryReplyUnreadable)),
            (200, #"{"status":"OK""#, .tryLater(.deliveryReplyUnreadable)),
            (200, #"{"success":false}"#, .tryLater(.deliveryReplyUnreadable)),
            (401, "", .tryLater(.accessDenied)), (404, "", .tryLater(.deliveryUnavailable)),
            (408, "", .tryLater(.deliveryTimeout)), (413, "", .refused(.deliveryRefused)),
            (429, "", .tryLater(.deliveryUnavailable)),
            (500, "<html>500</html>", .tryLater(.deliveryUnavailable)),
            (503, #"{"status":"OK","ErrorCode":"0"}"#, .tryLater(.deliveryUnavailable)),
        ] as [(Int, String, DeliveryOutcome.Verdict)]
    )
    func `an answer that is none never counts as delivered`(
        status: Int, body: String, verdict: DeliveryOutcome.Verdict
    ) async throws {
        let outcome = try await Self.outcome { .plain(status, body) }
        #expect(outcome.verdict == verdict)
    }

    @Test func `a redirect of the platform is not followed`() async throws {
        try await StandInServer.run(answering: { request in
            request.path == "/khac"
                ? .plain(200, #"{"status":"OK","ErrorCode":"0"}"#)
                : .plain(307, headers: [.location: "/khac"])
        }) { server in
            let outcome = try await Self.deliver(to: server.url)
            #expect(outcome.verdict == .tryLater(.deliveryUnavailable))
            #expect(server.received.map(\.path) == [AxisPath.sendEdoc])
        }
    }

    @Test func `a platform that is not there is tried again`() async throws {
        let port = try ClosedPort()
        #expect(try await Self.deliver(to: port.url).verdict == .tryLater(.deliveryUnavailable))
    }

    @Test func `a platform that never answers is given up after the time limit`() async throws {
        try await StandInServer.run(answering: { _ in
            await untilCancelled()
            return .plain(200)
        }) { server in
            let outcome = try await within(.seconds(20)) {
                try await Self.deliver(to: server.url) { $0.timeout = .milliseconds(200) }
            }
            #expect(outcome.verdict == .tryLater(.deliveryTimeout))
        }
    }

    @Test func `a platform that stops in the middle of its answer is given up after the time limit`()
        async throws
    {
        try await StandInServer.run(answering: { _ in
            .half(200, #"{"status":"OK","ErrorCode":"0"}"#) { await untilCancelled() }
        }) { server in
            let outcome = try await within(.seconds(10)) {
                try await Self.deliver(to: server.url) { $0.timeout = .milliseconds(200) }
            }
            #expect(outcome.verdict == .tryLater(.deliveryTimeout))
        }
    }

    @Test func `an answer that is longer than is read is no answer`() async throws {
        try await StandInServer.run(answering: { _ in
            .plain(
                200, #"{"status":"OK","ErrorCode":"0","ErrorDesc":"\#(String(repeating: "x", count: 5000))"}"#
            )
        }) { server in
            #expect(
                try await Self.deliver(to: server.url).verdict == .delivered, "it is read without the limit")
            let outcome = try await Self.deliver(to: server.url) { $0.replyLimit = 5000 }
            #expect(outcome.verdict == .tryLater(.deliveryReplyUnreadable))
        }
    }
}
