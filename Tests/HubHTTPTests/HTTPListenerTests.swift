import AsyncHTTPClient
import HubHTTP
import HubModel
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@Suite("An HTTP listener")
struct HTTPListenerTests {
    private static func listener(port: Int = 0, connections: Int = 4096) -> HTTPListener {
        HTTPListener(
            host: "127.0.0.1", port: port, connections: connections,
            responder: CallbackResponder { (_: Request, _: BasicRequestContext) in Response(status: .noContent) }
        )
    }

    /// Runs a listener while `body` does, and cancels it.
    private static func run(
        _ listener: HTTPListener, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await listener.run { announce.yield($0) }
            }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    @Test("answers")
    func answers() async throws {
        try await Self.run(Self.listener()) { port in
            let answer = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(port)/"), timeout: .seconds(30))
            #expect(answer.status == .noContent)
        }
    }

    @Test("says that its port is taken")
    func taken() async throws {
        try await Self.run(Self.listener()) { port in
            let error = await #expect(throws: HubError.self) { try await Self.listener(port: port).run { _ in } }
            #expect(error?.code == .configurationInvalid && error?.detail("address") == "127.0.0.1:\(port)")
        }
    }

    @Test("survives being stopped while connections come in", arguments: 0..<40)
    func stopped(round: Int) async throws {
        try await Self.run(Self.listener()) { port in
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            for _ in 0..<8 { _ = try? await bootstrap.connect(host: "127.0.0.1", port: port).get() }
            // These are under way while the listener stops.
            for _ in 0..<64 { _ = bootstrap.connect(host: "127.0.0.1", port: port) }
        }
    }

    @Test("lets no more connections in at once than it is told to, and serves the others after")
    func bounded() async throws {
        try await Self.run(Self.listener(connections: 2)) { port in
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            var held: [any Channel] = []
            for _ in 0..<2 { held.append(try await bootstrap.connect(host: "127.0.0.1", port: port).get()) }
            async let answer = HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(port)/"), timeout: .seconds(30))
            for channel in held { try await channel.close() }
            #expect(try await answer.status == .noContent)
        }
    }
}
