import HubCore
import HubHTTP
import HubModel
import HubTesting
import Hummingbird
import NIOCore
import Testing

@testable import HubAPI

@Suite("Whoever takes a large answer", .timeLimit(.minutes(2)))
struct SlowTakerTests {
    /// A payload that is nowhere.
    private struct Zeros: LargePayload {
        let count: Int
        let digest = Digest.zero

        func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
            [UInt8](repeating: 0, count: count)
        }
    }

    /// More than all buffers between a server and its client hold.
    private static let length = 64 << 20

    /// Answers every request with so many bytes while `body` runs, which is told the port and each caller's connection.
    private static func serve(
        _ length: Int, within time: Duration, rate: Int,
        _ body: (_ port: Int, _ callers: inout AsyncStream<any Channel>.AsyncIterator) async throws -> Void
    ) async throws {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let (channels, called) = AsyncStream.makeStream(of: (any Channel).self)
        let listener = HTTPListener(
            host: "127.0.0.1", port: 0,
            responder: CallbackResponder { (_: Request, context: HubContext) in
                called.yield(context.channel)
                var answer = StreamedBody(rate: rate)
                answer.add(Zeros(count: length), as: .bytes)
                return answer.response([:], within: time, to: context.channel)
            }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                defer { announce.finish() }
                try await listener.run { announce.yield($0) }
            }
            for await port in ports {
                var callers = channels.makeAsyncIterator()
                return try await body(port, &callers)
            }
            throw Province.Missing(what: "a listener that stays open")
        }
    }

    /// Returns when whatever was to happen on the connection within `time` has happened: its event loop keeps the order.
    private static func pass(_ time: TimeAmount, on channel: any Channel) async throws {
        try await channel.eventLoop.scheduleTask(in: time) {}.futureResult.get()
    }

    private static let request = "GET / HTTP/1.1\r\nHost: hub\r\n\r\n"

    @Test("and takes none of it is cut off when the time is over, and not before")
    func cutOff() async throws {
        let time = Duration.milliseconds(200)
        // No second more for all of it.
        try await Self.serve(Self.length, within: time, rate: Self.length + 1) { port, callers in
            let connection = try RawConnection(port: port)
            let start = ContinuousClock.now
            try await connection.send(Self.request)
            let channel = try #require(await callers.next())
            try await within(.seconds(30)) {
                while channel.isActive { try await Task.sleep(for: .milliseconds(2)) }
            }
            #expect(start.duration(to: .now) >= time)
            #expect(try await connection.rest().count < Self.length)
        }
    }

    @Test("has more time the longer it is, and gets all of it")
    func slow() async throws {
        try await Self.serve(Self.length, within: .milliseconds(20), rate: 64 << 10) { port, callers in
            let connection = try RawConnection(port: port)
            try await connection.send(Self.request)
            let channel = try #require(await callers.next())
            try await Self.pass(.milliseconds(200), on: channel)
            let reply = try #require(try await connection.answer())
            #expect(reply.status == 200 && reply.body.count == Self.length)
        }
    }

    @Test("in time may ask again on the same connection after that time")
    func again() async throws {
        try await Self.serve(1000, within: .milliseconds(300), rate: Self.length) { port, callers in
            let connection = try RawConnection(port: port)
            for _ in 0..<2 {
                try await connection.send(Self.request)
                let reply = try #require(try await connection.answer())
                #expect(reply.body.count == 1000)
                let channel = try #require(await callers.next())
                try await Self.pass(.milliseconds(600), on: channel)
                #expect(channel.isActive)
            }
        }
    }
}
