import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A body", .timeLimit(.minutes(5)))
struct BodyTests {
    private static let limit = 4096

    /// The head of a submission, with `fields` that say how long the body is.
    private func head(_ bench: HubBench, _ fields: String, signing body: [UInt8] = []) async throws -> String
    {
        let headers = try bench.headers(of: body, token: try await bench.token())
        return "POST /v1/messages HTTP/1.1\r\nHost: hub\r\n"
            + headers.map { "\($0.name): \($0.value)\r\n" }.joined() + fields + "\r\n\r\n"
    }

    private func expectRecorded(
        _ bench: HubBench, _ code: ErrorCode, size: Int, _ location: SourceLocation = #_sourceLocation
    ) async {
        let refusals = await bench.refusals()
        #expect(refusals.map(\.code) == [code], sourceLocation: location)
        #expect(refusals.first?.sender == HubBench.oneStop, sourceLocation: location)
        #expect(refusals.first?.size == size, sourceLocation: location)
        #expect(refusals.first?.digest == .zero, sourceLocation: location)
    }

    @Test("that announces too much is refused before it is sent, with what is allowed")
    func announced() async throws {
        try await HubBench.run({ $0.bodyLimit = Self.limit }) { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(try await self.head(bench, "Content-Length: 4097"))
            let reply = try #require(try await connection.answer())
            let problem = try reply.expectProblem(413, .intakeTooLarge)
            #expect(problem["allowed-bytes"]?.string == "4096")
            await self.expectRecorded(bench, .intakeTooLarge, size: 4097)
        }
    }

    @Test(
        "that announces more than can be counted, or no number, is refused, and nothing is kept for it",
        arguments: [
            "9223372036854775807", "9223372036854775808", "18446744073709551615", "99999999999999999999999",
            "-1",
            "0x10", "1e3", "",
        ]
    )
    func absurd(length: String) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(try await self.head(bench, "Content-Length: \(length)"))
            let reply = try #require(try await connection.answer())
            #expect([400, 413].contains(reply.status))
            #expect(try await bench.submit(DossierText.sync()).status == 202)
        }
    }

    @Test("that nobody wanted to read does not get in the way of the next request")
    func unread() async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            for length in [0, 1, 1000, 200_000] {
                let head = "POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: \(length)\r\n\r\n"
                // Looks like a request of its own.
                let body =
                    Array("GET /livez HTTP/1.1\r\nHost: hub\r\n\r\n".utf8)
                    + [UInt8](repeating: 0x61, count: length)
                try await connection.send(Array(head.utf8) + body.prefix(length))
                try #require(try await connection.answer()).expectProblem(401, .accessUnauthenticated)
                try await connection.send("GET /readyz HTTP/1.1\r\nHost: hub\r\n\r\n")
                let next = try #require(try await connection.answer())
                #expect(try next.json["ready"]?.bool == true)
            }
        }
    }

    @Test("of exactly what is allowed is read, and one byte more is not, however it is announced")
    func limit() async throws {
        let body = DossierText.sync()
        try await HubBench.run({ $0.bodyLimit = body.count }) { bench in
            let headers = try bench.headers(of: body, token: try await bench.token())
            #expect(try await bench.exchange.post("/v1/messages", headers, body).status == 202)
            #expect(try await bench.exchange.postUnannounced("/v1/messages", headers, [body]).status == 200)
            let more = body + [0x20]
            try await bench.exchange.post("/v1/messages", headers, more).expectProblem(413, .intakeTooLarge)
            try await bench.exchange.postUnannounced("/v1/messages", headers, [body, [0x20]])
                .expectProblem(413, .intakeTooLarge)
        }
    }

    @Test("that grows too large without having said so is refused as soon as it is, and once")
    func unannounced() async throws {
        try await HubBench.run({ $0.bodyLimit = Self.limit }) { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(try await self.head(bench, "Transfer-Encoding: chunked"))
            try await connection.send("1001\r\n" + String(repeating: "a", count: 4097) + "\r\n")
            // The end of the body has not been sent.
            let reply = try #require(try await connection.answer())
            try reply.expectProblem(413, .intakeTooLarge)
            await self.expectRecorded(bench, .intakeTooLarge, size: 0)
            // Whoever goes on sending all the same gets no second answer.
            for _ in 0..<8 {
                try await connection.send("1000\r\n" + String(repeating: "a", count: 4096) + "\r\n")
            }
            try await connection.send("0\r\n\r\n")
            connection.finishSending()
            #expect(try await connection.rest().isEmpty)
            await self.expectRecorded(bench, .intakeTooLarge, size: 0)
        }
    }

    /// Two bodies, each of which takes all the memory that there is: one is taken on, the other is not.
    private func contest(
        _ bench: HubBench, _ announcement: String
    ) async throws -> (winner: RawConnection, loser: RawConnection) {
        var connections: [RawConnection] = []
        for _ in 0..<2 {
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(try await self.head(bench, announcement))
            connections.append(connection)
        }
        let loser = try await bench.eventually("a hub without room") {
            connections.firstIndex(where: \.hasAnswer)
        }
        return (connections[1 - loser], connections[loser])
    }

    @Test(
        "that would take more memory than all together may have is put off, until there is room again",
        arguments: ["Content-Length: 4096", "Transfer-Encoding: chunked"]
    )
    func budget(announcement: String) async throws {
        try await HubBench.run({ ($0.bodyLimit, $0.bodiesLimit) = (Self.limit, Self.limit) }) { bench in
            let (winner, loser) = try await self.contest(bench, announcement)
            let reply = try #require(try await loser.answer())
            let problem = try reply.expectProblem(503, .intakeOverloaded)
            #expect(problem["allowed-bytes"]?.string == "4096")
            #expect(reply.header("Retry-After").flatMap { Int($0) }.map { $0 > 0 } == true)
            let size = announcement.hasPrefix("C") ? 4096 : 0
            await self.expectRecorded(bench, .intakeOverloaded, size: size)
            try await bench.submit(DossierText.sync()).expectProblem(503, .intakeOverloaded)
            // Whoever sends no body is served meanwhile.
            #expect(try await bench.exchange.get("/readyz").status == 200)
            let token = try await bench.token()
            #expect(try await bench.exchange.get("/v1/services", [HubBench.bearer(token)]).status == 200)
            #expect(!winner.hasAnswer)
            let spaces = String(repeating: " ", count: 4096)
            try await winner.send(size == 0 ? "1000\r\n\(spaces)\r\n0\r\n\r\n" : spaces)
            try #require(try await winner.answer()).expectProblem(400, .jsonMalformed)
            #expect(try await bench.submit(DossierText.sync()).status == 202)
        }
    }

    @Test("gives back its share also when its sender vanishes, or when it is refused")
    func share() async throws {
        try await HubBench.run({ ($0.bodyLimit, $0.bodiesLimit) = (Self.limit, Self.limit) }) { bench in
            for _ in 0..<3 {
                try await bench.submit(Array("{".utf8)).expectProblem(400, .jsonMalformed)
                let (winner, loser) = try await self.contest(bench, "Content-Length: 4096")
                try await bench.submit(DossierText.progress()).expectProblem(503, .intakeOverloaded)
                try await winner.send("abc")
                winner.hangUp()
                loser.hangUp()
                _ = try await bench.eventually("a hub with room again") {
                    try await bench.submit(DossierText.progress()).status != 503 ? true : nil
                }
            }
        }
    }

    @Test("that comes too slowly is refused, and may come again")
    func slow() async throws {
        try await HubBench.run({ $0.bodyTime = .milliseconds(20) }) { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            // Fetching a token in so short a time could fail as well.
            let bearer = HubBench.bearer(
                try JWS.signCompact(ForgedToken.claims(), with: bench.province.hubKey))
            try await connection.send(
                "POST /v1/messages HTTP/1.1\r\nHost: hub\r\n\(bearer.name): \(bearer.value)\r\n"
                    + "Content-Length: 200000\r\n\r\n"
            )
            _ = try await bench.eventually("an end of patience") {
                try await connection.send("a")
                return connection.hasAnswer ? true : nil
            }
            try #require(try await connection.answer()).expectProblem(408, .intakeTimeout)
            await self.expectRecorded(bench, .intakeTimeout, size: 200_000)
        }
    }

    @Test("that is shorter than announced is refused, and so heard of by who still listens")
    func short() async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(try await self.head(bench, "Content-Length: 1000") + "{\"a\": 1}")
            connection.finishSending()
            try #require(try await connection.answer()).expectProblem(400, .apiRequestMalformed)
            await self.expectRecorded(bench, .apiRequestMalformed, size: 1000)
        }
    }

    @Test("whose sender vanishes in the middle is in the journal once, and nothing of it is accepted")
    func vanished() async throws {
        try await HubBench.run { bench in
            let body = DossierText.sync()
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(
                try await self.head(bench, "Content-Length: \(body.count)", signing: body)
            )
            try await connection.send(Array(body.dropLast()))
            connection.hangUp()
            _ = try await bench.eventually("a refusal") { await bench.refusals().isEmpty ? nil : true }
            await self.expectRecorded(bench, .apiRequestMalformed, size: body.count)
            #expect(await bench.journal.totals().messages == 0)
            // The same again is no repeat.
            #expect(try await bench.submit(body).status == 202)
        }
    }

    @Test(
        "whose pieces are not what they say is refused",
        arguments: ["zz\r\nabc\r\n", "5\r\nabcdefgh\r\n", "-1\r\n"])
    func pieces(text: String) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(try await self.head(bench, "Transfer-Encoding: chunked") + text)
            let reply = try #require(try await connection.answer())
            #expect(reply.status == 400)
            _ = try await connection.rest()
            #expect(await bench.journal.totals().messages == 0)
            #expect(await bench.refusals().count <= 1)
        }
    }
}
