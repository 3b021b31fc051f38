import AsyncHTTPClient
import HubHTTP
import Hummingbird
import NIOCore
import NIOHTTP1
import Testing

@Suite("A body that is read while it is sent", .timeLimit(.minutes(1)))
struct HTTPCallerReadFaultTests {
    private struct DiskFault: Error, Equatable {
        let offset: Int
    }

    private static let count = 1 << 20

    /// Sends a body that can be read up to `readable`, to a server that takes it or hangs up on it.
    private static func fault(readable: Int, hangsUp: Bool = false) async throws -> HTTPCaller.Fault? {
        let listener = HTTPListener(
            host: "127.0.0.1", port: 0,
            responder: CallbackResponder { (request: Request, context: Connected) in
                if hangsUp { try await context.channel.close() }
                _ = try await request.body.collect(upTo: Self.count)
                return Response(status: .noContent)
            }
        )
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        return await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                defer { announce.finish() }
                try await listener.run { announce.yield($0) }
            }
            for await port in ports {
                let caller = HTTPCaller(client: .shared, timeout: .seconds(30), limit: 1000)
                do throws(HTTPCaller.Fault) {
                    let reply = try await caller.send(
                        .POST, "http://127.0.0.1:\(port)/", headers: [],
                        sending: .pieces(count: Self.count) { count, offset in
                            guard offset + count <= readable else { throw DiskFault(offset: offset) }
                            return [UInt8](repeating: 1, count: count)
                        }
                    )
                    #expect(reply.status == 204)
                    return nil
                } catch {
                    return error
                }
            }
            return nil
        }
    }

    /// A request whose connection can be closed under it.
    private struct Connected: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            self.channel = source.channel
            self.coreContext = .init(source: source)
        }
    }

    @Test(
        "and breaks off is told apart from a peer that is away, with the reason", arguments: [0, count / 2])
    func unreadable(readable: Int) async throws {
        guard case .unreadable(let reason) = try await Self.fault(readable: readable) else {
            Issue.record("the peer was blamed")
            return
        }
        // Pieces are of some length; it is the first that failed.
        let offset = try #require(reason as? DiskFault).offset
        #expect(offset <= readable)
    }

    @Test("and that the peer hangs up on is no fault of its reader")
    func hangsUp() async throws {
        #expect(try await Self.fault(readable: Self.count, hangsUp: true) == .unreachable)
    }

    @Test("is sent to its end when it can be read")
    func whole() async throws {
        #expect(try await Self.fault(readable: Self.count) == nil)
    }
}
