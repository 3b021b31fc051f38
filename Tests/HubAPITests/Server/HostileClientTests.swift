import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A client that does not behave", .timeLimit(.minutes(5)))
struct HostileClientTests {
    /// Others are served while `body` misbehaves, and afterwards.
    private func expectService(
        _ bench: HubBench, _ number: Int, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await bench.submit(DossierText.sync(number)).status == 202, sourceLocation: location)
        #expect(try await bench.admin.get("/livez").status == 200, sourceLocation: location)
    }

    @Test("and sends its request byte by byte is served, and so are others meanwhile")
    func byteByByte() async throws {
        try await HubBench.run { bench in
            let body = DossierText.progress()
            let headers = try bench.headers(of: body, token: try await bench.token())
            let head =
                "POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: \(body.count)\r\n"
                + headers.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
            let bytes = Array(head.utf8) + body
            let connection = try RawConnection(port: bench.exchange.port)
            for (index, byte) in bytes.enumerated() {
                #expect(try await connection.send([byte]))
                if index == bytes.count / 2 { try await self.expectService(bench, 1) }
            }
            #expect(try #require(try await connection.answer()).status == 202)
        }
    }

    @Test(
        "and stays silent in the middle of its request holds nobody up",
        arguments: [
            "POST /v1/mess", "POST /v1/messages HTTP/1.1\r\nHost: hub\r\nAuthoriz",
            "POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000\r\n\r\n{\"a\":",
            "POST /v1/messages HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "",
        ])
    func silent(text: String) async throws {
        try await HubBench.run { bench in
            let connections = try (0..<32).map { _ in try RawConnection(port: bench.exchange.port) }
            for connection in connections { try await connection.send(text) }
            try await self.expectService(bench, 1)
            for connection in connections { connection.hangUp() }
            try await self.expectService(bench, 2)
        }
    }

    static let garbage = [
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\u{3}\u{3}", "SSH-2.0-OpenSSH_9.2\r\n", "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nA\u{0}B: c\r\n\r\n", "\r\n\r\n\r\n\r\nHELLO\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "{\"jsonrpc\": \"2.0\"}\n\n", "GET / HTTP/1.1\r\nContent-Length: a\r\n\r\n",
        "GET /\u{0} HTTP/1.1\r\n\r\n",
    ]

    @Test("and does not speak HTTP is turned away, and the connection closed", arguments: garbage)
    func notHTTP(text: String) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(text)
            let reply = try await connection.answer()
            if let reply { #expect((400...499).contains(reply.status)) }
            #expect(try await connection.rest().isEmpty)
            try await self.expectService(bench, 1)
        }
    }

    @Test("and sends random bytes is turned away", arguments: 0..<20 as Range<UInt64>)
    func random(seed: UInt64) async throws {
        try await HubBench.run { bench in
            let random = SeededRandom(seed: seed)
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send((0..<4096).map { _ in UInt8(random.below(256)) })
            connection.finishSending()
            if let reply = try await connection.answer() { #expect((400...499).contains(reply.status)) }
            #expect(try await connection.rest().isEmpty)
            try await self.expectService(bench, 1)
        }
    }

    @Test(
        "and sends a thousand headers, or one that is very long, is turned away",
        arguments: [
            (1_000, 10), (10_000, 10), (1, 100_000), (100, 2_000),
        ])
    func headers(count: Int, length: Int) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send("GET /v1/services HTTP/1.1\r\nHost: hub\r\n")
            for number in 0..<count {
                let line = "X-\(number): " + String(repeating: "a", count: length) + "\r\n"
                guard try await connection.send(Array(line.utf8)) else { break }
            }
            try await connection.send("\r\n")
            if let reply = try await connection.answer() { #expect((400...499).contains(reply.status)) }
            try await self.expectService(bench, 1)
        }
    }

    @Test(
        "and sends a request line of 64 KB, or one that never ends, is turned away",
        arguments: [64 << 10, 8 << 20])
    func requestLine(length: Int) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send("GET /")
            try await connection.send([UInt8](repeating: UInt8(ascii: "a"), count: length))
            try await connection.send(" HTTP/1.1\r\nHost: hub\r\n\r\n")
            if let reply = try await connection.answer() { #expect((400...499).contains(reply.status)) }
            try await self.expectService(bench, 1)
        }
    }

    @Test("and sends many requests without waiting gets an answer to each, in their order")
    func pipeline() async throws {
        try await HubBench.run { bench in
            let bearer = HubBench.bearer(try await bench.token())
            let connection = try RawConnection(port: bench.exchange.port)
            let paths = (0..<50).map { ["/livez", "/v1/services", "/nothing"][$0 % 3] }
            let requests = paths.map {
                "GET \($0) HTTP/1.1\r\nHost: hub\r\nAuthorization: \(bearer.value)\r\n\r\n"
            }
            try await connection.send(requests.joined())
            for path in paths {
                let reply = try #require(try await connection.answer())
                #expect(reply.status == (path == "/nothing" ? 404 : 200))
                #expect(path != "/v1/services" || reply.text.contains("dan-cu/xac-thuc/1"))
            }
        }
    }

    @Test("and waits to be told to go on with its body is told, or answered")
    func expectContinue() async throws {
        try await HubBench.run({ $0.bodyLimit = 4096 }) { bench in
            let body = DossierText.sync()
            let headers = try bench.headers(of: body, token: try await bench.token())
                .map { "\($0.name): \($0.value)\r\n" }.joined()
            func head(_ length: Int) -> String {
                "POST /v1/messages HTTP/1.1\r\nHost: hub\r\n\(headers)Expect: 100-continue\r\n"
                    + "Content-Length: \(length)\r\n\r\n"
            }
            let large = try RawConnection(port: bench.exchange.port)
            try await large.send(head(5000))
            var answer = try #require(try await large.answer())
            if answer.status == 100 { answer = try #require(try await large.answer()) }
            try answer.expectProblem(413, .intakeTooLarge)
            let small = try RawConnection(port: bench.exchange.port)
            try await small.send(head(body.count))
            #expect(try #require(try await small.answer()).status == 100)
            try await small.send(body)
            #expect(try #require(try await small.answer()).status == 202)
        }
    }
}
