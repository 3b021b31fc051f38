import Foundation
import HubModel
import Testing

@Suite("A connection")
struct ConnectionTests {
    /// The limit of the listeners cannot be set from here, and it is 75 seconds.
    private static let isPatient = ProcessInfo.processInfo.environment["LGSP_PATIENT_TESTS"] != nil

    static let beginnings = [
        "", "POST /v1/mess", "GET /livez HTTP/1.1\r\nHost: hub\r\n\r\n",
        "POST /oauth2/token HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000\r\n\r\ngrant_type=",
        "POST /oauth2/token HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ]

    @Test(
        "on which nothing comes any more is closed, whatever came before",
        .enabled(if: isPatient, "takes 75 seconds; set LGSP_PATIENT_TESTS"), arguments: beginnings
    )
    func silent(beginning: String) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port, patience: .seconds(150))
            try await connection.send(beginning)
            _ = try await connection.rest()
        }
    }

    @Test("is kept for the next request", .timeLimit(.minutes(5)))
    func kept() async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            for path in ["/livez", "/nothing", "/readyz"] {
                try await connection.send("GET \(path) HTTP/1.1\r\nHost: hub\r\n\r\n")
                let reply = try #require(try await connection.answer())
                #expect(reply.status == (path == "/nothing" ? 404 : 200))
            }
        }
    }

    static let last = [
        "GET /livez HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: hub\r\nConnection: Close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: hub\r\nConnection: TE, close\r\n\r\n", "GET /livez HTTP/1.0\r\n\r\n",
    ]

    @Test(
        "is closed after the answer when its client wants no other, for many read until the end",
        .timeLimit(.minutes(5)), arguments: last
    )
    func closed(request: String) async throws {
        try await HubBench.run { bench in
            let connection = try RawConnection(port: bench.exchange.port)
            try await connection.send(request)
            #expect(try await connection.answer()?.status == 200)
            #expect(try await connection.rest().isEmpty)
        }
    }
}
