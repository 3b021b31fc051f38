import HTTPTypes
import HubHTTP
import Hummingbird
import NIOCore
import Synchronization

/// A receiver's HTTP server on a free port of this machine, which keeps what it gets.
final class StandInServer: Sendable {
    struct Received: Sendable {
        let method: String
        let path: String
        /// The path with its query, as it came.
        let address: String
        let headers: HTTPFields
        let body: [UInt8]

        /// All values of a header.
        func header(_ name: String) -> [String] {
            HTTPField.Name(name).map { self.headers[values: $0] } ?? []
        }
    }

    private struct State {
        var port = 0
        var received: [Received] = []
    }

    private let state = Mutex(State())

    var url: String { "http://127.0.0.1:\(self.state.withLock(\.port))" }

    /// Everything that came, oldest first.
    var received: [Received] { self.state.withLock(\.received) }

    /// Runs a server for as long as `body` takes; its connections are closed afterwards, answered or not.
    static func run<Value: Sendable>(
        answering respond: @escaping @Sendable (Received) async throws -> Response,
        _ body: @escaping @Sendable (StandInServer) async throws -> Value
    ) async throws -> Value {
        let server = StandInServer()
        let (starts, announce) = AsyncStream.makeStream(of: Void.self)
        let listener = HTTPListener(
            host: "127.0.0.1", port: 0,
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                let bytes = try await request.body.collect(upTo: 64 << 20)
                let received = Received(
                    method: request.method.rawValue, path: request.uri.path, address: request.uri.string,
                    headers: request.headers, body: Array(bytes.readableBytesView)
                )
                server.state.withLock { $0.received.append(received) }
                return try await respond(received)
            }
        )
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await listener.run { port in
                    server.state.withLock { $0.port = port }
                    announce.yield()
                }
                return nil
            }
            group.addTask {
                for await _ in starts { return try await body(server) }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw NeverStarted()
        }
    }

    struct NeverStarted: Error {}
}

extension Response {
    static func plain(_ code: Int, _ text: String = "", headers: HTTPFields = [:]) -> Response {
        Response(
            status: HTTPResponse.Status(code: code), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    /// Begins a reply of twice this text and then does as `end` says.
    static func half(
        _ code: Int, _ text: String, then end: @escaping @Sendable () async throws -> Void
    ) -> Response {
        let start = ByteBuffer(string: text)
        return Response(
            status: HTTPResponse.Status(code: code),
            body: ResponseBody(contentLength: 2 * start.readableBytes) { writer in
                try await writer.write(start)
                try await end()
                throw CutOff()
            }
        )
    }

    struct CutOff: Error {}
}
