import HubCore
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("An address", .timeLimit(.minutes(5)))
struct AddressTests {
    /// Sends a request of which no byte is changed on its way.
    private func raw(
        _ method: String, _ target: String, _ headers: Caller.Headers = [], port: Int
    ) async throws -> Reply {
        let connection = try RawConnection(port: port)
        let fields = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        try await connection.send(
            "\(method) \(target) HTTP/1.1\r\nHost: hub\r\n\(fields)Content-Length: 0\r\n\r\n")
        return try #require(try await connection.answer(to: method), "\(method) \(target) got no answer")
    }

    static let unknown = [
        "/", "/v1", "/v2/messages", "/v1/message", "/v1/messages/a/b", "/v1/messages/a/receipt/b",
        "/V1/MESSAGES",
        "/favicon.ico", "/.env", "/metrics", "/admin/v1/totals", "/admin/v1/ledger", "/v1/mailbox/a",
        "/oauth2",
        "/XrdAdapter/adapter/other", "/XrdAdapter/adapter", "/v1/../../../etc/passwd",
        "/v1/messages/../../readyz",
        "/%76%31/messages", "/v1%2Fmessages", "//etc/passwd", "/v1/messages%00", "/%", "/%zz", "/%ff%fe",
        "/a?%=%&&==&",
        "/" + String(repeating: "a/", count: 2000), "*", "http://elsewhere/", "?max=1", "/\u{7F}",
        "/v1/messages;a=b",
    ]

    @Test("that is none is answered as that", arguments: unknown)
    func notFound(target: String) async throws {
        try await HubBench.run { bench in
            let bearer = HubBench.bearer(try await bench.token())
            let reply = try await self.raw("GET", target, [bearer], port: bench.exchange.port)
            // What is no request by the rules of HTTP is turned away before anybody looks for it.
            if reply.status != 400 || reply.header("Lgsp-Error") != nil {
                try reply.expectProblem(404, .apiNotFound)
            }
        }
    }

    @Test("of the operators is none for systems, and the other way round")
    func doors() async throws {
        try await HubBench.run { bench in
            let admin = HubBench.bearer(HubBench.adminToken)
            for path in ["/v1/messages", "/oauth2/token", "/XrdAdapter/adapter/sendEdoc"] {
                try await bench.admin.post(path, [admin]).expectProblem(404, .apiNotFound)
            }
            for path in ["/metrics", "/admin/v1/totals", "/admin/v1/ledger"] {
                try await bench.exchange.get(path, [admin]).expectProblem(404, .apiNotFound)
            }
        }
    }

    static let ids = [
        "..", "../..", "..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "%zz", "%", "01a20bf6", "null", "0", "-1",
        "01a20bf6-00f9-7557-a328-73a26fc97371", "01a20bf6-00f9-7557-a328-73a26fc97371%20", "'%20or%201=1--",
        "01a20bf6-00f9-7557-a328-73a26fc97371.0", "01a20bf6-00f9-7557-a328-73a26fc97371.65536",
        "01a20bf6-00f9-7557-a328-73a26fc97371.00", "%F0%9F%92%A9", "{id}",
        String(repeating: "a", count: 5000),
    ]

    @Test("with an id that nobody has leads nowhere", arguments: ids)
    func strangeIDs(id: String) async throws {
        try await HubBench.run { bench in
            let sender = HubBench.bearer(try await bench.token())
            let poller = HubBench.bearer(try await bench.token(of: HubBench.finance))
            let admin = HubBench.bearer(HubBench.adminToken)
            let roads: [(String, String, (name: String, value: String), Int, ErrorCode)] = [
                ("GET", "/v1/messages/\(id)", sender, bench.exchange.port, .messageNotFound),
                ("GET", "/v1/messages/\(id)/receipt", sender, bench.exchange.port, .messageNotFound),
                ("POST", "/v1/mailbox/\(id)/ack", poller, bench.exchange.port, .mailboxLeaseUnknown),
                ("POST", "/v1/mailbox/\(id)/nack", poller, bench.exchange.port, .mailboxLeaseUnknown),
                ("GET", "/admin/v1/messages/\(id)", admin, bench.admin.port, .messageNotFound),
                ("GET", "/admin/v1/messages/\(id)/receipt", admin, bench.admin.port, .messageNotFound),
            ]
            for (method, target, bearer, port, code) in roads {
                let reply = try await self.raw(method, target, [bearer], port: port)
                // A slash more in it makes another address.
                try reply.expectProblem(404, id.contains("/") ? .apiNotFound : code)
            }
        }
    }

    static let numbers = [
        "max=0", "max=-1", "max=101", "max=", "max", "max=a", "max=1.5", "max=0x10",
        "max=99999999999999999999",
        "max=%31%30%31", "max=%ff", "max=%zz", "max=10%00", "max=1%202", "wait=-1", "wait=61", "wait=",
        "wait=1s",
        "max=5&wait=1e9", "max=5&wait=-0.1",
    ]

    @Test("with a number outside its range is refused with the name and the range of it", arguments: numbers)
    func outOfRange(query: String) async throws {
        try await HubBench.run { bench in
            let bearer = HubBench.bearer(try await bench.token(of: HubBench.finance))
            let reply = try await self.raw("GET", "/v1/mailbox?\(query)", [bearer], port: bench.exchange.port)
            let problem = try reply.expectProblem(400, .apiRequestMalformed)
            let name = query.contains("wait") ? "wait" : "max"
            #expect(problem["parameter"]?.string == name)
            #expect(problem["allowed"]?.string == (name == "wait" ? "0-60" : "1-100"))
        }
    }

    @Test(
        "with numbers at the ends of their ranges is served",
        arguments: ["max=1", "max=100", "wait=0", "a=b", "%31"])
    func inRange(query: String) async throws {
        try await HubBench.run { bench in
            let bearer = HubBench.bearer(try await bench.token(of: HubBench.finance))
            #expect(try await bench.exchange.get("/v1/mailbox?\(query)", [bearer]).status == 200)
        }
    }

    static let methods = [
        ("/v1/messages", "PUT DELETE GET PATCH OPTIONS", "POST"),
        ("/v1/messages/01a20bf6-00f9-7557-a328-73a26fc97371", "DELETE POST PUT", "GET"),
        ("/v1/mailbox", "POST DELETE", "GET"), ("/oauth2/token", "GET PUT", "POST"),
        ("/livez", "POST", "GET"),
        ("/v1/mailbox/01a20bf6-00f9-7557-a328-73a26fc97371.0/ack", "GET DELETE", "POST"),
        ("/v1/services/dan-cu/xac-thuc/1", "DELETE PUT", "GET, POST"),
        ("/XrdAdapter/adapter/sendEdoc", "GET PUT", "POST"),
        ("/XrdAdapter/adapter/getEdoc", "DELETE", "GET, POST"),
    ]

    @Test("does not serve every method, and says which it serves", arguments: methods)
    func method(path: String, methods: String, allowed: String) async throws {
        try await HubBench.run { bench in
            let bearer = HubBench.bearer(try await bench.token())
            for method in methods.split(separator: " ") {
                let reply = try await self.raw(String(method), path, [bearer], port: bench.exchange.port)
                try reply.expectProblem(405, .apiMethodNotAllowed)
                #expect(reply.header("Allow") == allowed)
            }
            // What hardly anybody asks for may also be told that nothing is there.
            for method in ["TRACE", "PROPFIND"] {
                let reply = try await self.raw(method, path, [bearer], port: bench.exchange.port)
                try reply.expectProblem(
                    reply.status, reply.status == 405 ? .apiMethodNotAllowed : .apiNotFound)
            }
        }
    }

    @Test(
        "that is asked for its head alone sends no body after it, which would be read as the next answer",
        arguments: ["/v1/messages", "/nothing", "/livez"]
    )
    func head(path: String) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send("HEAD \(path) HTTP/1.1\r\nHost: hub\r\n\r\n")
            let head = try #require(try await connection.answer(to: "HEAD"))
            #expect(head.status < 500)
            try await connection.send("GET /livez HTTP/1.1\r\nHost: hub\r\n\r\n")
            #expect(try await connection.answer()?.status == 200)
        }
    }
}
