import HTTPTypes
import HubCore
import HubModel
import HubTesting
import HubTransports
import Hummingbird
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPPushTests {
    @Test func `a message is posted once, with its names, where its type belongs`() async throws {
        try await StandInServer.run(answering: { _ in .plain(202) }) { server in
            let parcel = PushBench.parcel(
                contentType: "application/xml", signature: "eyJhbGciOiJFUzI1NiJ9..c2ln",
                correlation: "axis-doc-77"
            )
            let outcome = try await PushBench.deliver(parcel, to: server.url)
            #expect(outcome == .delivered(answer: "HTTP 202"))
            let request = try #require(server.received.first)
            #expect(server.received.count == 1 && request.method == "POST" && request.path == "/van-ban")
            #expect(request.header("Content-Type") == ["application/xml"])
            #expect(request.header("Lgsp-Message-Id") == [JournalSamples.id(7).description])
            #expect(request.header("Lgsp-Delivery-Id") == [parcel.delivery.id.description])
            #expect(request.header("Lgsp-Service") == ["edoc/document/1"])
            #expect(request.header("Lgsp-Correlation-Id") == ["axis-doc-77"])
            #expect(request.header("Lgsp-Signature") == ["eyJhbGciOiJFUzI1NiJ9..c2ln"])
        }
    }

    @Test func `what a message does not have has no header`() async throws {
        try await StandInServer.run(answering: { _ in .plain(200) }) { server in
            _ = try await PushBench.deliver(PushBench.parcel(), to: server.url)
            let request = try #require(server.received.first)
            #expect(request.header("Lgsp-Correlation-Id").isEmpty && request.header("Lgsp-Signature").isEmpty)
        }
    }

    @Test func `a mapped message goes by the type that it was mapped to`() async throws {
        try await StandInServer.run(answering: { _ in .plain(200) }) { server in
            let parcel = PushBench.parcel(
                Array(#"{"n":1}"#.utf8), type: .indicatorEvent, contentType: "application/json"
            )
            _ = try await PushBench.deliver(parcel, to: server.url)
            let request = try #require(server.received.first)
            #expect(request.path == "/chi-tieu" && request.header("Lgsp-Service") == ["indicator/event/1"])
            #expect(request.header("Content-Type") == ["application/json"])
        }
    }

    static let payloads: [[UInt8]] = [
        [], Array(0...255), Array("Đề nghị\r\n\r\nphối hợp\u{0}".utf8),
        JournalSamples.payload(3, count: 3 << 20),
    ]

    @Test(arguments: Self.payloads.indices)
    func `the receiver gets every byte as it was signed`(index: Int) async throws {
        let payload = Self.payloads[index]
        try await StandInServer.run(answering: { _ in .plain(200) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(payload), to: server.url)
            #expect(outcome.verdict == .delivered)
            #expect(server.received.count == 1 && server.received.first?.body == payload)
        }
    }

    @Test func `a type for which the receiver has no path is refused without asking it`() async throws {
        try await StandInServer.run(answering: { _ in .plain(200) }) { server in
            let outcome = try await PushBench.deliver(PushBench.parcel(type: .dossierSync), to: server.url)
            #expect(outcome.verdict == .refused(.routeMissing))
            #expect(outcome.answer.contains("dossier/sync/1"), "the operator must see which path is missing")
            #expect(server.received.isEmpty)
        }
    }

    @Test func `a push carries the headers of the endpoint that its type goes to`() async throws {
        let key = try #require(FixedHeader(name: "Authorization", value: "Bearer abc"))
        let system = try #require(SystemID("qlvb-mau-2"))
        try await StandInServer.run(answering: { _ in .plain(200, "") }) { server in
            try await PushBench.withClient { client in
                let push = HTTPPush(
                    system: system, base: server.url, paths: PushBench.paths, client: client, timeout: .seconds(30),
                    headers: { $0 == .edocDocument ? [key] : [] }
                )
                _ = await push.deliver(PushBench.parcel())
                _ = await push.deliver(PushBench.parcel(type: .indicatorEvent))
            }
            #expect(server.received.map { $0.header("Authorization") } == [["Bearer abc"], []])
        }
    }
}
