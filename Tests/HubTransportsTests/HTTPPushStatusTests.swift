import HTTPTypes
import HubCore
import HubModel
import HubTransports
import Hummingbird
import Testing

/// What the hub makes of a receiver's status.
@Suite(.timeLimit(.minutes(1))) struct HTTPPushStatusTests {
    @Test(arguments: [200, 201, 202, 204, 206, 299])
    func `any 2xx means that the receiver has the message`(status: Int) async throws {
        try await StandInServer.run(answering: { _ in .plain(status) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome == .delivered(answer: "HTTP \(status)"))
        }
    }

    @Test(
        arguments: [
            #"{"success": false, "message": "yêu cầu bị gián đoạn. vui lòng thử lại"}"#, #"{"success":"False"}"#,
            #"{"status":"FAIL","ErrorCode":"15"}"#, #"{"error_code": -1}"#, #" {"errorCode":"E01"}"#,
            #"{"fault":{"code":900800,"message":"Message throttled out"}}"#,
        ]
    )
    func `a no under 200 is tried again`(body: String) async throws {
        try await StandInServer.run(answering: { _ in .plain(200, body) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome == .tryLater(.deliveryRefused, answer: "HTTP 200 \(body)", after: nil))
        }
    }

    @Test(arguments: [#"{"error_code":"3","message":"Hồ sơ đã tồn tại"}"#, #"{"success":false,"error":"Document already exists"}"#])
    func `a no because the receiver has it is a yes`(body: String) async throws {
        try await StandInServer.run(answering: { _ in .plain(200, body) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome == .delivered(answer: "HTTP 200, it was there already"))
        }
    }

    @Test(
        arguments: [
            "", "ok", "<ok/>", "[false]", "false", #"{"success":true,"error_code":"0"}"#, #"{"status":"received"}"#,
            #"{"success":false"#, #"{"error_code":0,"errorCode":""}"#, #"{"status":200}"#,
        ]
    )
    func `a body that says nothing of the kind leaves a 2xx what it is`(body: String) async throws {
        try await StandInServer.run(answering: { _ in .plain(200, body) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome == .delivered(answer: "HTTP 200"))
        }
    }

    @Test(arguments: [408, 425, 429, 500, 501, 502, 503, 504, 507, 599])
    func `a receiver that cannot take it now is tried again`(status: Int) async throws {
        try await StandInServer.run(answering: { _ in .plain(status, "đang bảo trì") }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(
                outcome
                    == .tryLater(.deliveryUnavailable, answer: "HTTP \(status) đang bảo trì", after: nil)
            )
        }
    }

    @Test(arguments: [400, 401, 403, 404, 405, 406, 409, 410, 411, 413, 415, 422, 451, 499])
    func `a refusal is final and keeps the receiver's words`(status: Int) async throws {
        try await StandInServer.run(answering: { _ in .plain(status, "sai mã định danh") }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome == .refused(.deliveryRefused, answer: "HTTP \(status) sai mã định danh"))
        }
    }

    @Test(arguments: [300, 301, 302, 303, 304, 307, 308])
    func `a redirect is a refusal and is not followed`(status: Int) async throws {
        try await StandInServer.run(answering: { request in
            request.path == "/noi-khac" ? .plain(200) : .plain(status, headers: [.location: "/noi-khac"])
        }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome.verdict == .refused(.deliveryRefused))
            #expect(
                server.received.map(\.path) == ["/van-ban"], "a message must not go where nobody configured")
        }
    }

    @Test(
        arguments: [(429, "7"), (503, "120"), (503, "0"), (408, "1"), (500, "86400")] as [(Int, String)]
    )
    func `a receiver may say how long it wants to be left alone`(status: Int, seconds: String) async throws {
        try await StandInServer.run(answering: { _ in .plain(status, headers: [.retryAfter: seconds]) }) {
            server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(
                outcome.verdict == .tryLater(.deliveryUnavailable, after: Int64(seconds).map { .seconds($0) })
            )
        }
    }

    @Test(
        arguments: [
            ("-5", Duration.zero), ("soon", nil), ("1.5", nil), ("99999999999999999999", nil),
            ("Wed, 21 Oct 2015 07:28:00 GMT", nil),
        ] as [(String, Duration?)]
    )
    func `a wish that is no number of seconds does no harm`(wish: String, after: Duration?) async throws {
        try await StandInServer.run(answering: { _ in .plain(503, headers: [.retryAfter: wish]) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome.verdict == .tryLater(.deliveryUnavailable, after: after))
        }
    }

    @Test func `a refusal with a wish to wait is a refusal`() async throws {
        try await StandInServer.run(answering: { _ in .plain(422, headers: [.retryAfter: "10"]) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome.verdict == .refused(.deliveryRefused))
        }
    }

    @Test func `of a receiver's words only the beginning is kept`() async throws {
        let words = String(repeating: "x", count: 5000)
        try await StandInServer.run(answering: { _ in .plain(400, words) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            #expect(outcome.answer.hasPrefix("HTTP 400 xxx") && outcome.answer.utf8.count < 200)
        }
    }
}
