import HubCore
import HubJSON
import HubModel
import HubTesting
import HubTransports
import Hummingbird
import Testing

/// Services that systems of the province answer.
@Suite(.timeLimit(.minutes(1))) struct LocalServicesTests {
    private static func call(
        _ method: ServiceCall.Method, _ request: ServiceRequest, at url: String?, path: String = "/tra-cuu",
        query: [QueryParameter] = [], timeout: Duration = .seconds(30)
    ) async throws -> ServiceReply {
        try await PushBench.withClient { client in
            let services = LocalServices(client: client, timeout: timeout) { $0 == "kho" ? url : nil }
            let call = ServiceCall.http(endpoint: "kho", path: path, method: method, query: query)
            return try await within(.seconds(40)) { try await services.call(call, request: request) }
        }
    }

    private static func refusal(
        _ method: ServiceCall.Method = .get, at url: String?, timeout: Duration = .seconds(30)
    ) async throws -> HubError {
        try await #require(throws: HubError.self) {
            _ = try await Self.call(method, .json(["ma": "1"]), at: url, timeout: timeout)
        }
    }

    private static let answer: @Sendable (StandInServer.Received) -> Response = { _ in
        .plain(200, #"{"ten":"Mẫu"}"#, headers: [.contentType: "application/json; charset=utf-8"])
    }

    @Test func `a GET carries what it asks for in its path and query, encoded, and nothing else`() async throws {
        try await StandInServer.run(answering: { Self.answer($0) }) { server in
            let reply = try await Self.call(
                .get, .json(["ma": "A/1", "ten": "Đỗ & con=1?#", "so": 12, "dung": true, "khac": "không gửi"]),
                at: server.url, path: "/danh-muc/{ma}",
                query: ["ma", "ten", "so", "dung", "thieu"].map { QueryParameter(name: $0, pointer: "/" + $0) }
            )
            #expect(String(decoding: reply.body, as: UTF8.self) == #"{"ten":"Mẫu"}"#)
            #expect(reply.contentType == "application/json; charset=utf-8" && !reply.isXML)
            let request = try #require(server.received.first)
            #expect(request.method == "GET" && request.body.isEmpty && server.received.count == 1)
            #expect(request.address == "/danh-muc/A%2F1?ten=%C4%90%E1%BB%97%20%26%20con%3D1%3F%23&so=12&dung=true&thieu=")
            #expect(request.header("Accept") == ["application/json, application/xml"])
            #expect(request.header("Content-Type").isEmpty)
        }
    }

    @Test func `every call carries the headers of its endpoint, whose values no text of them shows`() async throws {
        let key = try #require(FixedHeader(name: "X-Api-Key", value: "khoa-bi-mat"))
        #expect("\(key)" == "X-Api-Key: …" && !String(reflecting: key).contains("khoa-bi-mat"))
        try await StandInServer.run(answering: { Self.answer($0) }) { server in
            try await PushBench.withClient { client in
                let services = LocalServices(
                    client: client, timeout: .seconds(30), headers: { $0 == "kho" ? [key] : [] }, endpoints: { _ in server.url })
                for endpoint in ["kho", "khac"] {
                    let call = ServiceCall.http(endpoint: endpoint, path: "/a", method: .post, query: [])
                    _ = try await services.call(call, request: .json(["ma": "1"]))
                }
            }
            #expect(server.received.map { $0.header("X-Api-Key") } == [["khoa-bi-mat"], []])
            #expect(server.received.allSatisfy { $0.header("Content-Type") == ["application/json"] })
        }
    }

    @Test(arguments: [
        ("", "a"), ("X Y", "a"), ("X:Y", "a"), ("X-Khoá", "a"), ("X-Key", ""), ("X-Key", "a\r\nHost: b"), ("X-Key", " a"), ("X-Key", "khoá"),
        ("content-length", "1"), ("Host", "a"), ("Lgsp-Signature", "a"), ("Transfer-Encoding", "chunked"),
    ])
    func `a header that HTTP does not allow, or that is the hub's own, is none`(name: String, value: String) {
        #expect(FixedHeader(name: name, value: value) == nil)
    }

    @Test(arguments: ["", ".", ".."])
    func `a value that would leave its part of the path is not sent`(value: String) async throws {
        try await StandInServer.run(answering: { Self.answer($0) }) { server in
            let error = try await #require(throws: HubError.self) {
                _ = try await Self.call(
                    .get, .json(["ma": .string(value)]), at: server.url, path: "/danh-muc/{ma}/xoa",
                    query: [QueryParameter(name: "ma", pointer: "/ma")]
                )
            }
            #expect(error.code == .serviceFailed && server.received.isEmpty)
        }
    }

    @Test func `a POST of JSON carries the request as it was validated`() async throws {
        try await StandInServer.run(answering: { Self.answer($0) }) { server in
            let request: JSONValue = ["so": .number(JSONNumber(7)), "ten": "Đỗ Văn Mẫu", "rong": nil]
            _ = try await Self.call(.post, .json(request), at: server.url)
            let received = try #require(server.received.first)
            #expect(received.method == "POST" && received.path == "/tra-cuu")
            #expect(received.header("Content-Type") == ["application/json"])
            let sent = try JSONDocument.parse(received.body).value
            #expect(sent == request)
        }
    }

    @Test func `a POST of XML carries its bytes, and a reply in XML is known as such`() async throws {
        try await StandInServer.run(answering: { _ in
            .plain(200, "<kq/>", headers: [.contentType: "text/xml; charset=utf-8"])
        }) { server in
            let bytes = Array("<?xml version=\"1.0\"?>\r\n<hỏi/>".utf8)
            let reply = try await Self.call(.post, .xml(bytes), at: server.url)
            #expect(reply.isXML && reply.body == Array("<kq/>".utf8))
            let received = try #require(server.received.first)
            #expect(received.body == bytes)
            #expect(received.header("Content-Type") == ["application/xml; charset=utf-8"])
        }
    }

    @Test func `a reply without a type is bytes`() async throws {
        try await StandInServer.run(answering: { _ in .plain(204) }) { server in
            let reply = try await Self.call(.get, .json([:]), at: server.url)
            #expect(reply.body.isEmpty && reply.contentType == "application/octet-stream")
        }
    }

    @Test(arguments: [300, 302, 400, 401, 403, 404, 409, 410, 422, 499])
    func `a service that says no has refused the request`(status: Int) async throws {
        try await StandInServer.run(answering: { _ in .plain(status, "sai số định danh") }) { server in
            let error = try await Self.refusal(at: server.url)
            #expect(error.code == .deliveryRefused && error.detail("status") == "\(status)")
            #expect(!"\(error)".contains("định danh"), "the words of a service may repeat what was asked")
        }
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 599])
    func `a service that cannot answer now is not available, and is asked once`(status: Int) async throws {
        try await StandInServer.run(answering: { _ in .plain(status) }) { server in
            let error = try await Self.refusal(.post, at: server.url)
            #expect(error.code == .serviceUnavailable && error.detail("status") == "\(status)")
            #expect(server.received.count == 1)
        }
    }

    @Test func `a service that does not answer in time is not available`() async throws {
        try await StandInServer.run(answering: { _ in
            await untilCancelled()
            return .plain(200)
        }) { server in
            let error = try await Self.refusal(at: server.url, timeout: .milliseconds(200))
            #expect(error.code == .serviceUnavailable && error.detail("endpoint") == "kho")
            #expect("\(error.summary)".contains("in time"))
        }
    }

    @Test func `a service that nobody runs is not available`() async throws {
        let port = try ClosedPort()
        let error = try await Self.refusal(at: port.url)
        #expect(error.code == .serviceUnavailable && "\(error.summary)".contains("reached"))
    }

    @Test func `a reply that breaks off is not passed on`() async throws {
        try await StandInServer.run(answering: { _ in .half(200, #"{"ten":"M"#) {} }) { server in
            let error = try await Self.refusal(at: server.url)
            #expect(error.code == .serviceFailed && "\(error.summary)".contains("broke off"))
        }
    }

    @Test func `a refusal that breaks off is a refusal`() async throws {
        try await StandInServer.run(answering: { _ in .half(404, "khôn") {} }) { server in
            let error = try await Self.refusal(at: server.url)
            #expect(error.code == .deliveryRefused)
        }
    }

    @Test func `an endpoint without an address is not available`() async throws {
        let error = try await Self.refusal(at: nil)
        #expect(error.code == .serviceUnavailable && error.detail("endpoint") == "kho")
    }

    @Test func `a service of the national platform is none of these`() async throws {
        try await PushBench.withClient { client in
            let services = LocalServices(client: client, timeout: .seconds(1)) { _ in "http://127.0.0.1:1" }
            let call = ServiceCall.dossierPortal(service: "TraCuuHoSo")
            let error = try await #require(throws: HubError.self) {
                _ = try await services.call(call, request: .json([:]))
            }
            #expect(error.code == .serviceUnavailable)
        }
    }
}
