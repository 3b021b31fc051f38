import AsyncHTTPClient
import HubModel
import NIOCore
import NIOHTTP1

/// Speaks HTTP to one listener of the hub, as a system's software would.
struct Caller: Sendable {
    let port: Int
    let client: HTTPClient

    typealias Headers = [(name: String, value: String)]

    func get(_ path: String, _ headers: Headers = []) async throws -> Reply {
        try await self.send("GET", path, headers)
    }

    func post(_ path: String, _ headers: Headers = [], _ body: [UInt8] = []) async throws -> Reply {
        try await self.send("POST", path, headers, .bytes(ByteBuffer(bytes: body)))
    }

    /// Sends a body in pieces without saying how long it is.
    func postUnannounced(_ path: String, _ headers: Headers, _ pieces: [[UInt8]]) async throws -> Reply {
        let stream = AsyncStream<ByteBuffer> { pour in
            for piece in pieces { pour.yield(ByteBuffer(bytes: piece)) }
            pour.finish()
        }
        return try await self.send("POST", path, headers, .stream(stream, length: .unknown))
    }

    func send(
        _ method: String, _ path: String, _ headers: Headers = [], _ body: HTTPClientRequest.Body? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = body
        let response = try await self.client.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Reply(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            body: Array(bytes.readableBytesView)
        )
    }
}
